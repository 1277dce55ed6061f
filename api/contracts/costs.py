"""What a contract's real cases cost, under its own terms and beside them under others. Nothing is kept."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped
from sqlmodel import col

from api.dependencies import Context, InContext, May
from api.examples import COSTS
from api.gate.routes import BoundedRoute
from api.jobs import charged_incidents, charged_orders, compared_costs
from api.moves.project import project_of
from api.policy import Operation
from api.queries import QueryValue
from connectors.holidays import with_holidays
from db.cases.case import CaseRow, EndedWithin, count_ended, ended_after
from db.contracts import contract_version, known_contract
from db.incidents import IncidentRow
from db.moves.plans import newest_plan, rehearsal_of
from db.orders import OrderRow
from domain.billing.agreement import Agreement
from domain.contracts.contract import Contract
from domain.costs.cases import ChargedCase
from domain.costs.comparison import LONGEST, MOST_CASES, CostGround
from domain.costs.cost import ContractCost
from domain.costs.planned import planned_cases
from domain.costs.terms import CostSpan, supposed_problems
from domain.incidents.progress import OVER
from domain.keys import Key
from domain.kinds import FINAL
from domain.refusals import Problem, Refused, Unacceptable, refuse_if, unknown
from domain.times import Day, day_at, zone
from domain.values import Slug, Value

router = APIRouter(route_class=BoundedRoute, prefix="/contracts/{contract_id}/cost", tags=["contracts"])

Reading = Annotated[Key, Depends(May(Operation.READ_COSTS))]
# A case is as long as a book; of so many at once none is long in the way of others.
AT_ONCE = 500
Like = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(@[1-9][0-9]{0,8})?$", max_length=74)]
_ABOUT_LIKE = "Another contract, or another version of it, as `adler-2026@2`; without a version the one in force."


_ABOUT_PROJECT = "A move that has been planned and rehearsed, in place of what has happened."


class CostQuery(QueryValue):
    """Local days of the contract, both within. They may be left out for a project."""

    since: Annotated[Day | None, Field(alias="from")] = None
    until: Annotated[Day | None, Field(alias="to")] = None
    like: Annotated[Like | None, Field(description=_ABOUT_LIKE)] = None
    project: Annotated[Slug | None, Field(description=_ABOUT_PROJECT)] = None


class CostAsked(Value):
    """Local days of the contract, both within. They may be left out for a project.

    At most one of `like` and `terms`, which are those of `/simulations`.
    """

    since: Annotated[Day | None, Field(alias="from")] = None
    until: Annotated[Day | None, Field(alias="to")] = None
    like: Annotated[Like | None, Field(description=_ABOUT_LIKE)] = None
    project: Annotated[Slug | None, Field(description=_ABOUT_PROJECT)] = None
    terms: Agreement | None = None


@router.get("", operation_id="getContractCost", response_model_exclude_defaults=True)
async def show_cost(
    contract_id: Slug, query: Annotated[CostQuery, Query()], caller: Reading, context: InContext
) -> ContractCost:
    """Get what the cases of a time cost, by month and reason, perhaps beside another contract's terms."""
    asked = CostAsked.model_construct(**dict(query))
    return await cost_of(contract_id, asked, caller, context, "/query")


@router.post("", operation_id="previewContractCost", response_model_exclude_defaults=True)
async def preview_cost(
    contract_id: Slug,
    asked: Annotated[CostAsked, Body(openapi_examples=COSTS)],
    caller: Reading,
    context: InContext,
) -> ContractCost:
    """Work out what the cases of a time would cost under other terms. Nothing is changed."""
    return await cost_of(contract_id, asked, caller, context)


async def cost_of(contract_id: str, asked: CostAsked, caller: Key, context: Context, at: str = "") -> ContractCost:
    """Raises `Unknown` for contracts that the caller may not see, and `Unacceptable` with all that is wrong."""
    async with context.database.reading() as session:
        contract = await known_contract(session, contract_id, caller)
        like = await _like(session, asked.like, caller, f"{at}/like") if asked.like else None
    refuse_if([*_problems(asked, at), *(supposed_problems(asked.terms, f"{at}/terms") if asked.terms else ())])
    if asked.project is not None:
        cases = await _planned(asked.project, contract, caller, context)
        span = _span_of(asked, cases, contract)
    else:
        span = _span(asked)
        cases = [case async for case in _cases(contract, span, context, at)]
    async with context.database.reading() as session:
        numbers = {contract.version, *(case.version for case in cases)}
        kept = [await contract_version(session, contract_id, number) for number in sorted(numbers)]
    start = day_at(span.since, contract.calendar.zone)[0]
    ground = CostGround(
        contract=contract_id,
        zone=contract.calendar.zone,
        span=span,
        cases=cases,
        versions=tuple(one.but(calendar=with_holidays(one.calendar, start)) for one in kept if one is not None),
        like=like.but(calendar=with_holidays(like.calendar, start)) if like else None,
        supposed=asked.terms,
    )
    return await context.workshop.make(compared_costs, ground)


