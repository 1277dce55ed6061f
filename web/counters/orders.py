"""Placing an order: under which contract and what, then its details beside the chain that is promised."""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import JsonValue

from api.dependencies import Context, InContext
from api.incidents.orders import place_order_for_incident
from api.orders.order import place_order
from api.policy import Operation
from db.contracts import known_contract, list_contracts, list_people, list_sites
from documents.wording import names_of_steps, word
from domain.contracts.bundles import needless, questions_of
from domain.contracts.catalogue import Item, ItemQuestion, OfferedItem, QuestionKind, in_words
from domain.contracts.contract import Contract
from domain.contracts.offers import offer_of
from domain.kinds import OrderKind
from domain.orders.order import OrderWish, is_needed
from domain.people import Language, Role
from domain.places import Site
from domain.refusals import unknown
from domain.values import Slug, Value
from web.counters.counter import show, take
from web.forms import Control, FieldShape, PageForm, shapes_of
from web.order_forms import Choices
from web.order_sheets import names_of
from web.refusals import see_other
from web.rendering import page
from web.session import Reader, Signed
from web.words import say

router = APIRouter(include_in_schema=False)
NEW = "/orders/new"
Placing = Annotated[Reader, Depends(Signed(Operation.PLACE_ORDERS))]
_RISKS = ("low", "high")
_LONGEST_ANSWER, _LONGEST_PLACE = 4000, 1000
_CONTROLS = {QuestionKind.TEXT: Control.TEXT, QuestionKind.DATE: Control.DAY}

# What only some kinds of order make use of is asked last of the others.
_ASKED_OF: Mapping[str, frozenset[OrderKind]] = {
    "wanted": frozenset({OrderKind.INSTALL, OrderKind.ADD}),
    "new_model": frozenset({OrderKind.CHANGE}),
    "risk": frozenset({OrderKind.CHANGE}),
    "incident": frozenset({OrderKind.BREAK_FIX}),
    "reference": frozenset(),
}


class CounterWish(Value):
    """What somebody has come for: an item of a contract's catalogue, or a kind of order."""

    contract: Slug | None = None
    kind: OrderKind | None = None
    item: Slug | None = None
    incident: Slug | None = None


