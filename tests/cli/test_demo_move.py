"""The example move, with a small list: killed in the middle, gone on with, and played once more."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from cli.demo.move_report import MoveReport
from cli.demo.plot import example_plot, weeks_until
from cli.stack.programs import read_settings, stack_environment
from cli.stack.temporal_server import worker_polls
from cli.stack.up import api_answers
from cli.stack_file import read_stack
from domain.moves.launched.project_progress import ProjectState
from tests.cli import small_move
from tests.cli.conftest import Terminal, environment, read_until
from tests.patience import PATIENCE
from tests.test_examples import ADLER

HOURS = ADLER.sites[0].access
# What the demonstration says before it goes on to the next thing.
MILESTONES = ("keys ", "imported", "approved", "launched")


def same_but_for_the_moment(report: MoveReport) -> dict[str, object]:
    return report.model_dump(exclude={"was_over": True, "sheet": {"updated_at"}})


def kill_in_the_middle(data_dir: Path) -> None:
    """The program that drives the move; the stack goes on."""
    move = begin(data_dir, "C")
    read_until(move, "Klein: ")
    move.kill()
    move.communicate()


def kill_the_stack_all_along(data_dir: Path) -> None:
    """Server, worker and API at once: while the list comes in, is planned, is launched, and when orders are placed."""
    for already in range(len(MILESTONES)):
        move = begin(data_dir, "D")
        assert move.stdout is not None
        for line in move.stdout:
            if line.startswith(MILESTONES[already:]):
                break
        else:
            pytest.fail("it had ended before")
        before = programs(data_dir)
        for pid in before.values():
            os.kill(pid, signal.SIGKILL)
        move.communicate(timeout=PATIENCE)
        asyncio.run(wait_until_it_answers(data_dir, before))


def begin(data_dir: Path, building: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.cli.small_move", f"{data_dir}", building]
    outside = environment(data_dir) | {"PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(command, env=outside, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def programs(data_dir: Path) -> Mapping[str, int]:
    stack = read_stack(data_dir)
    assert stack is not None
    return stack.programs


async def wait_until_it_answers(data_dir: Path, before: Mapping[str, int]) -> None:
    async with asyncio.timeout(PATIENCE):
        while before.items() & programs(data_dir).items() or not await answers(data_dir):  # noqa: ASYNC110
            await asyncio.sleep(0.2)


async def answers(data_dir: Path) -> bool:
    settings, stack = read_settings(data_dir), read_stack(data_dir)
    assert stack is not None
    return await api_answers(stack.url) and await worker_polls(stack_environment(stack), settings.task_queue)


@pytest.mark.parametrize(
    ("building", "kill"),
    [
        pytest.param("C", kill_in_the_middle, id="who drives it"),
        pytest.param("D", kill_the_stack_all_along, id="server, worker and API"),
    ],
)
def test_a_killed_move_goes_on_and_does_nothing_twice(
    building: str, kill: Callable[[Path], None], terminal: Terminal, tmp_path: Path
) -> None:
    assets = tmp_path / "assets.csv"
    assets.write_text(small_move.assets(building), encoding="utf-8")
    terminal.type("asset", "import", f"{assets}", "--customer", "adler")
    kill(terminal.house.data_dir)

    done = asyncio.run(small_move.play(terminal.house.data_dir, building))
    said = terminal.capsys.readouterr().out
    again = asyncio.run(small_move.play(terminal.house.data_dir, building))
    said_again = terminal.capsys.readouterr().out

    assert (done.sheet.state, done.was_over, again.was_over) == (ProjectState.DONE, False, True)
    # The last step of a project is done again, and written again, when it meets the end of a wave.
    assert same_but_for_the_moment(again) == same_but_for_the_moment(done)
    assert "was launched before" in said
    assert "Nothing was left to do" in said_again
    assert done.sheet.launched_at < done.sheet.waves[0].start
    came = [(row.holder, len(row.orders), row.charges, [one.code for one in row.troubles]) for row in done.rows]
    # One of those who swap has stepped aside.
    assert sorted((orders, charges) for _, orders, charges, _ in came[:2]) == [(1, Decimal(69)), (2, Decimal(138))]
    assert [(holder, orders, codes) for holder, orders, _, codes in came[2:]] == [
        ("Cem Klein", 2, ["work_failed"]),
        ("Dora Klein", 1, ["verification_mismatch"]),
    ]
    # What was worked before it failed is charged as well, by the hour of the day and at most as much as the whole.
    assert Decimal(69) < came[2][2] <= Decimal(138)
    assert came[3][2] == Decimal(69)
    desks = [place_of(terminal, f"SM{building}-{number}") for number in ("1", "2", "3", "4")]
    assert desks == [("1.01", "2"), ("1.01", "1"), ("2.02", "1"), ("2.02", "2")]
    for no in (no for row in done.rows for no in row.orders):
        assert_everything_was_said_once(terminal, no)


def place_of(terminal: Terminal, tag: str) -> tuple[str, str]:
    place = json.loads(terminal.type("asset", "show", tag, "--customer", "adler", "--json").out)["asset"]["place"]
    return place["room"], place["desk"]


def assert_everything_was_said_once(terminal: Terminal, no: str) -> None:
    events = json.loads(terminal.type("order", "timeline", no, "--json").out)
    told = [str(event["command"]) for event in events if event.get("command")]
    assert told
    assert len(told) == len(set(told))
    hands = [event["actor"]["person"] for event in events if event["what"] == "confirm_custody"]
    assert len(hands) == len(set(hands))


@pytest.mark.parametrize(
    ("days", "weeks"),
    [
        pytest.param(["2026-11-26"], 0, id="as it stands, if it lies ahead"),
        pytest.param(["2026-11-19", "2026-11-26"], 1, id="until its first day lies ahead"),
        pytest.param(["2026-11-23", "2026-11-16"], 1, id="in the order in which people write them"),
        pytest.param(["2026-12-24", "2027-01-07"], 2, id="past closed days, all of them"),
        pytest.param([], 0, id="no days at all"),
    ],
)
def test_a_move_is_put_off_by_whole_weeks(days: list[str], weeks: int) -> None:
    assert weeks_until([date.fromisoformat(day) for day in days], date(2026, 11, 22), HOURS) == weeks


def test_list_and_plan_are_put_off_together_by_the_clock_on_the_wall() -> None:
    plot = example_plot()

    later = plot.later(4, "Europe/Berlin").led_by("p-sommer")

    assert [f"{day:%d.%m.}" for day in sorted(later.listed_days)] == ["08.04.", "09.04.", "15.04."]
    assert [wave.start.isoformat() for wave in later.plan.waves] == [
        "2027-04-08T06:00:00+00:00",
        "2027-04-09T05:00:00+00:00",
        "2027-04-15T06:00:00+00:00",
    ]
    assert [wave.gate.by for wave in later.plan.waves] == ["p-koch", "p-sommer", "p-sommer"]
    assert later.plan.freezes[0].why == plot.plan.freezes[0].why
