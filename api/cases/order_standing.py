"""Where an order stands."""

from sqlalchemy.ext.asyncio import AsyncSession

from api.cases.standing import Standings
from connectors.holidays import with_holidays
from db.orders import OrderRow, order_row
from domain.orders.order import Order
from domain.orders.promises import order_clock
from domain.orders.standing import OrderStanding, begun
from workflows.client import Temporal


def just_begun(order: Order) -> OrderStanding:
    hours = with_holidays(order.terms.calendar, order.received_at)
    deadline = hours.add(order.received_at, order_clock(order).target)
    return OrderStanding(order, begun(order, order.received_at), deadline)


def as_written(row: OrderRow) -> OrderStanding:
    return OrderStanding(row.as_order(), row.as_progress(), row.promised)


async def _written(session: AsyncSession, no: str) -> OrderStanding | None:
    row = await order_row(session, no)
    return as_written(row) if row else None


KNOWN_ORDERS = Standings("order", _written, Temporal.order_at_start, just_begun)
