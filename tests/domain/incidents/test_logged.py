"""A ServiceNow log in our own words: what was done, which time counted, and what contradicts itself.

The sample holds every incident of the public log that is odd in some way and some that are not ("Incident management
process enriched event log", UCI Machine Learning Repository 498, CC BY 4.0). `make test-log` takes the whole log.
"""

import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from connectors.servicenow_log import COLUMNS, read_log
from domain.cases.order_commands import Hold
from domain.clocks.holds import LONGEST_HOLD
from domain.clocks.sla import ClockKind
from domain.incidents.logs.logged import LoggedIncident, logged_incidents
from domain.incidents.logs.servicenow import Contradictory
from domain.priorities import Priority
from domain.refusals import Unacceptable
from tests.domain.clocks.calendar_samples import AROUND_THE_CLOCK, AUGSBURG, NIGHTS
from tests.domain.incidents.log_replay import replayed

SAMPLE = Path(__file__).parents[1] / "golden" / "servicenow-sample.csv.gz"
LOG = Path(os.environ.get("IMAC_TEST_LOG", SAMPLE))
BERLIN = "Europe/Berlin"
PLAIN = {
    "number": "INC1",
    "incident_state": "New",
    "active": "TRUE",
    "reopen_count": "0",
    "sys_mod_count": "0",
    "made_sla": "TRUE",
    "category": "Category 7",
    "priority": "3 - Moderate",
    "assignment_group": "Group 70",
    "opened_at": "14-03-2016 09:00",
    "sys_created_at": "14-03-2016 09:05",
    "resolved_at": "?",
    "closed_at": "?",
}


def log(*changes: dict[str, str]) -> bytes:
    """Rows that differ from a plain one; each is the next change unless it says otherwise."""
    rows = [PLAIN | {"sys_mod_count": f"{n}"} | change for n, change in enumerate(changes)]
    lines = [",".join(COLUMNS), *(",".join(row[column] for column in COLUMNS) for row in rows)]
    return "\n".join(lines).encode()


def row(state: str, time: str, **others: str) -> dict[str, str]:
    day, _, minute = time.rpartition(" ")
    return {"incident_state": state, "sys_updated_at": f"{day or '14-03-2016'} {minute}"} | others


def closed(time: str, **others: str) -> dict[str, str]:
    return row("Closed", time, active="FALSE", **others)


def the_one(content: bytes, zone: str = BERLIN) -> LoggedIncident:
    (incident,) = logged_incidents(read_log(content, zone).rows)
    return incident


def told(incident: LoggedIncident) -> list[str]:
    return [f"{step.at:%H:%M} {step.command.type}" for step in incident.steps]


@pytest.fixture(scope="module")
def incidents() -> list[LoggedIncident]:
    read = read_log(LOG.read_bytes(), BERLIN)
    assert read.unreadable == ()
    return list(logged_incidents(read.rows))


def test_the_clocks_use_the_time_that_the_rows_themselves_give(incidents: list[LoggedIncident]) -> None:
    assert len(incidents) >= 60
    for incident in incidents:
        response, resolution, end = replayed(incident)
        for hours in (AROUND_THE_CLOCK, AUGSBURG, NIGHTS):
            assert response.used(hours, end) == incident.times.used_for_response(hours), incident.number
            assert resolution.used(hours, end) == incident.times.used_for_resolution(hours), incident.number


def test_every_incident_is_answered_solved_and_closed_in_time_order(incidents: list[LoggedIncident]) -> None:
    for incident in incidents:
        steps = Counter(step.command.type for step in incident.steps)
        assert (steps["respond"], steps["confirm"]) == (1, 1), incident.number
        assert steps["resolve"] == steps["reopen"] + 1, incident.number
        # Long ones are asked for again.
        assert steps["hold"] >= steps["resume"], incident.number
        assert incident.steps[-1].command.type == "confirm"
        assert all(one.at <= other.at for one, other in pairwise(incident.steps)), incident.number
        assert incident.opened_at <= incident.steps[0].at


