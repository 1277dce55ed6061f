"""The ledger as people read it."""

from decimal import Decimal
from typing import Literal

from domain.times import Instant
from domain.values import Line, Slug, Value


class LedgerEntry(Value):
    """Money in EUR: quantity × unit price ÷ `per` × factor; `minutes` as logged.

    `reverses` names the entry that this one takes back: all that can be counted is negative in it.
    """

    key: str
    kind: Literal["charge", "reverse"]
    customer: Slug
    contract: Slug
    order_no: Slug
    line: Slug
    reason: Slug
    text: Line
    quantity: Decimal
    unit: Slug
    unit_price: Decimal
    per: int = 1
    factor: Decimal
    amount: Decimal
    minutes: int
    reverses: str | None
    at: Instant
