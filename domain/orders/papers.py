"""What was added to an order as evidence: which paper, by whom, when, and at which step."""

from domain.cases.lookups import ErasureReportFound, PaperFound
from domain.cases.order_commands import AddErasureReport, AddPaper
from domain.orders.progress import Progress
from domain.papers import Digest, KeptKind, MediaType
from domain.people import Actor
from domain.times import Instant
from domain.values import Slug, Text, Value


class OrderPaper(Value):
    """Its digest (SHA-256) is that of the bytes that are kept; `size` is in bytes."""

    digest: Digest
    kind: KeptKind
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
            kind=_kind_of(given.command),
            step=given.command.step,
            media_type=given.looked_up.paper.media_type,
            size=given.looked_up.paper.size,
            reason=given.command.reason,
            actor=given.actor,
            at=given.given_at,
        )
        for given in progress.given
        if isinstance(given.command, AddPaper | AddErasureReport)
        if isinstance(given.looked_up, PaperFound | ErasureReportFound)
    )


def _kind_of(command: AddPaper | AddErasureReport) -> KeptKind:
    return KeptKind(command.kind) if isinstance(command, AddPaper) else KeptKind.ERASURE_REPORT
