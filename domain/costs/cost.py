"""What a contract's cases come to under its own terms, and beside them under others, as it is told."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from domain.billing.invoices import Outcome
from domain.billing.tariffs import LineReason
from domain.values import Slug

CostReason = LineReason | Literal["discount"]
REASONS: tuple[CostReason, ...] = (*LineReason, "discount")


class CostTerms(Outcome):
    """Whose terms they are: a contract in these versions, or terms that were sent and have no name."""

    contract: Slug | None = None
    versions: tuple[int, ...] = ()


class CostRow(Outcome):
    """What lines of one reason come to on both sides, and how many they are; without other terms only on one."""

    reason: CostReason
    own: Decimal
    own_lines: int
    other: Decimal | None = None
    other_lines: int | None = None


class CostMonth(Outcome):
    """Both days belong to it."""

    since: Annotated[date, Field(alias="from")]
    until: Annotated[date, Field(alias="to")]
    own: Decimal
    other: Decimal | None = None
    rows: tuple[CostRow, ...]


class CaseCost(Outcome):
    """A case that costs otherwise, and for what on either side."""

    kind: Literal["order", "incident"]
    no: Slug
    own: Decimal
    own_reasons: tuple[CostReason, ...]
    other: Decimal
    other_reasons: tuple[CostReason, ...]


class ContractCost(Outcome):
    """Net. Credits for breaches are proposals: they are in no sum.

    `decided` are the reasons that differ, the largest difference first, and `cases` those that differ most.
    `as_charged` are parts that the other terms do not price: they cost there what they were charged.
    `closed_in_part` are days on which the service is closed for some hours: after these, rating does not ask.
    """

    contract: Slug
    currency: str
    zone: str
    since: Annotated[date, Field(alias="from")]
    until: Annotated[date, Field(alias="to")]
    terms: CostTerms
    other_terms: CostTerms | None = None
    counted: int
    facts: int
    own: Decimal
    other: Decimal | None = None
    own_credits: Decimal
    other_credits: Decimal | None = None
    rows: tuple[CostRow, ...]
    months: tuple[CostMonth, ...]
    decided: tuple[CostRow, ...] = ()
    cases: tuple[CaseCost, ...] = ()
    as_charged: tuple[str, ...] = ()
    closed_in_part: tuple[date, ...] = ()
