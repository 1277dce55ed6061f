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
        if asked is None:
            port = next(self.free_from(host, preferred, option))
        elif asked in self.chosen or (obstacle := obstacle_on(host, asked)):
            reason = "asked for twice" if asked in self.chosen else obstacle
            raise CliError(
                f"Port {asked} is taken ({reason}).",
                hint=f"Choose another one with {option}, or leave it out to get the next free port.",
                exit_code=Exit.USAGE,
            )
        else:
            port = asked
        self.chosen.add(port)
        return port

    def free_from(self, host: str, preferred: int, option: str) -> Iterator[int]:
        for port in range(preferred, min(preferred + NEIGHBOURS, 65536)):
            if port not in self.chosen and not obstacle_on(host, port):
                yield port
        raise CliError(
            f"No port from {preferred} on is free on {host}.",
            hint=f"End some other servers, or use {option}.",
            exit_code=Exit.USAGE,
        )


def obstacle_on(host: str, port: int) -> str | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        return "in use" if error.errno == errno.EADDRINUSE else str(error)
    return None
