"""Photos, signatures and documents of an order: handed in as files, added as evidence, and read again."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, File, Query, Response, UploadFile

from api.cases.instructions import instruction
from api.dependencies import Context, IdempotencyKey, InContext, May
from api.gate.routes import BoundedRoute
from api.jobs import read_paper
from api.orders.commands import command_order
from api.orders.late import say_late, whole
from api.orders.paper_desk import PaperDesk, Papers, keep
from api.policy import Operation, check_order_telling
from api.queries import QueryValue
from connectors.files.papers import unpacked_paper
from domain.cases.lookups import PaperFound
from domain.cases.order_commands import AddPaper
from domain.ids import order_workflow_id
from domain.keys import Key
from domain.orders.decisions.decide import decide_late
from domain.orders.papers import OrderPaper, papers_of
from domain.papers import MEDIA_TYPES, Digest, KeptKind, KeptPaper, PaperKind
from domain.people import Actor
from domain.refusals import Problem, Refused, Unknown
from domain.values import Slug, Text

router = APIRouter(route_class=BoundedRoute, prefix="/orders", tags=["orders"])

Reading = Annotated[Key, Depends(May(Operation.READ_ORDERS))]
Commanding = Annotated[Key, Depends(May(Operation.COMMAND_ORDERS))]
# Shown or saved, it is a stranger's file: it runs nothing, loads nothing and belongs to no page of ours.
_HARMLESS = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
_FILE = {media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in MEDIA_TYPES}


class PaperQuery(QueryValue):
    kind: PaperKind = PaperKind.PHOTO
    step: Slug | None = None
    reason: Text | None = None


@dataclass(frozen=True)
class Brought:
    """A file with what is said of it; `key` is that of the request."""

    content: bytes
    asked: PaperQuery
    key: str | None


async def add_paper(no: str, brought: Brought, caller: Key, papers: PaperDesk) -> OrderPaper:
    """The same file twice is one paper, whoever brings it. Raises `Unacceptable` for what is no file of our kinds."""
    context = papers.context
    standing = await whole(no, caller, context)
    check_order_telling(caller, "add_paper", standing.order.request.requester)
    media_type, kept = unpacked_paper(await context.workshop.read(read_paper, brought.content))
    paper = KeptPaper(digest=sha256(kept).hexdigest(), media_type=media_type, size=len(kept))
    if (there := among(papers_of(standing.progress), paper.digest)) is not None:
        return there
    asked = brought.asked
    command = AddPaper(digest=paper.digest, kind=asked.kind, step=asked.step, reason=asked.reason)
    given = instruction(command, caller, brought.key, context, PaperFound(paper=paper))
    if standing.progress.is_over:
        # Before anything is kept.
        decide_late(standing.order, standing.progress, given)
    await keep(order_workflow_id(no), paper, kept, caller, papers)
    try:
        if standing.progress.is_over:
            await say_late(standing, given, caller, papers)
        else:
            await command_order(no, command, caller, context, Response(), brought.key)
    except Refused as refused:
        codes = [problem.code for problem in refused.problems]
        if codes == ["order_is_over"]:
            # It has ended meanwhile.
            await say_late(standing, given, caller, papers)
        elif codes != ["paper_there"]:
            raise
    # As long as nobody has written it down, it is as it was asked for.
    actor = Actor(person=caller.person, role=caller.role)
    kind = KeptKind(asked.kind)
    said = asked.model_dump(exclude={"kind"})
    begun = OrderPaper(**paper.model_dump(), **said, kind=kind, actor=actor, at=context.now)
    return among(await _papers(no, caller, context), paper.digest) or begun


def among(listed: Sequence[OrderPaper], digest: str) -> OrderPaper | None:
    return next((one for one in listed if one.digest == digest), None)


async def _papers(no: str, caller: Key, context: Context) -> tuple[OrderPaper, ...]:
    return papers_of((await whole(no, caller, context)).progress)


class SaidOfFile(NamedTuple):
    """Of a file, beside it."""

    asked: PaperQuery
    key: str | None


async def _said(query: Annotated[PaperQuery, Query()], idempotency_key: IdempotencyKey = None) -> SaidOfFile:
    return SaidOfFile(query, idempotency_key)


@router.post("/{no}/papers", operation_id="addOrderPaper", status_code=201)
async def bring_paper(
    no: Slug,
    file: Annotated[UploadFile, File(description="JPEG, PNG, WebP or PDF, at most 5 MB.")],
    said: Annotated[SaidOfFile, Depends(_said)],
    caller: Commanding,
    papers: Papers,
    response: Response,
) -> OrderPaper:
    """Add a photo, a signature or a document to an order. What cameras write beside the picture is not kept."""
    added = await add_paper(no, Brought(await file.read(), said.asked, said.key), caller, papers)
    response.headers["Location"] = f"/api/v1/orders/{no}/papers/{added.digest}"
    return added


@router.get("/{no}/papers", operation_id="listOrderPapers")
async def show_papers(no: Slug, caller: Reading, context: InContext) -> tuple[OrderPaper, ...]:
    """List what was added to an order, oldest first."""
    return await _papers(no, caller, context)


@router.get(
    "/{no}/papers/{digest}", operation_id="getOrderPaper", response_class=Response, responses={200: {"content": _FILE}}
)
async def show_paper(no: Slug, digest: Digest, caller: Reading, papers: Papers) -> Response:
    """Get the file, as it was kept."""
    found = among(await _papers(no, caller, papers.context), digest)
    if found is None:
        raise Unknown(Problem(code="paper_unknown", at="/path/digest"))
    content = await papers.context.papers.get(digest)
    if content is None:
        raise Unknown(Problem(code="paper_lost", at="/path/digest"))
    return paper_response(no, found, content)


def paper_response(no: str, paper: OrderPaper, content: bytes) -> Response:
    """Pictures are shown; in all else there may be anything, so it is saved."""
    manner = "inline" if paper.media_type.startswith("image/") else "attachment"
    name = f"{no}-{paper.kind}-{paper.digest[:8]}.{MEDIA_TYPES[paper.media_type]}"
    headers = {
        "Content-Disposition": f'{manner}; filename="{name}"',
        "Content-Security-Policy": _HARMLESS,
        "Cross-Origin-Resource-Policy": "same-origin",
        # Under this name there is never anything else, and it is for nobody between us and the reader.
        "Cache-Control": "private, max-age=86400, immutable",
    }
    return Response(content, media_type=paper.media_type, headers=headers)
