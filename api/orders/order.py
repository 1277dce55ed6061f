"""Placing orders and reading them."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, ClassVar

from fastapi import APIRouter, Body, Depends, Query, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from api.cases.audiences import seen_by
from api.cases.lists import BEYOND_COLUMNS, CaseQuery
from api.cases.promises import promised
from api.cases.standing import KNOWN_INCIDENTS, KNOWN_ORDERS
from api.cursors import CursorPage
from api.dependencies import Context, IdempotencyKey, InContext, May, Tables, scope_of
from api.examples import ITEMS, ORDERS
from api.gate.routes import BoundedRoute
from api.orders.late import whole
from api.policy import Operation
from db.assets.asset import assets_by_tag
from db.cases.case import Sort
from db.cases.journal import timeline
from db.cases.notices import notices_of
from db.contracts import known_contract, list_sites, people_by_id, sites_by_id
from db.engine import Database, Glance
from db.ledger import entries_of_all
from db.orders import OrderFilter, OrderRow, VisitsOn, list_orders, orders_of
from domain.cases.events import Event
from domain.cases.notices import NoticeAttempt
from domain.clocks.reports import ClockReport, report
from domain.contracts.bundles import questions_of
from domain.contracts.catalogue import QuestionKind
from domain.contracts.chains import Chain
from domain.contracts.contract import Contract
from domain.ids import order_no, order_workflow_id
from domain.keys import CUSTOMERS_OWN, Key
from domain.kinds import OrderKind, OrderState
from domain.orders.answers import named_by
from domain.orders.ledger import LedgerEntry
from domain.orders.order import Order, OrderWish, Registers, accept
from domain.orders.sheets import OrderLine, OrderSheet, line_for_customers
from domain.people import Role
from domain.places import Site
from domain.refusals import NotAllowed, Problem, Unacceptable
from domain.times import Day, day_at
from domain.values import Few, Slug

router = APIRouter(route_class=BoundedRoute, prefix="/orders", tags=["orders"])

Placing = Annotated[Key, Depends(May(Operation.PLACE_ORDERS))]
Reading = Annotated[Key, Depends(May(Operation.READ_ORDERS))]


@router.post("", operation_id="placeOrder", status_code=202)
async def place_order(
    request: Annotated[OrderWish, Body(openapi_examples=ORDERS | ITEMS)],
    caller: Placing,
    context: InContext,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> OrderSheet:
    """Place an order under its contract: an item of its catalogue, or a kind. Once accepted, it is durable."""
    if caller.role == Role.REQUESTER and request.requester != caller.person:
        raise NotAllowed(Problem(code="requester_only_self", at="/requester"))
    no = order_no(None if idempotency_key is None else f"{caller.id}/{idempotency_key}")
    response.headers["Location"] = f"/api/v1/orders/{no}"

    async def begin() -> Order:
        order = await accepted(request, caller, no, context)
        await context.temporal.start_order(order)
        return order

    standing = await KNOWN_ORDERS.once(idempotency_key, no, context, begin)
    if standing.order.request != request.of_kind(standing.order.request.kind):
        raise Unacceptable(Problem(code="request_id_reused"))
    return standing.sheet(caller, context.now)


async def accepted(request: OrderWish, caller: Key, no: str, context: Context) -> Order:
    """Raises `Unacceptable` naming every problem; nothing has happened then."""
    async with context.database.glancing() as session:
        contract = await known_contract(session, request.contract, caller, "/contract")
        sites, people, tags = await _named(session, contract, request)
        assets = await assets_by_tag(session, contract.customer, request.assets)
    incidents = await KNOWN_INCIDENTS.of_customer(
        contract.customer, [request.incident] if request.incident else [], context
    )
    known = Registers(sites, assets, incidents, people, tags)
    return accept(contract, request, known, no=no, at=context.now).but(placed_by=caller.person)


async def _named(
    session: Glance, contract: Contract, request: OrderWish
) -> tuple[tuple[Site, ...], frozenset[str], frozenset[str]]:
    """The sites, and of the customer's own what answers name: people and assets."""
    item = contract.item(request.item) if request.item is not None and request.answers else None
    if item is None:
        return await sites_by_id(session, request.site_ids), frozenset(), frozenset()

    questions = questions_of(contract, item)

    def said(kind: QuestionKind) -> list[str]:
        return sorted(set(named_by(questions, request.answers, kind)))

    sites = await sites_by_id(session, sorted({*request.site_ids, *said(QuestionKind.PLACE)}))
    people = await people_by_id(session, said(QuestionKind.PERSON))
    tags = await assets_by_tag(session, contract.customer, said(QuestionKind.ASSET))
    own = frozenset(person.id for person in people if person.customer == contract.customer)
    return sites, own, frozenset(asset.tag for asset in tags)


