"""What happened, and under terms becomes invoices. Each fact has an id, and perhaps when we heard of it."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from domain.billing.money import Amount, Percent, Price
from domain.billing.tariffs import Kilometres, Minutes, Named
from domain.billing.vat import Vat
from domain.times import Day, Instant
from domain.values import Slug, Value

MOST_MINUTES = 1440


class BillingFact(Value):
    id: Named
    told: Instant | None = None


class OrderDone(BillingFact):
    type: Literal["order"]
    kind: Named
    done: Instant
    accepted: Instant | None = None


class WorkDone(BillingFact):
    """`approved`: the customer agreed to it beyond the quota. What is not chargeable is goodwill."""

    type: Literal["work"]
    role: Slug
    kind: Named | None = None
    start: Instant
    minutes: Annotated[int, Field(ge=0, le=MOST_MINUTES)]
    accepted: Instant | None = None
    chargeable: bool = True
    approved: bool = False


class PartUsed(BillingFact):
    type: Literal["part"]
    part: Named
    quantity: Annotated[Decimal, Field(gt=0, le=1_000_000, max_digits=10, decimal_places=3)] = Decimal(1)
    unit_price: Price | None = None
    cost: Price | None = None
    vat: Vat | None = None
    at: Instant


class VisitMade(BillingFact):
    type: Literal["visit"]
    at: Instant
    km: Kilometres = Decimal(0)


class VisitWasted(BillingFact):
    type: Literal["wasted"]
    at: Instant


class Cancelled(BillingFact):
    type: Literal["cancel"]
    at: Instant
    appointment: Instant


class Counted(BillingFact):
    """How many of a unit there are from this day on."""

    type: Literal["count"]
    unit: Named
    on: Day
    count: Annotated[int, Field(ge=0, le=10_000_000)]


class Bought(BillingFact):
    """A block of minutes, from its day until the last on which it may be drawn."""

    type: Literal["purchase"]
    minutes: Annotated[Minutes, Field(ge=1)]
    price: Price
    on: Day
    expires: Day


class Breached(BillingFact):
    type: Literal["breach"]
    clock: Literal["response", "resolution"]
    at: Instant
    approved: bool = False


class Measured(BillingFact):
    """Availability in percent of the time it was promised for."""

    type: Literal["availability"]
    percent: Annotated[Percent, Field(le=100)]
    at: Instant
    approved: bool = False


class Adjusted(BillingFact):
    type: Literal["adjust"]
    amount: Amount
    at: Instant


class Corrected(BillingFact):
    """Other minutes of a piece of work; what is invoiced already stands, and the difference comes with the next."""

    type: Literal["correct"]
    of: Named
    minutes: Annotated[int, Field(ge=0, le=MOST_MINUTES)]
    told: Instant


class Repriced(BillingFact):
    """Another price of an hour, from a day on, which may be past."""

    type: Literal["reprice"]
    since: Day = Field(alias="from")
    role: Slug
    hourly: Price
    told: Instant


class Terminated(BillingFact):
    """The contract ends with this day."""

    type: Literal["terminate"]
    on: Day
    told: Instant


class CreditedLine(Value):
    """A part of the lines of an invoice, by their reference or their place, no more than was charged for them."""

    line: Named | Annotated[int, Field(ge=0, le=1_000_000)]
    amount: Annotated[Price, Field(gt=0)] | None = None


class Credited(BillingFact):
    """`invoice` is its place in `bill`. Without lines it is taken back as a whole."""

    type: Literal["credit"]
    invoice: Annotated[int, Field(ge=0, le=10_000)]
    lines: Annotated[
        tuple[Named | Annotated[int, Field(ge=0, le=1_000_000)] | CreditedLine, ...],
        Field(max_length=1000, fail_fast=True),
    ] = ()

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if "lines" in self.model_fields_set and not self.lines:
            raise PydanticCustomError("credit_empty", "name the lines, or leave them out for the whole")
        return self


Fact = Annotated[
    OrderDone
    | WorkDone
    | PartUsed
    | VisitMade
    | VisitWasted
    | Cancelled
    | Counted
    | Bought
    | Breached
    | Measured
    | Adjusted
    | Corrected
    | Repriced
    | Terminated
    | Credited,
    Field(discriminator="type"),
]
Amendment = Corrected | Repriced
