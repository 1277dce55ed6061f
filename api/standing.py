"""Where an order stands: from the tables, or from Temporal as long as no worker has written it down."""

from dataclasses import dataclass
from datetime import datetime

from api.dependencies import Desk, must_see
from connectors.holidays import with_holidays
from db.orders import OrderRow, order_row
from domain.decisions.decide import following
from domain.keys import Key
from domain.orders import Order
from domain.progress import Progress, begin
from domain.promises import order_clock
from domain.refusals import unknown
from domain.sheets import OrderSheet, sheet


@dataclass(frozen=True)
class Standing:
    order: Order
    progress: Progress
    deadline: datetime | None

    def sheet(self, now: datetime) -> OrderSheet:
        return sheet(self.order, self.progress, deadline=self.deadline, now=now)


def just_begun(order: Order) -> Standing:
    hours = with_holidays(order.terms.calendar, order.received_at)
    clock = order_clock(order)
    progress = begin(order, (clock,))
    for step_id in progress.ready(order):
        progress = following(order, progress.opened(step_id, order.received_at), order.received_at)
    return Standing(order, progress, hours.add(order.received_at, clock.target))


def as_written(row: OrderRow) -> Standing:
    return Standing(row.as_order(), row.as_progress(), row.promised)


async def standing_of(no: str, caller: Key, desk: Desk) -> Standing:
    """Raises `Unknown` when there is no such order, or none the caller may see."""
    async with desk.database.reading() as session:
        row = await order_row(session, no)
    if row is not None:
        must_see(caller, row.customer, unknown("order", no))
        return as_written(row)
    order = await desk.temporal.order_at_start(no)
    if order is None:
        raise unknown("order", no)
    must_see(caller, order.customer, unknown("order", no))
    return just_begun(order)
