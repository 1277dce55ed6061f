"""When a service is open: weekly windows, closures and public holidays in the wall time of one zone.

The definition is the minute walk: an instant is open if its local wall time lies in a window and in
no closure. The repeated autumn hour is therefore open twice and the skipped spring hour never, and
an overnight window is cut day by day: a holiday on Tuesday closes the part of Monday's night that
lies after midnight, and leaves the part before it.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import chain, count, islice, pairwise
from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema, model_validator

from domain.clocks.timetables import Coverage, DayPart, State, Timetable
from domain.clocks.windows import TimeRules, Windows
from domain.times import DAY, YEARS, Instant, ZoneName, utc, zone

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


MIDNIGHT = 24 * 60
TIME_OF_DAY = re.compile("([01][0-9]|2[0-3]):[0-5][0-9]")
LONGEST_CLOSURE = timedelta(days=400)
OPEN, CLOSED = State(Coverage.OPEN), State(Coverage.CLOSED)


def _minutes(written: object) -> int:
    if written == "24:00":
        return MIDNIGHT
    if not isinstance(written, str) or not TIME_OF_DAY.fullmatch(written):
        raise ValueError(f"{written!r} is not a time of day between 00:00 and 24:00")
    hours, minutes = written.split(":")
    return int(hours) * 60 + int(minutes)


def _written(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


# Written "08:00", on either way: the number of minutes is ours alone.
WallTime = Annotated[
    int,
    BeforeValidator(_minutes),
    PlainSerializer(_written, return_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^({TIME_OF_DAY.pattern}|24:00)$"}),
]
WallWindow = tuple[WallTime, WallTime]


class Weekly(TimeRules):
    """Half-open windows [from, to); one whose end is not after its start runs over midnight."""

    mon: tuple[WallWindow, ...] = ()
    tue: tuple[WallWindow, ...] = ()
    wed: tuple[WallWindow, ...] = ()
    thu: tuple[WallWindow, ...] = ()
    fri: tuple[WallWindow, ...] = ()
    sat: tuple[WallWindow, ...] = ()
    sun: tuple[WallWindow, ...] = ()

    @cached_property
    def days(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """What lies open in minutes of each weekday, last night's rest included."""
        windows = (self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun)
        return tuple(
            tuple(chain(_before_midnight(windows[day]), _after_midnight(windows[day - 1]))) for day in range(7)
        )


def _before_midnight(windows: tuple[WallWindow, ...]) -> Iterator[tuple[int, int]]:
    return ((start, end if end > start else MIDNIGHT) for start, end in windows)


def _after_midnight(windows: tuple[WallWindow, ...]) -> Iterator[tuple[int, int]]:
    return ((0, end) for start, end in windows if end <= start)


class Holiday(TimeRules):
    day: date = Field(alias="date")
    name: str = ""


class Closure(TimeRules):
    """Days or parts of days without service; from and to hold on each day from date until the last.

    Yearly closures return on the same days of every later year.
    """

    first: date = Field(alias="date")
    last: date | None = Field(None, alias="until")
    start: WallTime = Field(0, alias="from", json_schema_extra={"default": "00:00"})
    end: WallTime = Field(MIDNIGHT, alias="to", json_schema_extra={"default": "24:00"})
    yearly: bool = False
    why: str = ""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if not all(day.year in YEARS for day in (self.first, self.until)) or self.until < self.first:
            raise ValueError(f"a closure must end after it begins, between {YEARS[0]} and {YEARS[-1]}")
        if self.yearly and self.until - self.first >= timedelta(days=365):
            raise ValueError("a yearly closure must be shorter than a year")
        if self.yearly and any((day.month, day.day) == (2, 29) for day in (self.first, self.until)):
            raise ValueError("a yearly closure cannot begin or end on 29 February")
        return self

    @property
    def until(self) -> date:
        return self.last or self.first

    def covers(self, day: date) -> bool:
        if not self.yearly or day < self.first:
            return self.first <= day <= self.until
        first = self.first.replace(year=day.year)
        if day < first:
            first = first.replace(year=day.year - 1)
        return day <= self.until.replace(year=first.year + self.until.year - self.first.year)

    def minutes_of(self, day: date) -> Iterator[tuple[int, int]]:
        if self.covers(day):
            yield from _before_midnight(((self.start, self.end),))
        if self.covers(day - DAY):
            yield from _after_midnight(((self.start, self.end),))


class Segment(BaseModel):
    """A stretch of time and what the calendar says of it; no reason means simply outside the windows."""

    model_config = ConfigDict(frozen=True)

    start: Instant
    end: Instant
    kind: Coverage
    why: str = ""


