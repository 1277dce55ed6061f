"""Who was on call, however often the rota has been changed since: each instant is answered by its own version."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from domain.oncall.rota import Rota
from domain.oncall.shifts import OnCall, Shift


class InForce(NamedTuple):
    """A version and since when it holds; it ends where the next one begins."""

    since: datetime
    rota: Rota


def on_call_at(versions: Sequence[InForce], at: datetime) -> OnCall | None:
    """By the version in force then; None before there was a rota. Versions come in order."""
    later = [version.since for version in versions if version.since > at]
    known = [version.rota for version in versions if version.since <= at]
    if not known:
        return None
    answer = known[-1].on_call_at(at)
    return answer.but(until=min([answer.until, *later]))


def known_at(versions: Sequence[InForce], at: datetime) -> Rota | None:
    """The version in force then."""
    return next((version.rota for version in reversed(versions) if version.since <= at), None)


def pieces(versions: Sequence[InForce], start: datetime, end: datetime) -> Iterator[tuple[Rota, datetime, datetime]]:
    """[start, end) cut where one version follows another; the time before there was a rota is left out."""
    ends = [version.since for version in versions[1:]] + [end]
    for version, until in zip(versions, ends, strict=True):
        first, last = max(start, version.since), min(end, until)
        if first < last:
            yield version.rota, first, last


def shifts(versions: Sequence[InForce], start: datetime, end: datetime) -> list[Shift]:
    """All shifts within [start, end), each stretch by the version in force; a new version alone cuts no shift."""
    found: list[Shift] = []
    for rota, first, last in pieces(versions, start, end):
        for shift in rota.shifts(first, last):
            _add(found, shift)
    return sorted(found, key=lambda shift: shift.start)


def _add(found: list[Shift], shift: Shift) -> None:
    last = next((n for n in reversed(range(len(found))) if found[n].layer == shift.layer), None)
    if last is not None and found[last].end == shift.start:
        longer = found[last].but(end=shift.end)
        if longer == shift.but(start=longer.start):
            found[last] = longer
            return
    found.append(shift)
