"""The contract as it is rated: its periods, its zone and hours, its taxes, and its terms, version after version."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from domain.billing.facts import Fact
from domain.billing.money import CurrencyCode, Percent
from domain.billing.tariffs import AT_LEAST_ONE, NOT_EMPTY, Some, Tariff
from domain.billing.vat import Vat
from domain.clocks.calendars import Weekly
from domain.times import Day, Instant, ZoneName
from domain.values import Text, Value

Rate = Annotated[Decimal, Field(gt=0, le=1_000_000, max_digits=14, decimal_places=8)]
PeriodNo = Annotated[int, Field(ge=0, le=2_500)]


class Raised(StrEnum):
    """What an index raises; `flat` with what stands in bands, `hourly` with what is beyond a quota."""

    FEES = "fees"
    FLAT = "flat"
    HOURLY = "hourly"
    PARTS = "parts"
    TRAVEL = "travel"
    WASTED_VISIT = "wasted_visit"
    LATE_CANCELLATION = "late_cancellation"


class Indexing(Value):
    """By percent, or by what an index has risen since its base where that reaches the threshold, in percent."""

    since: Day = Field(alias="from")
    percent: Percent | None = None
    index: Rate | None = None
    base_index: Rate | None = None
    threshold: Percent = Decimal(0)
    of: Some[Raised] = tuple(Raised)

    @model_validator(mode="after")
    def _one(self) -> Self:
        by_index = (self.index is not None, self.base_index is not None)
        if by_index != ((self.percent is None),) * 2:
            raise PydanticCustomError("indexing_unclear", "either percent, or index and base_index")
        return self


class Skonto(Value):
    """What is taken off where the invoice is paid within so many days."""

    percent: Annotated[Percent, Field(le=100)]
    days: Annotated[int, Field(ge=1, le=365)]


class VatCurrency(Value):
    """The currency in which the tax is told as well: `rate` of it for one of the contract's."""

    currency: CurrencyCode
    rate: Rate


class Agreement(Value):
    """Period n is anchor + n·months to anchor + (n + 1)·months. `until` is the last day of the contract."""

    currency: CurrencyCode
    zone: ZoneName
    anchor: Day
    months: Annotated[int, Field(ge=1, le=120)]
    since: Day | None = Field(None, alias="from")
    until: Day | None = None
    timing: Literal["arrears", "advance"] = "arrears"
    vat: Vat
    price_date: Literal["accepted", "worked"] = "accepted"
    hours: Weekly | None = None
    holidays: Annotated[tuple[Day, ...], Field(max_length=5_000, fail_fast=True)] = ()
    end_policy: Literal["lapse", "refund"] = "lapse"
    skonto: Skonto | None = None
    vat_currency: VatCurrency | None = None
    indexing: Annotated[tuple[Indexing, ...], Field(max_length=100, fail_fast=True)] = ()
    terms: Annotated[
        tuple[Tariff, ...], Field(max_length=200, fail_fast=True), NOT_EMPTY, Field(json_schema_extra=AT_LEAST_ONE)
    ]

    @property
    def begins(self) -> Day:
        return self.since or self.anchor


class Simulation(Value):
    """What `imac invoice simulate` takes: a contract, what happened, and the numbers of the periods to invoice.

    `id`, `rule`, `about` and `expect` are for those who keep such documents as cases; they change nothing.
    """

    id: Text = ""
    rule: Text = ""
    about: Text = ""
    contract: Agreement
    facts: Annotated[tuple[Fact, ...], Field(max_length=20_000)] = ()
    bill: Annotated[
        tuple[PeriodNo, ...], Field(max_length=500, fail_fast=True), NOT_EMPTY, Field(json_schema_extra=AT_LEAST_ONE)
    ]
    freezes: dict[PeriodNo, Instant] = Field(default={}, max_length=2_500)
    expect: JsonValue = None
