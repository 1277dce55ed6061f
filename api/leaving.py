"""People who leave: one command takes them out of every place that names them, or says why it cannot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession

from api.contracts.checks import contract_problems
from api.dependencies import Context, InContext, May, Tail
from api.door.visit import DoorVisit, visit_of
from api.gate.routes import BoundedRoute
from api.left_open import LeftOpen, left_open
from api.oncall.rota_checks import changed_by, lasting_gaps, rota_problems
from api.policy import Operation
from api.tail import JournalTail
from db.access.door import write_entries
from db.access.keys import end_keys, list_keys
from db.contracts import list_contracts, people_by_id, save_contract, save_person
from db.moves.approvals import await_approvals_under
from db.oncall.feeds import end_feeds_of
from db.oncall.rotas import list_rotas, save_rota
from db.turns import saving_turn
from domain.contracts.contract import Contract
from domain.door import AtDoor
from domain.keys import Key, must_see
from domain.leaving import (
    Leaving,
    LeavingSheet,
    LeftPlace,
    PlaceKind,
    contract_without,
    empty_roles,
    ownerless,
    places_in_contract,
    places_in_rota,
    rota_without,
)
from domain.oncall.rota import Rota
from domain.people import Person, leavers
from domain.refusals import Problem, refuse_if, unknown
from domain.values import Slug

router = APIRouter(route_class=BoundedRoute, prefix="/people", tags=["people"])


@dataclass(frozen=True)
class ExitDoor:
    """Who ends keys, and what they are read with until then."""

    visit: DoorVisit
    tail: JournalTail


async def _exit_door(request: Request, tail: Tail) -> ExitDoor:
    return ExitDoor(visit_of(request), tail)


AtExit = Annotated[ExitDoor, Depends(_exit_door)]


@router.post("/{person_id}/leaving", operation_id="leavePerson")
async def leave(
    person_id: Slug,
    leaving: Leaving,
    caller: Annotated[Key, Depends(May(Operation.MANAGE_KEYS))],
    context: InContext,
    exit_door: AtExit,
    preview: Annotated[bool, Query(description="Only list every place; nothing is changed.")] = False,
) -> LeavingSheet:
    """Take a person out of every contract, rota and open case, and end their keys with the last day.

    Roles, open incidents and exceptions of projects change hands at once, and so do visits after the last day; shifts
    and keys last until then. Work and gates that a project has planned are only listed: plan them anew. Refused, with
    all reasons, if anything would be left to nobody. Repeating it completes what is missing.
    """
    async with saving_turn(context.database, f"person/{person_id}", None) as session:
        person = await _known(session, person_id, caller)
        refuse_if(await _successor_problems(session, person, leaving, max(leaving.ends_at, context.now)))
        going = Going(session, person, leaving, caller, context)
        sheet, found = await going.out_of_everything()
        if preview:
            await session.rollback()
            return sheet
        await save_person(session, person.but(leaves_at=leaving.ends_at))
        await end_feeds_of(session, person_id, max(leaving.ends_at, context.now))
        ended = await end_keys(session, person_id, leaving.ends_at, context.now)
        write_entries(session, [exit_door.visit.entry(AtDoor.KEY_REVOKED, about=key) for key in ended])
    if leaving.ends_at <= context.now:
        for key in ended:
            exit_door.tail.end(key)
    await found.hand_over(caller, context)
    # Whoever had looked before may have given them something meanwhile.
    async with context.database.reading() as session:
        late = await left_open(session, person_id, leaving)
    await late.hand_over(caller, context)
    return sheet.but(is_done=True)


class Going:
    """Somebody's way out, in one transaction."""

    def __init__(self, session: AsyncSession, person: Person, leaving: Leaving, caller: Key, context: Context) -> None:
        self._session, self._context = session, context
        self._person, self._leaving, self._caller = person, leaving, caller

    async def out_of_everything(self) -> tuple[LeavingSheet, LeftOpen]:
        """Raises `Unacceptable` with everything that would be left without anybody."""
        who, successor = self._person.id, self._leaving.successor
        contracts = await list_contracts(self._session, self._caller.customers)
        named = [contract for contract in contracts if who in contract.everybody()]
        rotas = [rota for rota in await list_rotas(self._session, self._caller.customers) if self._is_in(rota)]
        before = {contract.id: await self._problems(contract) for contract in named}
        places = [place for rota in rotas for place in places_in_rota(rota, who, self._leaving)]
        places += [place for contract in named for place in places_in_contract(contract, who, successor)]
        problems = [problem for rota in rotas for problem in await self._out_of_rota(rota)]
        for contract in named:
            problems += await self._out_of_contract(contract, before[contract.id])
        found = await left_open(self._session, who, self._leaving)
        problems += [*found.problems(), *await self._administration()]
        refuse_if(list({_about(problem): problem for problem in problems}.values()))
        places += [*found.places(), *await self._keys()]
        return LeavingSheet(person=who, ends_at=self._leaving.ends_at, places=tuple(places)), found

    def _is_in(self, rota: Rota) -> bool:
        return any(True for _ in places_in_rota(rota, self._person.id, self._leaving))

    async def _out_of_rota(self, rota: Rota) -> list[Problem]:
        now = self._context.now
        after = rota_without(rota, self._person.id, self._leaving)
        problems = list(ownerless(rota, self._person.id, self._leaving.successor))
        problems += await rota_problems(self._session, after, now, before=rota)
        problems += await lasting_gaps(self._session, rota, after, max(now, self._leaving.ends_at))
        after = after.but(change=await changed_by(self._session, rota, after, now))
        await save_rota(self._session, after, by=self._caller.person, at=now)
        await self._session.flush()
        return [_within(f"/rotas/{rota.id}", problem) for problem in problems]

    async def _out_of_contract(self, contract: Contract, before: Sequence[Problem]) -> list[Problem]:
        who, successor = self._person.id, self._leaving.successor
        if empty := list(empty_roles(contract, who, successor)):
            return empty
        after = contract_without(contract, who, successor)
        problems = [problem for problem in await self._problems(after) if problem not in before]
        await await_approvals_under(self._session, await save_contract(self._session, after))
        return [_within(f"/contracts/{contract.id}", problem) for problem in problems]

    async def _problems(self, contract: Contract) -> list[Problem]:
        return await contract_problems(self._session, contract, self._context.now)

    async def _administration(self) -> list[Problem]:
        """Somebody has to be able to let others in, and no successor gets a key by this."""
        until = max(self._leaving.ends_at, self._context.now)
        keys = [key for key in await list_keys(self._session) if key.administers_all and key.is_valid_at(until)]
        if any(key.person != self._person.id for key in keys):
            return []
        return [Problem(code="administration_left_empty", at=f"/keys/{key.id}") for key in keys[:1]]

    async def _keys(self) -> list[LeftPlace]:
        until = max(self._leaving.ends_at, self._context.now)
        return [
            LeftPlace(kind=PlaceKind.KEY, of=key.id, at=until)
            for key in await list_keys(self._session)
            if key.person == self._person.id and key.is_valid_at(until)
        ]


async def _known(session: AsyncSession, person_id: Slug, caller: Key) -> Person:
    found = await people_by_id(session, [person_id])
    if not found:
        raise unknown("person", person_id)
    must_see(caller, found[0].customer, unknown("person", person_id))
    return found[0]


async def _successor_problems(
    session: AsyncSession, person: Person, leaving: Leaving, until: datetime
) -> list[Problem]:
    """Somebody else who works for the same and stays longer: nobody of another customer, and nobody who is gone."""
    if leaving.successor is None:
        return []
    found = await people_by_id(session, [leaving.successor])
    if found and leaving.successor != person.id and found[0].customer in (None, person.customer):
        return leavers({"/successor": leaving.successor}, found, until)
    return [Problem(code="successor_unfit", at="/successor", values={"person": leaving.successor})]


def _about(problem: Problem) -> tuple[str, str, str | None]:
    """A gap of the next two weeks is also one of the eight after the last day, which see more of it."""
    return problem.code, problem.at, problem.values.get("start")


def _within(at: str, problem: Problem) -> Problem:
    return problem if problem.at.startswith(at) else problem.but(at=f"{at}{problem.at}")