@dataclass(frozen=True)
class OrderCounter:
    """Where somebody places an order: under this contract, of this kind, for this item of its catalogue."""

    request: Request
    reader: Reader
    context: Context
    contract: Contract
    order_kind: OrderKind
    item: Item | None = None
    # What it is to end; it is told how the order ends.
    incident: str | None = None
    kind: Any = OrderWish

    @property
    def zone(self) -> str:
        return self.contract.calendar.zone

    @property
    def settled(self) -> dict[str, str]:
        """By having come here."""
        wanted = {"item": self.item.id} if self.item else {"kind": self.order_kind}
        ends = {"incident": self.incident} if self.incident else {}
        return {"contract": self.contract.id, **wanted, **ends}

    async def form(self) -> PageForm:
        contract, reader, database = self.contract, self.reader, self.context.database
        async with database.reading() as session:
            sites = await list_sites(session, (contract.customer,))
            known = await list_people(session, (contract.customer,)) if _asks_for_people(self) else ()
        people = tuple((person.id, person.name) for person in known if person.customer == contract.customer)
        questions = questions_of(contract, self.item) if self.item else ()
        choices = Choices(await names_of(contract.requesters, reader, database), reader.look.language)
        shapes = [*_fitted(self, sites, choices), *_questions(questions, people, choices.language)]
        return PageForm(f"{NEW}?{urlencode(self.settled)}", "place", secrets.token_hex(16), 0, tuple(shapes))

    def as_asked(self, body: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        target = body.get("target")
        at_site = {"target": {"site": body.get("site"), **target}} if isinstance(target, dict) else {}
        return {**body, **at_site, **self.settled}

    async def open_case(self, asked: Any, key: str, response: Response) -> str:  # noqa: ANN401  # an `OrderWish`
        caller, context = self.reader.key, self.context
        if self.incident is not None:
            placed = await place_order_for_incident(self.incident, asked, caller, context, response, key)
        else:
            placed = await place_order(asked, caller, context, response, idempotency_key=key)
        return f"/orders/{placed.no}"

    def page(self, form: PageForm, status: HTTPStatus) -> Response:
        contract, kind, language = self.contract, self.order_kind, self.reader.look.language
        offer = offer_of(contract, self.item) if self.item else None
        chain = contract.chain(kind) if kind in contract.targets else None
        shown = offer.chain if offer else chain
        values = {
            "contract": contract,
            "kind": kind,
            "offer": offer,
            "title": in_words(offer.name, language) if offer else word("order_kind", kind, language),
            "about": in_words(offer.description, language) if offer else "",
            "chain": shown,
            "steps": names_of_steps(shown, language) if shown else {},
            "target": timedelta(minutes=offer.target_minutes if offer else contract.targets.get(kind, 0)),
            "incident": self.incident,
            "form": form,
            "first": [shape for shape in form.shapes if _is_asked_first(shape, kind)],
            "last": [shape for shape in form.shapes if not _is_asked_first(shape, kind)],
            "now": self.context.now,
            "zone": self.zone,
        }
        return page(self.request, "order_place.html", self.reader.look, values, reader=self.reader, status=status)


@dataclass(frozen=True)
class Shelf:
    """What a reader can order under one contract; a catalogue that lists nothing leaves the kinds."""

    contract: Contract
    items: tuple[OfferedItem, ...]


async def _counter(
    request: Request, wish: Annotated[CounterWish, Query()], reader: Placing, context: InContext
) -> OrderCounter | None:
    """Raises `Unknown` for a contract that the reader does not see, and for what its catalogue does not list."""
    if wish.contract is None or (wish.kind is None and wish.item is None):
        return None
    async with context.database.reading() as session:
        contract = await known_contract(session, wish.contract, reader.key)
    if wish.item is None:
        assert wish.kind is not None
        return OrderCounter(request, reader, context, contract, wish.kind, incident=wish.incident)
    item = contract.item(wish.item)
    if item is None:
        raise unknown("item", wish.item)
    listed = item if contract.catalogue else None
    return OrderCounter(request, reader, context, contract, item.kind, listed, wish.incident)


def _shelf(contract: Contract, reader: Reader) -> Shelf:
    """A requester sees what they may order themselves, everybody else all that is ordered for somebody."""
    own = reader.key.person if reader.key.role == Role.REQUESTER else None
    listed = (item for item in contract.catalogue if not item.withdrawn)
    items = tuple(offer_of(contract, item) for item in listed)
    return Shelf(contract, tuple(item for item in items if own is None or own in item.requesters))


AtCounter = Annotated[OrderCounter | None, Depends(_counter)]


@router.get(NEW, name="placeOrderPage")
async def new_page(
    request: Request, wish: Annotated[CounterWish, Query()], reader: Placing, context: InContext, counter: AtCounter
) -> Response:
    if counter is not None:
        return await show(counter)
    async with context.database.reading() as session:
        contracts = await list_contracts(session, reader.key.customers)
    valid = [contract for contract in contracts if contract.is_valid_on(context.now)]
    values = {
        "wish": wish,
        "contracts": valid,
        "shelves": [shelf for contract in valid if (shelf := _shelf(contract, reader)).items],
        "kinds": tuple(OrderKind),
        "now": context.now,
    }
    return page(request, "order_new.html", reader.look, values, reader=reader)


@router.post(NEW, name="placeOrderByPage")
async def place(counter: AtCounter, response: Response) -> Response:
    return see_other(NEW) if counter is None else await take(counter, response)


def _fitted(counter: OrderCounter, sites: Iterable[Site], choices: Choices) -> Iterator[FieldShape]:
    reader, item = counter.reader, counter.item
    named = item.requesters if item is not None and item.requesters is not None else counter.contract.requesters
    unasked = needless(counter.contract, item) if item is not None and item.items else ()
    settled = ("contract", "kind", "item", "answers", *(("incident",) if counter.incident else ()))
    for shape in shapes_of(OrderWish, leaving_out=(*settled, *unasked)):
        match shape.name:
            case "requester":
                own = reader.key.role == Role.REQUESTER
                people = (reader.key.person,) if own else named
                yield shape.offering(choices.person(person) for person in people)
            case "site":
                yield shape.offering((site.id, site.name) for site in sites)
            case "target":
                # It is at the site, unless somebody says otherwise over the API.
                parts = tuple(part for part in shape.parts if part.last != "site")
                needed = is_needed(shape.name, counter.order_kind)
                yield replace(
                    shape, parts=tuple(replace(part, is_within_optional=not needed) for part in parts), is_needed=needed
                )
            case "risk":
                yield shape.offering((risk, word("risk", risk, choices.language)) for risk in _RISKS)
            case _:
                yield replace(shape, is_needed=shape.is_needed or is_needed(shape.name, counter.order_kind))


def _asks_for_people(counter: OrderCounter) -> bool:
    questions = questions_of(counter.contract, counter.item) if counter.item else ()
    return any(question.kind == QuestionKind.PERSON for question in questions)


def _questions(
    questions: Sequence[ItemQuestion], people: Sequence[tuple[str, str]], language: Language
) -> Iterator[FieldShape]:
    """What is asked about the item, in its own words."""
    parts = tuple(_question(question, people, language) for question in questions)
    if parts:
        needed = any(part.is_needed for part in parts)
        yield FieldShape("answers", Control.GROUP, needed, parts=parts, words=say("questions", language))


def _question(question: ItemQuestion, people: Sequence[tuple[str, str]], language: Language) -> FieldShape:
    shape = FieldShape(
        f"answers.{question.id}",
        _CONTROLS.get(question.kind, Control.LINE),
        question.needed,
        words=in_words(question.text, language),
    )
    match question.kind:
        case QuestionKind.CHOICE:
            return shape.offering((one.id, in_words(one.name, language)) for one in question.choices)
        case QuestionKind.PERSON:
            return shape.offering(people)
        case QuestionKind.TEXT:
            return replace(shape, longest=_LONGEST_ANSWER)
        case QuestionKind.PLACE:
            return replace(shape, longest=_LONGEST_PLACE)
    return shape


def _is_asked_first(shape: FieldShape, kind: OrderKind) -> bool:
    """Whether somebody who orders this kind usually has something to say to it."""
    return shape.name not in _ASKED_OF or kind in _ASKED_OF[shape.name]
