"""Rotas: who is on call when, stand-ins and swaps, and where fewer than two people can be reached."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.customers import must_know_customer
from api.dependencies import May, Now, Tables
from api.gate.routes import BoundedRoute
from api.policy import Operation
from api.saving import BySaving, tagged
from connectors.holidays import region_problems, with_holidays
from db.contracts import list_contracts
from db.engine import Database
from db.oncall import rotas as kept
from db.turns import saving_turn
from domain.contracts.contract import Contract
from domain.keys import Key, must_see
from domain.oncall import rota_versions
from domain.oncall.rota import Layer, OnCall, Override, Rota, Shift, Swap
from domain.oncall.rota_checks import AHEAD, Gap, gap_problems, gaps, problems_of
from domain.promises.paging_checks import unattended, unattended_problem
from domain.refusals import Problem, Unacceptable, Unknown, refuse_if, unknown
from domain.times import Instant
from domain.values import Slug

router = APIRouter(route_class=BoundedRoute, prefix="/rotas", tags=["rotas"])

LONGEST_LOOK = timedelta(days=400)

Reading = Annotated[Key, Depends(May(Operation.READ_ROTAS))]
Changing = Annotated[Key, Depends(May(Operation.CHANGE_SHIFTS))]
At = Annotated[Instant | None, Query(description="Time; defaults to now.")]
From = Annotated[Instant | None, Query(alias="from", description="Start; defaults to now.")]
Until = Annotated[Instant | None, Query(description="End; defaults to two weeks after the start.")]


@router.get("", operation_id="listRotas")
async def show_rotas(caller: Reading, database: Tables) -> Sequence[Rota]:
    """List visible rotas, in the version in force."""
    async with database.reading() as session:
        return await kept.list_rotas(session, caller.customers)


@router.get("/{rota_id}", operation_id="getRota")
async def show_rota(rota_id: Slug, caller: Reading, database: Tables, response: Response) -> Rota:
    """Get the version of a rota in force, with current and planned overrides and swaps."""
    async with database.reading() as session:
        return tagged(response, await _known(session, rota_id, caller))


@router.put("/{rota_id}", operation_id="putRota")
async def put_rota(
    rota_id: Slug,
    rota: Rota,
    caller: Annotated[Key, Depends(May(Operation.WRITE_ROTAS))],
    saving: BySaving,
    now: Now,
) -> Rota:
    """Save a rota as its next version, in force at once. Refused, with a list, if the next 14 days have gaps."""
    if rota.id != rota_id:
        raise Unacceptable(Problem(code="id_differs", at="/id"))
    async with saving.turn(f"rota/{rota_id}", rota.customer) as session:
        if rota.customer is not None or caller.customer is not None:
            await must_know_customer(session, caller, rota.customer or "", "/customer")
        saving.over(await kept.rota_in_force(session, rota_id), rota, caller)
        refuse_if(await rota_problems(session, rota, now))
        saved = await kept.save_rota(session, rota, by=caller.person, at=now)
    return saving.answer(saved)


@router.post("/{rota_id}/overrides", operation_id="addOverride")
async def add_override(rota_id: Slug, override: Override, caller: Changing, database: Tables, now: Now) -> Rota:
    """Add an override. The past is not changed; repeating it has no effect."""
    if override.end <= now:
        raise Unacceptable(Problem(code="in_the_past", at="/end"))

    def added(rota: Rota) -> Rota:
        return rota if override in rota.overrides else rota.but(overrides=(*rota.overrides, override))

    return await _change(database, rota_id, added, caller, now)


@router.delete("/{rota_id}/overrides/{layer}/{start}", operation_id="deleteOverride")
async def drop_override(
    rota_id: Slug, layer: Layer, start: Instant, caller: Changing, database: Tables, now: Now
) -> Rota:
    """Remove the override of a layer starting at that time, or end it now. The past is not changed."""

    def without(rota: Rota) -> Rota:
        left = tuple(o for o in rota.overrides if (o.layer, o.start) != (layer, start))
        if left == rota.overrides:
            raise Unknown(Problem(code="override_unknown", at="/path/start"))
        return rota.but(overrides=left)

    return await _change(database, rota_id, without, caller, now)


@router.post("/{rota_id}/swaps", operation_id="addSwap")
async def add_swap(rota_id: Slug, swap: Swap, caller: Changing, database: Tables, now: Now) -> Rota:
    """Swap two shifts, each given by its person and a time within it."""

    def swapped(rota: Rota) -> Rota:
        if swap in rota.swaps[-1:]:
            return rota
        refuse_if(
            [
                Problem(code="in_the_past", at=f"/{side}/at")
                for side, turn in (("first", swap.first), ("second", swap.second))
                if rota.shift_of(turn)[1] <= now
            ]
        )
        return rota.but(swaps=(*rota.swaps, swap))

    return await _change(database, rota_id, swapped, caller, now)


@router.get("/{rota_id}/on-call", operation_id="getOnCall")
async def show_on_call(rota_id: Slug, caller: Reading, database: Tables, now: Now, at: At = None) -> OnCall:
    """Get who is on call at a given time; past times use the version in force then."""
    async with database.reading() as session:
        await _known(session, rota_id, caller)
        found = await kept.on_call_at(session, rota_id, at or now)
    if found is None:
        raise unknown("rota", rota_id, "/query/at")
    return found


@router.get("/{rota_id}/shifts", operation_id="listShifts")
async def show_shifts(
    rota_id: Slug, caller: Reading, database: Tables, now: Now, start: From = None, until: Until = None
) -> Sequence[Shift]:
    """List shifts in a period, cut at its edges; past times use the versions in force then."""
    first, last = _period(start or now, until)
    async with database.reading() as session:
        await _known(session, rota_id, caller)
        versions = await kept.versions_since(session, rota_id, first)
    return rota_versions.shifts(versions, first, last)


@router.get("/{rota_id}/gaps", operation_id="listRotaGaps")
async def show_gaps(
    rota_id: Slug, caller: Reading, database: Tables, now: Now, start: From = None, until: Until = None
) -> Sequence[Gap]:
    """List times when on-call cover is needed and fewer than two people are reachable."""
    first, last = _period(start or now, until)
    async with database.reading() as session:
        await _known(session, rota_id, caller)
        versions = await kept.versions_since(session, rota_id, first)
        known = [await kept.known_people(session, version.rota) for version in versions]
    reachable = frozenset().union(*known)
    return [
        gap
        for rota, since, end in rota_versions.pieces(versions, first, last)
        for gap in gaps(_with_holidays(rota, since), since, end, reachable)
    ]


async def rota_problems(session: AsyncSession, rota: Rota, now: datetime, before: Rota | None = None) -> list[Problem]:
    """What is wrong with a rota, its gaps, and the pages of contracts it would leave without two people.

    Only what is new since `before`: gaps that were there may be closed one at a time.
    """
    if regions := region_problems(rota.coverage, "/coverage", now):
        return regions
    known = await kept.known_people(session, rota)
    past = problems_of(before, now, known) if before else []
    own = _new(_gaps_ahead(rota, now, known), _gaps_ahead(before, now, known) if before else [])
    problems = [problem for problem in problems_of(rota, now, known) if problem not in past]
    problems += gap_problems(rota, own)
    for contract in await _served(session, rota, now):
        told = [*own, *(unattended(contract, before, now, known) if before else ())]
        lost = _new(unattended(contract, rota, now, known), told)
        problems += [unattended_problem(contract, rota, gap, f"/{gap.layer}") for gap in lost]
    return problems


async def _served(session: AsyncSession, rota: Rota, now: datetime) -> list[Contract]:
    """The contracts that page by this rota, with the holidays of their service hours."""
    contracts = await list_contracts(session, None if rota.customer is None else (rota.customer,))
    return [
        contract.but(calendar=with_holidays(contract.calendar, now))
        for contract in contracts
        if contract.paging.rota == rota.id
    ]


async def _change(database: Database, rota_id: str, change: Callable[[Rota], Rota], caller: Key, now: datetime) -> Rota:
    """Refused when it is wrong or makes gaps."""
    async with database.reading() as session:
        whose = (await _known(session, rota_id, caller)).customer
    async with saving_turn(database, f"rota/{rota_id}", whose) as session:
        current = (await _known(session, rota_id, caller)).without_past(now)
        after = change(current)
        problems = await rota_problems(session, after, now, before=current)
        refuse_if([_of_the_body(problem, current) for problem in problems])
        return await kept.save_rota(session, after, by=caller.person, at=now)


def _of_the_body(problem: Problem, before: Rota) -> Problem:
    """The rota's last override or swap is the whole body here."""
    at = problem.at.removeprefix(f"/overrides/{len(before.overrides)}").removeprefix(f"/swaps/{len(before.swaps)}")
    return problem.but(at=at)


def _new(found: list[Gap], before: list[Gap]) -> list[Gap]:
    return [gap for gap in found if not any(gap.lies_in(other) for other in before)]


def _gaps_ahead(rota: Rota, now: datetime, known: Collection[str]) -> list[Gap]:
    return gaps(_with_holidays(rota, now), now, now + AHEAD, known)


def _with_holidays(rota: Rota, at: datetime) -> Rota:
    return rota.but(coverage=with_holidays(rota.coverage, at))


def _period(start: datetime, until: datetime | None) -> tuple[datetime, datetime]:
    end = until or start + AHEAD
    if end <= start:
        raise Unacceptable(Problem(code="period_reversed", at="/query/until"))
    if end - start > LONGEST_LOOK:
        raise Unacceptable(Problem(code="period_too_long", at="/query/until", values={"days": str(LONGEST_LOOK.days)}))
    return start, end


async def _known(session: AsyncSession, rota_id: str, caller: Key) -> Rota:
    rota = await kept.rota_in_force(session, rota_id)
    if rota is None:
        raise unknown("rota", rota_id)
    must_see(caller, rota.customer, unknown("rota", rota_id))
    return rota
