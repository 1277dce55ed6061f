import random
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.clocks.calendars import Calendar
from domain.clocks.timetables import Coverage
from domain.clocks.windows import Windows
from domain.times import ZERO
from tests.domain.clocks.calendar_samples import (
    AROUND_THE_CLOCK,
    AUGSBURG,
    NIGHTS,
    at,
    calendars,
    hours,
    instants,
    spans,
)
from tests.domain.clocks.minute_walk import MinuteWalk, WrittenClosure
from tests.domain.clocks.random_calendars import DAYS, SEASONS, ZONES, some_calendar
from tests.domain.golden import GOLDEN, Case


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in GOLDEN.of("elapsed")])
def test_elapsed_service_time_is_as_agreed(case: Case) -> None:
    assert case.since
    assert case.until

    calendar = GOLDEN.calendars[case.calendar]

    assert calendar.elapsed(case.since, case.until) == timedelta(minutes=case.minutes)
    windows = calendar.windows(case.since, case.until)
    assert windows.elapsed(case.since, case.until) == timedelta(minutes=case.minutes)


CALENDARS_EACH, QUESTIONS_EACH = 4, 100


@pytest.mark.parametrize("season", SEASONS)
@pytest.mark.parametrize("zone", ZONES)
def test_answers_agree_with_a_walk_through_every_minute(zone: str, season: str) -> None:
    """400 questions each, 10,000 in all, to the second."""
    start = SEASONS[season]
    dice = random.Random(f"{zone} {season}")
    for _ in range(CALENDARS_EACH):
        written = some_calendar(dice, zone, start)
        calendar = Calendar.model_validate(written)
        windows = calendar.windows(start, start + timedelta(days=DAYS))
        walk = MinuteWalk.over(written, start, DAYS)
        for _ in range(QUESTIONS_EACH):
            a, b = sorted(start + timedelta(seconds=dice.randrange(DAYS * 86_400)) for _ in range(2))
            open_seconds = walk.elapsed(a, b)
            span = dice.choice((open_seconds, dice.randint(0, open_seconds)))
            due = walk.add(a, span)

            assert calendar.elapsed(a, b) == windows.elapsed(a, b) == timedelta(seconds=open_seconds), written
            assert calendar.add(a, timedelta(seconds=span)) == windows.add(a, timedelta(seconds=span)) == due, written
            assert calendar.is_open(a) == walk.opens[int((a - start).total_seconds()) // 60], written


@given(calendars, instants, spans)
def test_exactly_the_added_time_elapses_until_the_end(calendar: Calendar, start: datetime, span: timedelta) -> None:
    assert calendar.elapsed(start, calendar.add(start, span)) == span


@given(calendars, instants, instants)
def test_no_earlier_instant_would_do(calendar: Calendar, one: datetime, other: datetime) -> None:
    start, end = sorted((one, other))

    assert calendar.add(start, calendar.elapsed(start, end)) <= end


@given(calendars, instants, spans, spans)
def test_spans_add_up(calendar: Calendar, start: datetime, first: timedelta, second: timedelta) -> None:
    assert calendar.add(calendar.add(start, first), second) == calendar.add(start, first + second)


@given(calendars, st.lists(instants, min_size=3, max_size=3))
def test_elapsed_times_add_up(calendar: Calendar, three: list[datetime]) -> None:
    a, b, c = sorted(three)

    assert calendar.elapsed(a, b) + calendar.elapsed(b, c) == calendar.elapsed(a, c)


@pytest.mark.parametrize(
    ("closure", "open_hours"),
    [
        pytest.param({"date": "2026-06-03"}, 16, id="the whole day cuts two nights"),
        pytest.param({"date": "2026-06-03", "from": "22:00", "to": "06:00"}, 16, id="a closure over midnight"),
        pytest.param({"date": "2026-06-03", "from": "12:00", "to": "24:00"}, 22, id="the evening before midnight"),
        pytest.param(
            {"date": "2026-06-03", "until": "2026-06-04", "from": "00:00", "to": "01:00"},
            22,
            id="an hour on each of its days",
        ),
    ],
)
def test_an_overnight_window_is_closed_day_by_day(closure: WrittenClosure, open_hours: int) -> None:
    nights = Calendar.model_validate({**NIGHTS.model_dump(), "zone": "Europe/Berlin", "closures": [closure]})

    assert nights.elapsed(at("2026-06-02T12:00+02:00"), at("2026-06-05T12:00+02:00")) == hours(open_hours)


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        pytest.param("2025-12-29T10:00+01:00", True, id="before its first year"),
        pytest.param("2026-12-29T10:00+01:00", False, id="in its first year"),
        pytest.param("2029-01-01T10:00+01:00", False, id="after the turn of a later year"),
        pytest.param("2029-01-02T10:00+01:00", True, id="the day after its last"),
        pytest.param("2030-12-24T10:00+01:00", False, id="on its first day years later"),
    ],
)
def test_a_yearly_closure_comes_back_across_the_turn_of_the_year(day: str, is_open: bool) -> None:
    assert AUGSBURG.is_open(at(day)) is is_open


