"""`imac order attach` and `imac order papers`: photos, signatures, documents and all other papers of an order."""

import uuid
from hashlib import sha256
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import RenderableType

from cli.asking import ASKING, Asking
from cli.contracts.contract import content_of
from cli.contracts.matrix import write
from cli.errors import CliError, Exit
from cli.http import Api, parsed, path
from cli.moments import clock_at
from cli.names import step_name
from cli.orders.order import ORDERS, OrderNo
from cli.tables import filled, stacked, table
from documents.wording import word
from domain.orders.papers import OrderPaper
from domain.orders.protocols import ReadyProtocol
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
    no: OrderNo,
    digest: DigestStart = None,
    /,
    *,
    out: Path | None = None,
    folder: Path | None = None,
    asking: Asking = ASKING,
) -> None:
    """List the files of an order and the papers that can be made of it, or save one or all of them.

    Parameters
    ----------
    out
        Output file; without one its name is made from the order's.
    folder
        Save all of them here, papers in the language of --lang.
    """
    async with asking.api() as api:
        if folder is not None:
            for file in await saved_papers(api, no, folder, asking.language):
                if not asking.json:
                    asking.console.print(f"{file}", markup=False)
            return
        answer = await api.get(path("orders", no, "papers"))
        if digest is None:
            zone = await ORDERS.zone_of(api, no)
            ready = await ready_papers(api, no)
            listed = parsed(tuple[OrderPaper, ...], answer)
            asking.show(answer, lambda: pictures(listed, ready, zone, asking.language))
            return
        found = [one for one in parsed(tuple[OrderPaper, ...], answer) if one.digest.startswith(digest.lower())]
        if len(found) != 1:
            raise CliError("paper_not_named", Exit.USAGE, order=no, digest=digest)
        (one,) = found
        saved = await api.get(path("orders", no, "papers", one.digest))
    file = out or Path(file_name(no, one))
    write(file, saved.content)
    if not asking.json:
        asking.console.print(f"{file}", markup=False)


async def ready_papers(api: Api, no: str) -> tuple[ReadyProtocol, ...]:
    return await api.read(tuple[ReadyProtocol, ...], path("orders", no, "protocols"))


async def saved_papers(api: Api, no: str, folder: Path, language: Language) -> list[Path]:
    """All that is kept of an order and all that can be made of it; a paper that is kept as well is there once."""
    _made(folder)
    contents: dict[str, bytes] = {}
    for made in await ready_papers(api, no):
        answer = await api.get(path("orders", no, "protocols", made.kind), {"lang": language})
        contents[f"{no}-{made.kind.replace('_', '-')}-{language}.pdf"] = answer.content
    digests = {sha256(content).hexdigest() for content in contents.values()}
    for one in await api.read(tuple[OrderPaper, ...], path("orders", no, "papers")):
        if one.digest not in digests:
            answer = await api.get(path("orders", no, "papers", one.digest))
            contents[file_name(no, one)] = answer.content
    for name, content in contents.items():
        write(folder / name, content)
    return [folder / name for name in contents]


def _made(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CliError("file_unwritable", Exit.USAGE, file=folder, reason=error.strerror) from None


def file_name(no: str, paper: OrderPaper) -> str:
    return f"{no}-{paper.kind}-{paper.digest[:8]}.{MEDIA_TYPES[paper.media_type]}"


def pictures(
    listed: tuple[OrderPaper, ...], ready: tuple[ReadyProtocol, ...], zone: str, language: Language
) -> RenderableType:
    rows = (
        (word("protocol", one.kind, language), step_name(one.step, language), clock_at(one.dated, zone))
        for one in ready
    )
    made = filled(table(language, "paper", "step", "as_of", title="can_be_made"), rows)
    return stacked(picture(listed, zone, language), made)


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
