"""What work costs: flat prices, time and material with rounding and factors, parts, wasted visits."""

from collections.abc import Collection, Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from domain.billing.rounding import HOUR, by_the_hour
from domain.kinds import OrderKind
from domain.people import Role
from domain.refusals import Problem, Refused
from domain.values import PER_CHOICE, Line, Slug, Value

# Minus nothing is not less than nothing, and would be printed.
Money = Annotated[Decimal, Field(ge=0, le=1_000_000, max_digits=12, decimal_places=2), AfterValidator(abs)]
Factor = Annotated[Decimal, Field(ge=0, le=10, max_digits=5, decimal_places=2)]

Reason = Literal["flat", "time", "travel", "part", "wasted_visit", "late_cancellation"]


class PriceList(Value):
    """Money is EUR. A kind with a flat price is charged flat; every other kind by time and material.

    `travel` is for an order, however often somebody came, or `travel_per` visit. `unfinished` is what becomes of work
    and parts that were logged for an order which is cancelled or fails then. Work on `incidents` costs nothing, or what
    break/fix costs by time and material.
    """

    flat: dict[OrderKind, Money] = Field(default={}, max_length=PER_CHOICE)
    hourly: dict[Role, Money] = Field(default={}, max_length=PER_CHOICE)
    rounding_minutes: int = Field(default=15, ge=1, le=480)
    after_hours_factor: Factor = Decimal("1.5")
    travel: Money = Decimal(0)
    travel_per: Literal["order", "visit"] = "order"
    parts: dict[Slug, Money] = Field(default={}, max_length=5_000)
    wasted_visit: Money = Decimal(0)
    late_cancellation: Money = Decimal(0)
    late_cancellation_hours: int = Field(default=24, ge=0, le=1000)
    unfinished: Literal["charge", "free"] = "charge"
    incidents: Literal["included", "charge"] = "included"


class ChargeLine(Value):
    """One priced line: quantity × unit price ÷ `per` × factor is the amount.

    `minutes` are as logged; `quantity` is what is charged after rounding. Time was told in hours once.
    """

    line: Slug
    reason: Reason
    text: Line
    quantity: Decimal
    unit: Literal["piece", "minute", "hour"]
    unit_price: Decimal
    per: int = 1
    factor: Decimal = Decimal(1)
    amount: Decimal
    minutes: int = 0


# Under which number on stands what an order costs because it was not completed.
ENDED = 2


class Charges(Value):
    """All lines of one billing of an order; each is posted under `bill:{order}/{line}/{n}`, from this n on."""

    order_no: Slug
    customer: Slug
    contract: Slug
    lines: tuple[ChargeLine, ...]
    n: int = 1

    def key(self, line: ChargeLine, taken_back: Collection[str] = ()) -> str:
        """What was taken back before counts again under the next number."""
        n = self.n
        while (key := f"bill:{self.order_no}/{line.line}/{n}") in taken_back:
            n += 1
        return key


def charged_as(key: str) -> int:
    """The number under which a line was charged."""
    return int(key.rpartition("/")[2])


class ChargeContradicted(Refused):
    """What stands under a key is not what is to be posted under it: nobody knows which of them is right."""

    def __init__(self, key: str, kept: Value, asked: Value) -> None:
        fields = [name for name in type(kept).model_fields if getattr(kept, name) != getattr(asked, name)]
        values = {"key": key, "kept": _told(kept, fields), "asked": _told(asked, fields)}
        super().__init__(Problem(code="charge_contradicted", values=values))


def _told(one: Value, fields: Iterable[str]) -> str:
    values = ((name, getattr(one, name)) for name in fields)
    return ", ".join(f"{name} {value:f}" if isinstance(value, Decimal) else f"{name} {value}" for name, value in values)


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def piece(
    line: str,
    reason: Reason,
    text: str,
    price: Decimal,
    quantity: int = 1,
) -> ChargeLine:
    return ChargeLine(
        line=line,
        reason=reason,
        text=text,
        quantity=Decimal(quantity),
        unit="piece",
        unit_price=price,
        amount=cents(price * quantity),
    )


def time_line(line: str, text: str, *, minutes: int, charged: int, hourly: Decimal, factor: Decimal) -> ChargeLine:
    """`minutes` as logged, and what is charged of them after rounding, before the factor."""
    return ChargeLine(
        line=line,
        reason="time",
        text=text,
        quantity=Decimal(charged),
        unit="minute",
        unit_price=hourly,
        per=HOUR,
        factor=factor,
        amount=cents(by_the_hour(charged, hourly, factor)),
        minutes=minutes,
    )
