"""Papers of goods and of work: made of what an order has, and filed with it."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from api.cases.standing import KNOWN_ORDERS
from api.dependencies import Context, IdempotencyKey, InContext, May, Spoken
from api.gate.routes import BoundedRoute
from api.headers import PDF, file_of, file_response
from api.jobs import protocol_pdf
from api.orders.late import whole
from api.orders.paper_desk import PaperDesk, Papers, keep
from api.orders.papers import Brought, PaperQuery, add_paper
from api.policy import Operation, check_order_telling
from db.contracts import customer
from db.names import names_within
from documents.wording import word
from domain.keys import Key
from domain.orders.papers import OrderPaper, papers_of
from domain.orders.protocols import Protocol, ProtocolKind, ReadyProtocol, late_cases, protocol, ready_protocols
from domain.papers import KeptPaper, PaperKind
from domain.people import Language
from domain.values import Line, Slug

router = APIRouter(route_class=BoundedRoute, prefix="/orders", tags=["orders"])

Reading = Annotated[Key, Depends(May(Operation.READ_ORDERS))]
Commanding = Annotated[Key, Depends(May(Operation.COMMAND_ORDERS))]
OfSerial = Annotated[
    Line | None, Query(description="Erasure certificates only: for this serial (or tag) instead of the whole lot.")
]
_NAMES_AT_ONCE = 50


@dataclass(frozen=True)
class MadeProtocol:
    """A protocol as PDF/A; of the same facts always the same bytes."""

    of: Protocol
    content: bytes
    language: Language

    @property
    def name(self) -> str:
        return f"{self.of.order}-{self.of.kind.replace('_', '-')}-{self.language}.pdf"


@dataclass(frozen=True)
class PaperAsked:
    """Which paper of which order."""

    no: str
    kind: ProtocolKind
    language: Language
    serial: str | None


async def _asked(no: Slug, kind: ProtocolKind, language: Spoken, serial: OfSerial = None) -> PaperAsked:
    return PaperAsked(no, kind, language, serial)


ThisPaper = Annotated[PaperAsked, Depends(_asked)]


async def _made(asked: PaperAsked, caller: Key, context: Context) -> MadeProtocol:
    no, kind, language, serial = asked.no, asked.kind, asked.language, asked.serial
    standing = await KNOWN_ORDERS.seen(no, caller, context)
    found = protocol(standing.order, standing.progress, kind, serial)
    people = sorted(found.people)
    async with context.database.reading() as session:
        owner = await customer(session, found.customer)
        # Whoever asks for it, it is the same paper: it names whom its customer may know.
        known = [
            one
            for start in range(0, len(people), _NAMES_AT_ONCE)
            for one in await names_within(session, people[start : start + _NAMES_AT_ONCE], (found.customer,))
        ]
    found = found.but(customer_name=owner.name if owner else None)
    names = {one.id: one.name for one in known}
    return MadeProtocol(found, await context.workshop.make(protocol_pdf, found, names, language), language)


@router.get("/{no}/protocols", operation_id="listOrderProtocols")
async def show_protocols(no: Slug, caller: Reading, context: InContext) -> tuple[ReadyProtocol, ...]:
    """List the papers that can be made of what the order has by now."""
    standing = await KNOWN_ORDERS.seen(no, caller, context)
    return ready_protocols(standing.order, standing.progress)


@router.get(
    "/{no}/protocols/{kind}", operation_id="getOrderProtocol", response_class=Response, responses={200: file_of(PDF)}
)
async def show_protocol(asked: ThisPaper, caller: Reading, context: InContext) -> Response:
    """Get a paper of goods or of work as PDF/A. The same facts, the same bytes."""
    return await protocol_file(asked, caller, context)


async def protocol_file(asked: PaperAsked, caller: Key, context: Context) -> Response:
    made = await _made(asked, caller, context)
    return file_response(made.content, PDF, made.name, made.language)


@router.post("/{no}/protocols/{kind}", operation_id="addOrderProtocol", status_code=201)
async def file_protocol(
    asked: ThisPaper, caller: Commanding, papers: Papers, idempotency_key: IdempotencyKey = None
) -> OrderPaper:
    """File the same with the order, at its step, also when it has ended; filed before, it is there once."""
    made = await _made(asked, caller, papers.context)
    standing = await KNOWN_ORDERS.seen(asked.no, caller, papers.context)
    if standing.progress.is_over:
        check_order_telling(caller, "add_paper", standing.order.request.requester)
        return await _filed_late(made, caller, papers)
    said = PaperQuery(kind=PaperKind.DOCUMENT, step=made.of.step, reason=word("protocol", made.of.kind, made.language))
    return await add_paper(made.of.order, Brought(made.content, said, idempotency_key), caller, papers)


async def _filed_late(made: MadeProtocol, caller: Key, papers: PaperDesk) -> OrderPaper:
    no = made.of.order
    (case,) = (case for case, meant in late_cases(no).items() if meant == (made.of.kind, made.language))
    digest = sha256(made.content).hexdigest()
    paper = KeptPaper(digest=digest, media_type="application/pdf", size=len(made.content))
    await keep(case, paper, made.content, caller, papers)
    filed = await whole(no, caller, papers.context)
    return next(one for one in papers_of(filed.progress) if one.digest == digest)
