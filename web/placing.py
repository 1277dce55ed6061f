"""Placing an order: under which contract and what, then its details beside the chain that is promised."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from api.dependencies import Context, InContext
from api.orders.order import place_order
from api.policy import Operation
from db.contracts import known_contract, list_contracts, list_sites
from documents.wording import names_of_steps, word
from domain.contracts.contract import Contract
from domain.kinds import OrderKind
from domain.orders.order import OrderRequest
from domain.people import Role
from domain.places import Site
from domain.refusals import Problem, Refused
from domain.values import Slug, Value
from web.forms import KEY, FieldShape, PageForm, checked, said_in, shapes_of, typed_in
from web.order_forms import Choices
from web.order_sheets import names_of
from web.refusals import see_other
from web.rendering import page
from web.session import Reader, Signed
from workflows.answers import TemporalAway

router = APIRouter(include_in_schema=False)
NEW = "/orders/new"
Placing = Annotated[Reader, Depends(Signed(Operation.PLACE_ORDERS))]
_RISKS = ("low", "high")
_LONGEST_NAME = 64


class OrderWish(Value):
    contract: Slug | None = None
    kind: OrderKind | None = None


@dataclass(frozen=True)
class Counter:
    """Where somebody places an order: under this contract, of this kind."""

    request: Request
    reader: Reader
    context: Context
    contract: Contract
    kind: OrderKind


async def _counter(
    request: Request, wish: Annotated[OrderWish, Query()], reader: Placing, context: InContext
) -> Counter | None:
    """Raises `Unknown` for a contract that the reader does not see."""
    if wish.contract is None or wish.kind is None:
        return None
    async with context.database.reading() as session:
        contract = await known_contract(session, wish.contract, reader.key)
    return Counter(request, reader, context, contract, wish.kind)


AtCounter = Annotated[Counter | None, Depends(_counter)]


@router.get(NEW, name="placeOrderPage")
async def new_page(
    request: Request, wish: Annotated[OrderWish, Query()], reader: Placing, context: InContext, counter: AtCounter
) -> Response:
    if counter is not None:
        return _page(counter, await _form(counter))
    async with context.database.reading() as session:
        contracts = await list_contracts(session, reader.key.customers)
    valid = [contract for contract in contracts if contract.is_valid_on(context.now)]
    values = {"wish": wish, "contracts": valid, "kinds": tuple(OrderKind), "now": context.now}
    return page(request, "order_new.html", reader.look, values, reader=reader)


@router.post(NEW, name="placeOrderByPage")
async def place(counter: AtCounter, response: Response) -> Response:
    if counter is None:
        return see_other(NEW)
    typed = typed_in(await counter.request.form())
    empty = await _form(counter)
    form = replace(empty, typed=typed, key=next(iter(typed.get(KEY, ())), empty.key)[:_LONGEST_NAME])
    body, problems = said_in(typed, form.shapes, counter.contract.calendar.zone)
    if isinstance(target := body.get("target"), dict):
        body["target"] = {"site": body.get("site"), **target}
    whole = {"contract": counter.contract.id, "kind": counter.kind, **body}
    asked, wrong = checked(OrderRequest, whole)
    if problems or wrong:
        return _refused(counter, form, [*problems, *wrong])
    try:
        placed = await place_order(asked, counter.reader.key, counter.context, response, idempotency_key=form.key)
    except Refused as refused:
        return _refused(counter, form, refused.problems)
    except TemporalAway:
        return _refused(counter, form, [Problem(code="temporal_away")], HTTPStatus.SERVICE_UNAVAILABLE)
    return see_other(f"/orders/{placed.no}")


async def _form(counter: Counter) -> PageForm:
    contract, reader, database = counter.contract, counter.reader, counter.context.database
    async with database.reading() as session:
        sites = await list_sites(session, (contract.customer,))
    choices = Choices(await names_of(contract.requesters, reader, database), reader.look.language)
    address = f"{NEW}?{urlencode({'contract': contract.id, 'kind': counter.kind})}"
    return PageForm(address, "place", secrets.token_hex(16), 0, tuple(_fitted(contract, sites, reader, choices)))


def _fitted(contract: Contract, sites: Iterable[Site], reader: Reader, choices: Choices) -> Iterator[FieldShape]:
    for shape in shapes_of(OrderRequest, leaving_out=("contract", "kind")):
        match shape.name:
            case "requester":
                own = reader.key.role == Role.REQUESTER
                people = (reader.key.person,) if own else contract.requesters
                yield shape.offering(choices.person(person) for person in people)
            case "site":
                yield shape.offering((site.id, site.name) for site in sites)
            case "target":
                # It is at the site, unless somebody says otherwise over the API.
                yield replace(shape, parts=tuple(part for part in shape.parts if part.last != "site"))
            case "risk":
                yield shape.offering((risk, word("risk", risk, choices.language)) for risk in _RISKS)
            case _:
                yield shape


def _refused(
    counter: Counter, form: PageForm, problems: Sequence[Problem], status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY
) -> Response:
    return _page(counter, form.refused(problems, counter.reader.look.language), status)


def _page(counter: Counter, form: PageForm, status: HTTPStatus = HTTPStatus.OK) -> Response:
    contract, kind = counter.contract, counter.kind
    chain = contract.chain(kind) if kind in contract.targets else None
    values = {
        "contract": contract,
        "kind": kind,
        "chain": chain,
        "steps": names_of_steps(chain, counter.reader.look.language) if chain else {},
        "target": timedelta(minutes=contract.targets.get(kind, 0)),
        "form": form,
        "now": counter.context.now,
        "zone": contract.calendar.zone,
    }
    reader = counter.reader
    return page(counter.request, "order_place.html", reader.look, values, reader=reader, status=status)
