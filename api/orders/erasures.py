"""What is proven erased in an order: reports of tools handed in as files, and all records of it."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, File, Query, Response, UploadFile
from pydantic import Field

from api.cases.instructions import check_people, instruction
from api.cases.standing import KNOWN_ORDERS
from api.dependencies import Context, IdempotencyKey, InContext, May
from api.gate.routes import BoundedRoute
from api.orders.commands import command_order
from api.orders.erasure_files import report_in
from api.orders.paper_desk import Papers, keep
from api.policy import Operation, check_order_telling
from api.queries import QueryValue
from db.assets.asset import of_other_customers
from domain.cases.erasures import ErasureReport
from domain.cases.lookups import ErasureReportFound
from domain.cases.order_commands import AddErasureReport
from domain.ids import order_workflow_id
from domain.keys import Key
from domain.orders.decisions.decide import decide
from domain.orders.erasures import ErasureOutcome, ErasureRecord, erasure_records, records_of
from domain.orders.standing import OrderStanding
from domain.papers import Digest, KeptPaper
from domain.refusals import Problem, Refused, Unacceptable, refuse_if
from domain.values import Line, Slug, Text, Value

router = APIRouter(route_class=BoundedRoute, prefix="/orders", tags=["orders"])

Reading = Annotated[Key, Depends(May(Operation.READ_ORDERS))]
Commanding = Annotated[Key, Depends(May(Operation.COMMAND_ORDERS))]


class ErasureReportQuery(QueryValue):
    """`validation` says how people know that erasing has worked, `verifier` is who has seen to it: not the operator."""

    operator: Slug
    verifier: Slug
    place: Line
    validation: Line
    step: Slug | None = None
    reason: Text | None = None


class ReportedErasures(Value):
    """What a report proves: every medium that it names, and how many there are of each outcome."""

    digest: Digest
    size: int
    proven: int = Field(description="Media of this order that are proven erased by the report.")
    failed: int
    unverified: int
    too_weak: int
    unknown: int = Field(description="Media that are not part of this order. They prove nothing.")
    records: tuple[ErasureRecord, ...]


class SaidOfReport(NamedTuple):
    asked: ErasureReportQuery
    key: str | None


async def _said(query: Annotated[ErasureReportQuery, Query()], idempotency_key: IdempotencyKey = None) -> SaidOfReport:
    return SaidOfReport(query, idempotency_key)


@dataclass(frozen=True)
class _Brought:
    """A report as it was handed in, with what it says; nothing is kept of it yet."""

    content: bytes
    paper: KeptPaper
    report: ErasureReport
    said: SaidOfReport

    @property
    def command(self) -> AddErasureReport:
        return AddErasureReport(digest=self.paper.digest, **self.said.asked.model_dump())

    @property
    def found(self) -> ErasureReportFound:
        return ErasureReportFound(paper=self.paper, report=self.report)


@router.post("/{no}/erasure-reports", operation_id="addErasureReport", status_code=201)
async def bring_report(
    no: Slug,
    file: Annotated[UploadFile, File(description="Blancco XML or a log of nwipe, at most 5 MB.")],
    said: Annotated[SaidOfReport, Depends(_said)],
    caller: Commanding,
    papers: Papers,
    response: Response,
) -> ReportedErasures:
    """Prove erasures by the report of their tool. Each drive counts for itself; a refusal keeps nothing."""
    context = papers.context
    standing = await KNOWN_ORDERS.seen(no, caller, context)
    check_order_telling(caller, "add_erasure_report", standing.order.request.requester)
    brought = await _read(await file.read(), said, standing, context)
    response.headers["Location"] = f"/api/v1/orders/{no}/papers/{brought.paper.digest}"
    if not _is_there(standing, brought.paper.digest):
        await _check(brought, standing, caller, context)
        await keep(order_workflow_id(no), brought.paper, brought.content, caller, papers)
        try:
            await command_order(no, brought.command, caller, context, Response(), said.key)
        except Refused:
            # Somebody else may have brought the same meanwhile, and the step may be over by it.
            standing = await KNOWN_ORDERS.seen(no, caller, context)
            if not _is_there(standing, brought.paper.digest):
                raise
        else:
            standing = await KNOWN_ORDERS.seen(no, caller, context)
    if _is_there(standing, brought.paper.digest):
        records = tuple(one for one in _records(standing) if one.report == brought.paper.digest)
    else:
        # As long as nobody has written it down, it is as it was asked for.
        given = instruction(brought.command, caller, said.key, context, brought.found)
        records = records_of(standing.order, standing.progress.assets, given)
    return _reported(brought.paper, records)


@router.get("/{no}/erasures", operation_id="listErasures")
async def show_erasures(no: Slug, caller: Reading, context: InContext) -> tuple[ErasureRecord, ...]:
    """List every erasure record of an order, oldest first: those that were typed have no report."""
    return _records(await KNOWN_ORDERS.seen(no, caller, context))


async def _read(content: bytes, said: SaidOfReport, standing: OrderStanding, context: Context) -> _Brought:
    media_type, report = await report_in(content, standing.order, context)
    paper = KeptPaper(digest=sha256(content).hexdigest(), media_type=media_type, size=len(content))
    return _Brought(content, paper, report, said)


async def _check(brought: _Brought, standing: OrderStanding, caller: Key, context: Context) -> None:
    """Raises `Unacceptable` with all that is wrong, before anything is kept."""
    problems = await _of_others(brought.report, standing, caller, context)
    people = {"/query/operator": brought.said.asked.operator, "/query/verifier": brought.said.asked.verifier}
    try:
        await check_people(people, standing.customer, context)
    except Unacceptable as refused:
        problems += refused.problems
    try:
        decide(standing.order, standing.progress, instruction(brought.command, caller, None, context, brought.found))
    except Unacceptable as refused:
        problems += refused.problems
    refuse_if(problems)


async def _of_others(report: ErasureReport, standing: OrderStanding, caller: Key, context: Context) -> list[Problem]:
    """Serials of other customers' assets: whoever sees the order would read them. Said only to who may see those."""
    serials = [(number, one) for number, drive in enumerate(report.drives) for one in {drive.serial, drive.machine}]
    async with context.database.reading() as session:
        named = {one for _, one in serials if one is not None}
        others = await of_other_customers(session, standing.customer, sorted(named), caller.customers)
    return [
        Problem(code="serial_of_others", at=f"/drives/{number}", values={"serial": one})
        for number, one in serials
        if one in others
    ]


def _is_there(standing: OrderStanding, digest: str) -> bool:
    return any(one.report == digest for one in _records(standing))


def _records(standing: OrderStanding) -> tuple[ErasureRecord, ...]:
    return erasure_records(standing.order, standing.progress)


def _reported(paper: KeptPaper, records: tuple[ErasureRecord, ...]) -> ReportedErasures:
    counts = {outcome.value: sum(one.outcome == outcome for one in records) for outcome in ErasureOutcome}
    return ReportedErasures(digest=paper.digest, size=paper.size, records=records, **counts)
