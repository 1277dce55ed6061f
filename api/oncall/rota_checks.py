"""What keeps a rota from being saved, and what saving it changes; also asked for contracts and whole files."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from connectors.holidays import dated, rota_calendar_problems, with_holidays
from db.contracts import list_contracts
from db.oncall import rotas as kept
from domain.contracts.contract import Contract
from domain.keys import Key, must_see
from domain.oncall.hours_checks import too_fine
from domain.oncall.rota import Rota
from domain.oncall.rota_changes import LOOKED_AHEAD, change_of
from domain.oncall.rota_checks import AHEAD, counted_on, gap_problems, gaps, people_named, problems_of
from domain.oncall.shifts import Gap, RotaChange
from domain.promises.paging_checks import unattended, unattended_problem
from domain.refusals import Problem, unknown


async def known_rota(session: AsyncSession, rota_id: str, caller: Key) -> Rota:
    rota = await kept.rota_in_force(session, rota_id)
    if rota is None:
        raise unknown("rota", rota_id)
    must_see(caller, rota.customer, unknown("rota", rota_id))
    return rota


async def seen_rota(session: AsyncSession, rota_id: str, caller: Key) -> Rota:
    """As `known_rota`, but whoever is on call by a rota of the house sees it, whatever customer their key is for."""
    rota = await kept.rota_in_force(session, rota_id)
    if rota is None or not is_seen(rota, caller):
        raise unknown("rota", rota_id)
    return rota


def is_seen(rota: Rota, caller: Key) -> bool:
    """Another customer's rota stays hidden from a key for one customer, whoever holds it."""
    return caller.sees(rota.customer) or (rota.customer is None and caller.person in people_named(rota).values())


async def changed_by(session: AsyncSession, before: Rota | None, after: Rota, now: datetime) -> RotaChange:
    return change_of(
        dated(before, now) if before else None, dated(after, now), now, await kept.known_people(session, after)
    )


async def rota_problems(session: AsyncSession, rota: Rota, now: datetime, before: Rota | None = None) -> list[Problem]:
    """What is wrong with a rota, its gaps, and the pages of contracts it would leave without two people.

    Only what is new since `before`: gaps that were there may be closed one at a time.
    """
    hours_before = rota_calendar_problems(before, now) if before else []
    wrong_hours = [problem for problem in rota_calendar_problems(rota, now) if problem not in hours_before]
    if wrong_hours := [*too_fine(rota), *wrong_hours]:
        return wrong_hours
    rota, before = dated(rota, now), dated(before, now) if before else None
    known = await kept.known_people(session, rota)
    past = problems_of(before, now, known) if before else []
    own = _new(_gaps_ahead(rota, now, known), _gaps_ahead(before, now, known) if before else [])
    past += counted_on(before, await kept.leaving_people(session, before)) if before else []
    own_problems = [*problems_of(rota, now, known), *counted_on(rota, await kept.leaving_people(session, rota))]
    problems = [problem for problem in own_problems if problem not in past]
    problems += gap_problems(rota, own)
    for contract in await _served(session, rota, now):
        told = [*own, *(unattended(contract, before, now, known) if before else ())]
        lost = _new(unattended(contract, rota, now, known), told)
        problems += [unattended_problem(contract, rota, gap, f"/{gap.layer}") for gap in lost]
    return problems


async def lasting_gaps(session: AsyncSession, before: Rota, after: Rota, since: datetime) -> list[Problem]:
    """Gaps that a change makes in the eight weeks from then on."""
    known = await kept.known_people(session, after)
    found, old = (gaps(dated(rota, since), since, since + LOOKED_AHEAD, known) for rota in (after, before))
    return gap_problems(after, _new(found, old))


async def _served(session: AsyncSession, rota: Rota, now: datetime) -> list[Contract]:
    """The contracts that page by this rota, with the holidays of their service hours."""
    contracts = await list_contracts(session, None if rota.customer is None else (rota.customer,))
    return [
        contract.but(calendar=with_holidays(contract.calendar, now))
        for contract in contracts
        if contract.paging.rota == rota.id
    ]


def _new(found: list[Gap], before: list[Gap]) -> list[Gap]:
    return [gap for gap in found if not any(gap.lies_in(other) for other in before)]


def _gaps_ahead(rota: Rota, now: datetime, known: Collection[str]) -> list[Gap]:
    return gaps(rota, now, now + AHEAD, known)
