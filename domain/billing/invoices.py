"""What comes out: invoices with their lines, and credit notes, in the form in which they are told."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from domain.billing.tariffs import LineReason
from domain.billing.vat import Vat, VatCategory


# Nobody changes one; but frozen it takes three times as long to make, and there are hundreds of thousands of them.
@dataclass(slots=True, unsafe_hash=True)
class InvoiceLine:
    """One amount and why. `minutes` are what is charged or drawn, `source` is where they are drawn from.

    What was told after the freeze of its own period is `late`. How it is taxed is told of all lines together.
    """

    reason: LineReason
    ref: str
    amount: Decimal
    vat: Annotated[Vat, Field(exclude=True)]
    minutes: int | None = None
    source: str = ""
    cost_centre: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class VatLine:
    category: VatCategory
    rate: Decimal
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class InvoiceAllowance:
    """What is taken off the lines of one category and rate."""

    reason: str
    amount: Decimal
    category: VatCategory
    rate: Decimal


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """Of the minutes granted with this period; owed are those that the next grant will be short of."""

    granted: int
    drawn: int
    carried: int
    lapsed: int
    blocked: int = 0
    owed: int = 0


@dataclass(frozen=True, slots=True)
class SkontoOffer:
    """What may be kept of the gross amount by whoever pays within so many days."""

    percent: Decimal
    days: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class VatTold:
    """The tax in another currency."""

    currency: str
    amount: Decimal


class Outcome(BaseModel):
    """Made by us and never read: what it holds is not looked at again."""

    model_config = ConfigDict(frozen=True)


class Invoice(Outcome):
    """Of one period; `to` no longer belongs to it. Net is the lines without the allowances."""

    start: date = Field(alias="from")
    end: date = Field(alias="to")
    lines: tuple[InvoiceLine, ...]
    net: Decimal
    vat: tuple[VatLine, ...]
    gross: Decimal
    allowances: tuple[InvoiceAllowance, ...] = ()
    quota: QuotaUse | None = None
    skonto: SkontoOffer | None = None
    vat_in: VatTold | None = None


class CreditNote(Outcome):
    """Positive; `ref` is the credit's id, or `final` where a contract that has ended owes."""

    ref: str
    net: Decimal
    vat: Decimal
    gross: Decimal


class Rated(Outcome):
    invoices: tuple[Invoice, ...]
    credit_notes: tuple[CreditNote, ...] = ()
