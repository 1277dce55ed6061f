"""`imac order attach` and `imac order papers`: photos, signatures and documents of an order."""

import uuid
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import RenderableType

from cli.asking import ASKING, Asking
from cli.contracts.contract import content_of
from cli.contracts.matrix import write
from cli.errors import CliError, Exit
from cli.http import parsed, path
from cli.moments import clock_at
from cli.names import step_name
from cli.orders.order import ORDERS, OrderNo
from cli.tables import filled, table
from documents.wording import word
from domain.orders.papers import OrderPaper
from domain.papers import MEDIA_TYPES, PaperKind
from domain.people import Language

DigestStart = Annotated[str | None, Parameter(help="Save this file; the first characters of its checksum are enough.")]


async def attach(
    no: OrderNo,
    file: Path,
    /,
    *,
    kind: PaperKind = PaperKind.PHOTO,
    step: str | None = None,
    reason: str | None = None,
    asking: Asking = ASKING,
) -> None:
    """Attach a photo, a signature or a document: JPEG, PNG, WebP or PDF, at most 5 MB.

    Parameters
    ----------
    file
        The file.
    kind
        What it is.
    step
        Step that it belongs to.
    reason
        What it shows, kept in the history of the order.
    """
    content = content_of(file)
    query = {"kind": kind, "step": step, "reason": reason}
    async with asking.api() as api:
        where = path("orders", no, "papers")
        answer = await api.upload(where, query, file.name, content, key=uuid.uuid4().hex)
        zone = await ORDERS.zone_of(api, no)
    asking.show(answer, lambda: picture((parsed(OrderPaper, answer),), zone, asking.language))


async def papers(
    no: OrderNo, digest: DigestStart = None, /, *, out: Path | None = None, asking: Asking = ASKING
) -> None:
    """List the files of an order, or save one of them.

    Parameters
    ----------
    out
        Output file; without one its name is made from the order's.
    """
    async with asking.api() as api:
        answer = await api.get(path("orders", no, "papers"))
        if digest is None:
            zone = await ORDERS.zone_of(api, no)
            asking.show(answer, lambda: picture(parsed(tuple[OrderPaper, ...], answer), zone, asking.language))
            return
        found = [one for one in parsed(tuple[OrderPaper, ...], answer) if one.digest.startswith(digest.lower())]
        if len(found) != 1:
            raise CliError("paper_not_named", Exit.USAGE, order=no, digest=digest)
        (one,) = found
        saved = await api.get(path("orders", no, "papers", one.digest))
    file = out or Path(f"{no}-{one.kind}-{one.digest[:8]}.{MEDIA_TYPES[one.media_type]}")
    write(file, saved.content)
    if not asking.json:
        asking.console.print(f"{file}", markup=False)


def picture(listed: tuple[OrderPaper, ...], zone: str, language: Language) -> RenderableType:
    rows = (
        (
            clock_at(one.at, zone),
            word("paper_kind", one.kind, language),
            step_name(one.step, language) if one.step else "",
            one.actor.person,
            -(-one.size // 1000),
            one.digest,
            one.reason or "",
        )
        for one in listed
    )
    return filled(table(language, "when", "kind", "step", "person", ">kilobytes", "digest", "note"), rows)
