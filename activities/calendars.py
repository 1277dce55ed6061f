"""Local time turned into UTC, where today's holidays and tz database may be asked."""

from datetime import timedelta

from temporalio import activity

from connectors.holidays import TZDATA, with_holidays
from domain.clocks.calendars import Calendar
from domain.clocks.windows import Windows
from domain.times import Instant
from domain.values import Value

# A clock that was held runs on after its target's end; asking again costs an event, a longer answer only bytes.
MARGIN = timedelta(days=30)


class HoursAsked(Value):
    """Service time from `start` until the later of `until` and the end of `span` of service time, and a margin."""

    calendar: Calendar
    start: Instant
    until: Instant
    span: timedelta


class WorkingDays(Value):
    calendar: Calendar
    start: Instant
    days: int


class Calendars:
    @activity.defn
    async def service_hours(self, asked: HoursAsked) -> Windows:
        calendar = with_holidays(asked.calendar, asked.start)
        end = max(asked.until, calendar.add(asked.start, asked.span)) + MARGIN
        return calendar.windows(asked.start, end, tzdata=TZDATA)

    @activity.defn
    async def after_working_days(self, asked: WorkingDays) -> Instant:
        return with_holidays(asked.calendar, asked.start).add_working_days(asked.start, asked.days)