def test_what_contradicts_itself_in_the_log_is_reported(incidents: list[LoggedIncident]) -> None:
    found = {contradiction.code for incident in incidents for contradiction in incident.contradictions}

    assert found == {
        Contradictory.BEFORE_OPENING,
        Contradictory.CREATED_BEFORE_OPENING,
        Contradictory.OUT_OF_ORDER,
        Contradictory.COUNTED_TWICE,
        Contradictory.NO_RESOLUTION_TIME,
        Contradictory.REOPENED_UNCOUNTED,
        Contradictory.CLOSED_UNRESOLVED,
    }


def test_a_life_becomes_steps() -> None:
    incident = the_one(
        log(
            row("New", "09:05"),
            row("Active", "09:30", assignment_group="Group 8", priority="2 - High"),
            row("Awaiting User Info", "10:00"),
            row("Awaiting Problem", "11:00"),
            row("Awaiting Vendor", "12:00"),
            row("Awaiting Evidence", "13:00"),
            row("Resolved", "14:00", resolved_at="14-03-2016 16:00"),
            row("Active", "15:00", reopen_count="1"),
            row("Resolved", "16:00", reopen_count="1"),
            closed("21-03-2016 16:00", reopen_count="1"),
        )
    )

    assert (incident.opened_at, incident.priority, incident.team) == (
        datetime(2016, 3, 14, 8, tzinfo=UTC),
        Priority.MAJOR,
        "group-70",
    )
    assert told(incident) == [
        "08:30 respond",
        "08:30 change_priority",
        "08:30 hand_over",
        "09:00 hold",
        "09:00 change_priority",
        "09:00 hand_over",
        "10:00 hold",
        "10:00 resume",
        "11:00 resume",
        "11:00 hand_over",
        "12:00 hold",
        "12:00 hand_over",
        "13:00 resume",
        "13:00 resolve",
        "14:00 reopen",
        "15:00 resolve",
        "15:00 confirm",
    ]
    assert incident.times.used_for_response(AROUND_THE_CLOCK) == timedelta(minutes=30)
    # Until the customer is asked, while the vendor has it, and after the reopening.
    assert incident.times.used_for_resolution(AROUND_THE_CLOCK) == timedelta(hours=3)
    assert replayed(incident).resolution.kind is ClockKind.RESOLUTION


