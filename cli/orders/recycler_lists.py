"""`imac order recycler-list`: what recyclers say that they have received, held against what has left."""

import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

from rich.console import RenderableType

from cli.asking import ASKING, Asking
from cli.cases import Why
from cli.contracts.contract import content_of
from cli.errors import Exit
from cli.http import parsed, path
from cli.moments import clock_at
from cli.orders.order import ORDERS, OrderNo
from cli.tables import filled, stacked, table
from cli.words import phrase
from documents.wording import word
from domain.orders.departures import RecyclerComparison
from domain.people import Language


async def recycler_list(
    no: OrderNo, file: Path | None = None, /, *, reason: Why = None, asking: Asking = ASKING
) -> None:
    """Hold the recycler's list against what has left, or show what all its lists have come to.

    Ends with 1 when anything is missing or swapped.

    Parameters
    ----------
    file
        List of the recycler, CSV, XLSX or ODS; without one, all lists so far are shown.
    """
    where = path("orders", no, "recycler-lists")
    async with asking.api() as api:
        if file is None:
            answer = await api.get(where)
            found = parsed(tuple[RecyclerComparison, ...], answer)
        else:
            answer = await api.upload(where, {"reason": reason}, file.name, content_of(file), key=uuid.uuid4().hex)
            found = (parsed(RecyclerComparison, answer),)
        zone = await ORDERS.zone_of(api, no)
    asking.show(answer, lambda: stacked(*(picture(one, zone, asking.language) for one in found)))
    if file is not None and any(one.missing or one.swapped for one in found):
        sys.exit(Exit.REFUSED)


def picture(one: RecyclerComparison, zone: str, language: Language) -> RenderableType:
    said = phrase(
        "recycler_list",
        language,
        at=clock_at(one.at, zone),
        digest=one.digest[:8],
        received=one.received,
        left=one.left,
        extra=len(one.extra),
    )
    rows = list(_rows(one, language))
    return (
        stacked(said, filled(table(language, "finding", "asset", "serial", "note", "incident"), rows)) if rows else said
    )


def _rows(one: RecyclerComparison, language: Language) -> Iterator[tuple[str, ...]]:
    for item in one.missing:
        note = phrase("bears_data", language) if item.data_bearing else ""
        yield word("recycled", "missing", language), item.tag, item.serial or "", note, item.incident or ""
    for other in one.swapped:
        yield word("recycled", "swapped", language), other.tag, other.serial, other.found, ""
    for serial in one.extra:
        yield word("recycled", "extra", language), "", serial, "", ""
