"""From local days to UTC: the compiled form of a calendar."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.clocks.windows import Openings
from domain.times import DAY, YEARS, ZERO, offsets, utc


class Coverage(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    HOLIDAY = "holiday"


class State(NamedTuple):
    coverage: Coverage
    why: str = ""


class DayPart(NamedTuple):
    """Minutes [start, end) of one local day."""

    start: int
    end: int
    state: State


class Piece(NamedTuple):
    start: datetime
    end: datetime
    day: date
    state: State


# A hundred years of days that are cut into five parts each take no longer than people wait.
MOST_PIECES = 200_000


class Timetable:
    """Places local days on the UTC line, each month on first use.

    A calendar that is cut so finely that this takes too long is refused with a `ValueError` when it gets there.
    """

    def __init__(self, place: ZoneInfo, parts_of: Callable[[date], tuple[DayPart, ...]]) -> None:
        self._place = place
        self._parts_of = parts_of
        self._months: dict[int, Openings] = {}
        self._left = MOST_PIECES

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        since, until = utc(start), utc(end)
        if until <= since:
            return ZERO
        first, last = _month(since), _month(until)
        spent = self._in_month(last).until(until) - self._in_month(first).until(since)
        return sum((self._in_month(month).total for month in range(first, last)), spent)

    def add(self, start: datetime, span: timedelta) -> datetime:
        if span < ZERO:
            raise ValueError("A negative span cannot be added.")
        since = utc(start)
        if not span:
            return since
        month = _month(since)
        openings = self._in_month(month)
        spent = openings.until(since) + span
        while spent > openings.total:
            spent -= openings.total
            month += 1
            openings = self._in_month(month)
        return openings.reached(spent)

    def _in_month(self, month: int) -> Openings:
        openings = self._months.get(month)
        if openings is None:
            start = _first_of(month)
            if start.year not in YEARS:
                raise ValueError(f"Service time is only known from {YEARS[0]} to {YEARS[-1]}, not in {start.year}.")
            if self._left < 0:
                raise ValueError(f"Service time is cut too finely to be known in {start.year}.")
            pieces = list(self.pieces(start, _first_of(month + 1)))
            self._left -= len(pieces)
            openings = self._months[month] = _open(pieces)
        return openings

    def between(self, start: datetime, end: datetime) -> Openings:
        return _open(self.pieces(start, end))

    def kept_between(self, start: datetime, end: datetime) -> Openings:
        """As `between`; what has been worked out for its months is used again."""
        months = (self._in_month(month) for month in range(_month(start), _month(end) + 1))
        opens = (opening for month in months for opening in zip(month.starts, month.ends, strict=True))
        clipped = ((max(since, start), min(until, end)) for since, until in opens)
        return Openings.of((since, until) for since, until in clipped if since < until)

    def pieces(self, start: datetime, end: datetime) -> Iterator[Piece]:
        """[start, end) cut at every local midnight, clock change and change of state.

        Between two clock changes local time runs evenly, so a repeated hour is met once in each
        stretch and a skipped hour in none.
        """
        for since, until, offset in offsets(self._place, start, end):
            first = (since + offset).date()
            for n in range(((until + offset).date() - first).days + 1):
                day = first + n * DAY
                midnight = datetime.combine(day, time(), UTC) - offset
                for part in self._parts_of(day):
                    begin = max(since, midnight + timedelta(minutes=part.start))
                    finish = min(until, midnight + timedelta(minutes=part.end))
                    if begin < finish:
                        yield Piece(begin, finish, day, part.state)


def _open(pieces: Iterable[Piece]) -> Openings:
    return Openings.of((piece.start, piece.end) for piece in pieces if piece.state.coverage is Coverage.OPEN)


def _month(at: datetime) -> int:
    return at.year * 12 + at.month - 1


def _first_of(month: int) -> datetime:
    return datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)
