"""Telling an order something: approve, book, complete, cancel and all the rest."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Response

from api.dependencies import AtDesk, Desk, IdempotencyKey, May, request_id
from api.examples import COMMANDS
from api.policy import Operation, check_command
from api.standing import standing_of
from connectors.holidays import with_holidays
from db.contracts import people_by_id
from domain.commands import Book, Command
from domain.decisions.appointments import check_access
from domain.instructions import Instruction
from domain.keys import Key
from domain.orders import Order
from domain.people import Actor
from domain.refusals import Problem, Unacceptable
from domain.sheets import OrderSheet
from domain.values import Slug

router = APIRouter(prefix="/orders", tags=["orders"])


_UNDER_WAY = "Accepted and durable; its effects are still under way."


@router.post("/{no}/commands", responses={202: {"model": OrderSheet, "description": _UNDER_WAY}})
async def command_order(
    no: Slug,
    command: Annotated[Command, Body(openapi_examples=COMMANDS)],
    caller: Annotated[Key, Depends(May(Operation.COMMAND_ORDERS))],
    desk: AtDesk,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> OrderSheet:
    """Give the order a command. A refusal says why and changes nothing."""
    order = (await standing_of(no, caller, desk)).order
    check_command(caller, command, order.request.requester)
    if isinstance(command, Book):
        _check_access(order, command)
        await _check_technician(order, command, desk)
    instruction = Instruction(
        command=command,
        actor=Actor(person=caller.person, role=caller.role),
        given_at=desk.now,
        request_id=request_id(caller, idempotency_key),
    )
    receipt = await desk.temporal.command_order(no, instruction)
    response.status_code = 202 if receipt is None else 200
    return (await standing_of(no, caller, desk)).sheet(desk.now)


def _check_access(order: Order, command: Book) -> None:
    access = with_holidays(order.terms.access, command.window.start)
    check_access(order.but(terms=order.terms.but(access=access)), command)


async def _check_technician(order: Order, command: Book, desk: Desk) -> None:
    """Somebody of the provider's, or of this customer's own."""
    if command.technician is None:
        return
    async with desk.database.reading() as session:
        found = await people_by_id(session, [command.technician])
    if not any(person.customer in (None, order.customer) for person in found):
        raise Unacceptable(Problem(code="person_unknown", at="/technician", values={"person": command.technician}))
