"""Changing a rota changes no shift that runs: turns are counted from the shift under way."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from domain.oncall.rota import Rota
from domain.oncall.rotations import DutyTurn, Rotation, UnderWay
from domain.oncall.shifts import Layer
from domain.values import Slug


def continued(new: Rota, kept: Rota | None, now: datetime) -> Rota:
    """The new rota going on from the shifts that run now, whoever was taken in or out.

    A rotation whose start lies ahead begins then, with its first member.
    """
    if kept is None:
        return new.but(**{layer: new.rotation(layer).but(under_way=None) for layer in Layer})
    return new.but(**{layer: _continued(new, kept, layer, now) for layer in Layer})


def _continued(new: Rota, kept: Rota, layer: Layer, now: datetime) -> Rotation:
    wanted, before = new.rotation(layer), kept.rotation(layer)
    if new.zone == kept.zone and wanted.but(first=before.first, under_way=before.under_way) == before:
        return before
    plan = wanted.but(first=0, under_way=None)
    running, *following = islice(before.turns(now, kept.zone), len(before.members) + 1)
    if running.person is None:
        return plan
    if plan.begins(0, new.zone) > now:
        return plan.but(under_way=_under_way(running, running.end))
    number = _next_number(plan, new.zone, running.end, now)
    place = _place_after(running, following, before.members, plan.members)
    plan = plan.but(first=(place - number) % len(plan.members))
    if next(plan.turns(now, new.zone)) == running:
        return plan
    return plan.but(under_way=_under_way(running, max(running.end, plan.begins(number, new.zone))))


def _under_way(running: DutyTurn, until: datetime) -> UnderWay:
    assert running.person is not None
    return UnderWay(person=running.person, since=running.start, until=until)


def _next_number(plan: Rotation, zone_name: str, end: datetime, now: datetime) -> int:
    """The shift of the new plan that follows the one under way: of those still to come, the one next to its end."""
    number = plan.number_at(end, zone_name)
    begin, later = (plan.begins(n, zone_name) for n in (number, number + 1))
    return number if begin > now and end - begin <= later - end else number + 1


def _place_after(
    running: DutyTurn, following: Sequence[DutyTurn], before: Sequence[Slug], after: Sequence[Slug]
) -> int:
    """Whose turn is next. Somebody who has several turns in a round has the one that is followed as before."""
    assert running.person is not None
    expected = [turn.person for turn in following if turn.person in after]
    current = [place for place, person in enumerate(after) if person == running.person]
    if not current:
        return after.index(expected[0]) if expected and expected[0] else 0
    known = frozenset(before)
    best = max(current, key=lambda place: _alike(_known_after(after, place, known), expected))
    return (best + 1) % len(after)


def _known_after(members: Sequence[Slug], place: int, known: frozenset[Slug]) -> Iterator[Slug]:
    """Who follows, without those who have just been taken in."""
    round_from = (*members[place + 1 :], *members[: place + 1])
    return (person for person in round_from if person in known)


def _alike(found: Iterator[Slug], expected: Sequence[Slug | None]) -> int:
    """How many follow each other as expected."""
    same = 0
    for person, wanted in zip(found, expected, strict=False):
        if person != wanted:
            return same
        same += 1
    return same
