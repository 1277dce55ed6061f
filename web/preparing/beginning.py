"""A move project begun: under which contract, at which sites, and what it is called."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import JsonValue

from api.dependencies import Context, InContext
from api.moves.project import begin_project
from api.policy import Operation
from db.contracts import list_contracts, list_sites
from domain.contracts.contract import Contract
from domain.moves.project import Project
from domain.places import Site
from domain.refusals import Problem, Refused
from web.forms import FieldShape, PageForm, checked, said_in, shapes_of, typed_in
from web.preparing.shown import PREPARE
from web.refusals import see_other
from web.rendering import page
from web.session import Reader, Signed
from web.shared.answers import Answers, whole_form

router = APIRouter(include_in_schema=False)
NEW = f"{PREPARE}/new"


@dataclass(frozen=True)
class BeginningDesk:
    """What somebody can choose from who begins a project."""

    request: Request
    reader: Reader
    context: Context
    contracts: Sequence[Contract]
    sites: Sequence[Site]

    def form(self) -> PageForm:
        shapes = tuple(self._fitted()) if self.contracts and self.sites else ()
        key = sha256(f"{NEW}/{self.reader.session.id}".encode()).hexdigest()[:32]
        return PageForm(NEW, "begin", key, 0, shapes, says="begin_project")

    def _fitted(self) -> Iterator[FieldShape]:
        """A contract says whose it is. Where people may go in detail is said over the API."""
        for shape in shapes_of(Project, leaving_out=("customer", "places", "closed")):
            match shape.name:
                case "contract":
                    yield shape.offering((one.id, self._called(one)) for one in self.contracts)
                case "sites":
                    offered = shape.ticking((site.id, site.name) for site in self.sites)
                    yield offered if len(self.sites) == 1 else replace(offered, ticked=frozenset())
                case _:
                    yield shape

    def _called(self, contract: Contract) -> str:
        customer = self.reader.customers.get(contract.customer, contract.customer)
        return f"{contract.name} ({contract.id}), {customer}"

    def page(self, form: PageForm, status: HTTPStatus = HTTPStatus.OK) -> Response:
        values = {"form": form, "now": self.context.now}
        return page(self.request, "project_new.html", self.reader.look, values, reader=self.reader, status=status)

    def refused(self, form: PageForm, problems: Sequence[Problem]) -> Response:
        return self.page(form.refused(problems, self.reader.look.language), HTTPStatus.UNPROCESSABLE_ENTITY)

    async def begin(self, form: PageForm) -> Response:
        body, problems = said_in(form.typed or {}, form.shapes, "UTC")
        said, wrong = checked(Project, body | {"customer": self._customer(body)})
        if problems or wrong:
            return self.refused(form, [*problems, *wrong])
        try:
            await begin_project(said, self.reader.key, self.context.database)
        except Refused as refused:
            return self.refused(form, refused.problems)
        return see_other(f"{PREPARE}/{said.id}/prepare")

    def _customer(self, body: dict[str, JsonValue]) -> str:
        return next((one.customer for one in self.contracts if one.id == body.get("contract")), "")


async def _desk(
    request: Request, reader: Annotated[Reader, Depends(Signed(Operation.WRITE_PROJECTS))], context: InContext
) -> BeginningDesk:
    async with context.database.reading() as session:
        contracts = await list_contracts(session, reader.key.customers)
        sites = await list_sites(session, reader.key.customers)
    valid = [contract for contract in contracts if contract.is_valid_on(context.now)]
    return BeginningDesk(request, reader, context, valid, sites)


AtDesk = Annotated[BeginningDesk, Depends(_desk)]


@router.get(NEW, name="beginProjectPage")
async def new_page(desk: AtDesk) -> Response:
    return desk.page(desk.form())


@router.post(NEW, name="beginProject")
async def begin(desk: AtDesk) -> Response:
    """Sent twice it begins once."""
    answers: Answers = desk.request.app.state.answers
    typed = typed_in(await desk.request.form())
    form = replace(desk.form(), typed=typed)
    sent = whole_form(desk.request, desk.reader.session.id, typed)
    return await answers.alike(sent, lambda: desk.begin(form))
