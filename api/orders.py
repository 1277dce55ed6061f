"""Placing orders and reading them."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Response
from pydantic import Field, TypeAdapter, ValidationError

from api.dependencies import AtDesk, Desk, IdempotencyKey, May, Tables, must_see, scope_of
from api.examples import ORDERS
from api.paging import Cursor, Page, cursor_wrong, page, read_cursor
from api.policy import Operation
from api.standing import Standing, as_written, just_begun, standing_of
from db.assets import assets_by_tag
from db.cases import Section, Sort, sort_value
from db.contracts import contract_in_force, sites_by_id
from db.incidents import incident_row
from db.journal import timeline
from db.ledger import LedgerRow, entries_of
from db.notices import NoticeRow, notices_of
from db.orders import Filter, list_orders, order_row
from domain.chains import Chain
from domain.events import Event
from domain.ids import order_no, order_workflow_id
from domain.keys import Key
from domain.kinds import OrderKind, OrderState
from domain.orders import Order, OrderRequest, accept
from domain.people import Role
from domain.refusals import NotAllowed, Problem, Unacceptable, unknown
from domain.sheets import OrderLine, OrderSheet
from domain.times import Instant
from domain.values import Line, Slug, Value
from workflows.client import CaseExists

_AT: TypeAdapter[Instant] = TypeAdapter(Instant)

router = APIRouter(prefix="/orders", tags=["orders"])

Placing = Annotated[Key, Depends(May(Operation.PLACE_ORDERS))]
Reading = Annotated[Key, Depends(May(Operation.READ_ORDERS))]


@router.post("", status_code=202)
async def place_order(
    request: Annotated[OrderRequest, Body(openapi_examples=ORDERS)],
    caller: Placing,
    desk: AtDesk,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> OrderSheet:
    """Accept an order under its contract and start working on it. With the answer it is durable."""
    if caller.role == Role.REQUESTER and request.requester != caller.person:
        raise NotAllowed(Problem(code="requester_only_self", at="/requester"))
    no = order_no(None if idempotency_key is None else f"{caller.id}/{idempotency_key}")
    response.headers["Location"] = f"/api/v1/orders/{no}"
    try:
        standing = None if idempotency_key is None else await _written(no, desk)
        if standing is None:
            order = await _accepted(request, caller, no, desk)
            await desk.temporal.start_order(order)
            standing = just_begun(order)
    except (Unacceptable, CaseExists):
        # Placed before and not written yet; its assets may have moved on since.
        begun = None if idempotency_key is None else await desk.temporal.order_at_start(no)
        if begun is None:
            raise
        standing = just_begun(begun)
    if standing.order.request != request:
        raise Unacceptable(Problem(code="request_id_reused"))
    return standing.sheet(desk.now)


async def _written(no: str, desk: Desk) -> Standing | None:
    async with desk.database.reading() as session:
        row = await order_row(session, no)
    return as_written(row) if row else None


async def _accepted(request: OrderRequest, caller: Key, no: str, desk: Desk) -> Order:
    async with desk.database.reading() as session:
        contract = await contract_in_force(session, request.contract)
        nobodys = unknown("contract", request.contract, "/contract")
        if contract is None:
            raise nobodys
        must_see(caller, contract.customer, nobodys)
        sites = await sites_by_id(session, request.site_ids)
        assets = await assets_by_tag(session, contract.customer, request.assets)
    if request.incident is not None:
        await _must_be_theirs(request.incident, contract.customer, desk)
    order = accept(contract, request, sites=sites, assets=assets, no=no, at=desk.now)
    return order.but(placed_by=caller.person)


async def _must_be_theirs(incident: str, customer: str, desk: Desk) -> None:
    """One that was reported just now is not in the tables yet."""
    async with desk.database.reading() as session:
        row = await incident_row(session, incident)
    found = row or await desk.temporal.incident_at_start(incident)
    if found is None or found.customer != customer:
        raise unknown("incident", incident, "/incident")


class OrderQuery(Value):
    """What a list of orders is narrowed to and how it is sorted."""

    state: tuple[OrderState, ...] = ()
    kind: tuple[OrderKind, ...] = ()
    customer: Slug | None = None
    site: Slug | None = None
    requester: Slug | None = None
    contract: Slug | None = None
    reference: Line | None = None
    received_from: Instant | None = None
    received_until: Instant | None = None
    missed: bool | None = None
    stuck: bool | None = None
    sort: Sort = "-received_at"
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=500)

    def filter(self, customers: tuple[str, ...] | None) -> Filter:
        facts = self.model_dump(exclude={"state", "kind", "customer", "sort", "limit", "cursor"})
        return Filter(customers=customers, states=self.state, kinds=self.kind, **facts)

    def section(self) -> Section:
        after = read_cursor(self.cursor, self.sort)
        try:
            return Section(self.sort, self.limit, (_AT.validate_python(after[0]), after[1]) if after else None)
        except ValidationError as error:
            raise cursor_wrong() from error


@router.get("")
async def show_orders(query: Annotated[OrderQuery, Query()], caller: Reading, database: Tables) -> Page[OrderLine]:
    """Orders the caller may see, page by page. `state` and `kind` may be given several times."""
    wanted = query.filter(scope_of(caller, query.customer))
    async with database.reading() as session:
        rows, last = page(await list_orders(session, wanted, query.section()), query.limit)
    cursor = Cursor(sort=query.sort, after=(sort_value(last, query.sort).isoformat(), last.no)) if last else None
    return Page(items=tuple(row.as_line() for row in rows), next=str(cursor) if cursor else None)


@router.get("/{no}")
async def show_order(no: Slug, caller: Reading, desk: AtDesk) -> OrderSheet:
    """One order: what was asked and promised, where it stands, and what it waits for."""
    return (await standing_of(no, caller, desk)).sheet(desk.now)


@router.get("/{no}/timeline")
async def show_timeline(no: Slug, caller: Reading, desk: AtDesk) -> list[Event]:
    """Everything that has happened to the order, oldest first."""
    await standing_of(no, caller, desk)
    async with desk.database.reading() as session:
        return [row.as_event() for row in await timeline(session, order_workflow_id(no))]


@router.get("/{no}/chain")
async def show_chain(no: Slug, caller: Reading, desk: AtDesk) -> Chain:
    """The service chain that was promised when the order was accepted."""
    return (await standing_of(no, caller, desk)).order.chain


@router.get("/{no}/charges")
async def show_charges(
    no: Slug, caller: Annotated[Key, Depends(May(Operation.READ_CHARGES))], desk: AtDesk
) -> list[LedgerRow]:
    """The order's entries in the ledger; what was wrong is taken back by a counter-entry."""
    await standing_of(no, caller, desk)
    async with desk.database.reading() as session:
        return list(await entries_of(session, no))


@router.get("/{no}/notices")
async def show_notices(
    no: Slug, caller: Annotated[Key, Depends(May(Operation.READ_NOTICES))], desk: AtDesk
) -> list[NoticeRow]:
    """Every attempt to tell somebody about the order."""
    await standing_of(no, caller, desk)
    async with desk.database.reading() as session:
        return list(await notices_of(session, order_workflow_id(no)))
