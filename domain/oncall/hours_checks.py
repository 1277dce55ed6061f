"""What is wrong with the hours by which rotations share a layer."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import combinations
from typing import NamedTuple

from domain.oncall.rota import Rota, shown
from domain.oncall.rotations import DutySpan, Rotation
from domain.oncall.shifts import Layer
from domain.refusals import Problem
from domain.times import ZERO

# What is asked of hours must show within this time, clock changes and holidays included.
LOOKED_AT = timedelta(weeks=8)
# Hours that are not open within these days never are.
LONGEST_CLOSED = timedelta(days=400)
# Two countries put their clocks forward in different weeks: until both have, hours of one reach into the other's.
CLOCKS_DIFFER = timedelta(hours=1)


# Two dozen rotations with a few windows a day each: what is cut more finely takes longer than anybody waits.
MOST_CUTS = 600


class HoursKept(NamedTuple):
    """A rotation, where it is written, and when it is on duty in the eight weeks from its beginning on."""

    at: str
    rotation: Rotation
    since: datetime
    spans: list[DutySpan]


def too_fine(rota: Rota) -> list[Problem]:
    """Asked before anything is worked out by these hours."""
    calendars = [rota.coverage, *(rotation.hours for _, _, rotation in rota.places() if rotation.hours)]
    cuts = sum(len(calendar.closures) + sum(map(len, calendar.weekly.days)) for calendar in calendars)
    if cuts <= MOST_CUTS:
        return []
    return [Problem(code="hours_too_fine", values={"count": str(cuts), "most": str(MOST_CUTS)})]


def hours_problems(rota: Rota, now: datetime) -> Iterator[Problem]:
    """With the holidays of its calendars."""
    yield from _named_twice(rota)
    for layer in Layer:
        placed = [_kept_by(rota, at, rotation, now) for at, of, rotation in rota.places() if of == layer]
        for one in placed:
            yield from _never_kept_by(rota, one)
        for first, second in combinations(placed, 2):
            yield from _overlap(rota, first, second)


def _kept_by(rota: Rota, at: str, rotation: Rotation, now: datetime) -> HoursKept:
    since = max(now, rotation.begins(0, rotation.zone_in(rota.zone)))
    return HoursKept(at, rotation, since, rotation.duty(since, since + LOOKED_AT))


def _named_twice(rota: Rota) -> Iterator[Problem]:
    names = [(further.layer, further.name) for further in rota.further]
    for n, name in enumerate(names):
        if name in names[:n]:
            yield Problem(code="rotation_named_twice", at=f"/further/{n}/name", values={"name": name[1]})


def _never_kept_by(rota: Rota, one: HoursKept) -> Iterator[Problem]:
    at, rotation, since, spans = one
    if rotation.hours is None:
        if rotation.outside:
            yield Problem(code="hours_missing", at=f"{at}/outside")
    elif not spans and not rotation.duty(since, since + LONGEST_CLOSED):
        yield Problem(code="hours_never_open", at=f"{at}/hours")
    elif spans and not any(rota.coverage.elapsed(start, end) for start, end in spans):
        yield Problem(code="hours_never_needed", at=f"{at}/hours")


def _overlap(rota: Rota, first: HoursKept, second: HoursKept) -> Iterator[Problem]:
    one, other = first.rotation, second.rotation
    allowed = ZERO if one.zone_in(rota.zone) == other.zone_in(rota.zone) else CLOCKS_DIFFER
    both = _common(first.spans, second.spans)
    found = next(((start, end) for start, end in both if end - start > allowed), None)
    if found is not None:
        values = {"start": shown(found[0], rota), "end": shown(found[1], rota), "other": first.at}
        yield Problem(code="hours_overlap", at=f"{second.at}/hours", values=values)


def _common(ones: list[DutySpan], others: list[DutySpan]) -> Iterator[DutySpan]:
    """What lies in both, of two lists in order."""
    n = m = 0
    while n < len(ones) and m < len(others):
        start, end = max(ones[n][0], others[m][0]), min(ones[n][1], others[m][1])
        if start < end:
            yield start, end
        if ones[n][1] <= others[m][1]:
            n += 1
        else:
            m += 1
