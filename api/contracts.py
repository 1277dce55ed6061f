"""Contracts and the service chains they promise."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncSession

from api.customers import must_know_customer
from api.dependencies import May, Now, Tables, must_see
from api.policy import Operation
from connectors.holidays import region_problems, with_holidays
from db.contracts import contract_in_force, list_contracts, save_contract, unknown_names
from documents.notices import notice_problems
from domain.chains import Chain
from domain.contracts import Contract, problems_of
from domain.keys import Key
from domain.kinds import OrderKind
from domain.refusals import Problem, Refused, Unacceptable, refuse_if, unknown
from domain.values import Slug

router = APIRouter(prefix="/contracts", tags=["contracts"])

# Holidays are known for six years, so what is promised must be due before.
LONGEST_WAIT = timedelta(days=5 * 365)

Reading = Annotated[Key, Depends(May(Operation.READ_CONTRACTS))]


@router.get("")
async def show_contracts(caller: Reading, database: Tables) -> Sequence[Contract]:
    """The version in force of every contract the caller may see."""
    async with database.reading() as session:
        return await list_contracts(session, caller.customers)


@router.get("/{contract_id}")
async def show_contract(contract_id: Slug, caller: Reading, database: Tables) -> Contract:
    """The version of a contract that is in force."""
    async with database.reading() as session:
        return await _known(session, contract_id, caller)


@router.put("/{contract_id}")
async def put_contract(
    contract_id: Slug,
    contract: Contract,
    caller: Annotated[Key, Depends(May(Operation.WRITE_CONTRACTS))],
    database: Tables,
    now: Now,
) -> Contract:
    """Save a contract as its next version. Orders accepted before keep the version they were promised."""
    if contract.id != contract_id:
        raise Unacceptable(Problem(code="id_differs", at="/id"))
    regions = region_problems(contract.calendar, "/calendar", now)
    refuse_if([*problems_of(contract), *regions, *notice_problems(contract)])
    refuse_if(_unreachable_targets(contract, now))
    async with database.writing() as session:
        await must_know_customer(session, caller, contract.customer, "/customer")
        kept = await contract_in_force(session, contract_id)
        if kept is not None:
            must_see(caller, kept.customer, unknown("contract", contract_id))
            if kept.customer != contract.customer:
                raise Refused(Problem(code="owner_fixed", at="/customer", values={"customer": kept.customer}))
        refuse_if(await unknown_names(session, contract))
        return await save_contract(session, contract)


@router.get("/{contract_id}/chains/{kind}")
async def show_promised_chain(
    contract_id: Slug,
    kind: OrderKind,
    caller: Annotated[Key, Depends(May(Operation.READ_CHAINS))],
    database: Tables,
) -> Chain:
    """The chain an order of this kind would run through, before anything starts."""
    async with database.reading() as session:
        return (await _known(session, contract_id, caller)).chain(kind)


def _unreachable_targets(contract: Contract, now: datetime) -> list[Problem]:
    """Targets that the service hours hardly ever add up to: no deadline can be told for them."""
    hours = with_holidays(contract.calendar, now)
    return [
        Problem(code="target_unreachable", at=f"/targets/{kind}", values={"minutes": str(minutes)})
        for kind, minutes in contract.targets.items()
        if hours.elapsed(now, now + LONGEST_WAIT) < timedelta(minutes=minutes)
    ]


async def _known(session: AsyncSession, contract_id: str, caller: Key) -> Contract:
    contract = await contract_in_force(session, contract_id)
    if contract is None:
        raise unknown("contract", contract_id)
    must_see(caller, contract.customer, unknown("contract", contract_id))
    return contract
