"""What is kept of one asset: of each order that it was in, the files and what proves it erased."""

from collections.abc import Collection

from domain.orders.erasures import ErasureRecord, erasure_records
from domain.orders.order import Order
from domain.orders.papers import OrderPaper, papers_of
from domain.orders.progress import Progress
from domain.times import ZoneName
from domain.values import Slug, Value


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