def test_round_the_clock_service_knows_no_holidays_but_obeys_closures() -> None:
    calendar = Calendar.model_validate(
        {
            "zone": "Europe/Berlin",
            "always": True,
            "holidays": [{"date": "2026-05-01", "name": "Tag der Arbeit"}],
            "closures": [{"date": "2026-05-02", "from": "00:00", "to": "04:00", "why": "Wartung"}],
        }
    )

    assert calendar.elapsed(at("2026-05-01T00:00+02:00"), at("2026-05-03T00:00+02:00")) == hours(44)


def test_every_stretch_of_time_says_why_it_did_not_count() -> None:
    segments = AUGSBURG.segments(at("2026-12-31T12:00+01:00"), at("2027-01-07T12:00+01:00"))

    assert [(f"{s.start:%m-%d %H}", s.kind, s.why) for s in segments] == [
        ("12-31 11", Coverage.CLOSED, "Betriebsruhe"),
        ("01-01 23", Coverage.CLOSED, ""),
        ("01-04 07", Coverage.OPEN, ""),
        ("01-04 16", Coverage.CLOSED, ""),
        ("01-05 07", Coverage.OPEN, ""),
        ("01-05 16", Coverage.CLOSED, ""),
        ("01-05 23", Coverage.HOLIDAY, "Heilige Drei Könige"),
        ("01-06 23", Coverage.CLOSED, ""),
        ("01-07 07", Coverage.OPEN, ""),
    ]


@settings(deadline=None)
@given(calendars, instants, st.timedeltas(ZERO, timedelta(days=40)))
def test_the_open_segments_are_the_elapsed_time(calendar: Calendar, start: datetime, length: timedelta) -> None:
    segments = calendar.segments(start, start + length)

    spent = sum((s.end - s.start for s in segments if s.kind is Coverage.OPEN), ZERO)
    assert spent == calendar.elapsed(start, start + length)


@pytest.mark.parametrize(
    ("calendar", "start", "days", "end"),
    [
        pytest.param(AUGSBURG, "2026-10-22T10:00+02:00", 3, "2026-10-27T17:00+01:00", id="over a weekend"),
        pytest.param(AUGSBURG, "2026-10-24T10:00+02:00", 1, "2026-10-26T17:00+01:00", id="from a Saturday"),
        pytest.param(AUGSBURG, "2026-12-23T23:30+01:00", 3, "2027-01-07T17:00+01:00", id="over closures and a holiday"),
        pytest.param(
            AUGSBURG,
            "2026-10-22T23:00Z",
            1,
            "2026-10-26T17:00+01:00",
            id="the local day counts, not the day by UTC",
        ),
        pytest.param(AROUND_THE_CLOCK, "2026-10-24T10:00+02:00", 1, "2026-10-26T00:00+01:00", id="round the clock"),
        pytest.param(NIGHTS, "2026-06-01T12:00-04:00", 1, "2026-06-03T00:00-04:00", id="nights end with their day"),
    ],
)
def test_working_days_end_when_the_last_of_them_closes(calendar: Calendar, start: str, days: int, end: str) -> None:
    assert calendar.add_working_days(at(start), days) == at(end)


