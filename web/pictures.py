"""Pictures of a move: bars, lanes, rooms and strips, as shares of what they are drawn on. Templates draw them as SVG.

Nothing stands in a picture alone: each has its numbers beside it, or its rows in the page's table.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from domain.moves.launched.wave_progress import WorkplaceState
from domain.moves.plans.plan import Assignment
from domain.places import Place
from web.marks import Mark, mark_of
from web.moments import local

# Beyond so many lanes nobody sees who is late: then a table says it.
MOST_LANES = 12
MOST_DAYS = 5
_MOST_TICKS = 14
# In narrower bars no number can be read.
_READABLE = 3.4
_HOUR = timedelta(hours=1)
# What is trouble comes last but for what has not begun: so all that is done is seen in one piece.
IN_A_BAR = (
    WorkplaceState.OK,
    WorkplaceState.ROLLED_BACK,
    WorkplaceState.SKIPPED,
    WorkplaceState.IN_FLIGHT,
    WorkplaceState.FAILED,
    WorkplaceState.EXCEPTION,
    WorkplaceState.WAITING,
)


class BarPiece(NamedTuple):
    """From where to where in per cent of the whole, and what it means."""

    x: float
    width: float
    mark: Mark


def bar(counts: Mapping[WorkplaceState, int]) -> tuple[BarPiece, ...]:
    """How far something has come. What waits is the empty rest."""
    total = sum(counts.values())
    pieces, x = [], 0.0
    for state in IN_A_BAR[:-1]:
        if total and counts.get(state):
            width = 100 * counts[state] / total
            pieces.append(BarPiece(round(x, 2), round(width, 2), mark_of("workplace_state", state)))
            x += width
    return tuple(pieces)


class LaneBar(NamedTuple):
    x: float
    width: float
    row: int
    mark: Mark

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 2)

    @property
    def is_readable(self) -> bool:
        return self.width >= _READABLE


class Tick(NamedTuple):
    x: float
    hour: str


@dataclass(frozen=True)
class DayLine:
    """One technician's day in words, where there are too many of them for lanes."""

    technician: str
    start: datetime
    end: datetime
    states: tuple[tuple[WorkplaceState, int], ...]


@dataclass(frozen=True)
class LaneDay:
    """A wave's work on one day by the site's clock: a lane for each technician, or else their `lines`."""

    start: datetime
    ticks: tuple[Tick, ...]
    lanes: tuple[tuple[str, tuple[LaneBar, ...]], ...]
    lines: tuple[DayLine, ...] = ()


@dataclass(frozen=True)
class PlannedLegState:
    """A leg of the plan and how its workplace stands."""

    assignment: Assignment
    row: int
    state: WorkplaceState


def lanes(planned: Iterable[PlannedLegState], zone: str) -> tuple[LaneDay, ...]:
    by_day: dict[date, list[PlannedLegState]] = defaultdict(list)
    for leg in sorted(planned, key=lambda leg: (leg.assignment.start, leg.assignment.technician)):
        by_day[local(leg.assignment.start, zone).date()].append(leg)
    return tuple(_day(legs, zone) for legs in list(by_day.values())[:MOST_DAYS])


def _day(legs: Sequence[PlannedLegState], zone: str) -> LaneDay:
    by_technician: dict[str, list[PlannedLegState]] = defaultdict(list)
    for leg in legs:
        by_technician[leg.assignment.technician].append(leg)
    start = local(legs[0].assignment.start, zone)
    start -= timedelta(minutes=start.minute, seconds=start.second, microseconds=start.microsecond)
    start = start.astimezone(legs[0].assignment.start.tzinfo)
    hours = max(1, -((start - max(leg.assignment.end for leg in legs)) // _HOUR))
    if len(by_technician) > MOST_LANES:
        return LaneDay(start, (), (), tuple(_line(name, mine) for name, mine in by_technician.items()))
    step = -(-hours // _MOST_TICKS)
    ticks = tuple(
        Tick(round(100 * n / hours, 2), f"{local(start + n * _HOUR, zone):%H}") for n in range(0, hours, step)
    )
    drawn = tuple((name, tuple(_drawn(leg, start, hours) for leg in mine)) for name, mine in by_technician.items())
    return LaneDay(start, ticks, drawn)


def _drawn(leg: PlannedLegState, start: datetime, hours: int) -> LaneBar:
    whole, planned = hours * _HOUR, leg.assignment
    x, width = 100 * ((planned.start - start) / whole), 100 * ((planned.end - planned.start) / whole)
    return LaneBar(round(x, 2), round(width, 2), leg.row, mark_of("workplace_state", leg.state))


def _line(technician: str, legs: Sequence[PlannedLegState]) -> DayLine:
    states = Counter(leg.state for leg in legs)
    return DayLine(
        technician,
        min(leg.assignment.start for leg in legs),
        max(leg.assignment.end for leg in legs),
        tuple((state, states[state]) for state in IN_A_BAR if states[state]),
    )


@dataclass(frozen=True)
class RoomTile:
    """A room that is moved into: a mark for each desk, and how many there are of each."""

    name: str
    marks: tuple[Mark, ...]
    states: tuple[tuple[WorkplaceState, int], ...]


def rooms(desks: Iterable[tuple[Place, WorkplaceState]]) -> tuple[RoomTile, ...]:
    by_room: dict[tuple[str, str], list[tuple[str, WorkplaceState]]] = defaultdict(list)
    for place, state in desks:
        by_room[place.building or "", place.room or place.floor or place.site].append((place.desk or "", state))
    return tuple(_tile(name, by_room[name]) for name in sorted(by_room))


def _tile(name: tuple[str, str], desks: Sequence[tuple[str, WorkplaceState]]) -> RoomTile:
    states = Counter(state for _, state in desks)
    return RoomTile(
        " ".join(filter(None, name)),
        tuple(mark_of("workplace_state", state) for _, state in sorted(desks)),
        tuple((state, states[state]) for state in IN_A_BAR if states[state]),
    )


@dataclass(frozen=True)
class Strip:
    """Planned, expected and actual spans over one stretch of time. What lies far outside is left to the words."""

    planned: BarPiece
    expected: BarPiece | None
    actual: BarPiece | None


# A span that would shrink the plan to less than a third says nothing.
_FARTHEST = 3


def strip(
    planned: tuple[datetime, datetime],
    expected: tuple[datetime, datetime] | None,
    actual: tuple[datetime, datetime] | None,
) -> Strip | None:
    """None where nothing can be compared with the plan."""
    length = planned[1] - planned[0]
    if length <= timedelta(0):
        return None
    near = [span for span in (expected, actual) if span is not None and _is_near(span, planned, length)]
    if not near:
        return None
    first, last = min(span[0] for span in (planned, *near)), max(span[1] for span in (planned, *near))

    def piece(span: tuple[datetime, datetime], mark: Mark) -> BarPiece:
        x, width = (span[0] - first) / (last - first), (span[1] - span[0]) / (last - first)
        return BarPiece(round(100 * x, 2), round(max(100 * width, 0.8), 2), mark)

    is_late = expected is not None and expected[0] > planned[1]
    return Strip(
        piece(planned, Mark.WAIT),
        piece(expected, Mark.GO if is_late else Mark.WAIT) if expected in near and expected is not None else None,
        piece(actual, Mark.RUN) if actual in near and actual is not None else None,
    )


def _is_near(span: tuple[datetime, datetime], planned: tuple[datetime, datetime], length: timedelta) -> bool:
    return max(planned[0] - span[0], span[1] - planned[1]) < (_FARTHEST - 1) * length
