"""Why a clock stands still, and until when."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Self

from pydantic import BaseModel, ConfigDict, model_validator

from domain.times import Instant

FOREVER = datetime.max.replace(tzinfo=UTC)
# As long as anything may wait for somebody; a proposal.
LONGEST_HOLD = timedelta(days=90)


class HoldReason(StrEnum):
    WAITING_CUSTOMER = "waiting_customer"
    WAITING_DELIVERY = "waiting_delivery"
    SITE_CLOSED = "site_closed"
    AGREED_DATE = "agreed_date"
    FORCE_MAJEURE = "force_majeure"
    WAITING_VENDOR = "waiting_vendor"


class ClockHold(BaseModel):
    """Holds the clock in [at, end): until somebody lifts it, and at most until max_until."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: HoldReason
    actor: str
    at: Instant
    max_until: Instant | None = None
    lifted_at: Instant | None = None

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.max_until is not None and self.max_until <= self.at:
            raise ValueError("a hold must end after it begins")
        return self

    @property
    def end(self) -> datetime:
        return min(self.max_until or FOREVER, self.lifted_at or FOREVER)

    def holds(self, now: datetime) -> bool:
        return self.at <= now < self.end

    def lifted(self, at: datetime) -> Self:
        return self if self.lifted_at else self.model_copy(update={"lifted_at": at})


class Span(NamedTuple):
    start: Instant
    end: Instant


def without(whole: Span, pauses: Iterable[Span]) -> tuple[Span, ...]:
    """What is left of a span; overlapping pauses count once."""
    left: list[Span] = []
    since = whole.start
    for pause in sorted(pauses):
        if since < min(pause.start, whole.end):
            left.append(Span(since, min(pause.start, whole.end)))
        since = max(since, pause.end)
    if since < whole.end:
        left.append(Span(since, whole.end))
    return tuple(left)
