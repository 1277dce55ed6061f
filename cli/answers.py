"""Answers of the API that are rows of its tables, as far as commands show them."""

from decimal import Decimal
from typing import Generic, TypeVar

from pydantic import BaseModel

from domain.times import Instant

T = TypeVar("T")


class AnsweredPage(BaseModel, Generic[T]):
    items: tuple[T, ...]
    next: str | None = None


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


class NoticeAttempt(BaseModel):
    """One attempt to tell one person something."""

    template: str
    person: str
    channel: str
    outcome: str
    detail: str | None = None
    at: Instant