def _span(asked: CostAsked) -> CostSpan:
    assert asked.since is not None, "without a project both days are asked for"
    assert asked.until is not None, "without a project both days are asked for"
    return CostSpan(asked.since, asked.until)


def _span_of(asked: CostAsked, cases: Sequence[ChargedCase], contract: Contract) -> CostSpan:
    """From its first to its last trip, unless it is said otherwise."""
    days = [case.logs[0].started_at.astimezone(zone(contract.calendar.zone)).date() for case in cases]
    since = asked.since or min(days)
    return CostSpan(since, asked.until or max(since, *days))


async def _planned(project_id: str, contract: Contract, caller: Key, context: Context) -> list[ChargedCase]:
    """Of the newest plan. Raises `Unknown` where it has not been rehearsed, or is of another contract."""
    async with context.database.reading() as session:
        project = await project_of(session, project_id, caller)
        if project.contract != contract.id:
            raise unknown("project", project_id)
        plan = await newest_plan(session, project_id)
        if plan is None or not plan.plan.assignments:
            raise Refused(Problem(code="no_plan", values={"project": project_id}))
        rehearsal = await rehearsal_of(session, project_id, plan.version)
    if rehearsal is None:
        raise unknown("rehearsal", f"{plan.version}")
    return list(planned_cases(plan, rehearsal.minutes_p50, contract.version, context.now))


def _problems(asked: CostAsked, at: str) -> Iterator[Problem]:
    missing = [name for name, day in (("from", asked.since), ("to", asked.until)) if day is None]
    if asked.project is None:
        yield from (Problem(code="cost_day_missing", at=f"{at}/{name}") for name in missing)
    if asked.since is not None and asked.until is not None:
        yield from _span_problems(asked.since, asked.until, f"{at}/to")
    if asked.like is not None and asked.terms is not None:
        yield Problem(code="terms_or_like", at=f"{at}/like")


def _span_problems(since: date, until: date, at: str) -> Iterator[Problem]:
    if until < since:
        yield Problem(code="cost_reversed", at=at, values={"since": f"{since}", "until": f"{until}"})
    elif (until - since).days >= LONGEST:
        yield Problem(code="cost_too_long", at=at, values={"days": f"{LONGEST}"})


async def _like(session: AsyncSession, named: str, caller: Key, at: str) -> Contract:
    """A contract of another customer is as unknown as none."""
    name, _, version = named.partition("@")
    contract = await known_contract(session, name, caller, at)
    if not version:
        return contract
    other = await contract_version(session, name, int(version))
    if other is None:
        raise unknown("contract_version", version, at)
    return other


_ReadCases = Callable[[list[tuple[str, str, str]]], list[ChargedCase]]


async def _cases(contract: Contract, span: CostSpan, context: Context, at: str) -> AsyncIterator[ChargedCase]:
    """Those of the contract that have ended, and with which something can have happened in this time."""
    start, end = day_at(span.since, contract.calendar.zone)[0], day_at(span.until, contract.calendar.zone)[1]
    kinds: tuple[tuple[type[CaseRow], Mapped[str], tuple[str, ...], _ReadCases], ...] = (
        (OrderRow, col(OrderRow.order), tuple(FINAL), charged_orders),
        (IncidentRow, col(IncidentRow.incident), OVER, charged_incidents),
    )
    async with context.database.reading() as session:
        many = sum(
            [
                await count_ended(session, table, EndedWithin(contract.id, states, start, end), MOST_CASES)
                for table, _, states, _ in kinds
            ]
        )
    if many > MOST_CASES:
        raise Unacceptable(Problem(code="cost_too_many_cases", at=f"{at}/from", values={"most": f"{MOST_CASES}"}))
    for table, written, states, read in kinds:
        wanted, after = EndedWithin(contract.id, states, start, end), ""
        while True:
            async with context.database.reading() as session:
                rows = await ended_after(session, table, written, wanted, after, AT_ONCE)
            if not rows:
                break
            for case in await context.workshop.make(read, list(rows)):
                yield case
            after = rows[-1][0]
