"""Billing periods: half-open runs of local days, always counted from the anchor."""

from bisect import bisect_right
from calendar import monthrange
from datetime import UTC, date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo

from domain.times import DAY, LAST_DAY, MINUTE, day_at, zone

MONTHS_OF_A_YEAR = 12
DAY_MINUTES = 24 * 60


def months_later(anchor: date, months: int) -> date:
    """The day is cut to the length of the month. Raises `ValueError` beyond the years there are."""
    year, month = divmod(anchor.year * MONTHS_OF_A_YEAR + anchor.month - 1 + months, MONTHS_OF_A_YEAR)
    return date(year, month + 1, min(anchor.day, monthrange(year, month + 1)[1]))


class WallClock:
    """Local time as whole minutes since the calendar began: thousands of instants cost one look at the zone a day."""

    def __init__(self, place: ZoneInfo) -> None:
        self._place = place
        self._offset = cache(self._offset_from)

    def minute(self, at: datetime) -> int | None:
        """None where the clocks change on that day or the next, or local time is no whole number of minutes away."""
        if at.tzinfo is not UTC:
            at = at.astimezone(UTC)
        day = at.toordinal()
        offset = self._offset(day)
        return None if offset is None else day * DAY_MINUTES + at.hour * 60 + at.minute + offset

    def _offset_from(self, day: int) -> int | None:
        midnight = datetime.combine(date.fromordinal(day), time(), UTC)
        # No zone changes twice within a day.
        first, *others = ((midnight + n * DAY).astimezone(self._place).utcoffset() for n in range(3))
        if first is None or any(one != first for one in others):
            return None
        minutes, rest = divmod(first, MINUTE)
        return None if rest else minutes


class Periods:
    """Period n goes from anchor + n·months to anchor + (n + 1)·months."""

    def __init__(self, anchor: date, months: int, zone_name: str) -> None:
        self.anchor, self.months = anchor, months
        self._zone_name = zone_name
        self.place: ZoneInfo = zone(zone_name)
        self.start = cache(lambda n: months_later(anchor, n * months))
        self.clock = WallClock(self.place)
        self.day = cache(date.fromordinal)

    def end(self, n: int) -> date:
        """The first day that no longer belongs to it."""
        return self.start(n + 1)

    def days(self, n: int) -> int:
        return (self.end(n) - self.start(n)).days

    def of(self, day: date) -> int:
        passed = (day.year - self.anchor.year) * MONTHS_OF_A_YEAR + day.month - self.anchor.month
        n = passed // self.months
        return n - 1 if self.start(n) > day else n

    def local_day(self, at: datetime) -> date:
        minute = self.clock.minute(at)
        return at.astimezone(self.place).date() if minute is None else self.day(minute // DAY_MINUTES)

    def begins_at(self, n: int) -> datetime:
        return day_at(self.start(n), self._zone_name)[0]

    def year_of(self, n: int) -> int:
        """The year of the contract in which a period lies."""
        return n * self.months // MONTHS_OF_A_YEAR

    def reaches(self, n: int) -> bool:
        """Whether a period lies within the days with which we reckon."""
        months = (LAST_DAY.year - self.anchor.year) * MONTHS_OF_A_YEAR + LAST_DAY.month - self.anchor.month
        return (n + 1) * self.months <= months


def segment(edges: list[date], day: date) -> int:
    """Which of the stretches that begin on these days a day lies in; -1 before the first."""
    return bisect_right(edges, day) - 1
