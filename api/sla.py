"""Promises worked out again: under other rules, and under new service hours before they are applied."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Body, Depends

from api.cases.promises import CasePromises, promised, promised_under
from api.contracts.checks import LONGEST_WAIT
from api.dependencies import Context, InContext, May
from api.examples import WHAT_IFS
from api.gate.routes import BoundedRoute
from api.jobs import Supposed, compared
from api.policy import Operation
from connectors.holidays import calendar_problems, with_holidays
from db.contracts import contract_in_force, contract_version
from domain.clocks.calendars import Calendar
from domain.clocks.sla import SERVICE, SlaClock
from domain.contracts.contract import Contract
from domain.keys import Key, must_see
from domain.promises.what_ifs import (
    Comparison,
    MigrationAsked,
    MigrationPreview,
    Running,
    WhatIf,
    WhatIfAsked,
    moves,
)
from domain.refusals import Problem, Unacceptable, refuse_if, unknown

router = APIRouter(route_class=BoundedRoute, prefix="/sla", tags=["sla"])


@router.post("/whatif", operation_id="askWhatIf")
async def ask_what_if(
    asked: Annotated[WhatIfAsked, Body(openapi_examples=WHAT_IFS)],
    caller: Annotated[Key, Depends(May(Operation.ASK_WHAT_IF))],
    context: InContext,
) -> list[Comparison]:
    """Compare each clock of a case with the result under other rules. Nothing is changed."""
    case = await promised(asked.case, caller, context)
    refuse_if(list(_problems(asked, case, context.now)))
    contract = await _other_version(asked, case, context)
    supposed = [
        Supposed(*promise, _rules(asked, case, contract, promise[0]))
        for promise in case.promises
        if asked.clock in (None, promise[0].name)
    ]
    return await context.workshop.make(compared, supposed, case.holds, LONGEST_WAIT, context.now)


@router.post("/migrations/preview", operation_id="previewMigration")
async def preview_migration(
    asked: MigrationAsked,
    caller: Annotated[Key, Depends(May(Operation.PREVIEW_MIGRATIONS))],
    context: InContext,
) -> MigrationPreview:
    """Preview the effect of a contract's latest service hours on running clocks. Nothing is changed."""
    since = asked.since or context.now
    if since > context.now:
        raise Unacceptable(Problem(code="in_the_future", at="/since"))
    async with context.database.reading() as session:
        contract = await contract_in_force(session, asked.contract)
    nobodys = unknown("contract", asked.contract, "/contract")
    if contract is None:
        raise nobodys
    must_see(caller, contract.customer, nobodys)
    cases = await promised_under(contract.id, context)
    running = [clock for case in cases for clock in _running(case, contract.calendar)]
    moved = await context.workshop.make(moves, running, since, context.now)
    return MigrationPreview(
        contract=contract.id,
        contract_version=contract.version,
        calendar_version=str(contract.calendar.version),
        since=since,
        running=len(running),
        become_overdue=sum(move.becomes_overdue for move in moved),
        moves=moved,
    )


def _running(case: CasePromises, newest: Calendar) -> Iterator[Running]:
    hours = with_holidays(newest, case.since)
    for clock, calendar in case.promises:
        if clock.started_at is not None and clock.ended_at is None:
            yield Running(case.case, clock, calendar, hours if clock.hours.startswith(SERVICE) else calendar)


def _problems(asked: WhatIfAsked, case: CasePromises, now: datetime) -> Iterator[Problem]:
    names = [clock.name for clock, _ in case.promises]
    if all(rule is None for rule in (asked.calendar, asked.contract_version, asked.target_minutes, asked.holding)):
        yield Problem(code="what_if_empty")
    if asked.calendar is not None and asked.contract_version is not None:
        yield Problem(code="calendar_twice", at="/contract_version")
    if asked.calendar is not None:
        yield from calendar_problems(asked.calendar, "/calendar", now)
    if asked.clock not in (None, *names):
        yield Problem(code="clock_unknown", at="/clock", values={"clock": f"{asked.clock}", "clocks": ", ".join(names)})
    if asked.clock is None and asked.target_minutes is not None and len(names) > 1:
        yield Problem(code="clock_needed", at="/clock", values={"clocks": ", ".join(names)})


async def _other_version(asked: WhatIfAsked, case: CasePromises, context: Context) -> Contract | None:
    if asked.contract_version is None:
        return None
    async with context.database.reading() as session:
        contract = await contract_version(session, case.contract, asked.contract_version)
    if contract is None:
        values = {"contract": case.contract, "version": str(asked.contract_version)}
        raise Unacceptable(Problem(code="version_unknown", at="/contract_version", values=values))
    return contract


def _rules(asked: WhatIfAsked, case: CasePromises, contract: Contract | None, clock: SlaClock) -> WhatIf:
    rules = case.under(contract, clock) if contract else WhatIf(calendar=asked.calendar)
    return WhatIf(
        calendar=with_holidays(rules.calendar, case.since) if rules.calendar else None,
        target_minutes=asked.target_minutes or rules.target_minutes,
        holding=asked.holding,
    )
