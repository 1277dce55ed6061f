"""When a service is closed although its week says open: closures and public holidays, and how long that lasts."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from domain.clocks.windows import TimeRules
from domain.times import YEARS
from domain.values import ShortText

MIDNIGHT = 24 * 60
TIME_OF_DAY = re.compile("([01][0-9]|2[0-3]):[0-5][0-9]")
LONGEST_CLOSURE = timedelta(days=400)


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
    WithJsonSchema({"type": "string", "pattern": f"^({TIME_OF_DAY.pattern}|24:00)$", "maxLength": 5}),
]
WallWindow = tuple[WallTime, WallTime]


def before_midnight(windows: tuple[WallWindow, ...]) -> Iterator[tuple[int, int]]:
    return ((start, end if end > start else MIDNIGHT) for start, end in windows)


def after_midnight(windows: tuple[WallWindow, ...]) -> Iterator[tuple[int, int]]:
    return ((0, end) for start, end in windows if end <= start)


class Holiday(TimeRules):
    day: date = Field(alias="date")
    name: ShortText = ""


class Closure(TimeRules):
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
            raise ValueError(f"a closure must end after it begins, between {YEARS[0]} and {YEARS[-1]}")
        if self.yearly and self.until - self.first >= timedelta(days=365):
            raise ValueError("a yearly closure must be shorter than a year")
        if self.yearly and any((day.month, day.day) == (2, 29) for day in (self.first, self.until)):
            raise ValueError("a yearly closure cannot begin or end on 29 February")
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
    week: Sequence[Iterable[tuple[int, int]]], closures: Iterable[Closure], holidays: Iterable[date]
) -> int:
    """How many days on end have no minute of service, by the open minutes of each weekday from Monday on.

    Days of an ordinary week without service do not count. Walks from one change of what is closed to
    the next, never day by day: the effort grows with the number of closures.
    """
    changes = _changes(closures, holidays)
    if not changes:
        return 0
    weekdays = [_mask(spans) for spans in week]
    known: dict[frozenset[int], tuple[bool, ...]] = {frozenset(): tuple(map(bool, weekdays))}
    closed: Counter[int] = Counter()
    days = sorted({*changes, date(YEARS[0], 1, 1).toordinal(), date(YEARS[-1] + 1, 1, 1).toordinal()})
    longest, last_open = 0, days[0] - 1
    for since, until in pairwise(days):
        closed.update(changes.get(since, {}))
        masks = frozenset(mask for mask, times in closed.items() if times)
        if masks not in known:
            known[masks] = tuple(bool(mask & ~_united(masks)) for mask in weekdays)
        # A week says all: what is closed stays the same until the next change.
        opens = [day for day in (*range(since, until)[:7], *range(since, until)[-7:]) if known[masks][(day - 1) % 7]]
        if opens:
            longest, last_open = max(longest, opens[0] - last_open - 1), opens[-1]
    return max(longest, days[-1] - last_open - 1)


def _changes(closures: Iterable[Closure], holidays: Iterable[date]) -> dict[int, Counter[int]]:
    """By day: the minutes, as the bits of a number, that begin or cease to be closed, and how many times over."""
    changes: dict[int, Counter[int]] = defaultdict(Counter)
    for closure in closures:
        span = ((closure.start, closure.end),)
        parts = (_mask(before_midnight(span)), 0), (_mask(after_midnight(span)), 1)
        for first, last in closure.times():
            for mask, later in parts:
                changes[first.toordinal() + later][mask] += 1
                changes[last.toordinal() + later + 1][mask] -= 1
    for day in holidays:
        changes[day.toordinal()][_mask(((0, MIDNIGHT),))] += 1
        changes[day.toordinal() + 1][_mask(((0, MIDNIGHT),))] -= 1
    return changes


def _mask(spans: Iterable[tuple[int, int]]) -> int:
    return _united((1 << end) - (1 << start) for start, end in spans if start < end)


def _united(masks: Iterable[int]) -> int:
    united = 0
    for mask in masks:
        united |= mask
    return united
