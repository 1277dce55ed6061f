"""The clocks an incident can have, each in one row. Whoever needs to know of one reads it here."""

from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from typing import Literal, NamedTuple

from domain.clocks.sla import MADE_TO, ClockKind, ClockType
from domain.contracts.matrix import Cell

# What is known of an incident when it happened, by its name there.
Fact = Literal["received_at", "responded_at", "updated_at", "resolved_at"]
TargetField = Literal["response_minutes", "resolution_minutes", "update_minutes"]


class CountedBy(StrEnum):
    """The hours in which it runs: as its cell says, round the clock, or the vendor's own."""

    CELL = "cell"
    ALWAYS = "always"
    VENDOR = "vendor"


class IncidentClock(NamedTuple):
    """`target` is the field of the matrix's cell; without one, whoever made the promise has set it.

    `starts_on` and `stops_on` are facts of the incident. One that `repeats` begins anew whenever it would start again
    and keeps its target for as long; one that is `final` does not go on when the incident is reopened.
    """

    kind: ClockKind
    counted_by: CountedBy
    target: TargetField | None = None
    starts_on: Fact | None = None
    stops_on: Fact | None = None
    repeats: bool = False
    final: bool = False

    @property
    def name(self) -> str:
        """Of those that an incident has one of."""
        return str(self.kind)

    @property
    def type(self) -> ClockType:
        return MADE_TO[self.kind]

    @property
    def seen_by_customers(self) -> bool:
        return self.type.is_for_customers

    def target_in(self, cell: Cell) -> timedelta | None:
        minutes: int | None = getattr(cell, self.target) if self.target else None
        return None if minutes is None else timedelta(minutes=minutes)


INCIDENT_CLOCKS = (
    IncidentClock(
        ClockKind.RESPONSE,
        CountedBy.CELL,
        "response_minutes",
        starts_on="received_at",
        stops_on="responded_at",
        final=True,
    ),
    IncidentClock(
        ClockKind.RESOLUTION, CountedBy.CELL, "resolution_minutes", starts_on="received_at", stops_on="resolved_at"
    ),
    # A date agreed with the customer, beside what the matrix promises; the newest takes the place of the one before.
    IncidentClock(ClockKind.PROMISED, CountedBy.ALWAYS, stops_on="resolved_at"),
    IncidentClock(
        ClockKind.UPDATE, CountedBy.CELL, "update_minutes", starts_on="updated_at", stops_on="resolved_at", repeats=True
    ),
    # Two for each job, as the underpinning contract has it: from when the vendor was asked.
    IncidentClock(ClockKind.VENDOR, CountedBy.VENDOR),
)


def clocks_of_cells() -> Iterator[IncidentClock]:
    """Those whose targets stand in the matrix."""
    return (row for row in INCIDENT_CLOCKS if row.target is not None)


def clock_of_cells(name: str) -> IncidentClock | None:
    """They bear the names of their kinds."""
    return next((row for row in clocks_of_cells() if row.name == name), None)
