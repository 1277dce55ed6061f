"""The promises of a case, of whatever kind: what explanations, what-ifs and migrations need to know of it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from api.cases.standing import KNOWN_INCIDENTS, KNOWN_ORDERS, IncidentStanding, incident_as_written, order_as_written
from api.dependencies import Context
from connectors.holidays import with_holidays
from db.cases.case import under_way
from db.incidents import IncidentRow
from db.orders import OrderRow
from domain.cases.case import CaseProgress
from domain.clocks.calendars import Calendar
from domain.clocks.holds import ClockHold
from domain.clocks.sla import ALWAYS, SERVICE, SlaClock
from domain.contracts.contract import Contract
from domain.ids import case_no_of, incident_workflow_id, order_workflow_id
from domain.incidents.progress import OVER
from domain.keys import CUSTOMERS_OWN, Key
from domain.kinds import FINAL
from domain.orders.standing import OrderStanding
from domain.promises.other_versions import incident_under, order_under
from domain.promises.what_ifs import WhatIf, holds_of
from domain.times import Instant

ClockPromise = tuple[SlaClock, Calendar]


@dataclass(frozen=True)
class CasePromises:
    """Each clock stands beside the hours it runs by.

    `holds` are all the case was told. `under` says what a clock would run by under another version of the contract.
    """

    case: str
    contract: str
    since: Instant
    promises: tuple[ClockPromise, ...]
    holds: tuple[ClockHold, ...]
    under: Callable[[Contract, SlaClock], WhatIf]


def of_order(standing: OrderStanding) -> CasePromises:
    order, progress = standing.order, standing.progress
    return CasePromises(
        case=order_workflow_id(order.no),
        contract=order.terms.contract,
        since=order.received_at,
        promises=_beside_their_hours(progress, order.terms.calendar, order.received_at),
        holds=holds_of(progress.given),
        under=partial(order_under, order),
    )


def of_incident(standing: IncidentStanding) -> CasePromises:
    incident, progress = standing.incident, standing.progress
    return CasePromises(
        case=incident_workflow_id(incident.no),
        contract=incident.terms.contract,
        since=incident.received_at,
        promises=_beside_their_hours(progress, incident.terms.calendar, incident.received_at),
        holds=holds_of(progress.given),
        under=partial(incident_under, incident, progress.priority),
    )


def _beside_their_hours(progress: CaseProgress, pinned: Calendar, since: Instant) -> tuple[ClockPromise, ...]:
    named: Mapping[str, Calendar] = {SERVICE: pinned, **progress.calendars}
    hours = {name: with_holidays(calendar, since) for name, calendar in named.items()}
    hours[ALWAYS] = Calendar(zone=pinned.zone, always=True)
    return tuple((clock, hours[clock.hours]) for clock in progress.clocks)


async def promised(case: str, caller: Key, context: Context) -> CasePromises:
    """Raises `Unknown` when there is no such case, or none the caller may see."""
    kind, no = case_no_of(case)
    if kind == "order":
        whole = of_order(await KNOWN_ORDERS.seen(no, caller, context))
    else:
        whole = of_incident(await KNOWN_INCIDENTS.seen(no, caller, context))
    if caller.role not in CUSTOMERS_OWN:
        return whole
    return replace(whole, promises=tuple(one for one in whole.promises if one[0].type.is_for_customers))


async def promised_under(contract: str, context: Context) -> Sequence[CasePromises]:
    """The cases of a contract that are under way."""
    async with context.database.reading() as session:
        orders = await under_way(session, OrderRow, contract, FINAL)
        incidents = await under_way(session, IncidentRow, contract, OVER)
    # A thousand cases take a second to read; others are answered meanwhile.
    return await asyncio.to_thread(_read, orders, incidents)


def _read(orders: Sequence[OrderRow], incidents: Sequence[IncidentRow]) -> list[CasePromises]:
    placed = [of_order(order_as_written(row)) for row in orders]
    return placed + [of_incident(incident_as_written(row)) for row in incidents]
