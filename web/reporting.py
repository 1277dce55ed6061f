"""Reporting an incident: under which contract, then what has happened and how bad it is."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

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
from domain.refusals import Problem, Refused
from domain.values import Slug, Value
from web.forms import KEY, Control, FieldShape, PageForm, checked, said_in, shapes_of, typed_in
from web.refusals import see_other
from web.rendering import page
from web.session import Reader, Signed
from workflows.answers import TemporalAway

router = APIRouter(include_in_schema=False)
NEW = "/incidents/new"
Reporting = Annotated[Reader, Depends(Signed(Operation.REPORT_INCIDENTS))]
_NOUNS = {"impact": "grade", "urgency": "grade", "priority": "priority"}
# Who has come to report is asked first what it is, not who they are.
_FIRST = ("title", "description", "site")
# A customer's own people report for themselves, now.
_NOT_THEIRS = ("reporter", "received_at", "parent")
_LONGEST_NAME = 64
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

    @property
    def is_own(self) -> bool:
        return self.reader.key.role in CUSTOMERS_OWN

    @property
    def address(self) -> str:
        return f"{NEW}?{urlencode({'contract': self.contract.id})}"


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
        return _page(desk, await _form(desk))
    values = {"contracts": await _reportable(reader, context), "now": context.now}
    return page(request, "incident_new.html", reader.look, values, reader=reader)


@router.post(NEW, name="reportIncidentByPage")
async def report(desk: AtDesk, response: Response) -> Response:
    if desk is None:
        return see_other(NEW)
    typed = typed_in(await desk.request.form())
    empty = await _form(desk)
    form = replace(empty, typed=typed, key=next(iter(typed.get(KEY, ())), empty.key)[:_LONGEST_NAME])
    body, problems = said_in(typed, form.shapes, desk.contract.calendar.zone)
    asked, wrong = checked(IncidentRequest, {**body, "contract": desk.contract.id})
    if problems or wrong:
        return _refused(desk, form, [*problems, *wrong])
    try:
        sheet = await report_incident(asked, desk.reader.key, desk.context, response, idempotency_key=form.key)
    except Refused as refused:
        return _refused(desk, form, refused.problems)
    except TemporalAway:
        return _refused(desk, form, [Problem(code="temporal_away")], HTTPStatus.SERVICE_UNAVAILABLE)
    return see_other(f"/incidents/{sheet.no}")


async def _form(desk: ReportDesk) -> PageForm:
    customers = (desk.contract.customer,)
    async with desk.context.database.reading() as session:
        sites = await list_sites(session, customers)
        people = () if desk.is_own else await list_people(session, customers)
    return PageForm(desk.address, "report", secrets.token_hex(16), 0, tuple(_fitted(desk, sites, people)))


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


def _refused(
    desk: ReportDesk, form: PageForm, problems: Sequence[Problem], status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY
) -> Response:
    return _page(desk, form.refused(problems, desk.reader.look.language), status)


def _page(desk: ReportDesk, form: PageForm, status: HTTPStatus = HTTPStatus.OK) -> Response:
    values = {"contract": desk.contract, "form": form, "now": desk.context.now, "zone": desk.contract.calendar.zone}
    return page(desk.request, "incident_report.html", desk.reader.look, values, reader=desk.reader, status=status)
