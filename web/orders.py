"""Orders: found, read, and told what comes next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import JsonValue

from api.dependencies import Context, InContext, Tables
from api.orders.commands import command_order
from api.orders.late import whole
from api.orders.order import OrderQuery, show_orders, show_timeline, with_parts
from api.policy import Operation
from domain.cases.events import Event
from domain.cases.order_commands import Command
from domain.keys import CUSTOMERS_OWN
from domain.kinds import OrderKind, OrderState
from domain.orders.progress import PartStanding, Progress, StepStatus
from domain.orders.standing import OrderStanding
from domain.refusals import Problem, Unknown
from web.forms import PageForm
from web.goods.declaring import waste_said
from web.order_forms import (
    COMMANDS,
    SERIAL,
    Choices,
    Takers,
    asks_by_name,
    check_telling,
    command_form,
    found_by,
    open_commands,
)
from web.order_sheets import names_of, order_values, sheet_values, takers_of
from web.rendering import Leaf, Values, page, renders_of
from web.session import Reader, Signed
from web.telling import ask, tell

router = APIRouter(include_in_schema=False)
ORDERS = "/orders"
Reading = Annotated[Reader, Depends(Signed(Operation.READ_ORDERS))]
Commanding = Annotated[Reader, Depends(Signed(Operation.COMMAND_ORDERS))]


@router.get(ORDERS, name="ordersPage")
async def list_page(
    request: Request, query: Annotated[OrderQuery, Query()], reader: Reading, database: Tables
) -> Response:
    async def values() -> Values:
        listed = await show_orders(query, reader.key, database)
        return {
            "listed": listed,
            "query": query,
            "asked": [(name, text) for name, text in request.query_params.multi_items() if name != "cursor"],
            "names": await names_of({line.requester for line in listed.items}, reader, database),
            "now": reader.now,
            "live": "order",
            "states": tuple(OrderState),
            "kinds": tuple(OrderKind),
            "may_place": reader.may(Operation.PLACE_ORDERS),
        }

    return await renders_of(request).show(request, reader, Leaf("orders.html"), values)


@router.get(f"{ORDERS}/{{no}}", name="orderPage")
async def order_page(request: Request, no: str, reader: Reading, context: InContext) -> Response:
    async def seen() -> tuple[OrderStanding, tuple[PartStanding, ...], Takers]:
        standing = await whole(no, reader.key, context)
        parts = (await with_parts(standing.sheet(reader.key, context.now), context.database)).parts
        return standing, parts, await takers_of((standing,), reader, context.database)

    async def look() -> Leaf:
        standing, parts, certified = await seen()
        told = len(standing.progress.given)
        version = (standing.progress.seq, standing.deadline, standing.faults, parts, told, tuple(certified.items()))
        is_own = reader.key.role in CUSTOMERS_OWN or asks_by_name(standing)
        return Leaf("order.html", version, personal=is_own)

    async def values() -> Values:
        standing, parts, certified = await seen()
        return await order_values(standing, reader, context, parts, certified)

    return await renders_of(request).show(request, reader, look, values)


@dataclass(frozen=True)
class OrderDesk:
    """One order before somebody who is about to tell it something."""

    request: Request
    reader: Reader
    context: Context
    standing: OrderStanding
    kind: Any = Command

    @property
    def address(self) -> str:
        return f"{ORDERS}/{self.standing.order.no}"

    @property
    def progress(self) -> Progress:
        return self.standing.progress

    @property
    def zone(self) -> str:
        return self.standing.order.terms.access.zone

    async def form(self, command: str) -> PageForm:
        if command not in COMMANDS:
            raise Unknown(Problem(code="not_found"))
        standing, reader = self.standing, self.reader
        check_telling(standing, reader.key, command)
        people = {person for team in standing.order.terms.team.values() for person in team}
        names = await names_of(people, reader, self.context.database)
        steps = open_commands(standing, reader.key).get(command, ())
        certified = await takers_of((standing,), reader, self.context.database)
        return command_form(standing, command, steps, Choices(names, reader.look.language, certified))

    def as_said(self, command: str, body: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        serials = {name for name in body if name.startswith(SERIAL)}
        said: dict[str, JsonValue] = {"type": command, **{name: body[name] for name in body.keys() - serials}}
        if command == "declare_waste":
            more = {name: body[name] for name in ("step", "reason") if name in body}
            return {"type": command, "items": waste_said(self.standing, body), **more}
        if command == "verify":
            said["found"] = found_by(self.standing, body)
        return said

    async def send(self, said: Any, key: str, response: Response) -> None:  # noqa: ANN401  # a `Command`
        no = self.standing.order.no
        await command_order(no, said, self.reader.key, self.context, response, idempotency_key=key)

    async def events(self) -> Sequence[Event]:
        return await show_timeline(self.standing.order.no, self.reader.key, self.context)

    async def page(self, form: PageForm, news: Sequence[Event], status: HTTPStatus) -> Response:
        reader = self.reader
        values = await sheet_values(self.standing, reader, self.context, [event.actor.person for event in news])
        undone = [step.id for step in self.progress.steps if step.status == StepStatus.DONE]
        more = {"form": form, "news": news, "undone": undone if form.command == "cancel" else ()}
        template = "order_command.html"
        return page(self.request, template, reader.look, {**values, **more}, reader=reader, status=status)


async def _desk(request: Request, no: str, reader: Commanding, context: InContext) -> OrderDesk:
    return OrderDesk(request, reader, context, await whole(no, reader.key, context))


AtDesk = Annotated[OrderDesk, Depends(_desk)]


@router.get(f"{ORDERS}/{{no}}/{{command}}", name="orderCommandPage")
async def command_page(command: str, desk: AtDesk) -> Response:
    return await ask(desk, command)


@router.post(f"{ORDERS}/{{no}}/{{command}}", name="commandOrderPage")
async def tell_order(command: str, desk: AtDesk, response: Response) -> Response:
    return await tell(desk, command, response)
