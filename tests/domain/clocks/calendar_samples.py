"""Calendars, and instants to ask them about."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from domain.clocks.calendars import Calendar
from domain.times import ZERO
from tests.domain.clocks.minute_walk import WEEKDAYS
from tests.domain.golden import GOLDEN

OFFICE_DAYS = ("mon", "tue", "wed", "thu", "fri")
AUGSBURG = Calendar.model_validate(
    {
        "zone": "Europe/Berlin",
        "weekly": {day: [["08:00", "17:00"]] for day in OFFICE_DAYS},
        "region": "DE-BY-Augsburg",
        "holidays": [
            {"date": "2026-08-08", "name": "Friedensfest"},
            {"date": "2027-01-06", "name": "Heilige Drei Könige"},
        ],
        "holidays_version": "0.109",
        "closures": [{"date": "2026-12-24", "until": "2027-01-01", "yearly": True, "why": "Betriebsruhe"}],
        "version": 7,
    }
)
NIGHTS = Calendar.model_validate(
    {"zone": "America/New_York", "weekly": {day: [["22:00", "06:00"]] for day in WEEKDAYS}}
)
AROUND_THE_CLOCK = Calendar.model_validate({"zone": "Europe/Berlin", "always": True})


def at(written: str) -> datetime:
    return datetime.fromisoformat(written)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


calendars = st.sampled_from([AUGSBURG, NIGHTS, AROUND_THE_CLOCK, *GOLDEN.calendars.values()])
instants = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
spans = st.timedeltas(ZERO, timedelta(hours=2_500))
