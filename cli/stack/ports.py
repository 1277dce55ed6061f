import errno
import socket
from collections.abc import Iterator

from cli.errors import CliError, Exit

NEIGHBOURS = 100


class PortChooser:
    """Hands out free ports, each once: those asked for exactly, others from the preferred one upwards."""

    def __init__(self) -> None:
        self.chosen: set[int] = set()

    def choose(self, host: str, *, asked: int | None, preferred: int, option: str) -> int:
        port = next(self.free_from(host, preferred, option)) if asked is None else self.just(asked, host, option)
        self.chosen.add(port)
        return port

    def just(self, port: int, host: str, option: str) -> int:
        obstacle = obstacle_on(host, port)
        if port in self.chosen or (obstacle is not None and obstacle.errno == errno.EADDRINUSE):
            raise CliError("port_taken", Exit.USAGE, port=port, option=option)
        if obstacle is not None:
            raise CliError("port_unusable", Exit.USAGE, port=port, option=option, reason=obstacle.strerror)
        return port

    def free_from(self, host: str, preferred: int, option: str) -> Iterator[int]:
        for port in range(preferred, min(preferred + NEIGHBOURS, 65536)):
            if port not in self.chosen and not obstacle_on(host, port):
                yield port
        raise CliError("no_port_free", Exit.USAGE, port=preferred, host=host, option=option)


def obstacle_on(host: str, port: int) -> OSError | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        return error
    return None
