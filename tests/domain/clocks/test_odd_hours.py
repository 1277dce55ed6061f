"""Hours that have led other desks astray: nights, changing clocks, holds over closures, solutions that were none."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from domain.clocks.calendars import Calendar
from domain.clocks.holds import ClockHold, HoldReason
from domain.clocks.sla import ClockKind, SlaClock

WEEK = ("mon", "tue", "wed", "thu", "fri")
ALL_WEEK = (*WEEK, "sat", "sun")


def calendar(zone: str, start: str, end: str, days: tuple[str, ...] = WEEK, **more: object) -> Calendar:
    return Calendar.model_validate({"zone": zone, "weekly": {day: [[start, end]] for day in days}, **more})


def utc(written: str) -> datetime:
    return datetime.fromisoformat(f"{written}+00:00")


OFFICE = calendar("Europe/Vienna", "08:00", "16:00")
NIGHT = calendar("Europe/Vienna", "21:00", "05:00", ALL_WEEK)
MORNINGS = calendar("Europe/Warsaw", "00:00", "09:00", ALL_WEEK)
AFTERNOONS = calendar("America/Chicago", "12:00", "17:00", ALL_WEEK)
CHRISTMAS = calendar(
    "Europe/Vienna", "08:00", "16:00", closures=[{"date": "2026-12-24", "until": "2027-01-06", "yearly": True}]
)


@dataclass(frozen=True)
class Told:
    what: str
    at: str
    reason: HoldReason = HoldReason.WAITING_CUSTOMER
    target: int = 0

    def to(self, clock: SlaClock, hours: Calendar) -> SlaClock:
        at = utc(self.at)
        match self.what:
            case "hold":
                return clock.hold(ClockHold(reason=self.reason, actor="p-koch", at=at))
            case "resume":
                return clock.resume(self.reason, at)
            case "stop":
                return clock.stop(at)
            case "reopen":
                return clock.reopen(at)
        return clock.change_target(hours, timedelta(minutes=self.target), at)


CLOSED = HoldReason.SITE_CLOSED


@pytest.mark.parametrize(
    ("hours", "minutes", "start", "told", "due", "used"),
    [
        pytest.param(MORNINGS, 90, "2025-10-26T00:30", (), "2025-10-26T02:00", 0, id="an hour comes twice"),
        pytest.param(AFTERNOONS, 30, "2027-03-14T06:00", (), "2027-03-14T17:30", 0, id="put forward at night"),
        pytest.param(
            OFFICE,
            300,
            "2026-10-10T09:00",
            (Told("hold", "2026-10-12T07:00"), Told("resume", "2026-10-13T08:00")),
            "2026-10-13T12:00",
            60,
            id="reported on a Saturday, held over the night",
        ),
        pytest.param(
            OFFICE,
            120,
            "2026-10-12T06:00",
            (Told("stop", "2026-10-12T06:30"), Told("reopen", "2026-10-13T06:00")),
            "2026-10-13T07:30",
            30,
            id="solved for a day",
        ),
        pytest.param(
            CHRISTMAS,
            480,
            "2026-12-22T13:00",
            (Told("hold", "2026-12-23T09:00"), Told("resume", "2027-01-02T09:00")),
            "2027-01-07T11:00",
            240,
            id="held into a closure that turns the year",
        ),
        pytest.param(
            OFFICE,
            180,
            "2026-10-12T06:00",
            (
                Told("hold", "2026-10-12T07:00"),
                Told("hold", "2026-10-12T08:00", CLOSED),
                Told("resume", "2026-10-12T09:00"),
                Told("resume", "2026-10-12T13:00", CLOSED),
            ),
            "2026-10-13T07:00",
            60,
            id="two holds that overlap count once",
        ),
    ],
)
def test_when_it_is_due(hours: Calendar, minutes: int, start: str, told: tuple[Told, ...], due: str, used: int) -> None:
    clock = SlaClock(name="resolution", kind=ClockKind.RESOLUTION, target=timedelta(minutes=minutes)).start(utc(start))

    for said in told:
        clock = said.to(clock, hours)
    now = told[-1].at if told else start

    assert clock.deadline(hours, utc(now)) == utc(due)
    assert clock.used(hours, utc(now)) == timedelta(minutes=used)


def test_a_new_target_counts_from_the_beginning_and_may_be_over_already() -> None:
    clock = SlaClock(name="resolution", kind=ClockKind.RESOLUTION, target=timedelta(hours=6))
    clock = clock.start(utc("2026-10-12T06:00"))

    raised = Told("target", "2026-10-12T09:00", target=60).to(clock, OFFICE)
    raised = raised.record_breach(OFFICE, utc("2026-10-12T09:00"))

    assert raised.deadline(OFFICE, utc("2026-10-12T09:00")) == utc("2026-10-12T07:00")
    assert raised.breached_at == utc("2026-10-12T07:00")


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-07-01T19:00", True),
        ("2026-07-01T18:59", False),
        ("2026-07-02T02:59", True),
        ("2026-07-02T03:00", False),
        ("2026-01-14T20:00", True),
        ("2026-01-15T03:59", True),
        ("2026-01-15T04:00", False),
    ],
)
def test_a_night_belongs_to_two_days(at: str, is_open: bool) -> None:
    assert NIGHT.is_open(utc(at)) is is_open


def test_between_two_nights_nothing_passes() -> None:
    assert NIGHT.elapsed(utc("2026-07-02T03:00"), utc("2026-07-02T18:59")) == timedelta(0)
    assert NIGHT.elapsed(utc("2026-07-01T18:00"), utc("2026-07-02T18:00")) == timedelta(hours=8)
