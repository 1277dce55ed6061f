import os
import sys
from pathlib import Path

import pytest
from rich.console import Console

from cli.error_words import worded
from cli.errors import CliError, Exit
from cli.stack.supervisor import Errand, Program, Supervisor


async def never() -> bool:
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

    async def at_once() -> bool:
        return bool(pids)

    sleeper = Program("Sleeper", ("sleep", "600"), os.environ, at_once, "sleeps")
    house = Supervisor(tmp_path, Console(quiet=True), started=lambda _name, pid: pids.append(pid), language="en")

    with pytest.raises(CliError, match="temporal_silent"):
        await house.serve([sleeper, Errand("Database", fail, "fails")], then=nothing)

    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)
