"""The definition of open, walked minute by minute straight from a calendar as it is written down."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import accumulate
from typing import NotRequired, TypedDict
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
WALL_TIMES = [f"{hour:02}:{minute:02}" for hour in range(24) for minute in range(60)]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

WrittenClosure = TypedDict(
    "WrittenClosure",
    {
        "date": str,
        "until": str,
        "from": NotRequired[str],
        "to": NotRequired[str],
        "yearly": bool,
    },
)


class WrittenHoliday(TypedDict):
    date: str
    name: str


class Written(TypedDict):
    zone: str
    weekly: NotRequired[dict[str, list[list[str]]]]
    always: NotRequired[bool]
    closures: NotRequired[list[WrittenClosure]]
    holidays: NotRequired[list[WrittenHoliday]]


@cache
def local_minutes(zone: str, start: datetime, days: int) -> list[tuple[date, str, str, str]]:
    """Day, weekday, yesterday's weekday and wall time of each minute."""
    place = ZoneInfo(zone)
    minutes = []
    for n in range(days * 24 * 60):
        local = (start + n * MINUTE).astimezone(place)
        weekday = local.weekday()
        minutes.append(
            (
                local.date(),
                WEEKDAYS[weekday],
                WEEKDAYS[weekday - 1],
                WALL_TIMES[local.hour * 60 + local.minute],
            )
        )
    return minutes


@cache
def covers(written_first: str, written_last: str, yearly: bool, day: date) -> bool:
    first, last = date.fromisoformat(written_first), date.fromisoformat(written_last)
    return any(
        first.replace(year=first.year + n) <= day <= last.replace(year=last.year + n)
        for n in range(40 if yearly else 1)
    )


def lies_in(window: list[str], now: str, applies: bool, applied_yesterday: bool) -> bool:
    start, end = window
    if start < end:
        return applies and start <= now < end
    return (applies and start <= now) or (applied_yesterday and now < end)


def is_open(calendar: Written, minute: tuple[date, str, str, str]) -> bool:
    day, weekday, yesterday, now = minute
    weekly = calendar.get("weekly", {})
    for closure in calendar.get("closures", []):
        hours = [closure.get("from", "00:00"), closure.get("to", "24:00")]
        days = closure["date"], closure["until"], closure["yearly"]
        if lies_in(hours, now, covers(*days, day), covers(*days, day - DAY)):
            return False
    if calendar.get("always"):
        return True
    if any(holiday["date"] == day.isoformat() for holiday in calendar.get("holidays", [])):
        return False
    today, last_night = weekly.get(weekday, []), weekly.get(yesterday, [])
    return any(lies_in(window, now, True, False) for window in today) or any(
        lies_in(window, now, False, True) for window in last_night
    )


@dataclass(frozen=True)
class MinuteWalk:
    start: datetime
    opens: list[bool]
    # Open minutes in front of each minute.
    before: list[int]

    @classmethod
    def over(cls, calendar: Written, start: datetime, days: int) -> "MinuteWalk":
        opens = [is_open(calendar, minute) for minute in local_minutes(calendar["zone"], start, days)]
        return cls(start, opens, list(accumulate(opens, initial=0)))

    def seconds_before(self, at: datetime) -> int:
        minute, second = divmod(int((at - self.start).total_seconds()), 60)
        partly = second if minute < len(self.opens) and self.opens[minute] else 0
        return self.before[minute] * 60 + partly

    def elapsed(self, start: datetime, end: datetime) -> int:
        return self.seconds_before(end) - self.seconds_before(start)

    def add(self, start: datetime, seconds: int) -> datetime:
        wanted = self.seconds_before(start) + seconds
        if not seconds:
            return start
        minute = bisect_left(self.before, -(-wanted // 60)) - 1
        return self.start + minute * MINUTE + timedelta(seconds=wanted - self.before[minute] * 60)


def utc(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)
