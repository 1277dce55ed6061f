"""Where an order stands: from the tables, or from Temporal as long as no worker has written it down."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from api.dependencies import Context, must_see
from connectors.holidays import with_holidays
from db.orders import OrderRow, order_row
from domain.keys import CUSTOMERS_OWN, Key
from domain.orders.decisions.decide import following
from domain.orders.order import Order
from domain.orders.progress import Progress, begin
from domain.orders.promises import order_clock
from domain.orders.sheets import OrderSheet, for_customers, sheet
from domain.refusals import Unacceptable, unknown
from workflows.client import CaseExists

S = TypeVar("S")


@dataclass(frozen=True)
class OrderStanding:
    order: Order
    progress: Progress
    deadline: datetime | None

    def sheet(self, caller: Key, now: datetime) -> OrderSheet:
        """As far as the caller may see it."""
        whole = sheet(self.order, self.progress, deadline=self.deadline, now=now)
        return for_customers(whole) if caller.role in CUSTOMERS_OWN else whole


def just_begun(order: Order) -> OrderStanding:
    hours = with_holidays(order.terms.calendar, order.received_at)
    clock = order_clock(order)
    progress = begin(order, (clock,))
    for step_id in progress.ready(order):
        progress = following(order, progress.opened(step_id, order.received_at), order.received_at)
    return OrderStanding(order, progress, hours.add(order.received_at, clock.target))


def as_written(row: OrderRow) -> OrderStanding:
    return OrderStanding(row.as_order(), row.as_progress(), row.promised)


async def written(no: str, context: Context) -> OrderStanding | None:
    async with context.database.reading() as session:
        row = await order_row(session, no)
    return as_written(row) if row else None


async def at_start(no: str, context: Context) -> OrderStanding | None:
    order = await context.temporal.order_at_start(no)
    return just_begun(order) if order else None


async def standing_of(no: str, caller: Key, context: Context) -> OrderStanding:
    """Raises `Unknown` when there is no such order, or none the caller may see."""
    standing = await written(no, context) or await at_start(no, context)
    if standing is None:
        raise unknown("order", no)
    must_see(caller, standing.order.customer, unknown("order", no))
    return standing


async def once(
    key: str | None,
    *,
    written: Callable[[], Awaitable[S | None]],
    begin: Callable[[], Awaitable[S]],
    at_start: Callable[[], Awaitable[S | None]],
) -> S:
    """The case that a request begins, however often it is sent under one key."""
    if key is None:
        return await begin()
    try:
        return await written() or await begin()
    except (Unacceptable, CaseExists):
        # Begun before and not written yet; what it names may have moved on since.
        begun = await at_start()
        if begun is None:
            raise
        return begun
