"""Whatever is remembered of days and prices, work costs what its minutes cost when each is looked at by itself."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.billing.money import rounded
from tests.domain.billing.documents import Written, rated

CENT = Decimal("0.01")
BEGIN = datetime(2026, 1, 3, tzinfo=UTC)
# Lord Howe moves its clocks by half an hour, Kathmandu is 5:45 away, and in Casablanca they change twice in spring.
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca"]
# Minutes around each change of the clocks in Berlin, New York and Lord Howe, besides any.
CHANGES = [datetime(2026, *day, tzinfo=UTC) for day in ((3, 8), (3, 29), (4, 4), (10, 3), (10, 25), (11, 1))]
NEAR_CHANGES = [int((at - BEGIN) / timedelta(minutes=1)) for at in CHANGES]
STARTS = st.integers(0, 340 * 1440) | st.sampled_from(NEAR_CHANGES).flatmap(
    lambda at: st.integers(at - 2000, at + 2000)
)
HOURS: list[dict[str, list[list[str]]]] = [
    {day: [["08:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    {"mon": [["00:00", "24:00"]], "wed": [["07:00", "09:30"], ["10:00", "18:00"]]},
]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Told(NamedTuple):
    start: datetime
    minutes: int
    role: str
    accepted: datetime | None


told_work = st.builds(
    Told,
    STARTS.map(lambda minute: BEGIN + timedelta(minutes=minute)),
    st.integers(0, 1440),
    st.sampled_from(["technician", "engineer"]),
    st.none() | st.integers(0, 340).map(lambda days: BEGIN + timedelta(days=days)),
)


class Minute(NamedTuple):
    """What decides over the price of a minute."""

    n: int
    hourly: Decimal
    version: date
    factor: Decimal


class Course(NamedTuple):
    zone: str
    hours: Mapping[str, Sequence[Sequence[str]]] | None
    holidays: Sequence[date]
    versions: Mapping[date, Mapping[str, Decimal]]
    by_accepted: bool
    factor: Decimal
    holiday: Decimal
    step: int

    def minute(self, work: Told, passed: int) -> Minute:
        place = ZoneInfo(self.zone)
        local = (work.start + timedelta(minutes=passed)).astimezone(place)
        pinned = self.by_accepted and work.accepted is not None
        day = work.accepted.astimezone(place).date() if pinned and work.accepted else local.date()
        version = max(since for since in self.versions if since <= day)
        return Minute(local.month - 1, self.versions[version][work.role], version, self._factor(local))

    def _factor(self, local: datetime) -> Decimal:
        if local.date() in self.holidays:
            return self.holiday
        if self.hours is None:
            return Decimal(1)
        wall = f"{local:%H:%M}"
        is_open = any(since <= wall < until for since, until in self.hours.get(DAYS[local.weekday()], ()))
        return Decimal(1) if is_open else self.factor

    def lines(self, work: Told, name: str) -> list[tuple[int, datetime, str, int, Decimal]]:
        runs = [(key, len([*run])) for key, run in groupby(self.minute(work, passed) for passed in range(work.minutes))]
        charged = [minutes for _, minutes in runs]
        if charged:
            charged[-1] += -(-work.minutes // self.step) * self.step - work.minutes
        return [
            (key.n, work.start, name, minutes, rounded(Fraction(key.hourly * key.factor) * minutes / 60, CENT))
            for (key, _), minutes in zip(runs, charged, strict=True)
        ]


PRICES = {
    date(2026, 1, 1): {"technician": Decimal("96.00"), "engineer": Decimal("99.37")},
    date(2026, 7, 1): {"technician": Decimal("96.00"), "engineer": Decimal("120.01")},
}
DAYS_OFF = st.sets(st.integers(0, 340), max_size=3)
courses = st.builds(
    lambda factors, **more: Course(factor=factors[0], holiday=factors[1], **more),
    st.sampled_from([(Decimal(1), Decimal(1)), (Decimal("1.5"), Decimal(2)), (Decimal("1.25"), Decimal("1.25"))]),
    zone=st.sampled_from(ZONES),
    hours=st.none() | st.sampled_from(HOURS),
    holidays=DAYS_OFF.map(lambda off: sorted(BEGIN.date() + timedelta(days=days) for days in off)),
    versions=st.just(PRICES),
    by_accepted=st.booleans(),
    step=st.sampled_from([1, 15]),
)


@settings(max_examples=150, deadline=None)
@given(works=st.lists(told_work, min_size=1, max_size=6), course=courses)
def test_work_costs_what_its_minutes_cost_one_by_one(works: list[Told], course: Course) -> None:
    terms: list[Written] = [
        {
            "from": f"{since}",
            "hourly": {role: f"{price}" for role, price in hourly.items()},
            "rounding": {"step": course.step},
            "factors": {"after_hours": f"{course.factor}", "holiday": f"{course.holiday}"},
        }
        for since, hourly in PRICES.items()
    ]
    facts = [
        {
            "type": "work",
            "id": f"W{place}",
            "role": work.role,
            "start": work.start.isoformat(),
            "minutes": work.minutes,
        }
        | ({"accepted": work.accepted.isoformat()} if work.accepted else {})
        for place, work in enumerate(works)
    ]
    more: dict[str, Any] = {
        "zone": course.zone,
        "holidays": [f"{day}" for day in course.holidays],
        "price_date": "accepted" if course.by_accepted else "worked",
    }
    if course.hours is not None:
        more["hours"] = course.hours

    invoices = rated(terms, *facts, bill=range(12), **more).invoices

    came = [(n, line.ref, line.minutes, line.amount) for n, one in enumerate(invoices) for line in one.lines]
    lines = [line for place, work in enumerate(works) for line in course.lines(work, f"W{place}")]
    due = [(n, name, minutes, amount) for n, _, name, minutes, amount in sorted(lines, key=lambda one: one[:3])]
    assert came == due
