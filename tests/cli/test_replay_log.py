"""A real incident log, run through the real workflow: it ends, nothing fails, and time is counted as the log has it.

The sample is cut from the data set "Incident management process enriched event log" (UCI 498, CC BY 4.0).
"""

from collections import Counter
from pathlib import Path

import pytest
from rich.console import Console

from cli.contracts.contract import content_of
from cli.errors import CliError, Exit
from cli.incidents.log_replay import LogReplay
from cli.incidents.replay_log import Summary, picture
from connectors.servicenow_log import read_log
from domain.cases.incident_commands import HandOver, HolderKind, Reopen
from domain.cases.order_commands import Hold
from domain.incidents.logs.logged import LoggedIncident, logged_incidents
from domain.priorities import Priority

SAMPLE = Path(__file__).parents[1] / "domain" / "golden" / "servicenow-sample.csv.gz"
ZONE = "Europe/Lisbon"
# Those of which most different things are told, and those of which least is: the same ones every time.
VARIED, PLAIN = 20, 40


def sample() -> list[LoggedIncident]:
    return list(logged_incidents(read_log(SAMPLE.read_bytes(), ZONE).rows))


def some() -> list[LoggedIncident]:
    by_variety = sorted(sample(), key=lambda one: (-len({step.command.type for step in one.steps}), one.number))
    others = sorted(by_variety[VARIED:], key=lambda one: (len(one.steps), one.number))
    return [*by_variety[:VARIED], *others[:PLAIN]]


async def test_a_sample_of_a_real_log_ends_as_the_log_has_it() -> None:
    incidents = some()
    commands = [step.command for incident in incidents for step in incident.steps]
    assert Counter(type(command) for command in commands)[Reopen] > 0
    assert any(isinstance(command, Hold) for command in commands)
    assert any(isinstance(command, HandOver) and command.kind == HolderKind.VENDOR for command in commands)
    turns: list[tuple[int, int]] = []

    outcomes = await LogReplay(incidents, ZONE).run(lambda done, of: turns.append((done, of)))

    assert len(outcomes) == VARIED + PLAIN
    assert [outcome.number for outcome in outcomes if not outcome.ended] == []
    assert [outcome.number for outcome in outcomes if outcome.failed_tasks] == []
    assert [outcome.number for outcome in outcomes if not outcome.is_equal] == []
    assert sum(outcome.resolution_expected for outcome in outcomes) > 0
    assert {outcome.resolution_missed for outcome in outcomes} == {True, False}
    assert turns[-1] == (len(commands) + len(incidents),) * 2
    found = tuple(one for incident in incidents for one in incident.contradictions)
    shown = Console(width=160, record=True)
    shown.print(picture(Summary(outcomes=tuple(outcomes), contradictions=found), "de"))
    text = shown.export_text()
    assert "Laut Log eingehalten" in text
    assert all(word in text for word in ("Blocker", "Minor"))


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(CliError) as refused:
        content_of(tmp_path / "nothing.csv")

    assert refused.value.exit_code == Exit.USAGE


def test_the_sample_has_every_priority() -> None:
    assert {incident.priority for incident in sample()} == set(Priority)
