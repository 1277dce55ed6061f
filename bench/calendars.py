"""Adding service hours: ours against businesstimedelta and against walking minute by minute."""

from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import businesstimedelta  # type: ignore[import-untyped]
import pytz  # type: ignore[import-untyped]

from bench.ground.report import Figure, seconds
from domain.clocks.calendars import Calendar
from domain.times import zone

BERLIN = zone("Europe/Berlin")
# Bavaria's fixed days, years ahead: businesstimedelta fails when it runs out of holidays.
FIXED_DAYS = ((1, 1), (1, 6), (5, 1), (8, 15), (10, 3), (11, 1), (12, 25), (12, 26))
HOLIDAYS = {date(year, month, day): "Feiertag" for year in range(2026, 2031) for month, day in FIXED_DAYS}
WRITTEN = {
    "zone": "Europe/Berlin",
    "weekly": {day: [["08:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    "holidays": [{"date": day.isoformat(), "name": name} for day, name in HOLIDAYS.items()],
}
REPORTED = datetime(2026, 10, 22, 14, 0, tzinfo=UTC)
MICRO = 1e6


def walk(start: datetime, span: timedelta) -> datetime:
    at, minutes = start, span // timedelta(minutes=1)
    while minutes:
        local = at.astimezone(BERLIN)
        open_now = local.weekday() < 5 and 8 <= local.hour < 17 and local.date() not in HOLIDAYS
        minutes -= open_now
        at += timedelta(minutes=1)
    return at


def businesstime(start: datetime, span: timedelta) -> datetime:
    answer: datetime = start + businesstimedelta.BusinessTimeDelta(RULES, timedelta=span)
    return answer


RULES = businesstimedelta.Rules(
    [
        businesstimedelta.WorkDayRule(
            start_time=time(8),
            end_time=time(17),
            working_days=[0, 1, 2, 3, 4],
            tz=pytz.timezone("Europe/Berlin"),
        ),
        businesstimedelta.HolidayRule(HOLIDAYS, tz=pytz.timezone("Europe/Berlin")),
    ]
)


def run() -> list[Figure]:
    calendar = Calendar.model_validate(WRITTEN)
    return [figure for hours in (8, 2_000) for figure in compared(calendar, timedelta(hours=hours), hours)]


def compared(calendar: Calendar, span: timedelta, hours: int) -> list[Figure]:
    """One answer, four ways to it; a bench of wrong answers would be worth nothing."""
    answers = {calendar.add(REPORTED, span), walk(REPORTED, span), businesstime(REPORTED, span)}
    if len(answers) > 1:
        raise AssertionError(f"{hours} h after {REPORTED} is not agreed: {answers}")
    ours = seconds(partial(calendar.add, REPORTED, span), times=10_000)
    first = seconds(lambda: Calendar.model_validate(WRITTEN).add(REPORTED, span), times=5)
    library = seconds(partial(businesstime, REPORTED, span), times=max(1, 400 // hours))
    walked = seconds(partial(walk, REPORTED, span), times=max(1, 80 // hours), rounds=1)
    return [
        micro(f"add {hours:,} h, against businesstimedelta", ours, library),
        micro(f"add {hours:,} h, against a minute walk", ours, walked),
        micro(f"add {hours:,} h on a calendar just read, against businesstimedelta", first, library),
    ]


def micro(name: str, ours: float, baseline: float) -> Figure:
    return Figure(name, ours * MICRO, baseline * MICRO, baseline / ours, "µs")
