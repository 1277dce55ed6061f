"""What a change of the rota does: who is on call before and after it, and whose shifts become others."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from domain.oncall.rota import Rota
from domain.oncall.rota_checks import gaps
from domain.oncall.shifts import DutyStretch, Layer, PersonsChange, RotaChange
from domain.values import Slug

# Whoever's shifts change within this time is told.
LOOKED_AHEAD = timedelta(weeks=8)
# Of more nobody reads each; that there are so many says enough.
MOST_GAPS = 200


def change_of(kept: Rota | None, saved: Rota, now: datetime, reachable: Collection[str]) -> RotaChange:
    """Both with the holidays of their calendars."""
    return RotaChange(
        at=now,
        before=kept.on_call_at(now) if kept else None,
        after=saved.on_call_at(now),
        shifts=persons_changes(kept, saved, now) if kept else (),
        gaps=tuple(gaps(saved, now, now + LOOKED_AHEAD, reachable)[:MOST_GAPS]),
    )


def persons_changes(kept: Rota, saved: Rota, now: datetime) -> tuple[PersonsChange, ...]:
    """By person; who is on call as long as before, in the same layer, is not among them."""
    until = now + LOOKED_AHEAD
    before, after = (_by_person(rota.manned(now, until)) for rota in (kept, saved))
    changes = (
        PersonsChange(
            person=person,
            gained=tuple(one.shift for one in _without(after.get(person, []), before.get(person, []))),
            lost=tuple(one.shift for one in _without(before.get(person, []), after.get(person, []))),
        )
        for person in sorted(before.keys() | after.keys())
    )
    return tuple(change for change in changes if change.gained or change.lost)


def _by_person(shifts: Collection[DutyStretch]) -> dict[Slug, list[DutyStretch]]:
    found: dict[Slug, list[DutyStretch]] = {}
    for shift in shifts:
        if shift.person is not None:
            found.setdefault(shift.person, []).append(shift)
    return found


def _without(shifts: list[DutyStretch], others: list[DutyStretch]) -> Iterator[DutyStretch]:
    """What of one's shifts lies in none of the others, whoever they were taken over from."""
    for layer in Layer:
        own = sorted((shift for shift in shifts if shift.layer == layer), key=lambda shift: shift.start)
        taken = sorted((other.start, other.end) for other in others if other.layer == layer)
        yield from _cut(own, taken)


def _cut(shifts: Iterable[DutyStretch], taken: list[tuple[datetime, datetime]]) -> Iterator[DutyStretch]:
    """Both come in order, and one person's shifts in a layer do not overlap: each is looked at once."""
    n = 0
    for shift in shifts:
        since = shift.start
        while n < len(taken) and taken[n][1] <= since:
            n += 1
        at = n
        while at < len(taken) and taken[at][0] < shift.end:
            if since < taken[at][0]:
                yield shift._replace(start=since, end=taken[at][0])
            since = max(since, taken[at][1])
            at += 1
        if since < shift.end:
            yield shift._replace(start=since)
