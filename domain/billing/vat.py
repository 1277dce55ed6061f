"""Value added tax: by category and rate, on the sum of what stands under them."""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_after_validator_function

from domain.billing.money import Percent, rounded


class VatCategory(StrEnum):
    """Of EN 16931: standard, zero, exempt, reverse charge, within the EU, export, outside of tax, Canaries, Ceuta."""

    STANDARD = "S"
    ZERO = "Z"
    EXEMPT = "E"
    REVERSE_CHARGE = "AE"
    INTRA_COMMUNITY = "K"
    EXPORT = "G"
    OUTSIDE = "O"
    CANARIES = "L"
    CEUTA = "M"


TAXED = frozenset({VatCategory.STANDARD, VatCategory.CANARIES, VatCategory.CEUTA})


class Vat(NamedTuple):
    """Written as a pair, and in no other way."""

    category: VatCategory
    rate: Percent

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_after_validator_function(cls._make, handler.generate_schema(tuple[VatCategory, Percent]))


class Taxed(NamedTuple):
    vat: Vat
    base: Decimal
    amount: Decimal


def tax(base: Decimal, vat: Vat, unit: Decimal) -> Decimal:
    return rounded(Fraction(base) * Fraction(vat.rate) / 100, unit)


def by_rate(amounts: Iterable[tuple[Vat, Decimal]], unit: Decimal) -> tuple[Taxed, ...]:
    """One sum for each category and rate, higher rates first."""
    bases: dict[Vat, Decimal] = {}
    for vat, many in groupby(amounts, itemgetter(0)):
        bases[vat] = sum((amount for _, amount in many), bases.get(vat, Decimal(0)))
    order = sorted(bases, key=lambda vat: (vat.category, -vat.rate))
    return tuple(Taxed(vat, rounded(bases[vat], unit), tax(bases[vat], vat, unit)) for vat in order)
