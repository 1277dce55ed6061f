"""A job's own process: it takes on its limits, does the one thing it is told, says how that ended, and is gone."""

import os
import pickle
import re
import resource
import signal
import socket
import sys
import tempfile
import traceback
from errno import ENOMEM
from pathlib import Path
from typing import NoReturn

from connectors.workshop.jobs import BEGUN, Ended, Limits, WorkshopJob, written_refusal
from domain.refusals import Refused

_NICE = 5
_PAGE = resource.getpagesize()


def work(line: socket.socket, folder: Path) -> NoReturn:
    """Never returns: whatever happens in here must not go on as if it were the process it was copied from."""
    status = 1
    try:
        with line, line.makefile("rb") as told:
            line.sendall(BEGUN)
            job: WorkshopJob = pickle.load(told)
            _take_on(job.limits, folder)
            how, said = _ended(job)
            line.sendall(how.value)
            line.sendall(said)
        status = 0
    finally:
        os._exit(status)


_NO_ROOM = re.compile("failed to map segment|cannot allocate memory", re.IGNORECASE)


def _ended(job: WorkshopJob) -> tuple[Ended, bytes]:
    try:
        made = job.work(*job.arguments)
        if job.only_bytes:
            assert isinstance(made, bytes)
            return Ended.DONE, made
        return Ended.DONE, pickle.dumps(made, pickle.HIGHEST_PROTOCOL)
    except Refused as refused:
        return Ended.REFUSED, written_refusal(refused)
    except BaseException as error:  # noqa: BLE001  # the process ends with it: what happened is all that is left of it
        if _is_for_want_of_memory(error):
            return Ended.NO_MEMORY, b""
        return Ended.FAILED, "".join(traceback.format_exception(error))[-4000:].encode("utf-8", "replace")


def _is_for_want_of_memory(error: BaseException | None) -> bool:
    """Code in C says it in several ways: SystemError where it had no memory left to say anything."""
    while error is not None:
        if isinstance(error, MemoryError | SystemError) or (isinstance(error, OSError) and error.errno == ENOMEM):
            return True
        # A library that finds no room is told of in words alone, by the loader of the system.
        if isinstance(error, ImportError) and _NO_ROOM.search(f"{error}"):
            return True
        error = error.__cause__ or error.__context__
    return False


def _take_on(limits: Limits, folder: Path) -> None:
    os.nice(_NICE)
    _limit(resource.RLIMIT_CPU, limits.cpu)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_AS, _taken() + limits.memory)
    # Should nobody be left to stop it, it stops itself.
    signal.setitimer(signal.ITIMER_REAL, limits.wall)
    if limits.files:
        folder.mkdir(mode=0o700)
        tempfile.tempdir = f"{folder}"
    else:
        _limit(resource.RLIMIT_FSIZE, 0)


def _limit(what: int, most: int) -> None:
    # Whoever started us may allow less, and without their rights nobody is allowed more.
    hard = resource.getrlimit(what)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))


def _taken() -> int:
    """Bytes of address space that the process has without any job."""
    if not sys.platform.startswith("linux"):
        return 0
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * _PAGE
