"""From local days to UTC: the compiled form of a calendar."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.times import DAY, YEARS, ZERO, offsets, utc
from domain.windows import Openings


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


class Timetable:
    """Places local days on the UTC line, each year on first use."""

    def __init__(self, place: ZoneInfo, parts_of: Callable[[date], tuple[DayPart, ...]]) -> None:
        self._place = place
        self._parts_of = parts_of
        self._years: dict[int, Openings] = {}

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        since, until = utc(start), utc(end)
        if until <= since:
            return ZERO
        spent = self.year(until.year).until(until) - self.year(since.year).until(since)
        return sum((self.year(year).total for year in range(since.year, until.year)), spent)

    def add(self, start: datetime, span: timedelta) -> datetime:
        if span < ZERO:
            raise ValueError("A negative span cannot be added.")
        since = utc(start)
        if not span:
            return since
        year = since.year
        openings = self.year(year)
        spent = openings.until(since) + span
        while spent > openings.total:
            spent -= openings.total
            year += 1
            openings = self.year(year)
        return openings.reached(spent)

    def year(self, year: int) -> Openings:
        if year not in self._years:
            if year not in YEARS:
                raise ValueError(f"Service time is only known from {YEARS[0]} to {YEARS[-1]}, not in {year}.")
            start = datetime(year, 1, 1, tzinfo=UTC)
            self._years[year] = self.between(start, start.replace(year=year + 1))
        return self._years[year]

    def between(self, start: datetime, end: datetime) -> Openings:
        return Openings.of(
            (piece.start, piece.end)
            for piece in self.pieces(start, end)
            if piece.state.coverage is Coverage.OPEN
        )

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
