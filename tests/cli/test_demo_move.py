"""The example move, with a small list: killed in the middle, gone on with, and played once more."""

import asyncio
import json
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from cli.demo_plot import example_plot, weeks_until
from domain.project_progress import ProjectState
from tests.cli import small_move
from tests.cli.conftest import Terminal, environment, read_until
from tests.test_examples import ADLER

HOURS = ADLER.sites[0].access


def test_a_killed_move_goes_on_and_does_nothing_twice(terminal: Terminal, tmp_path: Path) -> None:
    assets = tmp_path / "assets.csv"
    assets.write_text(small_move.ASSETS, encoding="utf-8")
    terminal.type("asset", "import", f"{assets}", "--customer", "adler")
    kill_in_the_middle(terminal.house.data_dir)

    done = asyncio.run(small_move.play(terminal.house.data_dir))
    said = terminal.capsys.readouterr().out
    again = asyncio.run(small_move.play(terminal.house.data_dir))
    said_again = terminal.capsys.readouterr().out

    assert (done.sheet.state, done.was_over, again.was_over) == (ProjectState.DONE, False, True)
    assert again == done.model_copy(update={"was_over": True})
    assert "was launched before" in said
    assert "Nothing was left to do" in said_again
    assert done.sheet.launched_at < done.sheet.waves[0].start
    came = [(row.holder, len(row.orders), row.charges, [one.code for one in row.troubles]) for row in done.rows]
    # One of those who swap has stepped aside.
    assert sorted((orders, charges) for _, orders, charges, _ in came[:2]) == [(1, Decimal(69)), (2, Decimal(138))]
    assert came[2:] == [
        ("Cem Klein", 2, Decimal(69), ["work_failed"]),
        ("Dora Klein", 1, Decimal(69), ["verification_mismatch"]),
    ]
    desks = [place_of(terminal, tag) for tag in ("SM-1", "SM-2", "SM-3", "SM-4")]
    assert desks == [("1.01", "2"), ("1.01", "1"), ("2.02", "1"), ("2.02", "2")]
    for no in (no for row in done.rows for no in row.orders):
        assert_everything_was_said_once(terminal, no)


def kill_in_the_middle(data_dir: Path) -> None:
    command = [sys.executable, "-m", "tests.cli.small_move", f"{data_dir}"]
    outside = environment(data_dir) | {"PYTHONUNBUFFERED": "1"}
    move = subprocess.Popen(command, env=outside, stdout=subprocess.PIPE, text=True)
    read_until(move, "Klein: ")
    move.kill()
    move.communicate()


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
