"""What opens behind the link in a notice: a form in which the customer answers. Opening it does nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse
from pydantic import ValidationError

from api.cases.standing import KNOWN_INCIDENTS, IncidentStanding
from api.dependencies import Context, InContext
from api.door.book import DoorBook
from api.door.visit import visit_of
from api.gate.routes import BoundedRoute
from api.incidents.relations import children_found, where_it_goes_on
from api.oncall.links import OurLinks
from api.problems import RETRY_AFTER
from connectors.links import ANSWERS, Links
from db.contracts import people_by_id
from documents.pages import FORM_POLICY, reply_page
from documents.wording import language_of, sentence
from domain.cases.incident_commands import CustomerAnswer, Reopen
from domain.cases.instructions import Instruction
from domain.door import AtDoor
from domain.ids import incident_workflow_id
from domain.incidents.links import AnswerLink
from domain.incidents.progress import IncidentState
from domain.people import Actor, Person, Role
from domain.refusals import Problem, Refused, TooFast, Unacceptable, Unknown
from domain.values import clean
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

    def form(
        self, now: datetime, *, status: int = 200, message: str = "", problem: Problem | None = None
    ) -> HTMLResponse:
        said = sentence(problem, self.person.language) if problem else None
        return self._page(self.asks(now), status, message, said)

    def thanks(self, status: int) -> HTMLResponse:
        return self._page("received", status)

    def asks(self, now: datetime) -> str:
        """What may still be said: to what is solved, that the trouble is still there; to what is over, nothing."""
        progress = self.standing.progress
        if progress.state.is_unsolved:
            return "asked"
        if progress.state == IncidentState.RESOLVED:
            return "solved"
        is_open = progress.state == IncidentState.CLOSED and progress.reopen_until and now <= progress.reopen_until
        return "closed" if is_open else "over"

    def _page(self, standing: str, status: int, message: str = "", problem: str | None = None) -> HTMLResponse:
        incident = self.standing.incident
        about = {"incident": incident.no, "title": incident.request.title}
        language = self.person.language
        html = reply_page(language, standing=standing, about=about, message=message, problem=problem)
        return HTMLResponse(html, status, headers=_HEADERS)


@router.api_route(f"{ANSWERS}{{token}}", methods=["GET", "HEAD"])
async def show_answer_link(token: str, request: Request, context: InContext, links: OurLinks) -> HTMLResponse:
    try:
        return (await _opened(token, request, context, links)).form(context.now)
    except Refused as refused:
        return _refusal(request, refused)


@router.post(f"{ANSWERS}{{token}}")
async def answer_by_link(
    token: str,
    request: Request,
    context: InContext,
    links: OurLinks,
    message: Annotated[str, Form()] = "",
    still: Annotated[str, Form()] = "",
) -> HTMLResponse:
    try:
        opened = await _opened(token, request, context, links)
    except Refused as refused:
        return _refusal(request, refused)
    try:
        return opened.thanks(200 if await _say(opened, message, context, is_there_still=bool(still)) else 202)
    except Refused as refused:
        opened = await _opened(token, request, context, links)
        return opened.form(context.now, status=refused.status, message=message, problem=refused.problems[0])
    except TemporalAway:
        away = opened.form(context.now, status=503, message=message, problem=Problem(code="answer_not_passed_on"))
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
    if people[0].is_gone_by(context.now):
        raise Refused(Problem(code="link_expired"))
    return OpenedAnswer(link, await where_it_goes_on(standing, context), people[0])


async def _say(opened: OpenedAnswer, message: str, context: Context, *, is_there_still: bool) -> bool:
    """Whether it is written already. Raises `Refused`.

    Whoever says that the trouble is still there opens it again, and what they say stands in it whole.
    """
    answer, is_written = _said(message), True
    commands: list[CustomerAnswer | Reopen] = [answer]
    asks = opened.asks(context.now)
    if asks == "closed" or (asks == "solved" and is_there_still):
        reopen = Reopen(reason=clean(answer.message, 200), with_children=False)
        commands = [reopen] if reopen.reason == answer.message else [reopen, answer]
    for command in commands:
        is_written = await _tell(opened, command, opened.link.request_id(answer.message), context) and is_written
    return is_written


async def _tell(opened: OpenedAnswer, command: CustomerAnswer | Reopen, request_id: str, context: Context) -> bool:
    incident = opened.standing.incident
    role = Role.REQUESTER if opened.person.id == opened.standing.reporter else Role.CONTACT
    said = Instruction(
        command=command,
        actor=Actor(person=opened.person.id, role=role),
        given_at=context.now,
        request_id=request_id if isinstance(command, CustomerAnswer) else f"{request_id}-again",
        looked_up=await children_found(command, incident, context) if isinstance(command, Reopen) else None,
    )
    return await context.temporal.command(incident_workflow_id(incident.no), said) is not None


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
