"""When a service is closed although its week says open: closures and public holidays, and how long that lasts."""

import re
from calendar import isleap
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Annotated, NamedTuple, Self

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from domain.clocks.windows import TimeRules
from domain.times import REACH, YEARS
from domain.values import Exact, ShortText

MIDNIGHT = 24 * 60
TIME_OF_DAY = re.compile("([01][0-9]|2[0-3]):[0-5][0-9]")
LONGEST_CLOSURE = timedelta(days=400)
# After so many years every day falls on the same weekday again, leap days included.
WEEKDAY_CYCLE = 28


def _minutes(written: object) -> int:
    if written == "24:00":
        return MIDNIGHT
    if not isinstance(written, str) or not TIME_OF_DAY.fullmatch(written):
        raise PydanticCustomError("time_of_day", "not a time of day between 00:00 and 24:00")
    hours, minutes = written.split(":")
    return int(hours) * 60 + int(minutes)


def written(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


# Written "08:00", on either way: the number of minutes is ours alone.
WallTime = Annotated[
    int,
    BeforeValidator(_minutes),
    PlainSerializer(written, return_type=str),
    WithJsonSchema({"type": "string", "pattern": f"^({TIME_OF_DAY.pattern}|24:00)$", "maxLength": 5}),
]
WallWindow = tuple[WallTime, WallTime]


def before_midnight(windows: tuple[WallWindow, ...]) -> Iterator[tuple[int, int]]:
    return ((start, end if end > start else MIDNIGHT) for start, end in windows)


def after_midnight(windows: tuple[WallWindow, ...]) -> Iterator[tuple[int, int]]:
    return ((0, end) for start, end in windows if end <= start)


class Holiday(Exact, TimeRules):
    day: date = Field(alias="date")
    name: ShortText = ""


class Closure(Exact, TimeRules):
    """Days or parts of days without service; from and to hold on each day from date until the last.

    Yearly closures return on the same days of every later year.
    """

    first: date = Field(alias="date")
    last: date | None = Field(None, alias="until")
    start: WallTime = Field(0, alias="from", json_schema_extra={"default": "00:00"})
    end: WallTime = Field(MIDNIGHT, alias="to", json_schema_extra={"default": "24:00"})
    yearly: bool = False
    why: ShortText = ""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if not all(day.year in YEARS for day in (self.first, self.until)) or self.until < self.first:
            said = "a closure must end after it begins, between {first} and {last}"
            raise PydanticCustomError("closure_impossible", said, dict(REACH))
        if self.yearly and self.until - self.first >= timedelta(days=365):
            raise PydanticCustomError("closure_of_a_year", "a yearly closure must be shorter than a year")
        if self.yearly and any((day.month, day.day) == (2, 29) for day in (self.first, self.until)):
            raise PydanticCustomError("closure_on_leap_day", "a yearly closure cannot begin or end on 29 February")
        return self

    @property
    def until(self) -> date:
        return self.last or self.first

    def times(self, since: int = YEARS[0], until: int = YEARS[-1]) -> Iterator[tuple[date, date]]:
        """First and last day of each time it takes place; of a yearly one those that begin in these years."""
        if not self.yearly:
            yield self.first, self.until
            return
        longer = self.until.year - self.first.year
        for year in range(max(self.first.year, since), until + 1):
            yield self.first.replace(year=year), self.until.replace(year=year + longer)

    def within(self, first: date, last: date) -> Iterator[tuple[date, tuple[int, int]]]:
        """What is closed on each of these days, in minutes of the day; at most a year of them."""
        span = ((self.start, self.end),)
        parts = (*((part, 0) for part in before_midnight(span)), *((part, 1) for part in after_midnight(span)))
        for begin, end in self.times(first.year - 1, last.year):
            for part, later in parts:
                since, until = (
                    max(begin.toordinal() + later, first.toordinal()),
                    min(end.toordinal() + later, last.toordinal()),
                )
                for day in range(since, until + 1):
                    yield date.fromordinal(day), part


def longest_closed(
    week: Sequence[Iterable[tuple[int, int]]], closures: Sequence[Closure], holidays: Collection[date]
) -> int:
    """How many days on end have no minute of service, by the open minutes of each weekday from Monday on.

    Days of an ordinary week without service do not count. Walks every day on which something can be closed, once:
    what yearly closures close is a table for all years, so that neither their number nor their length adds to it.
    """
    years = _years(closures, holidays)
    if not years:
        return 0
    weekdays = [_mask(spans) for spans in week]
    days_off = {day.toordinal() for day in holidays}
    yearly, single = _Yearly(closures), _Single(closures)
    longest, day = 0, date(years[0], 1, 1).toordinal()
    last_open = day - 1
    for year in years:
        for closed in yearly.days_of(year):
            if weekdays[(day - 1) % 7] & ~(closed | single.on(day)) and day not in days_off:
                longest, last_open = max(longest, day - last_open - 1), day
            day += 1
    return max(longest, day - last_open - 1)


def _years(closures: Sequence[Closure], holidays: Collection[date]) -> range:
    """Those to walk: nothing is closed before the first closure, and what is yearly shows itself within a cycle."""
    firsts = [*(closure.first.year for closure in closures), *(day.year for day in holidays)]
    if not firsts:
        return range(0)
    lasts = [*(closure.until.year for closure in closures), *(day.year for day in holidays)]
    more = WEEKDAY_CYCLE + 2 if any(closure.yearly for closure in closures) else 1
    return range(max(min(firsts) - 1, YEARS[0]), min(max(lasts) + more, YEARS[-1]) + 1)


class _Yearly:
    """What yearly closures close on each day of a year: minutes, as the bits of a number. Years are asked in order."""

    def __init__(self, closures: Iterable[Closure]) -> None:
        self._tables = {length: [0] * length for length in (365, 366)}
        parts = [part for closure in closures if closure.yearly for part in _parts_of_years(closure)]
        self._coming = sorted(parts, key=lambda part: part.since, reverse=True)

    def days_of(self, year: int) -> Sequence[int]:
        while self._coming and self._coming[-1].since <= year:
            part = self._coming.pop()
            table = self._tables[part.length]
            for day in part.days:
                table[day] |= part.mask
        return self._tables[_length(year)]


class _PartOfYears(NamedTuple):
    """What is closed on these days (from 0) of every year of this length, from the year `since` on."""

    since: int
    length: int
    days: range
    mask: int


def _parts_of_years(closure: Closure) -> Iterator[_PartOfYears]:
    """The days of each year, and apart from them what reaches over into the next."""
    over = closure.until.year - closure.first.year
    for length, year in ((365, 2001), (366, 2000)):
        first, until = (day.replace(year=year).timetuple().tm_yday - 1 for day in (closure.first, closure.until))
        for mask, later in _masks(closure):
            end = length if over else until + later + 1
            yield _PartOfYears(closure.first.year, length, range(first + later, min(end, length)), mask)
            carried = until + later + 1 if over else end - length
            yield _PartOfYears(closure.first.year + 1, length, range(carried), mask)


class _Single:
    """What single closures close on a day. Days are asked in order."""

    def __init__(self, closures: Iterable[Closure]) -> None:
        changes: dict[int, Counter[int]] = defaultdict(Counter)
        for closure in closures:
            if not closure.yearly:
                for mask, later in _masks(closure):
                    changes[closure.first.toordinal() + later][mask] += 1
                    changes[closure.until.toordinal() + later + 1][mask] -= 1
        self._changes = changes
        self._closed: Counter[int] = Counter()
        self._united = 0

    def on(self, day: int) -> int:
        if change := self._changes.pop(day, None):
            self._closed.update(change)
            self._united = _united(mask for mask, times in self._closed.items() if times)
        return self._united


def _masks(closure: Closure) -> tuple[tuple[int, int], ...]:
    """The minutes closed on each of its days, and on each day after them."""
    span = ((closure.start, closure.end),)
    return (_mask(before_midnight(span)), 0), (_mask(after_midnight(span)), 1)


def _length(year: int) -> int:
    return 366 if isleap(year) else 365


def _mask(spans: Iterable[tuple[int, int]]) -> int:
    return _united((1 << end) - (1 << start) for start, end in spans if start < end)


def _united(masks: Iterable[int]) -> int:
    united = 0
    for mask in masks:
        united |= mask
    return united
