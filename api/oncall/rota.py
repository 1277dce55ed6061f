"""Rotas: who is on call when, and where fewer than two people can be reached."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.customers import must_know_customer
from api.dependencies import May, Now, Tables
from api.gate.routes import BoundedRoute
from api.oncall.rota_checks import changed_by, is_seen, rota_problems, seen_rota
from api.oncall.telling import Making
from api.policy import Operation
from api.saving import BySaving, tagged
from connectors.holidays import all_dated
from db.oncall import rotas as kept
from domain.keys import Key
from domain.oncall import rota_versions
from domain.oncall.re_anchoring import continued
from domain.oncall.rota import Rota
from domain.oncall.rota_checks import AHEAD, gaps
from domain.oncall.shifts import Gap, OnCall, Shift
from domain.refusals import Problem, Unacceptable, refuse_if, unknown
from domain.times import Instant
from domain.values import Slug

router = APIRouter(route_class=BoundedRoute, prefix="/rotas", tags=["rotas"])

LONGEST_LOOK = timedelta(days=400)

Reading = Annotated[Key, Depends(May(Operation.READ_ROTAS))]
At = Annotated[Instant | None, Query(description="Time; defaults to now.")]
From = Annotated[Instant | None, Query(alias="from", description="Start; defaults to now.")]
Until = Annotated[Instant | None, Query(description="End; defaults to two weeks after the start.")]


@router.get("", operation_id="listRotas")
async def show_rotas(caller: Reading, database: Tables) -> Sequence[Rota]:
    """List visible rotas, in the version in force: those of the caller's customers, and the
    house's that name the caller."""
    async with database.reading() as session:
        return [rota for rota in await kept.list_rotas(session, None) if is_seen(rota, caller)]


@router.get("/{rota_id}", operation_id="getRota")
async def show_rota(rota_id: Slug, caller: Reading, database: Tables, response: Response) -> Rota:
    """Get the version of a rota in force, with current and planned overrides and swaps."""
    async with database.reading() as session:
        return tagged(response, await seen_rota(session, rota_id, caller))


@router.put("/{rota_id}", operation_id="putRota")
async def put_rota(
    rota_id: Slug,
    rota: Rota,
    caller: Annotated[Key, Depends(May(Operation.WRITE_ROTAS))],
    saving: BySaving,
    making: Making,
) -> Rota:
    """Save a rota as its next version, in force at once. Refused, with a list, if the next 14 days have gaps.

    Turns are counted from the shift under way: whoever is on call stays so until it ends. `change` says who is on call
    before and after, and whose shifts of the next eight weeks change.
    """
    if rota.id != rota_id:
        raise Unacceptable(Problem(code="id_differs", at="/id"))
    async with saving.turn(f"rota/{rota_id}", rota.customer) as session:
        if rota.customer is not None or caller.customer is not None:
            await must_know_customer(session, caller, rota.customer or "", "/customer")
        before = await kept.rota_in_force(session, rota_id)
        saving.over(before, rota, caller)
        wanted = continued(rota, before, making.now)
        refuse_if(await rota_problems(session, wanted, making.now))
        wanted = wanted.but(change=await changed_by(session, before, wanted, making.now))
        if making.preview:
            return saving.answer(wanted.but(version=before.version if before else 1))
        saved = await kept.save_rota(session, wanted, by=caller.person, at=making.now)
    making.teller.soon(saved)
    return saving.answer(saved)


@router.get("/{rota_id}/on-call", operation_id="getOnCall")
async def show_on_call(rota_id: Slug, caller: Reading, database: Tables, now: Now, at: At = None) -> OnCall:
    """Get who is on call at a given time; past times use the version in force then."""
    async with database.reading() as session:
        await seen_rota(session, rota_id, caller)
        versions = await kept.versions_since(session, rota_id, at or now)
    found = rota_versions.on_call_at(all_dated(versions, at or now), at or now)
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
        await seen_rota(session, rota_id, caller)
        versions = await kept.versions_since(session, rota_id, first)
    return rota_versions.shifts(all_dated(versions, first), first, last)


@router.get("/{rota_id}/gaps", operation_id="listRotaGaps")
async def show_gaps(
    rota_id: Slug, caller: Reading, database: Tables, now: Now, start: From = None, until: Until = None
) -> Sequence[Gap]:
    """List times when on-call cover is needed and fewer than two people are reachable."""
    first, last = _period(start or now, until)
    async with database.reading() as session:
        await seen_rota(session, rota_id, caller)
        versions = await kept.versions_since(session, rota_id, first)
        known = [await kept.known_people(session, version.rota) for version in versions]
    reachable = frozenset().union(*known)
    return [
        gap
        for rota, since, end in rota_versions.pieces(all_dated(versions, first), first, last)
        for gap in gaps(rota, since, end, reachable)
    ]


def _period(start: datetime, until: datetime | None) -> tuple[datetime, datetime]:
    end = until or start + AHEAD
    if end <= start:
        raise Unacceptable(Problem(code="period_reversed", at="/query/until"))
    if end - start > LONGEST_LOOK:
        raise Unacceptable(Problem(code="period_too_long", at="/query/until", values={"days": str(LONGEST_LOOK.days)}))
    return start, end
