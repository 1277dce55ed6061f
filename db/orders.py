"""Orders as the tables show them: written by the workflow's `record`, read by pages and the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Index, Text, func, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from db.columns import UtcDateTime
from domain.kinds import OrderKind, OrderState
from domain.orders import Order
from domain.progress import Progress
from domain.sheets import OrderLine

Sort = Literal["received_at", "-received_at", "updated_at", "-updated_at", "deadline", "-deadline"]
# Rows without a deadline sort after all that have one, in both databases alike.
NEVER = datetime.fromisoformat("2099-12-31T00:00:00+00:00")


class OrderRow(SQLModel, table=True):
    __tablename__ = "orders"
    __table_args__ = (
        Index("ix_orders_customer_received", "customer", "received_at", "no"),
        Index("ix_orders_customer_state_received", "customer", "state", "received_at", "no"),
        Index("ix_orders_customer_updated", "customer", "updated_at", "no"),
        Index("ix_orders_customer_deadline", "customer", "deadline", "no"),
        Index("ix_orders_state_received", "state", "received_at", "no"),
        Index("ix_orders_contract_received", "contract", "received_at", "no"),
        Index("ix_orders_site_received", "site", "received_at", "no"),
        Index("ix_orders_requester_received", "requester", "received_at", "no"),
        Index("ix_orders_reference_received", "reference", "received_at", "no"),
        Index("ix_orders_missed_received", "missed", "received_at", "no"),
        Index("ix_orders_stuck_received", "stuck", "received_at", "no"),
        Index("ix_orders_received", "received_at", "no"),
        Index("ix_orders_deadline", "deadline", "no"),
        Index("ix_orders_updated", "updated_at", "no"),
    )

    no: str = Field(primary_key=True, max_length=64)
    customer: str = Field(max_length=64)
    contract: str = Field(max_length=64)
    kind: str = Field(max_length=16)
    state: str = Field(max_length=24)
    site: str = Field(max_length=64)
    requester: str = Field(max_length=64)
    reference: str | None = Field(default=None, max_length=200)
    received_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    deadline: datetime = Field(default=NEVER, sa_type=UtcDateTime)
    missed: bool = False
    stuck: bool = False
    seq: int = 0
    order: str = Field(sa_type=Text)
    progress: str = Field(sa_type=Text)

    def as_order(self) -> Order:
        return Order.model_validate_json(self.order)

    def as_progress(self) -> Progress:
        return Progress.model_validate_json(self.progress)

    def as_line(self) -> OrderLine:
        facts = self.model_dump(exclude={"order", "progress", "seq"})
        return OrderLine.model_validate(facts | {"deadline": None if self.deadline == NEVER else self.deadline})


@dataclass(frozen=True)
class Filter:
    """What a list is narrowed to; None means any. `customers` is the caller's scope, None being all."""

    customers: tuple[str, ...] | None = None
    kinds: tuple[OrderKind, ...] = ()
    states: tuple[OrderState, ...] = ()
    site: str | None = None
    requester: str | None = None
    contract: str | None = None
    reference: str | None = None
    received_from: datetime | None = None
    received_until: datetime | None = None
    missed: bool | None = None
    stuck: bool | None = None


@dataclass(frozen=True)
class Page:
    """`after` is the sort value and number of the last row that was shown."""

    sort: Sort = "-received_at"
    limit: int = 50
    after: tuple[datetime, str] | None = None


async def order_row(session: AsyncSession, no: str) -> OrderRow | None:
    return await session.get(OrderRow, no)


async def lately_written(session: AsyncSession, within: timedelta, most: int) -> Sequence[OrderRow]:
    """Orders written in the last moments in which any was written."""
    newest = (await session.execute(select(func.max(OrderRow.updated_at)))).scalar_one()
    if newest is None:
        return ()
    query = select(OrderRow).where(col(OrderRow.updated_at) >= newest - within)
    return (await session.execute(query.order_by(col(OrderRow.updated_at).desc()).limit(most))).scalars().all()


async def list_orders(session: AsyncSession, wanted: Filter, page: Page) -> Sequence[OrderRow]:
    """One row more than the limit, so that the caller sees whether there is a next page."""
    column = _column(page.sort)
    falling = page.sort.startswith("-")
    query = _narrowed(wanted)
    if page.after is not None:
        position = tuple_(column, col(OrderRow.no))
        query = query.where(position < page.after if falling else position > page.after)
    by = (column.desc(), col(OrderRow.no).desc()) if falling else (column, col(OrderRow.no))
    return (await session.execute(query.order_by(*by).limit(page.limit + 1))).scalars().all()


def sort_value(row: OrderRow, sort: Sort) -> datetime:
    value: datetime = getattr(row, sort.removeprefix("-"))
    return value


def _column(sort: Sort) -> InstrumentedAttribute[datetime]:
    column: InstrumentedAttribute[datetime] = getattr(OrderRow, sort.removeprefix("-"))
    return column


def _narrowed(wanted: Filter) -> SelectOfScalar[OrderRow]:
    query = select(OrderRow)
    anyof: dict[str, Sequence[str] | None] = {
        "customer": wanted.customers,
        "kind": wanted.kinds or None,
        "state": wanted.states or None,
    }
    exact: dict[str, str | bool | None] = {
        "site": wanted.site,
        "requester": wanted.requester,
        "contract": wanted.contract,
        "reference": wanted.reference,
        "missed": wanted.missed,
        "stuck": wanted.stuck,
    }
    for name, values in anyof.items():
        if values is not None:
            query = query.where(getattr(OrderRow, name).in_(values))
    for name, value in exact.items():
        if value is not None:
            query = query.where(getattr(OrderRow, name) == value)
    if wanted.received_from is not None:
        query = query.where(col(OrderRow.received_at) >= wanted.received_from)
    if wanted.received_until is not None:
        query = query.where(col(OrderRow.received_at) < wanted.received_until)
    return query
