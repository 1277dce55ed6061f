"""Telling an order something: approve, book, complete, cancel and all the rest."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Response

from api.cases.instructions import check_people, hours_found, instruction
from api.cases.standing import KNOWN_ORDERS
from api.dependencies import Context, IdempotencyKey, InContext, May
from api.examples import COMMANDS
from api.gate.routes import BoundedRoute
from api.orders.erasure_files import report_in
from api.orders.recycler_files import list_in
from api.policy import Operation, check_order_command
from connectors.holidays import with_holidays
from db.papers import handed_in
from db.vendors.vendor import vendor_in_force
from domain.cases.lookups import CustodianFound, ErasureReportFound, LookedUp, PaperFound, RecyclerListFound
from domain.cases.order_commands import (
    AddErasureReport,
    AddPaper,
    AddRecyclerList,
    Book,
    Command,
    ConfirmCustody,
    Dispatch,
    HandOver,
    Migrate,
    SettleCertificate,
)
from domain.contracts.chains import Custody
from domain.ids import order_workflow_id
from domain.keys import CUSTOMERS_OWN, Key
from domain.orders.decisions.appointments import check_access
from domain.orders.departures import asked_by_name, custodian_found, custodian_in_question, custodian_of
from domain.orders.order import Order
from domain.orders.sheets import OrderSheet
from domain.orders.standing import OrderStanding
from domain.people import Role
from domain.refusals import Problem, Unacceptable
from domain.values import Slug

router = APIRouter(route_class=BoundedRoute, prefix="/orders", tags=["orders"])

UNDER_WAY = "Accepted and durable; its effects are still under way."


@router.post(
    "/{no}/commands", operation_id="commandOrder", responses={202: {"model": OrderSheet, "description": UNDER_WAY}}
)
async def command_order(
    no: Slug,
    command: Annotated[Command, Body(openapi_examples=COMMANDS)],
    caller: Annotated[Key, Depends(May(Operation.COMMAND_ORDERS))],
    context: InContext,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> OrderSheet:
    """Send a command to an order. A refusal gives the reasons and changes nothing."""
    standing = await KNOWN_ORDERS.seen(no, caller, context)
    if not (isinstance(command, HandOver) and gives_back(caller, standing)):
        check_order_command(caller, command, standing.order.request.requester)
    found = await _looked_up(command, standing, context)
    given = instruction(command, caller, idempotency_key, context, found)
    receipt = await context.temporal.command(order_workflow_id(no), given)
    response.status_code = 202 if receipt is None else 200
    return (await KNOWN_ORDERS.seen(no, caller, context)).sheet(caller, context.now)


def gives_back(caller: Key, standing: OrderStanding) -> bool:
    """Whether the customer's own people have a step of it and the caller is one of them."""
    is_theirs = any(one.until is None for one in standing.progress.own_people)
    return is_theirs and caller.role in CUSTOMERS_OWN and caller.person in standing.order.people(Role.CONTACT)


async def _looked_up(command: Command, standing: OrderStanding, context: Context) -> LookedUp | None:
    """What the registers say of what the command names. Raises `Unacceptable` when they do not know it."""
    order = standing.order
    match command:
        case Migrate():
            return await hours_found(command, order.terms.contract, context)
        case AddPaper():
            return await _paper_found(order.no, command.digest, context)
        case AddErasureReport():
            return await _report_found(order, command, context)
        case AddRecyclerList():
            return await _list_found(order, command, context)
        case ConfirmCustody() | SettleCertificate() | Dispatch():
            return await _custodian_found(standing, command, context)
        case Book():
            _check_access(order, command)
            await check_people({"/technician": command.technician}, order.customer, context, by=command.window.end)
    return None


async def _paper_found(no: str, digest: str, context: Context) -> PaperFound:
    async with context.database.reading() as session:
        found = await handed_in(session, order_workflow_id(no), digest)
    if found is None:
        raise Unacceptable(Problem(code="paper_unknown", at="/digest"))
    return PaperFound(paper=found)


async def _report_found(order: Order, command: AddErasureReport, context: Context) -> ErasureReportFound:
    paper = (await _paper_found(order.no, command.digest, context)).paper
    content = await context.papers.get(command.digest)
    if content is None:
        raise Unacceptable(Problem(code="paper_lost", at="/digest"))
    _, report = await report_in(content, order, context)
    await check_people({"/operator": command.operator, "/verifier": command.verifier}, order.customer, context)
    return ErasureReportFound(paper=paper, report=report)


async def _list_found(order: Order, command: AddRecyclerList, context: Context) -> RecyclerListFound:
    paper = (await _paper_found(order.no, command.digest, context)).paper
    content = await context.papers.get(command.digest)
    if content is None:
        raise Unacceptable(Problem(code="paper_lost", at="/digest"))
    standing = await KNOWN_ORDERS.find(order.no, context)
    assert standing is not None  # it was seen just now
    return RecyclerListFound(paper=paper, said=await list_in(content, standing, context))


async def _custodian_found(
    standing: OrderStanding, command: ConfirmCustody | SettleCertificate | Dispatch, context: Context
) -> CustodianFound | None:
    """The vendor who is asked, takes or has the goods, in the version of this moment."""
    order = standing.order
    match command:
        case ConfirmCustody():
            meant = custodian_of(order, standing.progress, command.step, command.vendor)
        case Dispatch():
            meant = asked_by_name(order, standing.progress, command.step, command.vendor)
        case SettleCertificate():
            meant = custodian_in_question(standing.progress, command.step)
    if meant is None:
        return None
    step = order.chain.step(meant.step)
    async with context.database.reading() as session:
        vendor = await vendor_in_force(session, meant.vendor)
    if vendor is None or not vendor.serves(order.customer):
        raise Unacceptable(Problem(code="vendor_unknown", at="/vendor", values={"vendor": meant.vendor}))
    return custodian_found(vendor, step.certificate if isinstance(step, Custody) else None, order.terms.access.zone)


def _check_access(order: Order, command: Book) -> None:
    access = with_holidays(order.terms.access, command.window.start)
    check_access(order.but(terms=order.terms.but(access=access)), command)
