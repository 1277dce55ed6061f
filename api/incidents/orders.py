"""Placing the order that an incident needs."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Response

from api.cases.instructions import instruction
from api.cases.standing import KNOWN_INCIDENTS, KNOWN_ORDERS
from api.dependencies import InContext, KeyNeeded, May
from api.examples import ORDERS
from api.gate.routes import BoundedRoute
from api.orders.order import accepted
from api.policy import Operation, check_incident_command
from domain.cases.incident_commands import Link
from domain.ids import incident_workflow_id, order_no
from domain.keys import Key
from domain.orders.order import Order, OrderWish
from domain.orders.sheets import OrderSheet
from domain.refusals import Problem, Unacceptable
from domain.values import Slug

router = APIRouter(route_class=BoundedRoute, prefix="/incidents", tags=["incidents"])


@router.post("/{no}/orders", operation_id="placeIncidentOrder", status_code=202)
async def place_order_for_incident(
    no: Slug,
    request: Annotated[OrderWish, Body(openapi_examples=ORDERS)],
    caller: Annotated[Key, Depends(May(Operation.PLACE_ORDERS))],
    context: InContext,
    response: Response,
    idempotency_key: KeyNeeded,
) -> OrderSheet:
    """Place an order for an incident and link them. Repeating it with the same key completes what is missing."""
    incident = (await KNOWN_INCIDENTS.seen(no, caller, context)).incident
    if request.incident not in (None, no):
        raise Unacceptable(Problem(code="incident_differs", at="/incident"))
    asked = request.but(incident=no)
    number = order_no(f"{caller.id}/{no}/{idempotency_key}")
    link = Link(order=number)
    check_incident_command(caller, link, (incident.request.reporter,))
    response.headers["Location"] = f"/api/v1/orders/{number}"

    async def begin() -> Order:
        order = await accepted(asked, caller, number, context)
        # Linked first: an incident that is over refuses, and nothing is placed then.
        await context.temporal.command(incident_workflow_id(no), instruction(link, caller, idempotency_key, context))
        await context.temporal.start_order(order)
        return order

    standing = await KNOWN_ORDERS.once(idempotency_key, number, context, begin)
    if standing.order.request != asked.of_kind(standing.order.request.kind):
        raise Unacceptable(Problem(code="request_id_reused"))
    return standing.sheet(caller, context.now)
