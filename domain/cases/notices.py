"""What became of a notice: each attempt to reach one person by one channel."""

from datetime import timedelta
from enum import StrEnum

from domain.times import Instant
from domain.values import Slug, Value

# Whoever has claimed an attempt and not said by then what came of it has died over it.
LEASE = timedelta(seconds=60)


class DeliveryOutcome(StrEnum):
    """`claimed` is being sent; `failed` is tried again; `nobody`: there is no such person, or nobody in the role."""

    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    UNDELIVERABLE = "undeliverable"
    NOBODY = "nobody"


class NoticeAttempt(Value):
    """Numbered per person; `person` is `role:…` where the role has nobody."""

    id: int
    key: str
    case: str
    template: Slug
    person: str
    channel: str
    attempt: int
    outcome: DeliveryOutcome
    detail: str | None
    at: Instant
