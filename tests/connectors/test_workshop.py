"""Jobs that behave and jobs that do not: what they cost others is nothing."""

import asyncio
import ctypes
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from errno import ENOMEM
from pathlib import Path

import pytest

from connectors.workshop.jobs import MEGA, Limits
from connectors.workshop.lines import ForemanLine
from connectors.workshop.workshop import MOST_WAITING, Crowded, JobFailed, Workshop
from domain.refusals import Problem, Refused, Unacceptable, Unknown, unknown

SMALL = Limits(cpu=2, wall=20, memory=100 * MEGA, files=True)
READING = Limits(cpu=2, wall=20, memory=100 * MEGA, files=False)


@pytest.fixture(scope="module")
def foreman() -> Iterator[ForemanLine]:
    crew = ForemanLine("tests.connectors.test_workshop")
    yield crew
    crew.end()


@pytest.fixture
def workshop(foreman: ForemanLine) -> Workshop:
    return Workshop(foreman, reading=READING, making=SMALL)


def added(one: int, other: int) -> int:
    return one + other


def refuse() -> None:
    raise unknown("project", "x")


def compute() -> None:
    while True:
        pass


def wait() -> None:
    time.sleep(600)


def take_memory() -> None:
    _ = bytearray(10**9)


def take_all_but_the_last_word() -> None:
    raise SystemError("returned NULL without setting an exception")


def map_too_much() -> None:
    raise OSError(ENOMEM, "Cannot allocate memory")


def load_where_no_room_is() -> None:
    raise ImportError("libtypst.so: failed to map segment from shared object")


def wrap_it() -> None:
    try:
        take_memory()
    except MemoryError as error:
        raise ValueError("as some libraries do") from error


def crash() -> None:
    ctypes.string_at(0)


def fail() -> None:
    raise ValueError("a fault of ours")


def write(content: bytes) -> str:
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(content)
    return file.name


def written_bytes(content: bytes) -> bytes:
    return write(content).encode()


def number() -> int:
    return os.getpid()


def echo(content: bytes) -> bytes:
    return content


def not_bytes(_: bytes) -> bytes:
    return {"a": 1}  # type: ignore[return-value]


async def test_a_job_is_done_by_a_process_of_its_own(workshop: Workshop) -> None:
    assert await workshop.make(added, 1, 2) == 3
    assert len({os.getpid(), await workshop.make(number), await workshop.make(number)}) == 3


async def test_a_refusal_comes_back_as_it_was_raised(workshop: Workshop) -> None:
    with pytest.raises(Unknown) as refused:
        await workshop.make(refuse)

    assert refused.value.problems == (Problem(code="project_unknown", values={"project": "x"}),)


@pytest.mark.parametrize(
    "work", [compute, take_memory, take_all_but_the_last_word, map_too_much, load_where_no_room_is, wrap_it, crash]
)
async def test_a_job_that_takes_too_much_or_dies_is_refused_and_the_next_is_done(
    workshop: Workshop, work: Callable[[], None]
) -> None:
    with pytest.raises(Refused) as refused:
        await workshop.make(work)

    assert [problem.code for problem in refused.value.problems] == ["work_takes_too_much"]
    assert await workshop.make(added, 1, 2) == 3


async def test_a_job_that_waits_for_ever_is_stopped(foreman: ForemanLine) -> None:
    workshop = Workshop(foreman, making=SMALL._replace(wall=1))

    with pytest.raises(Unacceptable):
        await workshop.make(wait)


async def test_a_fault_of_ours_is_none_of_the_callers_unless_a_file_brought_it_about(workshop: Workshop) -> None:
    with pytest.raises(JobFailed):
        await workshop.make(fail)
    with pytest.raises(Unacceptable) as refused:
        await workshop.read(not_bytes, b"")

    assert [problem.code for problem in refused.value.problems] == ["file_unreadable"]


async def test_what_reads_files_writes_none_and_what_others_write_goes_with_them(workshop: Workshop) -> None:
    with pytest.raises(Unacceptable):
        await workshop.read(written_bytes, b"x")
    name = await workshop.make(write, b"x")
    await _until(lambda: not Path(name).parent.exists())

    assert Path(name).parent.parent.name.startswith("imac-workshop-")


async def test_large_things_go_in_and_come_out(workshop: Workshop) -> None:
    content = bytes(20 * MEGA)

    assert await workshop.read(echo, content) == content


async def test_whoever_no_longer_waits_frees_the_bench(workshop: Workshop, foreman: ForemanLine) -> None:
    waiting = [asyncio.create_task(workshop.make(wait)) for _ in range(8)]
    await asyncio.sleep(0.2)
    for one in waiting:
        one.cancel()
    await asyncio.wait(waiting)

    assert await workshop.make(added, 1, 2) == 3
    await _until(lambda: not _children(foreman))


async def test_too_many_are_sent_away_at_once(workshop: Workshop) -> None:
    at_once = max(2, os.cpu_count() or 1)
    waiting = [asyncio.create_task(workshop.make(wait)) for _ in range(at_once + MOST_WAITING)]
    await asyncio.sleep(0.2)

    with pytest.raises(Crowded):
        await workshop.make(added, 1, 2)
    # Files have benches of their own.
    assert await workshop.read(echo, b"x") == b"x"

    for one in waiting:
        one.cancel()
    await asyncio.wait(waiting)
    assert await workshop.make(added, 1, 2) == 3


async def test_a_killed_foreman_is_replaced(foreman: ForemanLine, workshop: Workshop) -> None:
    await workshop.make(added, 1, 2)
    assert foreman.pid is not None
    before, folder = foreman.pid, foreman.folder
    os.kill(before, signal.SIGKILL)

    assert await workshop.make(added, 1, 2) == 3
    assert foreman.pid != before
    assert folder is not None
    assert not any(map(os.path.exists, [folder]))


async def test_a_job_does_not_wait_for_what_it_has_no_need_of() -> None:
    crew = ForemanLine("tests.connectors.never_loaded")

    assert await Workshop(crew).make(added, 1, 2) == 3
    assert crew.pid is not None
    os.kill(crew.pid, signal.SIGKILL)
    crew.end()


async def test_nothing_is_left_when_the_foreman_ends() -> None:
    crew = ForemanLine("tests.connectors.test_workshop")
    workshop = Workshop(crew)
    waiting = asyncio.create_task(workshop.make(wait))
    await _until(lambda: bool(crew.pid and _children(crew)))
    children, folder = _children(crew), crew.folder
    await asyncio.to_thread(crew.end)
    with pytest.raises(Unacceptable):
        await waiting

    assert folder is not None
    assert not any(map(os.path.exists, (folder, *(f"/proc/{child}" for child in children))))


def _children(crew: ForemanLine) -> list[str]:
    return Path(f"/proc/{crew.pid}/task/{crew.pid}/children").read_text(encoding="ascii").split()


async def _until(is_so: Callable[[], bool]) -> None:
    for _ in range(400):
        if is_so():
            return
        await asyncio.sleep(0.05)
    raise AssertionError
