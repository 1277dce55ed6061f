"""Pictures of moves: what they show is what is so, and never more than can be read."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.kinds import Leg
from domain.moves.launched.wave_progress import WorkplaceState
from domain.moves.plans.plan import Assignment
from domain.places import Place
from web.marks import MARKS, Mark
from web.pictures import MOST_DAYS, MOST_LANES, PlannedLegState, bar, lanes, rooms, strip

EIGHT = datetime(2027, 3, 11, 7, tzinfo=UTC)
BERLIN = "Europe/Berlin"


def leg(row: int, technician: str, start: datetime, minutes: int = 60) -> PlannedLegState:
    place = Place(site="hq", room=f"{row}")
    entry = Assignment(
        workplace=f"w-{row}",
        leg=Leg.WHOLE,
        wave="w1",
        technician=technician,
        start=start,
        end=start + timedelta(minutes=minutes),
        source=place,
        target=place,
    )
    return PlannedLegState(entry, row, WorkplaceState.OK)


def test_a_bar_is_as_long_as_what_has_begun() -> None:
    states = {WorkplaceState.OK: 5, WorkplaceState.IN_FLIGHT: 2, WorkplaceState.EXCEPTION: 1, WorkplaceState.WAITING: 2}
    pieces = bar(states)

    assert [(piece.x, piece.width, piece.mark) for piece in pieces] == [
        (0, 50, Mark.OK),
        (50, 20, Mark.RUN),
        (70, 10, Mark.NEED),
    ]
    assert bar({}) == ()


def test_lanes_begin_with_the_hour_by_the_clock_of_the_site() -> None:
    (day,) = lanes(
        [leg(1, "p-lang", EIGHT + timedelta(minutes=30)), leg(2, "p-yilmaz", EIGHT + timedelta(hours=3))], BERLIN
    )

    assert [tick.hour for tick in day.ticks] == ["08", "09", "10", "11"]
    assert [(name, [(one.row, one.x, one.width) for one in bars]) for name, bars in day.lanes] == [
        ("p-lang", [(1, 12.5, 25.0)]),
        ("p-yilmaz", [(2, 75.0, 25.0)]),
    ]


def test_more_technicians_than_can_be_told_apart_are_listed_in_words() -> None:
    legs = [leg(n, f"p-{n:02}", EIGHT + timedelta(minutes=n)) for n in range(MOST_LANES + 1)]

    (day,) = lanes(legs, BERLIN)

    assert day.lanes == ()
    assert len(day.lines) == MOST_LANES + 1
    assert day.lines[0].states == ((WorkplaceState.OK, 1),)


def test_each_day_has_lanes_of_its_own_as_far_as_anybody_looks() -> None:
    found = lanes([leg(n, "p-lang", EIGHT + timedelta(days=n)) for n in range(MOST_DAYS + 2)], BERLIN)

    assert len(found) == MOST_DAYS
    assert {day.ticks[0].hour for day in found} == {"08"}


def test_where_the_clocks_are_changed_an_hour_is_an_hour() -> None:
    # At two in the night to the 28th the clocks go forward.
    night = datetime(2027, 3, 28, 0, tzinfo=UTC)
    (day,) = lanes([leg(1, "p-lang", night, 180)], BERLIN)

    assert [tick.hour for tick in day.ticks] == ["01", "03", "04"]


def test_a_room_shows_a_mark_for_each_desk_in_the_order_of_its_desks() -> None:
    tiles = rooms(
        [
            (Place(site="hq", building="B", room="1.02", desk="2"), WorkplaceState.EXCEPTION),
            (Place(site="hq", building="B", room="1.02", desk="1"), WorkplaceState.OK),
            (Place(site="hq", building="A", room="2.17", desk="1"), WorkplaceState.WAITING),
        ]
    )

    assert [(tile.name, tile.marks) for tile in tiles] == [("A 2.17", (Mark.WAIT,)), ("B 1.02", (Mark.OK, Mark.NEED))]


@pytest.mark.parametrize(
    ("expected", "mark"),
    [
        pytest.param((5, 5.5), Mark.WAIT, id="within the plan"),
        pytest.param((6.5, 7), Mark.GO, id="after it"),
        pytest.param((90, 91), None, id="so far off that the plan could not be seen"),
    ],
)
def test_a_strip_marks_what_is_expected_after_the_plan(expected: tuple[float, float], mark: Mark | None) -> None:
    spans = tuple(EIGHT + timedelta(hours=hours) for hours in expected)
    drawn = strip((EIGHT, EIGHT + timedelta(hours=6)), (spans[0], spans[1]), None)

    assert (drawn.expected.mark if drawn and drawn.expected else None) == mark


@pytest.mark.parametrize("noun", ["project_state", "wave_state", "gate_state", "workplace_state"])
def test_trouble_alone_is_drawn_as_trouble(noun: str) -> None:
    loud = {state for state, mark in MARKS[noun].items() if mark in (Mark.NEED, Mark.FAILED)}

    assert loud <= {"failed", "exception", "done_with_exceptions"}
