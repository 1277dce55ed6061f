"""What is known of an alert: however often it comes, in whatever order, it is one alert."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.alerts.alert import Alert, AlertRecord, AlertStatus, Flapping, heard

FIRING, RESOLVED = AlertStatus.FIRING, AlertStatus.RESOLVED
NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CALM = Flapping(changes=50, within_seconds=10, calm_seconds=10)
JUMPY = Flapping(changes=4, within_seconds=600, calm_seconds=300)


def says(status: AlertStatus, starts: int | None = None, ends: int | None = None) -> Alert:
    """Minutes are counted from nine."""
    return Alert(
        source="probe",
        key="fw-1",
        title="fw-1 is down",
        status=status,
        starts_at=None if starts is None else NINE + starts * MINUTE,
        ends_at=None if ends is None else NINE + ends * MINUTE,
    )


def told(*said: tuple[int, Alert], flapping: Flapping = CALM) -> tuple[AlertRecord, list[str]]:
    """What is known after alerts have come in, each at its minute, and what each was."""
    known: AlertRecord | None = None
    were = []
    for minute, alert in said:
        now = heard(known, alert, NINE + minute * MINUTE, flapping)
        were.append("new" if now.is_new else "changed" if now.has_changed else "repeated")
        known = now.record
    assert known is not None
    return known, were


@pytest.mark.parametrize(
    ("said", "were", "firing", "changes"),
    [
        pytest.param([(0, says(FIRING, 0))], ["new"], True, 1, id="for the first time"),
        pytest.param([(0, says(RESOLVED, -9, -1))], ["new"], False, 1, id="over before anybody heard of it"),
        pytest.param([(n, says(FIRING, 0)) for n in range(3)], ["new", "repeated", "repeated"], True, 1, id="repeats"),
        pytest.param([(0, says(FIRING, 0)), (5, says(RESOLVED, 0, 4))], ["new", "changed"], False, 2, id="ends"),
        pytest.param(
            [(0, says(FIRING, 0)), (5, says(RESOLVED, 0, 4)), (9, says(FIRING, 8))],
            ["new", "changed", "changed"],
            True,
            3,
            id="comes back",
        ),
        pytest.param(
            [(0, says(FIRING, 0)), (5, says(RESOLVED, 0, 4)), (6, says(FIRING, 0))],
            ["new", "changed", "repeated"],
            False,
            2,
            id="a firing overtaken by its end",
        ),
        pytest.param(
            [(0, says(RESOLVED, -5, -1)), (9, says(FIRING, 8)), (10, says(RESOLVED, -5, -1))],
            ["new", "changed", "repeated"],
            True,
            2,
            id="the end of a spell before this one",
        ),
        pytest.param(
            [(0, says(FIRING)), (1, says(RESOLVED)), (2, says(FIRING)), (3, says(RESOLVED))],
            ["new", "changed", "changed", "changed"],
            False,
            4,
            id="a sender who knows no times",
        ),
    ],
)
def test_an_alert_turns_only_with_news(
    said: list[tuple[int, Alert]], were: list[str], *, firing: bool, changes: int
) -> None:
    known, found = told(*said)

    assert found == were
    assert (known.is_firing, known.changes, known.count) == (firing, changes, len(said))
    assert known.last_seen == NINE + said[-1][0] * MINUTE


def test_what_comes_late_leaves_what_is_known_as_it_was() -> None:
    late = says(FIRING, 0).but(title="an older text")

    known, _ = told((0, says(FIRING, 0)), (5, says(RESOLVED, 0, 4)), (6, late))

    assert known.alert == says(RESOLVED, 0, 4)


def test_a_clock_that_goes_ahead_never_puts_a_beginning_into_the_future() -> None:
    known, _ = told((0, says(FIRING, 30)))

    assert known.since == NINE


TURNS = [(minute, says(FIRING if minute % 2 == 0 else RESOLVED)) for minute in range(9)]


@pytest.mark.parametrize(
    ("turns", "until"),
    [
        pytest.param(TURNS[:3], None, id="three turns in ten minutes are none too many"),
        pytest.param(TURNS[:4], 3 + 5, id="with the fourth it flaps, until it was calm for five minutes"),
        pytest.param(TURNS[:7], 6 + 5, id="every further turn makes it longer"),
        pytest.param([TURNS[0], TURNS[1], (12, says(FIRING)), (14, says(RESOLVED))], None, id="turns of long ago"),
        pytest.param([*TURNS[:4], (7, says(RESOLVED))], 3 + 5, id="a repeat is no turn"),
        pytest.param([*TURNS[:4], (20, says(FIRING))], None, id="calm for long, then once more"),
    ],
)
def test_an_alert_flaps_when_it_turns_too_often(turns: list[tuple[int, Alert]], until: int | None) -> None:
    known, _ = told(*turns, flapping=JUMPY)

    assert known.flapping_until == (None if until is None else NINE + until * MINUTE)


def test_flapping_ends_by_itself() -> None:
    known, _ = told(*TURNS[:4], flapping=JUMPY)

    assert [known.is_flapping_at(NINE + minute * MINUTE) for minute in (7, 8)] == [True, False]
