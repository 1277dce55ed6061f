"""What a contract's cases cost, and beside it what they would under another contract or another version."""

from collections.abc import Iterable
from datetime import date
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from api.contracts.costs import CostAsked, Like, cost_of
from api.dependencies import Context, InContext
from api.policy import Operation
from api.queries import QueryValue
from db.contracts import known_contract, list_contracts
from db.moves.projects import list_projects
from documents.wording import sentence
from domain.billing.periods import months_later
from domain.contracts.contract import Contract
from domain.costs.cost import ContractCost
from domain.refusals import Problem, Refused, Unacceptable
from domain.times import Day
from domain.values import Slug
from web.contracts.versions import CONTRACTS, VERSIONS_SHOWN
from web.moments import day_of
from web.rendering import page
from web.session import Reader, Signed

router = APIRouter(include_in_schema=False)
Reading = Annotated[Reader, Depends(Signed(Operation.READ_COSTS))]
# So far back as long as nobody says otherwise: a year of whole months, with the one that runs.
MONTHS_SHOWN = 11


class CostPageQuery(QueryValue):
    """Local days of the contract, both within; the last year if none are named. A planned move has its own."""

    since: Annotated[Day | None, Field(alias="from")] = None
    until: Annotated[Day | None, Field(alias="to")] = None
    like: Like | None = None
    project: Slug | None = None


@router.get(f"{CONTRACTS}/{{contract_id}}/cost", name="contractCostPage")
async def cost_page(
    request: Request,
    contract_id: Slug,
    query: Annotated[CostPageQuery, Query()],
    reader: Reading,
    context: InContext,
) -> Response:
    async with context.database.reading() as session:
        contract = await known_contract(session, contract_id, reader.key)
        others = await list_contracts(session, reader.key.customers)
        moves = await list_projects(session, (contract.customer,))
    asked = _asked(query, day_of(reader.now, contract.calendar.zone))
    cost, problems = await _cost(contract_id, asked, reader, context)
    values = {
        "contract": contract,
        "zone": contract.calendar.zone,
        "asked": asked,
        "choices": choices(contract, others),
        "moves": [(move.id, move.name) for move in moves if move.contract == contract_id],
        "cost": cost,
        "problems": [sentence(problem, reader.look.language) for problem in problems],
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK
    return page(request, "contract_cost.html", reader.look, values, reader=reader, status=status)


def _asked(query: CostPageQuery, today: date) -> CostAsked:
    if query.project is not None:
        return CostAsked.model_construct(like=query.like, project=query.project)
    since = query.since or months_later(today.replace(day=1), -MONTHS_SHOWN)
    return CostAsked.model_construct(since=since, until=query.until or max(since, today), like=query.like)


async def _cost(
    contract_id: str, asked: CostAsked, reader: Reader, context: Context
) -> tuple[ContractCost | None, tuple[Problem, ...]]:
    try:
        return await cost_of(contract_id, asked, reader.key, context, "/query"), ()
    except Unacceptable as refused:
        # What was chosen stays, and beside it what is wrong with it.
        return None, refused.problems
    except Refused as refused:
        # That a contract is unknown was said before.
        if asked.project is None:
            raise
        return None, refused.problems


def choices(contract: Contract, others: Iterable[Contract]) -> tuple[tuple[str, str], ...]:
    """What it can be compared with: its other versions, newest first, and the other contracts as they are in force."""
    oldest = max(1, contract.version - VERSIONS_SHOWN)
    versions = range(contract.version, oldest - 1, -1)
    own = tuple((f"{contract.id}@{version}", f"{contract.name}, {version}") for version in versions)
    return own + tuple((one.id, one.name) for one in others if one.id != contract.id)
