"""Amounts in the minor unit of a currency: half is rounded away from zero, and shares add up to the whole."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from typing import Annotated

from iso4217 import Currency
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

NOTHING = Decimal(0)


@cache
def decimals(currency: str) -> int | None:
    """How many ISO 4217 gives a currency; None for what is none, or has no minor unit, as gold."""
    try:
        return Currency(currency).exponent
    except ValueError:
        return None


def _known(currency: str) -> str:
    if decimals(currency) is None:
        raise PydanticCustomError("currency_unknown", "not a currency of ISO 4217")
    return currency


CurrencyCode = Annotated[str, Field(min_length=3, max_length=3), AfterValidator(_known)]

# Bounds keep every product of a price, a quantity and a factor within the 28 digits in which Decimal is exact.
Price = Annotated[Decimal, Field(ge=0, le=1_000_000_000, max_digits=14, decimal_places=4)]
Amount = Annotated[Decimal, Field(ge=-1_000_000_000, le=1_000_000_000, max_digits=14, decimal_places=4)]
Percent = Annotated[Decimal, Field(ge=0, le=1000, max_digits=8, decimal_places=4)]
Factor = Annotated[Decimal, Field(ge=0, le=100, max_digits=7, decimal_places=4)]


@cache
def unit_of(currency: str) -> Decimal:
    """The smallest amount, 0.01 for EUR."""
    return Decimal(1).scaleb(-(decimals(currency) or 0))


def rounded(amount: Decimal | Fraction, unit: Decimal) -> Decimal:
    if isinstance(amount, Decimal):
        return amount.quantize(unit, ROUND_HALF_UP)
    units = amount / Fraction(unit)
    whole = (2 * abs(units.numerator) + units.denominator) // (2 * units.denominator)
    return (Decimal(whole if units >= 0 else -whole) * unit).quantize(unit)


def running(parts: Sequence[Fraction], unit: Decimal) -> list[Decimal]:
    """Each part as what the rounded sum grows by: together they are the rounded whole."""
    shares: list[Decimal] = []
    exact, told = Fraction(0), rounded(NOTHING, unit)
    for part in parts:
        exact += part
        reached = rounded(exact, unit)
        shares.append(reached - told)
        told = reached
    return shares


def allocated(amount: Decimal, weights: Sequence[Decimal], unit: Decimal) -> list[Decimal]:
    """By largest remainder; of equal ones the earlier gets the unit. Weights are not all zero."""
    units, total = int(abs(amount) / unit), sum(map(Fraction, weights))
    exact = [units * Fraction(weight) / total for weight in weights]
    whole = [int(share) for share in exact]
    by_rest = sorted(range(len(exact)), key=lambda place: whole[place] - exact[place])
    for place in by_rest[: units - sum(whole)]:
        whole[place] += 1
    sign = -unit if amount < 0 else unit
    return [(share * sign).quantize(unit) for share in map(Decimal, whole)]
