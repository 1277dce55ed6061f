"""What `imac up` leaves in its data directory, so that commands in other shells find it."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cli.errors import CliError, Exit
from settings import Settings

# There while a restore changes one stack for another; whoever died in between has left it.
HALF_RESTORED = "half-restored"


class Stack(BaseModel):
    """The addresses last used; `pid` is empty once the stack has ended in order."""

    model_config = ConfigDict(frozen=True)

    url: str
    api_port: int
    temporal_address: str
    temporal_namespace: str
    # All three are empty when Temporal runs elsewhere; the last two also without its Web UI.
    temporal_port: int | None = None
    ui_port: int | None = None
    temporal_ui: str | None = None
    pid: int | None = None
    programs: dict[str, int] = Field(default_factory=dict)

    def is_running(self) -> bool:
        if self.pid is None:
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True

    def write(self, data_dir: Path) -> None:
        draft = data_dir / "stack.json.new"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(self.model_dump_json(indent=2))
        draft.replace(data_dir / "stack.json")


def read_stack(data_dir: Path) -> Stack | None:
    try:
        return Stack.model_validate_json((data_dir / "stack.json").read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValidationError):
        return None


def api_url(settings: Settings) -> str:
    """Tell which API commands talk to: IMAC_URL, or the stack that runs on the data directory."""
    if settings.url is not None:
        return settings.url.rstrip("/")
    stack = read_stack(settings.data_dir)
    if stack is None or not stack.is_running():
        raise CliError("no_stack_runs", Exit.UNREACHABLE, data_dir=settings.data_dir)
    return stack.url


@contextmanager
def announced(stack: Stack, data_dir: Path) -> Iterator[Callable[[str, int], None]]:
    """Keep stack.json true while programs start and start again; afterwards it holds addresses only."""
    programs: dict[str, int] = {}

    def started(name: str, pid: int) -> None:
        programs[name.lower()] = pid
        stack.model_copy(update={"pid": os.getpid(), "programs": programs}).write(data_dir)

    try:
        yield started
    finally:
        stack.write(data_dir)


@contextmanager
def locked(data_dir: Path) -> Iterator[None]:
    """Hold the data directory; the lock goes with the process, however it ends."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        (data_dir / "logs").mkdir(exist_ok=True)
        lock = (data_dir / "lock").open("a")
    except OSError as error:
        raise CliError("data_dir_unwritable", Exit.USAGE, data_dir=data_dir, reason=error.strerror) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise already_running(data_dir) from None
        yield


def must_not_be_half_restored(data_dir: Path) -> None:
    """What a restore has not finished would start as an empty stack, or as half of one."""
    if (data_dir / HALF_RESTORED).exists():
        raise CliError("half_restored", Exit.REFUSED, data_dir=data_dir)


def already_running(data_dir: Path) -> CliError:
    stack = read_stack(data_dir)
    if stack is None or not stack.is_running():
        return CliError("data_dir_locked", Exit.USAGE, data_dir=data_dir)
    return CliError("stack_runs_already", Exit.USAGE, data_dir=data_dir, url=stack.url, pid=stack.pid)