class OrderQuery(CaseQuery):
    """What a list of orders is narrowed to and how it is sorted."""

    listed: ClassVar[str] = "orders"

    state: Few[OrderState] = ()
    kind: Few[OrderKind] = ()
    requester: Slug | None = None
    technician: Slug | None = Field(default=None, description="Whose visits.")
    day: Day | None = Field(default=None, description="Visits on this day, by the clock at their sites.")
    sort: Sort = Field(default="-received_at", description="By `starts_at`, orders without a visit are left out.")

    def filter(self, customers: tuple[str, ...] | None, visits: tuple[VisitsOn, ...] | None) -> OrderFilter:
        facts = self.model_dump(exclude={*BEYOND_COLUMNS, "kind", "day"})
        return OrderFilter(customers=customers, states=self.state, kinds=self.kind, visits=visits, **facts)


@router.get("", operation_id="listOrders")
async def show_orders(
    query: Annotated[OrderQuery, Query()], caller: Reading, database: Tables
) -> CursorPage[OrderLine]:
    """List visible orders, page by page. `state` and `kind` may be repeated."""
    rows, following = await listed_orders(query, caller, database)
    lines = (row.as_line() for row in rows)
    own = caller.role in CUSTOMERS_OWN
    return CursorPage(items=tuple(line_for_customers(line) if own else line for line in lines), next=following)


async def listed_orders(query: OrderQuery, caller: Key, database: Database) -> tuple[Sequence[OrderRow], str | None]:
    """With the cursor of those that follow."""
    customers = scope_of(caller, query.customer)
    async with database.reading() as session:
        visits = await _visits_on(session, query.day, customers) if query.day is not None else None
        return query.cut(await list_orders(session, query.filter(customers, visits), query.section()))


async def _visits_on(session: AsyncSession, day: date, customers: tuple[str, ...] | None) -> tuple[VisitsOn, ...]:
    by_zone: dict[str, list[str]] = {}
    for site in await list_sites(session, customers):
        by_zone.setdefault(site.access.zone, []).append(site.id)
    return tuple(VisitsOn(tuple(sites), *day_at(day, zone)) for zone, sites in by_zone.items())


@router.get("/{no}", operation_id="getOrder")
async def show_order(no: Slug, caller: Reading, context: InContext) -> OrderSheet:
    """Get an order: request, targets, status and pending steps."""
    return await with_parts((await whole(no, caller, context)).sheet(caller, context.now), context.database)


async def with_parts(sheet: OrderSheet, database: Database) -> OrderSheet:
    """The orders of a bundle as they stand themselves: it hears of them when they have ended."""
    if not sheet.parts:
        return sheet
    async with database.reading() as session:
        rows = {row.no: row for row in await orders_of(session, [part.order for part in sheet.parts])}
    return sheet.but(
        parts=tuple(
            part.but(state=OrderState(row.state), stuck=row.stuck) if (row := rows.get(part.order)) else part
            for part in sheet.parts
        )
    )


@router.get("/{no}/timeline", operation_id="getOrderTimeline")
async def show_timeline(no: Slug, caller: Reading, context: InContext) -> list[Event]:
    """Get the history of an order, oldest first."""
    await KNOWN_ORDERS.seen(no, caller, context)
    async with context.database.reading() as session:
        events = [row.as_event() for row in await timeline(session, order_workflow_id(no))]
    return seen_by(caller, order_workflow_id(no), events)


@router.get("/{no}/clocks", operation_id="getOrderClocks")
async def show_clocks(no: Slug, caller: Reading, context: InContext) -> list[ClockReport]:
    """Get the clocks of an order: used and remaining time, deadlines, notifications and how they were calculated."""
    case = await promised(order_workflow_id(no), caller, context)
    return [report(clock, hours, context.now) for clock, hours in case.promises]


@router.get("/{no}/chain", operation_id="getOrderChain")
async def show_chain(no: Slug, caller: Reading, context: InContext) -> Chain:
    """Get the service chain agreed when the order was accepted."""
    return (await KNOWN_ORDERS.seen(no, caller, context)).order.chain


@router.get("/{no}/charges", operation_id="listOrderCharges")
async def show_charges(
    no: Slug, caller: Annotated[Key, Depends(May(Operation.READ_CHARGES))], context: InContext
) -> list[LedgerEntry]:
    """Get the charges of an order, of a bundle those of its orders; corrections are made by counter-entry."""
    standing = await KNOWN_ORDERS.seen(no, caller, context)
    numbers = [no, *(part.order for part in standing.progress.parts)]
    async with context.database.reading() as session:
        return [row.as_entry() for row in await entries_of_all(session, numbers)]


@router.get("/{no}/notices", operation_id="listOrderNotices")
async def show_notices(
    no: Slug, caller: Annotated[Key, Depends(May(Operation.READ_NOTICES))], context: InContext
) -> list[NoticeAttempt]:
    """List every delivery attempt for messages about an order."""
    await KNOWN_ORDERS.seen(no, caller, context)
    async with context.database.reading() as session:
        return [row.as_attempt() for row in await notices_of(session, order_workflow_id(no))]
