from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis.strategies import timedeltas
from pydantic import TypeAdapter, ValidationError

from domain.times import (
    AmbiguousLocalTime,
    Duration,
    Instant,
    NoSuchLocalTime,
    SignedDuration,
    ZoneName,
    iso_duration,
    local_instant,
    offsets,
    utc,
)
from tests.domain.golden import GOLDEN, Case

INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)
ZONE: TypeAdapter[str] = TypeAdapter(ZoneName)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.why) for case in GOLDEN.of("refused")])
def test_a_local_time_that_is_no_single_instant_is_refused(case: Case) -> None:
    with pytest.raises((NoSuchLocalTime, AmbiguousLocalTime)):
        local_instant(case.local, case.zone)


@pytest.mark.parametrize(
    ("local", "zone", "instant"),
    [
        pytest.param("2026-03-29T01:59", "Europe/Berlin", "2026-03-29T00:59Z", id="just before the gap"),
        pytest.param("2026-03-29T03:00", "Europe/Berlin", "2026-03-29T01:00Z", id="just after the gap"),
        pytest.param("2026-10-25T03:00", "Europe/Berlin", "2026-10-25T02:00Z", id="just after the repeated hour"),
        pytest.param(
            "2026-04-05T01:29",
            "Australia/Lord_Howe",
            "2026-04-04T14:29Z",
            id="half an hour of daylight saving",
        ),
        pytest.param("2026-06-01T12:00", "Asia/Kolkata", "2026-06-01T06:30Z", id="a zone that never changes"),
    ],
)
def test_a_wall_clock_is_read_in_its_zone(local: str, zone: str, instant: str) -> None:
    assert local_instant(datetime.fromisoformat(local), zone) == datetime.fromisoformat(instant)


def test_the_gap_and_the_repeated_hour_have_their_own_names() -> None:
    with pytest.raises(NoSuchLocalTime, match=r"2026-03-29 02:30 does not exist in Europe/Berlin"):
        local_instant(datetime(2026, 3, 29, 2, 30), "Europe/Berlin")  # noqa: DTZ001
    with pytest.raises(AmbiguousLocalTime, match=r"2026-10-25 02:30 exists twice in Europe/Berlin"):
        local_instant(datetime(2026, 10, 25, 2, 30), "Europe/Berlin")  # noqa: DTZ001


def test_instants_are_kept_in_utc() -> None:
    assert INSTANT.validate_json('"2026-10-25T02:30:00+02:00"') == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert INSTANT.validate_python(datetime(2026, 7, 1, tzinfo=ZoneInfo("Europe/Berlin"))).tzinfo is UTC


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("2026-10-25T02:30:00", id="without an offset"),
        pytest.param("9999-12-31T23:59:59-12:00", id="at the end of all time"),
        pytest.param("0001-01-01T00:00:00+12:00", id="at the beginning of all time"),
        pytest.param("2200-12-31T23:30:00-01:00", id="in 2201 by UTC"),
        pytest.param("1988-12-31T23:59:59Z", id="before 1989"),
    ],
)
def test_an_instant_out_of_reach_is_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        INSTANT.validate_python(written)


@pytest.mark.parametrize("name", ["Europe/Augsburg", "", "../etc/passwd", "Europe", "localtime", "europe/berlin"])
def test_a_name_that_is_no_zone_everywhere_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="not a time zone"):
        ZONE.validate_python(name)


def test_a_naive_time_is_no_instant() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        utc(datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_year_in_berlin_has_three_offsets() -> None:
    stretches = list(
        offsets(ZoneInfo("Europe/Berlin"), datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    )

    assert [(f"{start:%m-%d %H}", offset) for start, _, offset in stretches] == [
        ("01-01 00", timedelta(hours=1)),
        ("03-29 01", timedelta(hours=2)),
        ("10-25 01", timedelta(hours=1)),
    ]


def test_a_change_just_before_the_start_is_not_seen_again() -> None:
    """Lord Howe's clocks change at half past the hour by UTC."""
    start = datetime(2026, 10, 3, 15, 40, tzinfo=UTC)
    end = start + timedelta(days=2)

    assert list(offsets(ZoneInfo("Australia/Lord_Howe"), start, end)) == [(start, end, timedelta(hours=11))]


@pytest.mark.parametrize(
    ("length", "written"),
    [
        (timedelta(0), "PT0S"),
        (timedelta(microseconds=-400), "PT0S"),
        (timedelta(seconds=1, microseconds=999_999), "PT1S"),
        (timedelta(hours=1, seconds=5), "PT1H0M5S"),
        (timedelta(days=1, seconds=5), "P1DT5S"),
        (timedelta(days=1, hours=21, minutes=29, seconds=35, microseconds=745_272), "P1DT21H29M35S"),
        (timedelta(hours=-1, microseconds=-1), "-PT1H"),
        (timedelta(days=400), "P400D"),
    ],
)
def test_a_duration_is_written_in_whole_seconds_as_rfc_3339_has_it(length: timedelta, written: str) -> None:
    assert iso_duration(length) == written


@given(timedeltas(timedelta(days=-100_000), timedelta(days=100_000)))
def test_what_is_written_of_a_duration_is_read_as_the_same_whole_seconds(length: timedelta) -> None:
    read = TypeAdapter(timedelta).validate_python(iso_duration(length))

    assert abs(read) == abs(length) // timedelta(seconds=1) * timedelta(seconds=1)
    assert (read >= timedelta(0)) == (length > -timedelta(seconds=1))


@given(timedeltas(timedelta(0), timedelta(days=1_000)), timedeltas(timedelta(0), timedelta(days=1_000)))
def test_what_is_used_and_what_is_left_of_a_target_add_up_to_it(target: timedelta, used: timedelta) -> None:
    whole = target // timedelta(seconds=1) * timedelta(seconds=1)
    said = [
        TypeAdapter(timedelta).validate_python(TypeAdapter(kind).dump_python(length, mode="json"))
        for kind, length in ((Duration, used), (SignedDuration, whole - used))
    ]

    assert sum(said, timedelta(0)) == whole
