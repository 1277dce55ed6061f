"""Billing periods: half-open runs of local days, always counted from the anchor."""

from bisect import bisect_right
from calendar import monthrange
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from domain.times import LAST_DAY, day_at, zone

MONTHS_OF_A_YEAR = 12


def months_later(anchor: date, months: int) -> date:
    """The day is cut to the length of the month. Raises `ValueError` beyond the years there are."""
    year, month = divmod(anchor.year * MONTHS_OF_A_YEAR + anchor.month - 1 + months, MONTHS_OF_A_YEAR)
    return date(year, month + 1, min(anchor.day, monthrange(year, month + 1)[1]))


class Periods:
    """Period n goes from anchor + n·months to anchor + (n + 1)·months."""

    def __init__(self, anchor: date, months: int, zone_name: str) -> None:
        self.anchor, self.months = anchor, months
        self._zone_name = zone_name
        self.place: ZoneInfo = zone(zone_name)
        self.start = cache(lambda n: months_later(anchor, n * months))
        # The same instants are asked about again and again, and each answer takes longer than to remember it.
        self.local = cache(self._local)

    def end(self, n: int) -> date:
        """The first day that no longer belongs to it."""
        return self.start(n + 1)

    def days(self, n: int) -> int:
        return (self.end(n) - self.start(n)).days

    def of(self, day: date) -> int:
        passed = (day.year - self.anchor.year) * MONTHS_OF_A_YEAR + day.month - self.anchor.month
        n = passed // self.months
        return n - 1 if self.start(n) > day else n

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(self.place)

    def local_day(self, at: datetime) -> date:
        return self.local(at).date()

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
