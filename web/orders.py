"""Orders: found, read, and told what comes next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import JsonValue

from api.cases.standing import KNOWN_ORDERS
from api.dependencies import Context, InContext, Tables, request_id
from api.orders.commands import command_order
from api.orders.order import OrderQuery, show_orders, show_timeline
from api.policy import Operation, check_order_telling
from domain.cases.events import Event
from domain.cases.order_commands import Command
from domain.keys import CUSTOMERS_OWN
from domain.kinds import OrderKind, OrderState
from domain.orders.progress import StepStatus
from domain.orders.standing import OrderStanding
from domain.people import Role
from domain.refusals import NotAllowed, Problem, Refused, Unknown
from web.forms import KEY, SEQ, PageForm, checked, said_in, typed_in
from web.order_forms import COMMANDS, SERIAL, Choices, command_form, found_by, open_commands
from web.order_sheets import names_of, order_values, sheet_values
from web.refusals import see_other
from web.rendering import Leaf, Values, page, renders_of
from web.session import Reader, Signed
from workflows.answers import TemporalAway

router = APIRouter(include_in_schema=False)
ORDERS = "/orders"
_LONGEST_SEQ, _LONGEST_NAME = 10, 64
Reading = Annotated[Reader, Depends(Signed(Operation.READ_ORDERS))]
Commanding = Annotated[Reader, Depends(Signed(Operation.COMMAND_ORDERS))]


@router.get(ORDERS, name="ordersPage")
async def list_page(
    request: Request, query: Annotated[OrderQuery, Query()], reader: Reading, database: Tables
) -> Response:
    listed = await show_orders(query, reader.key, database)
    names = await names_of({line.requester for line in listed.items}, reader, database)
    asked = [(name, text) for name, text in request.query_params.multi_items() if name != "cursor"]
    values = {
        "listed": listed,
        "query": query,
        "asked": asked,
        "names": names,
        "now": reader.now,
        "live": "order",
        "states": tuple(OrderState),
        "kinds": tuple(OrderKind),
        "may_place": reader.may(Operation.PLACE_ORDERS),
    }
    return page(request, "orders.html", reader.look, values, reader=reader)


@router.get(f"{ORDERS}/{{no}}", name="orderPage")
async def order_page(request: Request, no: str, reader: Reading, context: InContext) -> Response:
    standing = await KNOWN_ORDERS.seen(no, reader.key, context)
    version = (standing.progress.seq, standing.deadline, standing.faults)
    is_own = reader.key.role in CUSTOMERS_OWN
    leaf = Leaf("order.html", request.url.path, version, personal=is_own)

    async def values() -> Values:
        return await order_values(standing, reader, context)

    return await renders_of(request).show(request, reader, leaf, values)


@dataclass(frozen=True)
class Desk:
    """One order before somebody who is about to tell it something."""

    request: Request
    reader: Reader
    context: Context
    standing: OrderStanding


async def _desk(request: Request, no: str, reader: Commanding, context: InContext) -> Desk:
    return Desk(request, reader, context, await KNOWN_ORDERS.seen(no, reader.key, context))


AtDesk = Annotated[Desk, Depends(_desk)]


@router.get(f"{ORDERS}/{{no}}/{{command}}", name="orderCommandPage")
async def command_page(command: str, desk: AtDesk) -> Response:
    return await _page(desk, await _form(desk, command))


@router.post(f"{ORDERS}/{{no}}/{{command}}", name="commandOrderPage")
async def tell_order(command: str, desk: AtDesk, response: Response) -> Response:
    """What was typed is kept until the order has taken it."""
    standing, reader, done = desk.standing, desk.reader, see_other(f"{ORDERS}/{desk.standing.order.no}")
    typed = typed_in(await desk.request.form())
    empty = await _form(desk, command)
    form = replace(empty, typed=typed)
    shown_seq, key = _first(typed, SEQ), _first(typed, KEY) or form.key
    if any(given.request_id == request_id(reader.key, key) for given in standing.progress.given):
        return done
    if news := await _news(desk, since=shown_seq):
        return await _page(desk, form, news=news, status=HTTPStatus.CONFLICT)
    body, problems = said_in(typed, form.shapes, standing.order.terms.access.zone)
    said, wrong = checked(Command, _as_said(standing, command, body))
    if problems or wrong:
        return await _refused(desk, form, [*problems, *wrong])
    try:
        await command_order(standing.order.no, said, reader.key, desk.context, response, idempotency_key=key)
    except (NotAllowed, Unknown):
        raise
    except Refused as refused:
        return await _refused(desk, form, refused.problems)
    except TemporalAway:
        return await _refused(desk, form, [Problem(code="temporal_away")], HTTPStatus.SERVICE_UNAVAILABLE)
    return done


def _as_said(standing: OrderStanding, command: str, body: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    serials = {name for name in body if name.startswith(SERIAL)}
    said: dict[str, JsonValue] = {"type": command, **{name: body[name] for name in body.keys() - serials}}
    if command == "verify":
        said["found"] = found_by(standing, body)
    return said


def _first(typed: Mapping[str, Sequence[str]], name: str) -> str:
    return next(iter(typed.get(name, ())), "")[:_LONGEST_NAME]


async def _form(desk: Desk, command: str) -> PageForm:
    """Raises `Unknown` for no command at all, `NotAllowed` for one that is not this role's."""
    if command not in COMMANDS:
        raise Unknown(Problem(code="not_found"))
    standing, reader = desk.standing, desk.reader
    check_order_telling(reader.key, command, standing.order.request.requester)
    people = {person for team in standing.order.terms.team.values() for person in team}
    names = await names_of(people, reader, desk.context.database)
    steps = open_commands(standing, reader.key).get(command, ())
    return command_form(standing, command, steps, Choices(names, reader.look.language))


async def _refused(
    desk: Desk, form: PageForm, problems: Sequence[Problem], status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY
) -> Response:
    return await _page(desk, form.refused(problems, desk.reader.look.language), status=status)


async def _news(desk: Desk, *, since: str) -> Sequence[Event]:
    """What has happened since the form was shown, if people had a hand in it: what machines do was to be expected."""
    if since == f"{desk.standing.progress.seq}":
        return ()
    # It begins with the first event, also where nobody had written it yet.
    seen = int(since) if since.isascii() and since.isdecimal() and len(since) < _LONGEST_SEQ else 0
    events = await show_timeline(desk.standing.order.no, desk.reader.key, desk.context)
    news = [event for event in events if event.seq > max(seen, 1)]
    return news if any(event.actor.role != Role.SYSTEM for event in news) else ()


async def _page(
    desk: Desk, form: PageForm, *, news: Sequence[Event] = (), status: HTTPStatus = HTTPStatus.OK
) -> Response:
    reader = desk.reader
    values = await sheet_values(desk.standing, reader, desk.context, [event.actor.person for event in news])
    undone = [step.id for step in desk.standing.progress.steps if step.status == StepStatus.DONE]
    more = {"form": form, "news": news, "undone": undone if form.command == "cancel" else ()}
    template = "order_command.html"
    return page(desk.request, template, reader.look, {**values, **more}, reader=reader, status=status)
