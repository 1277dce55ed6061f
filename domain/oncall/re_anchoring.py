"""Changing a rota changes no shift that runs: turns are counted from the shift under way."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from domain.oncall.leavers import still_named
from domain.oncall.rota import Rota
from domain.oncall.rotations import DutyTurn, FurtherRotation, Rotation, RotationT, UnderWay
from domain.values import Slug


def continued(new: Rota, kept: Rota | None, now: datetime) -> Rota:
    """The new rota going on from the shifts that run now, whoever was taken in or out.

    A rotation whose start lies ahead begins then, with its first member.
    """
    before = {_name_of(at, rotation): rotation for at, _, rotation in kept.places()} if kept else {}
    zones = (new.zone, kept.zone if kept else new.zone)

    def going_on(at: str, rotation: RotationT) -> RotationT:
        return _continued(rotation, before.get(_name_of(at, rotation)), zones, now)

    return new.but(
        primary=going_on("/primary", new.primary),
        backup=going_on("/backup", new.backup),
        further=tuple(going_on("", further) for further in new.further),
        leaving=still_named(new.leaving, kept.leaving if kept else (), _everybody(new)),
    )


def _everybody(rota: Rota) -> Iterator[Slug]:
    yield from (person for _, _, rotation in rota.places() for person in rotation.members)
    yield from (swap.person for both in rota.swaps for swap in (both.first, both.second))


def _name_of(at: str, rotation: Rotation) -> str:
    return f"{rotation.layer}/{rotation.name}" if isinstance(rotation, FurtherRotation) else at


def _continued(wanted: RotationT, before: Rotation | None, zones: tuple[str, str], now: datetime) -> RotationT:
    """`zones` are those of the new rota and of the one before."""
    if before is None:
        return wanted.but(under_way=None)
    zone_name, zone_before = wanted.zone_in(zones[0]), before.zone_in(zones[1])
    as_before = wanted.but(first=before.first, under_way=before.under_way)
    if zone_name == zone_before and as_before == before:
        return as_before
    plan = wanted.but(first=0, under_way=None)
    running, *following = islice(before.turns(now, zone_before), len(before.members) + 1)
    if running.person is None:
        return plan
    if plan.begins(0, zone_name) > now:
        return plan.but(under_way=_under_way(running, running.end))
    number = _next_number(plan, zone_name, running.end, now)
    place = _place_after(running, following, before.members, plan.members)
    plan = plan.but(first=(place - number) % len(plan.members))
    if next(plan.turns(now, zone_name)) == running:
        return plan
    return plan.but(under_way=_under_way(running, max(running.end, plan.begins(number, zone_name))))


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
