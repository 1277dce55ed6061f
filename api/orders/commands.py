"""Telling an order something: approve, book, complete, cancel and all the rest."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Response

from api.cases.instructions import check_people, instruction, with_calendar
from api.cases.order_standing import standing_of
from api.dependencies import Context, IdempotencyKey, InContext, May
from api.examples import COMMANDS
from api.policy import Operation, check_order_command
from connectors.holidays import with_holidays
from domain.cases.order_commands import Book, Command, Migrate
from domain.ids import order_workflow_id
from domain.keys import Key
from domain.orders.decisions.appointments import check_access
from domain.orders.order import Order
from domain.orders.sheets import OrderSheet
from domain.values import Slug

router = APIRouter(prefix="/orders", tags=["orders"])

UNDER_WAY = "Accepted and durable; its effects are still under way."


@router.post("/{no}/commands", responses={202: {"model": OrderSheet, "description": UNDER_WAY}})
async def command_order(
    no: Slug,
    command: Annotated[Command, Body(openapi_examples=COMMANDS)],
    caller: Annotated[Key, Depends(May(Operation.COMMAND_ORDERS))],
    context: InContext,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> OrderSheet:
    """Give the order a command. A refusal says why and changes nothing."""
    order = (await standing_of(no, caller, context)).order
    check_order_command(caller, command, order.request.requester)
    told = await _checked(command, order, context)
    receipt = await context.temporal.command(order_workflow_id(no), instruction(told, caller, idempotency_key, context))
    response.status_code = 202 if receipt is None else 200
    return (await standing_of(no, caller, context)).sheet(context.now)


async def _checked(command: Command, order: Order, context: Context) -> Command:
    """The command as the order is to hear it, once the registers know what it names."""
    match command:
        case Migrate():
            return await with_calendar(command, order.terms.contract, context)
        case Book():
            _check_access(order, command)
            await check_people({"/technician": command.technician}, order.customer, context)
    return command


def _check_access(order: Order, command: Book) -> None:
    access = with_holidays(order.terms.access, command.window.start)
    check_access(order.but(terms=order.terms.but(access=access)), command)
