"""A person leaves: every place that names them, who takes it over, and what would be left without anybody."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from enum import StrEnum

from domain.contracts.contract import Contract
from domain.oncall.leavers import Leaver
from domain.oncall.rota import Override, Rota
from domain.people import Role
from domain.refusals import Problem
from domain.times import Day, Instant, ZoneName, first_instant
from domain.values import Slug, Value

# Gaps after the last day are looked for within this time.
LOOKED_AHEAD = timedelta(weeks=8)


class Leaving(Value):
    """The last day ends at midnight of the zone. `successor` takes over wherever somebody has to."""

    last_day: Day
    successor: Slug | None = None
    zone: ZoneName = "Europe/Berlin"

    @property
    def ends_at(self) -> datetime:
        return first_instant(datetime.combine(self.last_day, time.min) + timedelta(days=1), self.zone)


class PlaceKind(StrEnum):
    ROLE = "role"
    ROTA_OWNER = "rota_owner"
    SHIFTS = "shifts"
    OVERRIDE = "override"
    INCIDENT = "incident"
    VISIT = "visit"
    EXCEPTION = "exception"
    PLANNED_WORK = "planned_work"
    GATE = "gate"
    KEY = "key"

    @property
    def is_planned_anew(self) -> bool:
        """Nobody can take it over as it is: what is planned is changed by another plan."""
        return self in (PlaceKind.PLANNED_WORK, PlaceKind.GATE)


class LeftPlace(Value):
    """`of` is the contract, rota, case or key; None of `to` is whoever is left; `at` is when it ends or takes place."""

    kind: PlaceKind
    of: str
    role: Role | None = None
    to: Slug | None = None
    at: Instant | None = None


class LeavingSheet(Value):
    """What somebody's leaving changes; `is_done` is False of a preview."""

    person: Slug
    ends_at: Instant
    places: tuple[LeftPlace, ...] = ()
    is_done: bool = False


def roles_of(contract: Contract, person: Slug) -> list[Role]:
    named = {Role.REQUESTER: contract.requesters, Role.APPROVER: contract.approvers, **contract.team}
    return [role for role, people in named.items() if person in people]


def contract_without(contract: Contract, person: Slug, successor: Slug | None) -> Contract:
    def left(people: tuple[Slug, ...]) -> tuple[Slug, ...]:
        found = (successor if one == person else one for one in people)
        return tuple(dict.fromkeys(one for one in found if one is not None))

    return contract.but(
        requesters=left(contract.requesters),
        approvers=left(contract.approvers),
        team={role: left(people) for role, people in contract.team.items()},
        catalogue=tuple(
            item.but(
                requesters=None if item.requesters is None else left(item.requesters),
                approvers=None if item.approvers is None else left(item.approvers),
            )
            for item in contract.catalogue
        ),
    )


def empty_roles(contract: Contract, person: Slug, successor: Slug | None) -> Iterator[Problem]:
    after = contract_without(contract, person, successor)
    named = {Role.REQUESTER: after.requesters, Role.APPROVER: after.approvers, **after.team}
    for role in roles_of(contract, person):
        if not named[role]:
            values = {"contract": contract.id, "role": role, "person": person}
            yield Problem(code="role_left_empty", at=f"/contracts/{contract.id}/{role}", values=values)
    for item in after.catalogue:
        for role, people in ((Role.REQUESTER, item.requesters), (Role.APPROVER, item.approvers)):
            if people == () and named[role]:
                values = {"contract": contract.id, "item": item.id, "role": role, "person": person}
                yield Problem(code="item_left_empty", at=f"/contracts/{contract.id}/{role}", values=values)


def rota_without(rota: Rota, person: Slug, leaving: Leaving) -> Rota:
    """Their shifts stay theirs to the last day; what comes after is the successor's, or whoever's turn is next."""
    until = leaving.ends_at
    leaver = Leaver(person=person, until=until, successor=leaving.successor)
    overrides = (part for one in rota.overrides for part in _overrides_without(one, person, leaving))
    others = tuple(one for one in rota.leaving if one.person != person)
    return rota.but(
        owner=leaving.successor if rota.owner == person and leaving.successor else rota.owner,
        overrides=tuple(overrides),
        leaving=(*others, leaver) if has_shifts(rota, person) else others,
    )


def has_shifts(rota: Rota, person: Slug) -> bool:
    members = {member for _, _, rotation in rota.places() for member in rotation.members}
    swapped = {turn.person for swap in rota.swaps for turn in (swap.first, swap.second)}
    return person in members | swapped | {one.successor for one in rota.leaving}


def ownerless(rota: Rota, person: Slug, successor: Slug | None) -> Iterator[Problem]:
    if rota.owner == person and successor is None:
        yield Problem(code="rota_left_ownerless", at=f"/rotas/{rota.id}/owner", values={"rota": rota.id})


def places_in_contract(contract: Contract, person: Slug, successor: Slug | None) -> Iterator[LeftPlace]:
    for role in roles_of(contract, person):
        yield LeftPlace(kind=PlaceKind.ROLE, of=contract.id, role=role, to=successor)


def places_in_rota(rota: Rota, person: Slug, leaving: Leaving) -> Iterator[LeftPlace]:
    to, until = leaving.successor, leaving.ends_at
    if rota.owner == person:
        yield LeftPlace(kind=PlaceKind.ROTA_OWNER, of=rota.id, to=to)
    known = [one for one in rota.leaving if one.person == person]
    if has_shifts(rota, person) and known != [Leaver(person=person, until=until, successor=to)]:
        yield LeftPlace(kind=PlaceKind.SHIFTS, of=rota.id, to=to, at=until)
    for one in rota.overrides:
        if one.person == person and one.end > until:
            yield LeftPlace(kind=PlaceKind.OVERRIDE, of=rota.id, to=to, at=max(one.start, until))


def _overrides_without(one: Override, person: Slug, leaving: Leaving) -> Iterator[Override]:
    until = leaving.ends_at
    if one.person != person or one.end <= until:
        yield one
        return
    if one.start < until:
        yield one.but(end=until)
    if leaving.successor is not None:
        yield one.but(start=max(one.start, until), person=leaving.successor)
