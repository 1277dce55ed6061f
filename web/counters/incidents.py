"""Reporting an incident: under which contract, then what has happened and how bad it is."""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import JsonValue

from api.dependencies import Context, InContext
from api.incidents.incident import report_incident
from api.policy import Operation
from db.contracts import known_contract, list_contracts, list_people, list_sites
from documents.wording import word
from domain.contracts.contract import Contract
from domain.incidents.incident import IncidentRequest
from domain.keys import CUSTOMERS_OWN
from domain.people import Person
from domain.places import Site
from domain.values import Slug, Value
from web.counters.counter import show, take
from web.forms import Control, FieldShape, PageForm, shapes_of
from web.refusals import see_other
from web.rendering import page
from web.session import Reader, Signed

router = APIRouter(include_in_schema=False)
NEW = "/incidents/new"
Reporting = Annotated[Reader, Depends(Signed(Operation.REPORT_INCIDENTS))]
_NOUNS = {"impact": "grade", "urgency": "grade", "priority": "priority"}
# Who has come to report is asked first what it is, not who they are.
_FIRST = ("title", "description", "site")
# A customer's own people report for themselves, now.
_NOT_THEIRS = ("reporter", "received_at", "parent")
# So many can be looked through; of more, the id is typed.
_MOST_PEOPLE = 200


class ReportWish(Value):
    contract: Slug | None = None


@dataclass(frozen=True)
class ReportDesk:
    """Where somebody reports an incident under one contract."""

    request: Request
    reader: Reader
    context: Context
    contract: Contract
    kind: Any = IncidentRequest

    @property
    def zone(self) -> str:
        return self.contract.calendar.zone

    @property
    def is_own(self) -> bool:
        return self.reader.key.role in CUSTOMERS_OWN

    @property
    def address(self) -> str:
        return f"{NEW}?{urlencode({'contract': self.contract.id})}"

    async def form(self) -> PageForm:
        customers = (self.contract.customer,)
        async with self.context.database.reading() as session:
            sites = await list_sites(session, customers)
            people = () if self.is_own else await list_people(session, customers)
        return PageForm(self.address, "report", secrets.token_hex(16), 0, tuple(_fitted(self, sites, people)))

    def as_asked(self, body: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        return {**body, "contract": self.contract.id}

    async def open_case(self, asked: Any, key: str, response: Response) -> str:  # noqa: ANN401  # an `IncidentRequest`
        sheet = await report_incident(asked, self.reader.key, self.context, response, idempotency_key=key)
        return f"/incidents/{sheet.no}"

    def page(self, form: PageForm, status: HTTPStatus) -> Response:
        values = {"contract": self.contract, "form": form, "now": self.context.now, "zone": self.zone}
        template = "incident_report.html"
        return page(self.request, template, self.reader.look, values, reader=self.reader, status=status)


async def _reportable(reader: Reader, context: Context) -> list[Contract]:
    """Contracts under which incidents are taken now."""
    async with context.database.reading() as session:
        found = await list_contracts(session, reader.key.customers)
    return [contract for contract in found if contract.matrix is not None and contract.is_valid_on(context.now)]


async def _desk(
    request: Request, wish: Annotated[ReportWish, Query()], reader: Reporting, context: InContext
) -> ReportDesk | None:
    """None where there is a choice yet to be made. Raises `Unknown` for a contract that the reader does not see."""
    if wish.contract is None:
        found = await _reportable(reader, context)
        return ReportDesk(request, reader, context, found[0]) if len(found) == 1 else None
    async with context.database.reading() as session:
        contract = await known_contract(session, wish.contract, reader.key)
    return ReportDesk(request, reader, context, contract)


AtDesk = Annotated[ReportDesk | None, Depends(_desk)]


@router.get(NEW, name="reportIncidentPage")
async def new_page(request: Request, reader: Reporting, context: InContext, desk: AtDesk) -> Response:
    if desk is not None:
        return await show(desk)
    values = {"contracts": await _reportable(reader, context), "now": context.now}
    return page(request, "incident_new.html", reader.look, values, reader=reader)


@router.post(NEW, name="reportIncidentByPage")
async def report(desk: AtDesk, response: Response) -> Response:
    return see_other(NEW) if desk is None else await take(desk, response)


def _fitted(desk: ReportDesk, sites: Iterable[Site], people: Sequence[Person]) -> Iterator[FieldShape]:
    left_out = ("contract", *(_NOT_THEIRS if desk.is_own else ()))
    language = desk.reader.look.language
    for shape in sorted(shapes_of(IncidentRequest, leaving_out=left_out), key=_place):
        noun = _NOUNS.get(shape.name)
        if shape.name == "site":
            yield shape.offering((site.id, site.name) for site in sites)
        elif shape.name == "reporter" and 0 < len(people) <= _MOST_PEOPLE:
            yield shape.offering((person.id, person.name) for person in people)
        elif shape.control == Control.CHOICE and noun is not None:
            yield shape.offering((value, word(noun, value, language)) for value, _ in shape.options)
        else:
            yield shape


def _place(shape: FieldShape) -> int:
    return _FIRST.index(shape.name) if shape.name in _FIRST else len(_FIRST)