SIXTY_MONDAYS = [{"date": (date(2026, 1, 5) + timedelta(weeks=n)).isoformat(), "name": "Feiertag"} for n in range(60)]
OFFICE: dict[str, object] = {"zone": "Europe/Berlin", "weekly": {"mon": [["08:00", "17:00"]]}}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"weekly": {}}, id="no window"),
        pytest.param({"always": True}, id="always and weekly"),
        pytest.param({"holidays": SIXTY_MONDAYS}, id="a holiday on every day of service"),
        pytest.param({"closures": [{"date": "2026-01-01", "until": "2027-03-01"}]}, id="closed for more than 400 days"),
        pytest.param(
            {"closures": [{"date": "2026-01-01", "until": "2026-12-31", "yearly": True}]},
            id="closed every year",
        ),
        pytest.param(
            {
                "closures": [
                    {"date": "2026-01-01", "until": "2026-11-30", "yearly": True},
                    {"date": "2026-12-01", "until": "2026-12-31"},
                ]
            },
            id="closures that add up",
        ),
        pytest.param({"weekly": {"mon": [["08:00", "25:00"]]}}, id="no such time of day"),
        pytest.param({"weekly": {"mon": [["24:30", "06:00"]]}}, id="past midnight"),
        pytest.param({"weekly": {"mo": [["08:00", "17:00"]]}}, id="no such weekday"),
        pytest.param({"zone": "Europe/Augsburg"}, id="no such zone"),
        pytest.param(
            {"closures": [{"date": "2026-02-02", "until": "2026-02-01"}]},
            id="a closure that ends before it begins",
        ),
        pytest.param({"closures": [{"date": "2028-02-29", "yearly": True}]}, id="yearly on 29 February"),
        pytest.param({"closures": [{"date": "9999-12-31"}]}, id="at the end of all time"),
        pytest.param({"colour": "blue"}, id="an unknown field"),
    ],
)
def test_a_calendar_that_cannot_be_meant_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Calendar.model_validate(OFFICE | change)


@pytest.mark.parametrize("calendar", GOLDEN.calendars.values(), ids=GOLDEN.calendars)
def test_a_calendar_survives_being_stored(calendar: Calendar) -> None:
    stored = Calendar.model_validate_json(calendar.model_dump_json())

    assert stored == calendar
    assert hash(stored) == hash(calendar)


def test_a_changed_copy_forgets_the_old_hours() -> None:
    monday = at("2026-06-01T00:00+02:00")
    before = AUGSBURG.elapsed(monday, monday + timedelta(days=1))

    changed = AUGSBURG.model_copy(update={"weekly": NIGHTS.weekly})

    assert (before, changed.elapsed(monday, monday + timedelta(days=1))) == (hours(9), hours(8))


SERVICES = pytest.mark.parametrize(
    "service",
    [AUGSBURG, AUGSBURG.windows(at("2026-06-01T00:00Z"), at("2026-07-01T00:00Z"))],
    ids=["calendar", "windows"],
)


@SERVICES
def test_nothing_elapses_backwards(service: Calendar | Windows) -> None:
    assert service.elapsed(at("2026-06-20T00:00Z"), at("2026-06-02T00:00Z")) == ZERO


@SERVICES
def test_negative_spans_and_naive_times_are_refused(service: Calendar | Windows) -> None:
    with pytest.raises(ValueError, match="negative span"):
        service.add(at("2026-06-01T00:00Z"), hours(-1))
    with pytest.raises(ValueError, match="no time zone"):
        service.add(at("2026-06-01T00:00"), hours(1))
    with pytest.raises(ValueError, match="no time zone"):
        service.elapsed(at("2026-06-01T00:00"), at("2026-06-01T00:00Z"))


def test_the_hours_end_with_the_years_we_reckon_with() -> None:
    with pytest.raises(ValueError, match="only known from 1989 to 2200"):
        AUGSBURG.add(at("2200-12-30T08:00Z"), hours(100))
