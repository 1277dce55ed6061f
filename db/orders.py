"""Orders as the tables show them: written by the workflow's `record`, read by pages and the API."""

import asyncio
import json
from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Index, Text, and_, bindparam, false, or_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, col, select

from db.cases.case import NEVER, CaseRow, Section, narrowed, received_within, section_of
from db.columns import UtcDateTime
from db.engine import Glance
from domain.contracts.catalogue import ItemWords
from domain.ids import order_workflow_id
from domain.kinds import FINAL, OrderKind, OrderState
from domain.orders.order import Order, OrderRequest
from domain.orders.progress import Progress, StepStatus
from domain.orders.sheets import OrderLine
from domain.values import Slug


class OrderRow(CaseRow, table=True):
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
        Index("ix_orders_technician", "technician", "starts_at", "no"),
        Index("ix_orders_starts", "starts_at", "no"),
    )

    kind: str = Field(max_length=16)
    # Of its visit, once there is one.
    technician: str | None = Field(default=None, max_length=64)
    starts_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    requester: str = Field(max_length=64)
    order: str = Field(sa_type=Text)

    @property
    def workflow_id(self) -> str:
        return order_workflow_id(self.no)

    @classmethod
    def made(cls, order: Order, progress: Progress) -> "OrderRow":
        return OrderRow(
            no=order.no,
            customer=order.customer,
            contract=order.terms.contract,
            kind=order.request.kind,
            state=progress.state,
            site=order.request.site,
            requester=order.request.requester,
            reference=order.request.reference,
            received_at=order.received_at,
            updated_at=order.received_at,
            order=order.model_dump_json(exclude_none=True),
            progress="",
        )

    def follow(self, progress: Progress, deadline: datetime | None) -> None:
        self.state = progress.state
        self.deadline = deadline or NEVER
        self.missed = progress.is_missed
        self.stuck = any(step.status == StepStatus.STUCK for step in progress.steps)
        visit = progress.appointment
        self.technician = visit.technician if visit else None
        self.starts_at, self.ends_at = (visit.window.start, visit.window.end) if visit else (None, None)
        self.progress = progress.model_dump_json(exclude_none=True)

    def as_order(self) -> Order:
        return Order.model_validate_json(self.order)

    def as_progress(self) -> Progress:
        return Progress.model_validate_json(self.progress)

    def relies_on(self, at: datetime) -> frozenset[str]:
        """Whoever is expected on site."""
        is_to_come = self.ends_at is not None and self.ends_at > at
        return frozenset({self.technician} if self.technician and is_to_come else ())

    def as_line(self) -> OrderLine:
        facts = self.model_dump(exclude={"order", "progress", "seq", "faults"})
        named = item_in(self.order)
        facts |= {"item": named.id if named else self.kind, "item_name": named.name if named else {}}
        return OrderLine.model_validate(facts | {"deadline": self.promised, "faults": self.as_faults()})


class NamedItem(BaseModel):
    """What lists say of an item."""

    id: Slug
    name: ItemWords


class _WithItem(BaseModel):
    item: NamedItem | None = None


def item_in(order: str) -> NamedItem | None:
    """What an order, as it is written, was placed for. Nothing else of it is made into anything."""
    return _WithItem.model_validate_json(order).item


@dataclass(frozen=True)
class VisitsOn:
    """A day at these sites, which share a zone."""

    sites: tuple[str, ...]
    start: datetime
    end: datetime


@dataclass(frozen=True)
class OrderFilter:
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
    technician: str | None = None
    visits: tuple[VisitsOn, ...] | None = None


# Asked for whatever is new under a key: built once, and read without a session.
_HAS = select(OrderRow.no).where(col(OrderRow.no) == bindparam("no"))


async def has_order(session: Glance, no: str) -> bool:
    return (await session.execute(_HAS, {"no": no})).scalar_one_or_none() is not None


async def order_row(session: AsyncSession, no: str) -> OrderRow | None:
    return await session.get(OrderRow, no)


async def orders_of(session: AsyncSession, numbers: Sequence[str]) -> Sequence[OrderRow]:
    return (await session.execute(select(OrderRow).where(col(OrderRow.no).in_(numbers)))).scalars().all()


async def progress_of(session: AsyncSession, numbers: Sequence[str]) -> dict[str, str]:
    """As it is written: what thousands of orders say is not read while others wait for the loop."""
    query = select(OrderRow.no, OrderRow.progress).where(col(OrderRow.no).in_(numbers))
    return {row.no: row.progress for row in await session.execute(query)}


