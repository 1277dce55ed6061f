"""Whoever leaves is on call until then; what of their shifts comes after it is somebody else's."""

from collections.abc import Iterable, Iterator, Sequence

from domain.oncall.shifts import DutyStretch
from domain.times import Instant
from domain.values import Slug, Value


class Leaver(Value):
    """Without a successor whoever follows in the round takes over."""

    person: Slug
    until: Instant
    successor: Slug | None = None


def handed_on(shift: DutyStretch, members: Sequence[Slug], leavers: Sequence[Leaver]) -> Iterator[DutyStretch]:
    """The shift, cut where its person leaves. Nobody is left for what comes after when all of the round leave."""
    leaver = next((one for one in leavers if one.person == shift.person and one.until < shift.end), None)
    if leaver is None:
        yield shift
        return
    since = max(leaver.until, shift.start)
    if shift.start < since:
        yield shift._replace(end=since)
    left = [one for one in leavers if one.person != leaver.person]
    after = shift._replace(start=since, person=_next(leaver, members), instead_of=shift.instead_of or shift.person)
    yield from handed_on(after, [person for person in members if person != leaver.person], left)


def still_named(leavers: Iterable[Leaver], kept: Iterable[Leaver], named: Iterable[Slug]) -> tuple[Leaver, ...]:
    """Saving a rota brings nobody back: who leaves does so until taken out of it altogether."""
    known = {one.person: one for one in (*kept, *leavers)}
    found: dict[Slug, Leaver] = {}
    waiting = set(named)
    while waiting:
        # Whoever has taken over from somebody who leaves may leave in turn.
        found |= {person: known[person] for person in waiting if person in known}
        waiting = {one.successor for one in found.values() if one.successor is not None} - found.keys()
        waiting &= known.keys()
    return tuple(found[person] for person in sorted(found))


def _next(leaver: Leaver, members: Sequence[Slug]) -> Slug | None:
    if leaver.successor is not None:
        return leaver.successor
    if leaver.person not in members:
        return None
    place = members.index(leaver.person)
    return next((person for person in (*members[place + 1 :], *members[:place]) if person != leaver.person), None)