class Calendar(TimeRules):
    """A versioned service window. `always` is 24×7: closures close it, public holidays do not."""

    zone: ZoneName
    weekly: Weekly = Weekly()
    always: bool = False
    closures: tuple[Closure, ...] = ()
    region: str = ""
    holidays: tuple[Holiday, ...] = ()
    holidays_version: str = ""
    version: int = 1
    note: str = ""

    @model_validator(mode="after")
    def _opens(self) -> Self:
        if self.always and any(self.weekly.days):
            raise ValueError("a calendar is either always open or has weekly windows")
        if not self.always and not any(self.weekly.days):
            raise ValueError("a calendar without windows never opens")
        if not all(self._opens_after(day) for day in self._first_closed_days()):
            raise ValueError(f"a calendar must open at least once in {LONGEST_CLOSURE.days} days")
        return self

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        return self.timetable.elapsed(start, end)

    def add(self, start: datetime, span: timedelta) -> datetime:
        return self.timetable.add(start, span)

    def is_open(self, at: datetime) -> bool:
        local = utc(at).astimezone(zone(self.zone))
        return self._state(local.date(), local.hour * 60 + local.minute) == OPEN

    def windows(self, start: datetime, end: datetime, tzdata: str = "") -> Windows:
        """What a workflow needs to compute with these hours between two instants, to the full second."""
        first = utc(start).replace(microsecond=0)
        last = (utc(end) + timedelta(microseconds=999_999)).replace(microsecond=0)
        openings = self.timetable.between(first, last)
        return Windows(
            start=first,
            end=last,
            opens=tuple(zip(openings.starts, openings.ends, strict=True)),
            calendar_version=str(self.version),
            region=self.region,
            holidays_version=self.holidays_version,
            tzdata=tzdata,
        )

    def segments(self, start: datetime, end: datetime) -> list[Segment]:
        """Why time did or did not count, without gaps from start to end."""
        segments: list[Segment] = []
        for piece in self.timetable.pieces(utc(start), utc(end)):
            begin, (kind, why) = piece.start, piece.state
            if segments and (segments[-1].kind, segments[-1].why) == piece.state:
                begin = segments.pop().start
            segments.append(Segment(start=begin, end=piece.end, kind=kind, why=why))
        return segments

    def add_working_days(self, start: datetime, days: int) -> datetime:
        """The last closing time of the n-th local day with service after the day of the start."""
        if days < 1:
            raise ValueError("At least one working day must be added.")
        today = utc(start).astimezone(zone(self.zone)).date()
        closings = (closing for n in count(1) if (closing := self._closing(today + n * DAY)))
        return next(islice(closings, days - 1, None))

    def _closing(self, day: date) -> datetime | None:
        noon = datetime.combine(day, time(12), UTC)
        pieces = self.timetable.pieces(noon - 2 * DAY, noon + 2 * DAY)
        return max((piece.end for piece in pieces if piece.day == day and piece.state == OPEN), default=None)

    @cached_property
    def timetable(self) -> Timetable:
        return Timetable(zone(self.zone), self._parts_of)

    def _state(self, day: date, minute: int) -> State:
        for closure in self.closures:
            if any(start <= minute < end for start, end in closure.minutes_of(day)):
                return State(Coverage.CLOSED, closure.why)
        if self.always:
            return OPEN
        if day in self._holiday_names:
            return State(Coverage.HOLIDAY, self._holiday_names[day])
        if any(start <= minute < end for start, end in self.weekly.days[day.weekday()]):
            return OPEN
        return CLOSED

    def _parts_of(self, day: date) -> tuple[DayPart, ...]:
        spans = chain(self.weekly.days[day.weekday()], *(closure.minutes_of(day) for closure in self.closures))
        edges = sorted({0, MIDNIGHT, *chain.from_iterable(spans)})
        return tuple(DayPart(start, end, self._state(day, start)) for start, end in pairwise(edges))

    @cached_property
    def _holiday_names(self) -> dict[date, str]:
        return {holiday.day: holiday.name for holiday in self.holidays}

    def _first_closed_days(self) -> Iterator[date]:
        """Every day on which a long time without service could begin."""
        years = {YEARS[0], *(day.year for closure in self.closures for day in (closure.first, closure.until))}
        for closure in self.closures:
            yield closure.first
            if closure.yearly:
                yield from (closure.first.replace(year=year) for year in years if year > closure.first.year)
        yield from self._holiday_names

    def _opens_after(self, first: date) -> bool:
        days = (first + n * DAY for n in range(LONGEST_CLOSURE.days))
        return any(part.state == OPEN for day in days for part in self._parts_of(day))


WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


WEEK = len(WEEKDAYS)
