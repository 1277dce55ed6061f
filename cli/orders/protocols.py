"""`imac order protocol` and `imac asset papers`: goods and work on paper, and all papers of one asset."""

import uuid
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import RenderableType

from cli.arguments import Tag
from cli.asking import ASKING, Asking
from cli.contracts.matrix import write
from cli.http import parsed, path
from cli.moments import clock_at
from cli.orders import papers
from cli.orders.order import ORDERS, OrderNo
from cli.tables import filled, stacked, table
from cli.words import phrase
from documents.wording import word
from domain.orders.papers import AssetPaper, OrderPaper
from domain.orders.protocols import ProtocolKind
from domain.people import Language


async def protocol(
    no: OrderNo,
    kind: ProtocolKind,
    /,
    *,
    serial: str | None = None,
    out: Path | None = None,
    keep: Annotated[bool, Parameter(negative="")] = False,
    asking: Asking = ASKING,
) -> None:
    """Print a paper of goods or of work as PDF/A, in the language of --lang.

    Parameters
    ----------
    kind
        Which paper.
    serial
        Erasure certificate for this serial (or tag) only; without it, for the whole lot.
    out
        Output file; without one its name is made from the order's.
    keep
        File it with the order instead, also when that has ended.
    """
    query = {"serial": serial, "lang": asking.language}
    where = path("orders", no, "protocols", kind)
    async with asking.api() as api:
        if keep:
            answer = await api.post(where, {}, query=query, key=uuid.uuid4().hex)
            zone = await ORDERS.zone_of(api, no)
            asking.show(answer, lambda: papers.picture((parsed(OrderPaper, answer),), zone, asking.language))
            return
        saved = await api.get(where, query)
    file = out or Path(f"{no}-{kind.replace('_', '-')}-{asking.language}.pdf")
    write(file, saved.content)
    if not asking.json:
        asking.console.print(f"{file}", markup=False)


async def asset_papers(tag: Tag, /, *, customer: str | None = None, asking: Asking = ASKING) -> None:
    """List what is kept of an asset: files of the orders that it was in, and what proves it erased.

    Parameters
    ----------
    customer
        Owner of the asset; optional for keys limited to one customer.
    """
    async with asking.api() as api:
        answer = await api.get(path("assets", tag, "papers"), {"customer": customer})
    asking.show(answer, lambda: picture(parsed(tuple[AssetPaper, ...], answer), asking.language))


def picture(listed: tuple[AssetPaper, ...], language: Language) -> RenderableType:
    files = (
        (
            clock_at(paper.at, one.zone),
            one.order,
            word("paper_kind", paper.kind, language),
            paper.actor.person,
            paper.digest,
            paper.reason or "",
        )
        for one in listed
        for paper in one.papers
    )
    erasures = (
        (
            clock_at(record.done_at, one.zone),
            one.order,
            record.serial or record.machine or "?",
            word("erasure_outcome", record.outcome, language),
            record.standard,
            record.report[:8] if record.report else phrase("typed_record", language),
        )
        for one in listed
        for record in one.erasures
    )
    return stacked(
        filled(table(language, "when", "order", "kind", "person", "digest", "note"), files),
        filled(table(language, "when", "order", "serial", "outcome", "standard", "report"), erasures),
    )
