"""Contracts and the service chains they promise."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from api.contracts.checks import contract_problems, must_belong
from api.dependencies import May, Now, Tables
from api.gate.routes import BoundedRoute
from api.policy import Operation
from api.saving import BySaving, tagged
from db.contracts import known_contract, known_version, list_contracts, save_contract
from db.moves.approvals import await_approvals_under
from domain.contracts.chains import Chain
from domain.contracts.contract import Contract
from domain.keys import Key
from domain.kinds import OrderKind
from domain.refusals import Problem, Unacceptable, refuse_if
from domain.values import Slug

router = APIRouter(route_class=BoundedRoute, prefix="/contracts", tags=["contracts"])

Reading = Annotated[Key, Depends(May(Operation.READ_CONTRACTS))]
Version = Annotated[int | None, Query(ge=1, le=10**9, description="Contract version; defaults to the one in force.")]


@router.get("", operation_id="listContracts")
async def show_contracts(caller: Reading, database: Tables) -> Sequence[Contract]:
    """List visible contracts, in the version in force."""
    async with database.reading() as session:
        return await list_contracts(session, caller.customers)


@router.get("/{contract_id}", operation_id="getContract")
async def show_contract(
    contract_id: Slug, caller: Reading, database: Tables, response: Response, version: Version = None
) -> Contract:
    """Get a contract, in the version in force or an earlier one."""
    async with database.reading() as session:
        return tagged(response, await known_version(session, contract_id, caller, version))


@router.put("/{contract_id}", operation_id="putContract")
async def put_contract(
    contract_id: Slug,
    contract: Contract,
    caller: Annotated[Key, Depends(May(Operation.WRITE_CONTRACTS))],
    saving: BySaving,
    now: Now,
) -> Contract:
    """Save a contract as its next version. Orders already accepted keep their version."""
    if contract.id != contract_id:
        raise Unacceptable(Problem(code="id_differs", at="/id"))
    async with saving.turn(f"contract/{contract_id}", contract.customer) as session:
        saving.must_match(await must_belong(session, caller, contract))
        refuse_if(await contract_problems(session, contract, now))
        saved = await save_contract(session, contract)
        await await_approvals_under(session, saved)
    return saving.answer(saved)


@router.get("/{contract_id}/chains/{kind}", operation_id="getPromisedChain")
async def show_promised_chain(
    contract_id: Slug,
    kind: OrderKind,
    caller: Annotated[Key, Depends(May(Operation.READ_CHAINS))],
    database: Tables,
) -> Chain:
    """Get the service chain for this kind of order before placing one."""
    async with database.reading() as session:
        return (await known_contract(session, contract_id, caller)).chain(kind)
