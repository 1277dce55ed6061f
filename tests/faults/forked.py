"""Workers forked from one process that has loaded everything: what a worker loads costs each of them four seconds."""

import asyncio
import os
from collections.abc import Callable, Coroutine, Mapping, Sequence
from multiprocessing import forkserver, get_context
from multiprocessing.connection import wait
from multiprocessing.context import ForkServerProcess

Program = Callable[..., Coroutine[object, object, None]]

_FORKS = get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.faults.dying_worker", "tests.faults.stubborn_worker"])


def forked(program: Program, environment: Mapping[str, str], *given: object) -> ForkServerProcess:
    """The program, running in a process of its own that knows nothing else of this one."""
    process = _FORKS.Process(target=_run, args=(program, dict(environment), given))
    process.start()
    return process


async def ended(process: ForkServerProcess) -> int:
    """As soon as it has ended: its exit code, or what killed it as a negative number."""
    await asyncio.to_thread(wait, [process.sentinel])
    process.join()
    assert process.exitcode is not None
    return process.exitcode


def killed(process: ForkServerProcess) -> None:
    process.kill()
    process.join()


def stop_forking() -> None:
    """The process they are forked from is waited for, so that its time is counted as ours."""
    forkserver._forkserver._stop()  # type: ignore[attr-defined]  # nothing public waits for it


def _run(program: Program, environment: Mapping[str, str], given: Sequence[object]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    asyncio.run(program(*given))
