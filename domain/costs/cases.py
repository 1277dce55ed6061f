"""What of an order or incident that has ended is paid for: the same under whatever terms."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, NamedTuple

from domain.cases.order_commands import PartUse
from domain.contracts.catalogue import Pricing
from domain.people import Role

# The kind under which terms price incidents: `flat: {incident: 25.00}`.
INCIDENT = "incident"


class CaseLog(NamedTuple):
    """One stretch of work as it was told; minutes are raw."""

    role: Role
    minutes: int
    started_at: datetime
    parts: tuple[PartUse, ...] = ()
    is_visit: bool = False
    wasted: bool = False


class Breach(NamedTuple):
    clock: Literal["response", "resolution"]
    at: datetime


@dataclass(frozen=True, slots=True)
class ChargedCase:
    """An order or incident that has ended, under the version of its contract to which it is pinned.

    `pricing` and `price` are those of its item, none where it was ordered by its kind. `is_charged` says whether its
    own terms charge anything for it: they may include work on incidents, and a chain may end without a charge.
    """

    no: str
    version: int
    kind: str
    accepted: datetime
    ended: datetime
    is_completed: bool
    is_charged: bool = True
    item: str | None = None
    pricing: Pricing | None = None
    price: Decimal | None = None
    logs: tuple[CaseLog, ...] = ()
    quote: Decimal | None = None
    quote_at_most: bool = False
    cancelled_at: datetime | None = None
    appointment: datetime | None = None
    breaches: tuple[Breach, ...] = ()
