import asyncio
import errno
import io
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from cli.error_words import worded
from cli.errors import CliError, Exit
from cli.stack.supervisor import Errand, Program, Supervisor


async def never(_pid: int) -> bool:
    return False


async def nothing() -> None:
    return None


def supervisor(logs: Path) -> Supervisor:
    return Supervisor(logs, Console(quiet=True), started=lambda _name, _pid: None, language="en")


async def test_a_program_that_cannot_start_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    command = (sys.executable, "-c", "raise SystemExit('the mail server has no name')")
    worker = Program("Worker", command, os.environ, never, "never gets here")

    with pytest.raises(CliError) as error:
        await supervisor(tmp_path).serve([worker], then=nothing)

    why, hint = worded(error.value, "en")
    assert why == "Worker failed to start."
    assert "the mail server has no name" in hint
    assert error.value.exit_code == 3


async def test_a_missing_program_is_reported_by_its_name(tmp_path: Path) -> None:
    temporal = Program("Temporal", ("/nowhere/temporal",), os.environ, never, "never gets here")

    with pytest.raises(CliError) as error:
        await supervisor(tmp_path).serve([temporal], then=nothing)

    why, hint = worded(error.value, "en")
    assert why == "Temporal failed to start."
    assert "/nowhere/temporal" in hint


async def test_nothing_runs_on_after_an_errand_has_failed(tmp_path: Path) -> None:
    pids: list[int] = []

    async def fail() -> None:
        raise CliError("temporal_silent", Exit.UNREACHABLE, address="nowhere")

    async def at_once(_pid: int) -> bool:
        return bool(pids)

    sleeper = Program("Sleeper", ("sleep", "600"), os.environ, at_once, "sleeps")
    house = Supervisor(tmp_path, Console(quiet=True), started=lambda _name, pid: pids.append(pid), language="en")

    with pytest.raises(CliError, match="temporal_silent"):
        await house.serve([sleeper, Errand("Database", fail, "fails")], then=nothing)

    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


class Full(io.StringIO):
    def write(self, _text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


async def until(told: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not told():  # noqa: ASYNC110  # another process sets no event
            await asyncio.sleep(0.02)


async def test_a_program_that_has_answered_starts_again_at_once_however_often_it_failed_before(tmp_path: Path) -> None:
    said = io.StringIO()
    starts: list[int] = []

    async def answers(_pid: int) -> bool:
        return len(starts) in (1, 5)

    dying = Program("Worker", ("sleep", "0.3"), os.environ, answers, "polls")
    house = Supervisor(
        tmp_path, Console(file=said, width=200), started=lambda _name, pid: starts.append(pid), language="en"
    )

    async with house.kept_running(dying):
        await until(lambda: said.getvalue().count("restarting in") >= 6)

    pauses = re.findall(r"restarting in ([\d.]+) s", said.getvalue())
    assert pauses[:6] == ["0.2", "0.4", "0.8", "1.6", "0.2", "0.4"]


async def test_a_full_disk_under_our_own_notes_ends_no_program(tmp_path: Path) -> None:
    deaths: list[int] = []

    def started(_name: str, pid: int) -> None:
        deaths.append(pid)
        raise OSError(errno.ENOSPC, "No space left on device")

    async def answers(_pid: int) -> bool:
        return True

    dying = Program("Worker", ("sleep", "0.1"), os.environ, answers, "polls")
    async with Supervisor(tmp_path / "nowhere", Console(file=Full()), started, "en").kept_running(dying):
        await until(lambda: len(deaths) >= 3)

    assert len(set(deaths)) == len(deaths)
