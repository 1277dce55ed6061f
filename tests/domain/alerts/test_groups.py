"""When a group of alerts opens an incident, tells it more, proposes its end, or keeps still."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.alerts.alert import Alert, AlertRecord, AlertStatus
from domain.alerts.counts import Counts, Member, counted
from domain.alerts.groups import Done, GroupMove, GroupStanding, GroupState, News, next_move
from domain.priorities import Priority

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


def at(minute: float) -> datetime:
    return NINE + timedelta(minutes=minute)


def move(counts: Counts, done: Done, minute: float, *, over: bool = False) -> GroupMove:
    return next_move(
        GroupStanding(group="g", quiet_seconds=300, counts=counts, done=done, incident_is_over=over), at(minute)
    )


FIRING = Counts(total=3, firing=3, fired_at=at(0), changed_at=at(0))
SILENT = Counts(total=3, changed_at=at(4))
FLAPPING = Counts(total=1, flapping=1, flapping_until=at(15), changed_at=at(0))
COVERED = Counts(total=2, covered=2, covered_until=at(60), changed_at=at(0))
NOTHING_YET = Done()
TOLD = Done(episode=1, incident="I-1", told_at=at(0), fired_at=at(0))
PROPOSED = TOLD.but(proposed=True)


@pytest.mark.parametrize(
    ("counts", "state", "opens", "look_at"),
    [
        pytest.param(FIRING, GroupState.OPEN, True, None, id="what fires opens"),
        pytest.param(SILENT, GroupState.QUIET, False, None, id="what is over before anybody looked"),
        pytest.param(FLAPPING, GroupState.FLAPPING, False, 15, id="what flaps is held down"),
        pytest.param(COVERED, GroupState.MAINTENANCE, False, 60, id="what is under maintenance"),
        pytest.param(
            FLAPPING.but(covered=1, covered_until=at(9)), GroupState.FLAPPING, False, 9, id="whichever ends first"
        ),
        pytest.param(
            FIRING.but(covered=9, covered_until=at(60)), GroupState.OPEN, True, 60, id="one that is not covered"
        ),
    ],
)
def test_a_group_without_an_open_incident(
    counts: Counts, state: GroupState, look_at: int | None, *, opens: bool
) -> None:
    moves = [
        move(counts, NOTHING_YET, 1),
        move(counts, TOLD, 1, over=True),
        move(counts, TOLD.but(gone=True), 1),
    ]

    for found in moves:
        assert (found.state, found.opens, found.tells) == (state, opens, None)
        assert found.look_at == (None if look_at is None else at(look_at))


def test_every_episode_has_an_incident_of_its_own_and_always_the_same() -> None:
    first, again = move(FIRING, NOTHING_YET, 1), move(FIRING, NOTHING_YET, 5)
    second = move(FIRING, first.done, 9, over=True)

    assert first.done.incident == again.done.incident != second.done.incident
    assert (first.done.episode, second.done.episode) == (1, 2)


MORE = FIRING.but(total=9, firing=9, fired_at=at(5))


@pytest.mark.parametrize(
    ("counts", "done", "minute", "tells", "look_at"),
    [
        pytest.param(FIRING, TOLD, 5, None, None, id="nothing new"),
        pytest.param(MORE, TOLD, 5, News.MORE, None, id="more of them"),
        pytest.param(MORE, TOLD.but(told_at=at(4.5)), 5, None, 5.5, id="more, a moment after the last time"),
        pytest.param(MORE, TOLD.but(told_at=at(4)), 5, News.MORE, None, id="more, a minute after"),
        pytest.param(MORE, PROPOSED, 6, News.AGAIN, None, id="again, after the end was proposed"),
        pytest.param(MORE, PROPOSED.but(told_at=at(4.9)), 5, News.AGAIN, None, id="again, right after the all-clear"),
        pytest.param(SILENT, TOLD, 5, None, 9, id="over, but not for long enough"),
        pytest.param(SILENT, TOLD, 9, News.CLEARED, None, id="over for five minutes"),
        pytest.param(SILENT, PROPOSED, 90, None, None, id="over, and said"),
        pytest.param(FLAPPING, TOLD, 1, News.FLAPPING, 15, id="flaps: said at once"),
        pytest.param(FLAPPING, TOLD.but(flapping=True), 2, None, 15, id="flaps: said once"),
        pytest.param(
            MORE.but(flapping=1, flapping_until=at(15)), TOLD.but(flapping=True), 6, News.MORE, 15, id="others"
        ),
        pytest.param(
            SILENT.but(covered=1, covered_until=at(60)), TOLD, 90, None, 60, id="the rest is under maintenance"
        ),
    ],
)
def test_a_group_with_an_open_incident(
    counts: Counts, done: Done, minute: float, tells: News | None, look_at: float | None
) -> None:
    found = move(counts, done, minute)

    assert (found.opens, found.tells) == (False, tells)
    assert found.look_at == (None if look_at is None else at(look_at))
    assert found.done.incident == "I-1"


def test_an_end_is_proposed_once_and_withdrawn_by_the_next_alert() -> None:
    proposed = move(SILENT, TOLD, 9)
    again = move(MORE.but(fired_at=at(11)), proposed.done, 11)
    once_more = move(SILENT.but(changed_at=at(12)), again.done, 20)

    assert [found.tells for found in (proposed, again, once_more)] == [News.CLEARED, News.AGAIN, News.CLEARED]


def test_flapping_that_has_ended_may_be_said_again() -> None:
    flaps = move(FLAPPING, TOLD, 1)
    calm = move(FIRING, flaps.done, 16)

    assert (flaps.done.flapping, calm.done.flapping) == (True, False)


def record(name: str, minute: int, *, firing: bool = True, flapping_until: int | None = None) -> AlertRecord:
    status = AlertStatus.FIRING if firing else AlertStatus.RESOLVED
    return AlertRecord(
        alert=Alert(source="s", key=name, title=name, status=status),
        since=at(minute),
        recent=(),
        first_seen=at(minute),
        last_seen=at(minute),
        changed_at=at(minute),
        flapping_until=None if flapping_until is None else at(flapping_until),
    )


def test_alerts_are_counted_as_what_they_are() -> None:
    members = [
        Member(record("old", 0), "hq", Priority.MINOR),
        Member(record("late", 3), "hq", Priority.MINOR),
        Member(record("grave", 2), "hq", Priority.BLOCKER),
        Member(record("grave", 2), "hq", Priority.BLOCKER),
        Member(record("jumpy", 5, flapping_until=20), "hq", Priority.MINOR),
        Member(record("jumpy too", 5, firing=False, flapping_until=15), "hq", Priority.MINOR),
        Member(record("was jumpy", 1, flapping_until=9), "hq", Priority.MAJOR),
        Member(record("planned", 4), "hq", Priority.MINOR, at(30)),
    ]

    counts = counted(members, 20, at(5), at(10))

    assert (counts.total, counts.firing, counts.flapping, counts.covered) == (20, 5, 2, 1)
    assert (counts.fired_at, counts.flapping_until, counts.covered_until) == (at(3), at(15), at(30))
    assert counts.titles == ("grave", "was jumpy", "old", "late")


GRAVER = FIRING.but(priority=Priority.CRITICAL)
KNOWN = TOLD.but(priority=Priority.MAJOR)


@pytest.mark.parametrize(
    ("counts", "done", "tells"),
    [
        pytest.param(GRAVER, KNOWN, News.MORE, id="graver than before"),
        pytest.param(GRAVER, TOLD, None, id="of a group from before priorities were kept"),
        pytest.param(GRAVER, KNOWN.but(priority=Priority.BLOCKER), None, id="less grave"),
        pytest.param(FIRING.but(silent=1), TOLD, News.SILENT, id="one of them is silent"),
        pytest.param(FIRING.but(silent=1), TOLD.but(silent=1), None, id="one of them is silent, and that was said"),
        pytest.param(FIRING.but(truncated=3), TOLD, News.TRUNCATED, id="some were left off"),
        pytest.param(FIRING.but(truncated=3), TOLD.but(truncated=3), None, id="some were left off, and that was said"),
    ],
)
def test_what_worsens_falls_silent_or_is_left_off_is_told_once(counts: Counts, done: Done, tells: News | None) -> None:
    found = move(counts, done, 5)

    assert (found.tells, move(counts, found.done, 9).tells) == (tells, None)


@pytest.mark.parametrize(
    ("counts", "solved", "opens"),
    [
        pytest.param(FIRING, 1, False, id="fires still"),
        pytest.param(FIRING.but(fired_at=at(2)), 1, True, id="fires again"),
        pytest.param(GRAVER, 1, True, id="worsens"),
        pytest.param(SILENT, 1, False, id="is over"),
        pytest.param(FLAPPING, 1, False, id="flaps"),
    ],
)
def test_what_comes_back_after_the_solution_opens_an_incident_that_follows(
    counts: Counts, solved: float, *, opens: bool
) -> None:
    standing = GroupStanding(group="g", quiet_seconds=300, counts=counts, done=KNOWN, solved_at=at(solved))

    found, off = next_move(standing, at(5)), next_move(standing.but(may_open=False), at(5))

    assert (found.opens, off.opens) == (opens, False)
    assert (found.done.episode, found.tells == News.AGAIN) == ((2, True) if opens else (1, False))


def test_a_group_that_alerts_have_left_is_silent_since_the_first_look_and_keeps_still_after_it_said_so() -> None:
    first = move(Counts(), TOLD, 10)
    second = move(Counts(), first.done, 15)
    third = move(Counts(), second.done, 90)

    assert (first.tells, first.look_at) == (None, at(15))
    assert (second.tells, second.look_at) == (News.CLEARED, None)
    assert (third.tells, third.look_at) == (None, None)
