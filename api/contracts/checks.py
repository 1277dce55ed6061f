"""What keeps a contract from being saved, all of it at once; also asked for a whole file that nobody saves."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncSession

from api.customers import must_know_customer
from api.dependencies import May, Now, Tables
from api.gate.routes import BoundedRoute
from api.oncall.rota_checks import rota_problems
from api.policy import Operation
from api.saving import must_stay
from connectors.holidays import calendar_problems, with_holidays
from connectors.holidays import dated as with_rota_holidays
from db import contracts as kept
from db.channels import known_channels
from db.oncall import rotas
from db.turns import saving_turn
from db.vendors.vendor import list_vendors
from documents.notices import notice_problems
from domain.contracts.contract import LONGEST_TARGET, Contract, problems_of
from domain.contracts.matrix import Counting
from domain.contracts.offers import catalogue_problems, named_custodians
from domain.customer_files import CustomerFile
from domain.keys import Key, must_see
from domain.promises.checks import channel_problems, promise_problems
from domain.promises.paging_checks import unattended, unattended_problem
from domain.refusals import Problem, refuse_if, unknown

router = APIRouter(route_class=BoundedRoute, prefix="/contract-checks", tags=["contracts"])

# Holidays are known for six years, so what is promised must be due before.
LONGEST_WAIT = timedelta(days=5 * 365)


@router.post("", operation_id="checkContracts", status_code=204)
async def check_contracts(
    file: CustomerFile,
    caller: Annotated[Key, Depends(May(Operation.WRITE_CONTRACTS))],
    database: Tables,
    now: Now,
) -> None:
    """Validate contracts together with the rest of their file, listing all problems. Saves nothing."""
    # What is supposed here waits for whoever saves it, and is seen by nobody.
    async with saving_turn(database, "contract-checks", None) as session:
        problems = await _suppose(session, file, caller, now)
        for n, contract in enumerate(file.contracts):
            await must_belong(session, caller, contract, f"/contracts/{n}")
            problems += _below(f"/contracts/{n}", await contract_problems(session, contract, now))
        await session.rollback()
    refuse_if(problems)


async def must_belong(session: AsyncSession, caller: Key, contract: Contract, at: str = "") -> Contract | None:
    """A contract belongs to a customer whom the caller sees, and never to another one later. The one in force."""
    await must_know_customer(session, caller, contract.customer, f"{at}/customer")
    before = await kept.contract_in_force(session, contract.id)
    must_stay(before, contract, caller, at)
    return before


async def contract_problems(session: AsyncSession, contract: Contract, now: datetime) -> list[Problem]:
    regions = calendar_problems(contract.calendar, "/calendar", now)
    return [
        *problems_of(contract),
        *catalogue_problems(contract),
        *promise_problems(contract),
        *channel_problems(contract, await known_channels(session)),
        *regions,
        *notice_problems(contract),
        *([] if regions else _unreachable_targets(contract, now)),
        *await kept.unknown_names(session, contract),
        *await _custodian_problems(session, contract),
        *([] if regions else await _paging_problems(session, contract, now)),
    ]


async def _suppose(session: AsyncSession, file: CustomerFile, caller: Key, now: datetime) -> list[Problem]:
    """What the file brings beside contracts, as if it were saved. A rota that is there stays as it is."""
    problems: list[Problem] = []
    if file.customer is not None:
        must_see(caller, file.customer.id, unknown("customer", file.customer.id, "/customer/id"))
        await kept.save_customer(session, file.customer)
        await session.flush()
    for n, person in enumerate(file.people):
        if person.customer is not None:
            await must_know_customer(session, caller, person.customer, f"/people/{n}/customer")
        await kept.save_person(session, person)
    for n, rota in enumerate(file.rotas):
        if rota.customer is not None:
            await must_know_customer(session, caller, rota.customer, f"/rotas/{n}/customer")
        if await rotas.rota_in_force(session, rota.id) is None:
            problems += _below(f"/rotas/{n}", await rota_problems(session, rota, now))
            await rotas.save_rota(session, rota, by=caller.person, at=now)
    return problems


async def _paging_problems(session: AsyncSession, contract: Contract, now: datetime) -> list[Problem]:
    if contract.paging.rota is None:
        return []
    rota = await rotas.rota_in_force(session, contract.paging.rota)
    if rota is None or rota.customer not in (None, contract.customer):
        return [Problem(code="rota_unknown", at="/paging/rota", values={"rota": contract.paging.rota})]
    dated = contract.but(calendar=with_holidays(contract.calendar, now))
    found = unattended(dated, with_rota_holidays(rota, now), now, await rotas.known_people(session, rota))
    return [unattended_problem(contract, rota, gap, "/paging/rota") for gap in found]


async def _custodian_problems(session: AsyncSession, contract: Contract) -> list[Problem]:
    named = named_custodians(contract)
    known = {vendor.id for vendor in await list_vendors(session, (contract.customer,))} if named else set()
    return [
        Problem(code="vendor_unknown", at=at, values={"vendor": vendor})
        for at, vendor in named.items()
        if vendor not in known
    ]


def _unreachable_targets(contract: Contract, now: datetime) -> list[Problem]:
    """Targets that the service hours hardly ever add up to: no deadline can be told for them."""
    most = with_holidays(contract.calendar, now).elapsed(now, now + LONGEST_WAIT) // timedelta(minutes=1)
    targets = {at: minutes for at, minutes in _targets(contract) if minutes <= LONGEST_TARGET}
    last_told = _last_told(contract, max(targets.values(), default=0))
    return [
        Problem(code="target_unreachable", at=at, values={"minutes": str(minutes)})
        for at, minutes in (*targets.items(), *last_told)
        if most < minutes
    ]


def _last_told(contract: Contract, longest_target: int) -> Iterator[tuple[str, int]]:
    """When a row of the ladder is told for the last time, however often it is repeated."""
    target = timedelta(minutes=longest_target)
    for n, row in enumerate(contract.ladder):
        last = max(point.spent(target) for point in row.points())
        yield f"/ladder/{n}", last // timedelta(minutes=1)


def _targets(contract: Contract) -> Iterator[tuple[str, int]]:
    """All that are counted in service hours. A response is due before its resolution."""
    yield from ((f"/targets/{kind}", minutes) for kind, minutes in contract.targets.items())
    for n, item in enumerate(contract.catalogue):
        if item.target_minutes is not None:
            yield f"/catalogue/{n}/target_minutes", item.target_minutes
    for place in contract.matrix.places() if contract.matrix else ():
        if place.cell.counting == Counting.SERVICE:
            yield f"{place.at}/resolution_minutes", place.cell.resolution_minutes


def _below(at: str, problems: list[Problem]) -> list[Problem]:
    return [problem.but(at=f"{at}{problem.at}") for problem in problems]
