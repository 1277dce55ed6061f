"""What became of a notice: each attempt to reach one person by one channel."""

from enum import StrEnum

from domain.times import Instant
from domain.values import Slug, Value


class DeliveryOutcome(StrEnum):
    """`failed` is tried again; `nobody` means that there is no such person, or nobody in the role."""

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
