"""Answers of the API that have no type of their own in the domain, as far as commands show them."""

from decimal import Decimal
from typing import Generic, TypeVar

from pydantic import BaseModel

from domain.assets import Asset
from domain.kinds import OrderKind, OrderState
from domain.people import Role
from domain.times import Instant

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    items: tuple[T, ...]
    next: str | None = None


class OrderLine(BaseModel):
    no: str
    kind: OrderKind
    state: OrderState
    site: str
    requester: str
    reference: str | None = None
    received_at: Instant
    deadline: Instant | None = None
    missed: bool = False
    stuck: bool = False


class LedgerEntry(BaseModel):
    kind: str
    order_no: str
    reason: str
    text: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    factor: Decimal
    amount: Decimal
    minutes: int
    at: Instant


class Attempt(BaseModel):
    """One attempt to tell one person something."""

    template: str
    person: str
    channel: str
    outcome: str
    detail: str | None = None
    at: Instant


class Turn(BaseModel):
    """One change in an asset's life; `before` is None for the first."""

    at: Instant
    under: str
    before: Asset | None = None
    after: Asset


class Key(BaseModel):
    """`key` is the secret whole: it comes once, with the answer that made it."""

    id: str
    role: Role
    person: str
    customer: str | None = None
    expires_at: Instant | None = None
    revoked_at: Instant | None = None
    key: str | None = None
