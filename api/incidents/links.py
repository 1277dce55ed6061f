"""What opens behind the link in a notice: a form in which the customer answers. Opening it does nothing."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from pydantic import ValidationError

from api.cases.standing import KNOWN_INCIDENTS, IncidentStanding
from api.dependencies import Context, InContext
from api.door.book import DoorBook
from api.door.visit import visit_of
from api.gate.routes import BoundedRoute
from api.incidents.relations import where_it_goes_on
from api.oncall.links import OurLinks
from api.problems import RETRY_AFTER
from connectors.links import ANSWERS, Links
from db.contracts import people_by_id
from documents.pages import FORM_POLICY, reply_page
from documents.wording import language_of, sentence
from domain.cases.incident_commands import CustomerAnswer
from domain.cases.instructions import Instruction
from domain.door import AtDoor
from domain.ids import incident_workflow_id
from domain.incidents.links import AnswerLink
from domain.people import Actor, Person, Role
from domain.refusals import Problem, Refused, TooFast, Unacceptable, Unknown
from workflows.answers import TemporalAway

router = APIRouter(route_class=BoundedRoute, include_in_schema=False)

_HEADERS = {"Content-Security-Policy": FORM_POLICY, "X-Robots-Tag": "noindex"}


@dataclass(frozen=True)
class OpenedAnswer:
    """A link that is ours, with the incident that it reaches and whoever was written to.

    What was merged since the notice went out is answered where it goes on.
    """

    link: AnswerLink
    standing: IncidentStanding
    person: Person

    def form(self, *, status: int = 200, message: str = "", problem: Problem | None = None) -> HTMLResponse:
        said = sentence(problem, self.person.language) if problem else None
        return self._page("asked", status, message, said)

    def thanks(self, status: int) -> HTMLResponse:
        return self._page("received", status)

    def _page(self, standing: str, status: int, message: str = "", problem: str | None = None) -> HTMLResponse:
        incident = self.standing.incident
        about = {"incident": incident.no, "title": incident.request.title}
        language = self.person.language
        html = reply_page(language, standing=standing, about=about, message=message, problem=problem)
        return HTMLResponse(html, status, headers=_HEADERS)


@router.api_route(f"{ANSWERS}{{token}}", methods=["GET", "HEAD"])
async def show_answer_link(token: str, request: Request, context: InContext, links: OurLinks) -> HTMLResponse:
    try:
        return (await _opened(token, request, context, links)).form()
    except Refused as refused:
        return _refusal(request, refused)


@router.post(f"{ANSWERS}{{token}}")
async def answer_by_link(
    token: str, request: Request, context: InContext, links: OurLinks, message: Annotated[str, Form()] = ""
) -> HTMLResponse:
    try:
        opened = await _opened(token, request, context, links)
    except Refused as refused:
        return _refusal(request, refused)
    try:
        return opened.thanks(200 if await _say(opened, message, context) else 202)
    except Refused as refused:
        return opened.form(status=refused.status, message=message, problem=refused.problems[0])
    except TemporalAway:
        away = opened.form(status=503, message=message, problem=Problem(code="answer_not_passed_on"))
        away.headers["Retry-After"] = f"{RETRY_AFTER.total_seconds():.0f}"
        return away


async def _opened(token: str, request: Request, context: Context, links: Links) -> OpenedAnswer:
    try:
        link = links.read_answer(token, context.now)
    except Refused:
        # What bears our signature opens for everybody, whoever else guesses at the same address.
        book: DoorBook = request.app.state.book
        book.strangers.check(visit_of(request).address, context.now)
        raise
    standing = await KNOWN_INCIDENTS.find(link.incident, context)
    async with context.database.reading() as session:
        people = await people_by_id(session, [link.person])
    if standing is None or not people or people[0].customer != standing.customer:
        raise Unknown(Problem(code="link_wrong"))
    return OpenedAnswer(link, await where_it_goes_on(standing, context), people[0])


async def _say(opened: OpenedAnswer, message: str, context: Context) -> bool:
    """Whether it is written already. Raises `Refused`."""
    command = _said(message)
    role = Role.REQUESTER if opened.person.id == opened.standing.reporter else Role.CONTACT
    said = Instruction(
        command=command,
        actor=Actor(person=opened.person.id, role=role),
        given_at=context.now,
        request_id=opened.link.request_id(command.message),
    )
    return await context.temporal.command(incident_workflow_id(opened.standing.incident.no), said) is not None


def _said(message: str) -> CustomerAnswer:
    try:
        return CustomerAnswer(message=message)
    except ValidationError as error:
        raise Unacceptable(Problem(code="reply_missing")) from error


def _refusal(request: Request, refused: Refused) -> HTMLResponse:
    if refused.status == Unknown.status:
        book: DoorBook = request.app.state.book
        book.refused(visit_of(request).entry(AtDoor.REFUSED, why=refused.problems[0].code))
    language = language_of(request.headers.get("accept-language"))
    html = reply_page(language, standing="refused", problem=sentence(refused.problems[0], language))
    again = {"Retry-After": f"{refused.wait}"} if isinstance(refused, TooFast) else {}
    return HTMLResponse(html, refused.status, headers=_HEADERS | again)