async def orders_naming(session: AsyncSession, customer: str, tags: Container[str]) -> dict[str, str]:
    """Of these tags those that orders under way name, with one of them."""
    query = select(OrderRow.no, OrderRow.order).where(
        col(OrderRow.customer) == customer, col(OrderRow.state).not_in(FINAL)
    )
    rows = [(row.no, row.order) for row in await session.execute(query)]
    return await asyncio.to_thread(_naming, rows, tags)


async def open_orders_with(session: AsyncSession, customer: str, tag: str) -> Sequence[OrderRow]:
    """The customer's orders under way that have an asset of this tag, and perhaps some that only speak of it."""
    named = col(OrderRow.progress).contains(f'"tag":"{tag}"', autoescape=True)
    query = select(OrderRow).where(col(OrderRow.customer) == customer, col(OrderRow.state).not_in(FINAL), named)
    return (await session.execute(query)).scalars().all()


def _naming(rows: Sequence[tuple[str, str]], tags: Container[str]) -> dict[str, str]:
    named = ((no, OrderRequest.model_validate(json.loads(text)["request"]).assets) for no, text in rows)
    return {tag: no for no, assets in named for tag in assets if tag in tags}


def _on(day: VisitsOn) -> ColumnElement[bool]:
    overlaps = (col(OrderRow.starts_at) < day.end, col(OrderRow.ends_at) > day.start)
    return and_(*overlaps, col(OrderRow.site).in_(day.sites))


async def list_orders(session: AsyncSession, wanted: OrderFilter, section: Section) -> Sequence[OrderRow]:
    """One row more than the limit, so that the caller sees whether there is a next page."""
    anyof = {"customer": wanted.customers, "kind": wanted.kinds or None, "state": wanted.states or None}
    exact = {
        "site": wanted.site,
        "requester": wanted.requester,
        "contract": wanted.contract,
        "reference": wanted.reference,
        "missed": wanted.missed,
        "stuck": wanted.stuck,
        "technician": wanted.technician,
    }
    query = narrowed(OrderRow, anyof, exact)
    if wanted.visits is not None:
        query = query.where(or_(false(), *(_on(day) for day in wanted.visits)))
    if section.sort.endswith("starts_at"):
        # Without a visit an order has no place among them.
        query = query.where(col(OrderRow.starts_at).is_not(None))
    query = received_within(OrderRow, query, wanted.received_from, wanted.received_until)
    return await section_of(session, OrderRow, query, section)


class OrdersThatLeft(NamedTuple):
    """An order and its progress, as they are written."""

    order: str
    progress: str


async def orders_that_left(session: AsyncSession, customer: str, *, since: datetime) -> Sequence[OrdersThatLeft]:
    """The customer's orders of which goods leave our control and with which something has happened since then."""
    query = select(OrderRow.order, OrderRow.progress).where(
        col(OrderRow.customer) == customer,
        col(OrderRow.updated_at) >= since,
        col(OrderRow.order).contains('"leaves_control":true', autoescape=True),
        col(OrderRow.progress) != "",
    )
    return [OrdersThatLeft(*row) for row in await session.execute(query.order_by(col(OrderRow.no)))]


async def visits_of(session: AsyncSession, person: str, after: datetime) -> Sequence[OrderRow]:
    """Open orders for which somebody is expected on site at a time that ends after then."""
    named = col(OrderRow.progress).contains(f'"technician":"{person}"', autoescape=True)
    query = select(OrderRow).where(col(OrderRow.state).not_in(FINAL), named).order_by(col(OrderRow.no))
    found = (await session.execute(query)).scalars().all()
    visits = ((row, row.as_progress().appointment) for row in found)
    return [row for row, visit in visits if visit and visit.technician == person and visit.window.end > after]


async def next_visit(
    session: AsyncSession, technician: str, after: datetime, customers: tuple[str, ...] | None
) -> datetime | None:
    """When somebody's next visit begins."""
    query = select(col(OrderRow.starts_at)).where(
        col(OrderRow.technician) == technician, col(OrderRow.starts_at) > after, col(OrderRow.state).not_in(FINAL)
    )
    if customers is not None:
        query = query.where(col(OrderRow.customer).in_(customers))
    return (await session.execute(query.order_by(col(OrderRow.starts_at)).limit(1))).scalar_one_or_none()
