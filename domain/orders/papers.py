"""What was added to an order as evidence: which paper, by whom, when, and at which step."""

from collections.abc import Collection

from domain.cases.lookups import ErasureReportFound, PaperFound, RecyclerListFound
from domain.cases.order_commands import AddErasureReport, AddPaper, AddRecyclerList
from domain.orders.erasures import ErasureRecord, erasure_records
from domain.orders.order import Order
from domain.orders.progress import Progress
from domain.papers import Digest, KeptKind, MediaType
from domain.people import Actor
from domain.times import Instant, ZoneName
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
        if isinstance(given.command, AddPaper | AddErasureReport | AddRecyclerList)
        if isinstance(given.looked_up, PaperFound | ErasureReportFound | RecyclerListFound)
    )


def _kind_of(command: AddPaper | AddErasureReport | AddRecyclerList) -> KeptKind:
    if isinstance(command, AddPaper):
        return KeptKind(command.kind)
    return KeptKind.ERASURE_REPORT if isinstance(command, AddErasureReport) else KeptKind.RECYCLER_LIST


class AssetPaper(Value):
    """Of one order; `papers` are about all that is in it, `erasures` only about this asset."""

    order: Slug
    zone: ZoneName
    papers: tuple[OrderPaper, ...]
    erasures: tuple[ErasureRecord, ...]


def asset_paper(order: Order, progress: Progress, tags: Collection[str]) -> AssetPaper | None:
    """`tags` are all that it has ever had. None of an order that it was not in."""
    if not any(asset.tag in tags for asset in progress.assets):
        return None
    erasures = tuple(record for record in erasure_records(order, progress) if record.asset in tags)
    return AssetPaper(order=order.no, zone=order.terms.access.zone, papers=papers_of(progress), erasures=erasures)
