"""What was added to an order as evidence: which paper, by whom, when, and at which step."""

from domain.cases.lookups import PaperFound
from domain.cases.order_commands import AddPaper
from domain.orders.progress import Progress
from domain.papers import Digest, MediaType, PaperKind
from domain.people import Actor
from domain.times import Instant
from domain.values import Slug, Text, Value


class OrderPaper(Value):
    """Its digest (SHA-256) is that of the bytes that are kept; `size` is in bytes."""

    digest: Digest
    kind: PaperKind
    step: Slug | None = None
    media_type: MediaType
    size: int
    reason: Text | None = None
    actor: Actor
    at: Instant


def papers_of(progress: Progress) -> tuple[OrderPaper, ...]:
    """Oldest first."""
    return tuple(
        OrderPaper(
            digest=given.command.digest,
            kind=given.command.kind,
            step=given.command.step,
            media_type=given.looked_up.paper.media_type,
            size=given.looked_up.paper.size,
            reason=given.command.reason,
            actor=given.actor,
            at=given.given_at,
        )
        for given in progress.given
        if isinstance(given.command, AddPaper) and isinstance(given.looked_up, PaperFound)
    )
