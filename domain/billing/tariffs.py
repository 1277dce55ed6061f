"""What may be agreed on in one version of a contract: a complete set of terms, from its day on."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, Field, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError, PydanticKnownError

from domain.billing.money import Factor, Percent, Price
from domain.billing.rounding import Rounding
from domain.billing.vat import Vat
from domain.times import Day
from domain.values import Slug, Value

T = TypeVar("T")


def _some(found: tuple[T, ...]) -> tuple[T, ...]:
    if not found:
        raise PydanticKnownError("too_short", {"field_type": "Tuple", "min_length": 1, "actual_length": 0})
    return found


# Looked at afterwards: otherwise a list whose one entry is wrong is told to be empty as well.
# The bound stands before it: of what a validator has gone through, the document would name no end.
NOT_EMPTY = AfterValidator(_some)
AT_LEAST_ONE: JsonDict = {"minItems": 1}
Some = Annotated[tuple[T, ...], Field(max_length=50), NOT_EMPTY, Field(json_schema_extra=AT_LEAST_ONE)]
# Whatever is named in a contract or a fact.
Named = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]
Minutes = Annotated[int, Field(ge=0, le=10_000_000)]
Weight = Annotated[Decimal, Field(ge=0, le=1_000_000, max_digits=12, decimal_places=6)]
Kilometres = Annotated[Decimal, Field(ge=0, le=1_000_000, max_digits=10, decimal_places=3)]


class LineReason(StrEnum):
    """Why a line stands on an invoice."""

    FEE = "fee"
    FEE_CREDIT = "fee_credit"
    FLAT = "flat"
    INCLUDED = "included"
    TIME = "time"
    GOODWILL = "goodwill"
    DRAWN = "drawn"
    OWED = "owed"
    OVERAGE = "overage"
    PART = "part"
    TRAVEL = "travel"
    WASTED_VISIT = "wasted_visit"
    LATE_CANCELLATION = "late_cancellation"
    PURCHASE = "purchase"
    REFUND = "refund"
    MINIMUM = "minimum"
    CAP = "cap"
    SLA_CREDIT = "sla_credit"
    ADJUST = "adjust"
    CARRIED_FORWARD = "carried_forward"
    BROUGHT_FORWARD = "brought_forward"
    CREDITED_BY_NOTE = "credited_by_note"


class Fee(Value):
    """Charged for every `months`, those of the contract unless they are named; per unit, by its count."""

    id: Named
    amount: Price
    months: Annotated[int, Field(ge=1, le=120)] | None = None
    prorate: Literal["day", "none"] = "day"
    per_unit: Named | None = None
    count: Literal["daily", "last_day", "peak"] | None = None
    split: dict[Named, Weight] = Field(default={}, max_length=500)
    vat: Vat | None = None

    @model_validator(mode="after")
    def _counted(self) -> Self:
        if (self.per_unit is None) != (self.count is None):
            raise PydanticCustomError("fee_uncounted", "per_unit and count belong together")
        if self.split and not any(self.split.values()):
            raise PydanticCustomError("split_empty", "one of the weights must be above 0")
        return self


class BandStep(Value):
    up_to: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    price: Price


class Band(Value):
    """Prices by number: `graduated` the k-th order's own, `volume` one for all. Limits are inclusive."""

    mode: Literal["graduated", "volume"]
    per: Literal["period", "year"] = "period"
    steps: Some[BandStep]

    @model_validator(mode="after")
    def _rises(self) -> Self:
        *below, last = (step.up_to for step in self.steps)
        limits = [limit for limit in below if limit is not None]
        if last is not None or len(limits) < len(below) or sorted({*limits}) != limits:
            raise PydanticCustomError("band_not_rising", "limits must rise, and only the last step has none")
        return self

    def price(self, number: int) -> Decimal:
        return next(step.price for step in self.steps if step.up_to is None or number <= step.up_to)


class Factors(Value):
    """What an hour costs more outside of the service hours, and on a holiday; there the first without a second."""

    after_hours: Factor = Decimal(1)
    holiday: Factor | None = None


class Travel(Value):
    per_visit: Price = Decimal(0)
    per_km: Price = Decimal(0)
    free_km: Kilometres = Decimal(0)

    def price(self, km: Decimal) -> Decimal:
        return self.per_visit + max(Decimal(0), km - self.free_km) * self.per_km


class LateCancellation(Value):
    """Charged for less than so many hours before the appointment."""

    price: Price
    hours: Annotated[Decimal, Field(ge=0, le=10_000, max_digits=8, decimal_places=2)]


class Rollover(Value):
    """What is left may be drawn for so many more periods, at most `cap` minutes of each."""

    periods: Annotated[int, Field(ge=1, le=120)]
    cap: Minutes | None = None


class Quota(Value):
    """Minutes of each period. `weighted`: an hour at a factor takes more of them."""

    minutes: Minutes
    weighted: bool = True
    overage: Literal["payg", "block", "negative", "next"]
    overage_hourly: Price | None = None
    limit: Minutes | None = None
    rollover: Rollover | None = None


class Minimum(Value):
    amount: Price
    counts: Some[LineReason]
    prorate: bool = False


class Cap(Value):
    amount: Price
    counts: Some[LineReason]


class SlaCredit(Value):
    """Of the fee as billed, or a sum."""

    percent_of_fee: Percent | None = None
    amount: Price | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.percent_of_fee is None) == (self.amount is None):
            raise PydanticCustomError("credit_unclear", "either percent_of_fee or amount")
        return self


class AvailabilityCredit(SlaCredit):
    below: Percent


class Sla(Value):
    fee: Named
    response: SlaCredit | None = None
    resolution: SlaCredit | None = None
    availability: Annotated[tuple[AvailabilityCredit, ...], Field(max_length=50)] = ()
    cap_percent: Percent | None = None


class Discount(Value):
    percent: Annotated[Percent, Field(le=100)]


class Tariff(Value):
    """One complete set, in force from its day until the next begins."""

    since: Day = Field(alias="from")
    fees: Annotated[tuple[Fee, ...], Field(max_length=100, fail_fast=True)] = ()
    flat: dict[Named, Price] = Field(default={}, max_length=500)
    includes: dict[Named, Annotated[int, Field(ge=0, le=1_000_000)]] = Field(default={}, max_length=500)
    bands: dict[Named, Band] = Field(default={}, max_length=500)
    hourly: dict[Slug, Price] = Field(default={}, max_length=100)
    rounding: Rounding = Rounding()
    factors: Factors = Factors()
    parts: dict[Named, Price] = Field(default={}, max_length=5_000)
    parts_markup: Factor = Decimal(1)
    travel: Travel | None = None
    wasted_visit: Price | None = None
    late_cancellation: LateCancellation | None = None
    quota: Quota | None = None
    minimum: Minimum | None = None
    cap: Cap | None = None
    sla: Sla | None = None
    discount: Discount | None = None

    def fee(self, name: str) -> Fee | None:
        return next((fee for fee in self.fees if fee.id == name), None)

    def is_flat(self, kind: str | None) -> bool:
        """Whether time is not charged for this kind."""
        return kind is not None and (kind in self.flat or kind in self.bands)
