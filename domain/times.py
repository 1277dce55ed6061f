"""Instants and time zones: arithmetic is in UTC, rules are local wall time of a named zone."""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, AwareDatetime, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

# Those in which days lie, and one more at each end: a day does not begin in the same year everywhere.
YEARS = range(1989, 2201)
# As it is said of what lies beyond them.
REACH = {"first": YEARS[0], "last": YEARS[-1]}
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2199, 12, 31)
# Clocks, calendars and plans reckon with no others: 31.12.9999 stands for an open end and is no day to work on.
Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
ZERO = timedelta(0)
_SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
# Both are files among the zones, but what they say depends on the machine that reads them.
NOT_A_PLACE = {"localtime", "Factory"}


class NoSuchLocalTime(ValueError):
    def __init__(self, local: datetime, zone_name: str) -> None:
        super().__init__(f"{local:%Y-%m-%d %H:%M} does not exist in {zone_name}: the clocks are put forward.")


class AmbiguousLocalTime(ValueError):
    def __init__(self, local: datetime, zone_name: str) -> None:
        super().__init__(f"{local:%Y-%m-%d %H:%M} exists twice in {zone_name}: say which by its UTC offset.")


def utc(at: datetime) -> datetime:
    if at.tzinfo is UTC:
        return at
    if at.utcoffset() is None:
        raise ValueError(f"{at.isoformat()} has no time zone.")
    return at.astimezone(UTC)


def _within_reach(at: datetime) -> datetime:
    # The year is looked at on both sides of the conversion: at the ends of the era astimezone() overflows.
    if at.year in YEARS and utc(at).year in YEARS:
        return utc(at)
    raise PydanticCustomError("year_beyond_calendars", "the year must lie between {first} and {last}", dict(REACH))


Instant = Annotated[AwareDatetime, AfterValidator(_within_reach)]


def iso_duration(length: timedelta) -> str:
    """Whole seconds toward zero, as RFC 3339 writes a duration, and a minus before what is less than nothing.

    Days are the largest unit: a year is none, it has no fixed length. No unit between two others is left out.
    """
    seconds = abs(length) // _SECOND
    days, seconds = divmod(seconds, 86_400)
    parts = list(zip((seconds // 3600, seconds // 60 % 60, seconds % 60), "HMS", strict=True))
    while parts and not parts[0][0]:
        parts.pop(0)
    while parts and not parts[-1][0]:
        parts.pop()
    clock = "".join(f"{number}{unit}" for number, unit in parts)
    sign = "-" if length < ZERO and (days or clock) else ""
    return f"{sign}P{days}D" + (f"T{clock}" if clock else "") if days else f"{sign}PT{clock or '0S'}"


_IN_SECONDS = PlainSerializer(iso_duration, return_type=str, when_used="json")
# As people and other machines read it. What is reckoned with is kept to the microsecond.
Duration = Annotated[
    timedelta, _IN_SECONDS, WithJsonSchema({"type": "string", "format": "duration"}, mode="serialization")
]


def _what_is_left(length: timedelta) -> str:
    """Up to the next second: what is used and what is left add up to the whole."""
    return iso_duration(-(-length // _SECOND) * _SECOND)


# `duration` of JSON Schema is that of RFC 3339, which knows no sign.
SignedDuration = Annotated[
    timedelta,
    PlainSerializer(_what_is_left, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": r"^-?P(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?$"}, mode="serialization"),
]


@cache
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones() - NOT_A_PLACE)


def _known(name: str) -> str:
    if name not in _zone_names():
        raise PydanticCustomError(
            "time_zone_unknown", "'{zone}' is not a time zone of the IANA database", {"zone": name}
        )
    return name


ZoneName = Annotated[str, Field(max_length=64), AfterValidator(_known)]


def local_instant(local: datetime, zone_name: str) -> datetime:
    """Read a wall clock; refused where the clocks skip this time or show it twice."""
    if local.tzinfo is not None:
        raise ValueError(f"{local.isoformat()} already has a time zone.")
    place = zone(zone_name)
    meant = {local.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1)}
    instants = [at for at in meant if at.astimezone(place).replace(tzinfo=None, fold=0) == local]
    if not instants:
        raise NoSuchLocalTime(local, zone_name)
    if len(instants) > 1:
        raise AmbiguousLocalTime(local, zone_name)
    return instants[0]


def first_instant(local: datetime, zone_name: str) -> datetime:
    """When a wall clock first shows this time; where the clocks skip it, the moment they are put forward."""
    place = zone(zone_name)
    earlier, later = sorted(local.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1))
    if earlier.astimezone(place).replace(tzinfo=None, fold=0) == local:
        return earlier
    return next(until for _, until, _ in offsets(place, earlier, later))


def day_at(day: date, zone_name: str) -> tuple[datetime, datetime]:
    """From its first instant there to that of the next."""
    start, end = (datetime.combine(one, time()) for one in (day, day + DAY))
    return first_instant(start, zone_name), first_instant(end, zone_name)


def offsets(place: ZoneInfo, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """Cut [start, end) where the clocks change: each stretch with its one offset from UTC."""

    def offset(at: datetime) -> timedelta:
        return at.astimezone(place).utcoffset() or ZERO

    since = start
    # zoneinfo does not list its changes. No zone changes twice within a day, so looking once a day finds all.
    probe = start.replace(minute=0, second=0, microsecond=0)
    current = offset(probe)
    while probe < end:
        if offset(probe + DAY) == current:
            probe += DAY
            continue
        seconds = bisect_left(range(86_400), True, key=lambda s: offset(probe + timedelta(seconds=s)) != current)
        probe += timedelta(seconds=seconds)
        if since < probe < end:
            yield since, probe, current
            since = probe
        if probe < end:
            current = offset(probe)
    if since < end:
        yield since, end, current
