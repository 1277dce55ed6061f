"""What recyclers say that they have received, held against what has left."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, File, Query, Response, UploadFile

from api.cases.instructions import instruction
from api.dependencies import Context, IdempotencyKey, InContext, May
from api.gate.routes import BoundedRoute
from api.orders.commands import command_order
from api.orders.late import say_late, whole
from api.orders.paper_desk import Papers, keep
from api.orders.recycler_files import list_in, type_of
from api.policy import Operation, check_order_telling
from api.queries import QueryValue
from db.assets.asset import of_other_customers
from domain.cases.lookups import RecyclerListFound
from domain.cases.order_commands import AddRecyclerList
from domain.ids import order_workflow_id
from domain.keys import Key
from domain.orders.decisions.decide import decide, decide_late
from domain.orders.departures import RecyclerComparison, comparisons, leaving_step
from domain.orders.recycler_lists import serials_of
from domain.orders.standing import OrderStanding
from domain.papers import KeptPaper
from domain.refusals import Problem, Refused, refuse_if
from domain.values import Slug, Text

router = APIRouter(route_class=BoundedRoute, prefix="/orders", tags=["orders"])

Reading = Annotated[Key, Depends(May(Operation.READ_ORDERS))]
Commanding = Annotated[Key, Depends(May(Operation.COMMAND_ORDERS))]


class RecyclerListQuery(QueryValue):
    reason: Text | None = None


class SaidOfList(NamedTuple):
    asked: RecyclerListQuery
    key: str | None


async def _said(query: Annotated[RecyclerListQuery, Query()], idempotency_key: IdempotencyKey = None) -> SaidOfList:
    return SaidOfList(query, idempotency_key)


@dataclass(frozen=True)
class _BroughtList:
    """A list as it was handed in, with what it comes to; nothing is kept of it yet."""

    content: bytes
    command: AddRecyclerList
    found: RecyclerListFound


@router.post("/{no}/recycler-lists", operation_id="addRecyclerList", status_code=201)
async def bring_list(
    no: Slug,
    file: Annotated[UploadFile, File(description="CSV, XLSX or ODS, with serials.")],
    said: Annotated[SaidOfList, Depends(_said)],
    caller: Commanding,
    papers: Papers,
    response: Response,
) -> RecyclerComparison:
    """Hold the recycler's list against what has left. A data-bearing item that is not on it opens an incident.

    A list with faults is refused with all of them, and nothing is kept of it.
    """
    context, content = papers.context, await file.read()
    standing = await whole(no, caller, context)
    check_order_telling(caller, "add_recycler_list", standing.order.request.requester)
    digest = sha256(content).hexdigest()
    response.headers["Location"] = f"/api/v1/orders/{no}/papers/{digest}"
    if (there := _among(standing, digest)) is not None:
        return there
    brought = await _read(content, file.filename or "", standing, said, context)
    await _check(brought, standing, caller, context)
    await keep(order_workflow_id(no), brought.found.paper, content, caller, papers)
    given = instruction(brought.command, caller, said.key, context, brought.found)
    if standing.progress.is_over:
        return comparisons((await say_late(standing, given, caller, papers)).progress)[-1]
    try:
        await command_order(no, brought.command, caller, context, Response(), said.key)
    except Refused as refused:
        codes = [problem.code for problem in refused.problems]
        if codes == ["order_is_over"]:
            # It has ended meanwhile.
            return comparisons((await say_late(standing, given, caller, papers)).progress)[-1]
        # Somebody else may have brought the same meanwhile, be it that nobody has written that down yet.
        if codes != ["paper_there"] and _among(await whole(no, caller, context), digest) is None:
            raise
    # As long as nobody has written it down, it is as it was asked for.
    begun = comparisons(decide(standing.order, standing.progress, given))[-1]
    return _among(await whole(no, caller, context), digest) or begun


@router.get("/{no}/recycler-lists", operation_id="listRecyclerLists")
async def show_lists(no: Slug, caller: Reading, context: InContext) -> tuple[RecyclerComparison, ...]:
    """List what recyclers have said that they received, oldest first; the last list counts."""
    return comparisons((await whole(no, caller, context)).progress)


def _among(standing: OrderStanding, digest: str) -> RecyclerComparison | None:
    return next((one for one in comparisons(standing.progress) if one.digest == digest), None)


async def _read(content: bytes, name: str, standing: OrderStanding, said: SaidOfList, context: Context) -> _BroughtList:
    found = await list_in(content, standing, context, name)
    paper = KeptPaper(digest=sha256(content).hexdigest(), media_type=type_of(content), size=len(content))
    step = leaving_step(standing.order, standing.progress)
    command = AddRecyclerList(digest=paper.digest, step=step, reason=said.asked.reason)
    return _BroughtList(content, command, RecyclerListFound(paper=paper, said=found))


async def _check(brought: _BroughtList, standing: OrderStanding, caller: Key, context: Context) -> None:
    """Raises `Refused` before anything is kept."""
    serials = sorted(set(serials_of(brought.found.said)))
    async with context.database.reading() as session:
        others = await of_other_customers(session, standing.customer, serials, caller.customers)
    refuse_if([Problem(code="serial_of_others", at="/file", values={"serial": one}) for one in sorted(others)])
    decides = decide_late if standing.progress.is_over else decide
    decides(standing.order, standing.progress, instruction(brought.command, caller, None, context, brought.found))