def test_a_hold_longer_than_anybody_may_hold_is_asked_for_again_in_time() -> None:
    incident = the_one(
        log(
            row("Active", "09:30"),
            row("Awaiting User Info", "10:00"),
            row("Active", "14-09-2016 11:00"),
            row("Resolved", "14-09-2016 12:00"),
            closed("21-09-2016 12:00"),
        )
    )

    holds = [(step.at, step.command.max_until) for step in incident.steps if isinstance(step.command, Hold)]
    assert [f"{at:%d.%m.}" for at, _ in holds] == ["14.03.", "13.05.", "12.07.", "10.09."]
    assert all(until - at <= LONGEST_HOLD for at, until in holds)
    assert all(again < until for (_, until), (again, _) in pairwise(holds))
    response, resolution, end = replayed(incident)
    assert resolution.used(AROUND_THE_CLOCK, end) == incident.times.used_for_resolution(AROUND_THE_CLOCK)
    assert response.used(AROUND_THE_CLOCK, end) == timedelta(minutes=30)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        pytest.param([row("New", "08:00"), closed("10:00")], Contradictory.BEFORE_OPENING, id="changed before opened"),
        pytest.param(
            [row("New", "09:10", sys_created_at="14-03-2016 08:00"), closed("10:00")],
            Contradictory.CREATED_BEFORE_OPENING,
            id="created before opened",
        ),
        pytest.param(
            [row("New", "09:10", sys_mod_count="5"), closed("10:00")], Contradictory.OUT_OF_ORDER, id="numbers run back"
        ),
        pytest.param(
            [row("New", "09:10"), closed("10:00", sys_mod_count="0")],
            Contradictory.COUNTED_TWICE,
            id="a number twice",
        ),
        pytest.param(
            [row("Resolved", "09:10", resolved_at="14-03-2016 08:00"), closed("10:00")],
            Contradictory.RESOLVED_BEFORE_OPENING,
            id="resolved before opened",
        ),
        pytest.param(
            [row("Resolved", "09:10", resolved_at="14-03-2016 09:50"), closed("10:00")],
            Contradictory.RESOLUTION_ELSEWHERE,
            id="resolved at another time",
        ),
        pytest.param(
            [row("Resolved", "09:10", closed_at="15-03-2016 09:50"), closed("10:00")],
            Contradictory.CLOSING_ELSEWHERE,
            id="closed at another time",
        ),
        pytest.param(
            [row("Resolved", "09:10"), closed("10:00") | {"active": "TRUE"}],
            Contradictory.CLOSED_YET_ACTIVE,
            id="closed while active",
        ),
        pytest.param(
            [row("Active", "09:10", active="FALSE"), closed("10:00")],
            Contradictory.INACTIVE_YET_OPEN,
            id="inactive while open",
        ),
        pytest.param([row("Active", "09:10"), closed("10:00")], Contradictory.CLOSED_UNRESOLVED, id="never resolved"),
        pytest.param([row("Active", "09:10")], Contradictory.NEVER_CLOSED, id="never closed"),
        pytest.param(
            [row("Resolved", "09:10"), row("Active", "09:20", reopen_count="3"), closed("10:00", reopen_count="3")],
            Contradictory.REOPENINGS_SKIPPED,
            id="reopenings leap",
        ),
        pytest.param(
            [row("Resolved", "09:10"), row("Active", "09:20"), closed("10:00")],
            Contradictory.REOPENED_UNCOUNTED,
            id="reopened without being counted",
        ),
        pytest.param(
            [row("Active", "09:10"), row("Active", "09:20", reopen_count="1"), closed("10:00", reopen_count="1")],
            Contradictory.COUNTED_UNREOPENED,
            id="counted without being reopened",
        ),
        pytest.param(
            [row("Active", "09:10"), closed("27-03-2016 02:30")], Contradictory.LOCAL_TIME_SKIPPED, id="an hour skipped"
        ),
        pytest.param(
            [row("Active", "09:10"), closed("30-10-2016 02:30")], Contradictory.LOCAL_TIME_TWICE, id="an hour twice"
        ),
    ],
)
def test_a_contradiction_is_named_and_the_incident_still_ends(rows: list[dict[str, str]], code: Contradictory) -> None:
    incident = the_one(log(*rows))

    assert code in {contradiction.code for contradiction in incident.contradictions}
    assert incident.steps[-1].command.type == "confirm"
    response, resolution, end = replayed(incident)
    assert response.used(AROUND_THE_CLOCK, end) == incident.times.used_for_response(AROUND_THE_CLOCK)
    assert resolution.used(AROUND_THE_CLOCK, end) == incident.times.used_for_resolution(AROUND_THE_CLOCK)


def test_a_log_without_contradictions_has_none() -> None:
    resolved = {"resolved_at": "14-03-2016 10:00", "closed_at": "14-03-2016 11:00"}

    incident = the_one(log(row("New", "09:05", **resolved), row("Resolved", "10:00", **resolved), closed("11:00")))

    assert incident.contradictions == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"incident_state": "-100"}, "state: '-100'", id="a state nobody knows"),
        pytest.param({"priority": "9 - Never"}, "priority: '9 - Never'", id="a priority nobody knows"),
        pytest.param({"opened_at": "2016-03-14T09:00Z"}, "time: '2016-03-14T09:00Z'", id="another way to write times"),
        pytest.param({"opened_at": "?"}, "opened_at: None", id="never opened"),
        pytest.param({"opened_at": "31-02-2016 09:00"}, "day is out of range for month", id="no such day"),
        pytest.param({"reopen_count": "many"}, "reopened: 'many'", id="a count that is none"),
        pytest.param({"number": "../etc"}, "number: '../etc'", id="a number that is none"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_the_others_are_read(change: dict[str, str], said: str) -> None:
    read = read_log(log(row("Active", "09:10"), row("Active", "09:20") | change, closed("10:00")), BERLIN)

    assert [(fault.line, fault.text) for fault in read.unreadable] == [(3, said)]
    assert [one.line for one in read.rows] == [2, 4]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"", "log_columns_missing", id="nothing"),
        pytest.param(b"number,active\nINC1,TRUE\n", "log_columns_missing", id="another table"),
        pytest.param(SAMPLE.read_bytes()[:500], "log_broken", id="cut off"),
        pytest.param(b"\x1f\x8bnot at all", "log_broken", id="packed in name only"),
    ],
)
def test_a_file_that_is_no_log_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        read_log(content, BERLIN)

    assert [problem.code for problem in refused.value.problems] == [code]
