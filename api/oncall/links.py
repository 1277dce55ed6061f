"""What opens behind a signed link. Opening it does nothing, as mail scanners open links; the button answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse

from api.dependencies import Context, InContext
from api.door.book import DoorBook
from api.door.visit import visit_of
from api.gate.routes import BoundedRoute
from api.problems import RETRY_AFTER
from connectors.links import PAGES, Links
from db.contracts import people_by_id
from db.oncall.pages import PageRow, page_row
from documents.pages import FORM_POLICY, answer_form
from documents.wording import language_of, sentence
from domain.cases.instructions import Instruction
from domain.cases.page_commands import Acknowledge, Decline
from domain.door import AtDoor
from domain.oncall.answers import answers_left, is_used, link_standing, role_of
from domain.oncall.links import PageLink
from domain.people import Actor, Language
from domain.refusals import Problem, Refused, TooFast, Unacceptable, Unknown
from workflows.answers import TemporalAway

router = APIRouter(route_class=BoundedRoute, include_in_schema=False)

_HEADERS = {"Content-Security-Policy": FORM_POLICY, "X-Robots-Tag": "noindex"}
_ANSWERS: Mapping[str, type[Acknowledge | Decline]] = {"acknowledge": Acknowledge, "decline": Decline}


async def _links(request: Request) -> Links:
    links: Links = request.app.state.links
    return links


OurLinks = Annotated[Links, Depends(_links)]


@dataclass(frozen=True)
class Opened:
    """A link that is ours, with the page as it stands and the language of whoever was called."""

    link: PageLink
    row: PageRow
    language: Language

    def form(self, *, status: int = 200, problem: str | None = None, received: bool = False) -> HTMLResponse:
        page, progress = self.row.as_page(), self.row.as_progress()
        owner = {"owner": progress.name_of(progress.owner)} if progress.owner else {}
        html = answer_form(
            page.background | owner,
            standing="received" if received else link_standing(progress, self.link),
            language=self.language,
            answers=() if received else answers_left(progress, self.link),
            problem=problem,
        )
        return HTMLResponse(html, status, headers=_HEADERS)


@router.api_route(f"{PAGES}{{token}}", methods=["GET", "HEAD"])
async def show_link(token: str, request: Request, context: InContext, links: OurLinks) -> HTMLResponse:
    try:
        return (await _opened(_read(token, request, context, links), context)).form()
    except Refused as refused:
        return _refusal(request, refused)


@router.post(f"{PAGES}{{token}}")
async def answer_link(
    token: str, request: Request, context: InContext, links: OurLinks, answer: Annotated[str, Form()] = ""
) -> HTMLResponse:
    try:
        opened = await _opened(_read(token, request, context, links), context)
    except Refused as refused:
        return _refusal(request, refused)
    try:
        is_written = await _answer(opened, answer, context)
    except Refused as refused:
        return opened.form(status=refused.status, problem=sentence(refused.problems[0], opened.language))
    except TemporalAway:
        away = opened.form(status=503, problem=sentence(Problem(code="answer_not_passed_on"), opened.language))
        away.headers["Retry-After"] = f"{RETRY_AFTER.total_seconds():.0f}"
        return away
    after = await _opened(opened.link, context)
    return after.form() if is_written else after.form(status=202, received=True)


def _read(token: str, request: Request, context: Context, links: Links) -> PageLink:
    try:
        return links.read(token, context.now)
    except Refused:
        # What bears our signature opens for everybody, whoever else guesses at the same address.
        book: DoorBook = request.app.state.book
        book.strangers.check(visit_of(request).address, context.now)
        raise


async def _opened(link: PageLink, context: Context) -> Opened:
    async with context.database.reading() as session:
        row = await page_row(session, link.incident, link.page)
        people = await people_by_id(session, [link.person])
    if row is None or not people:
        raise Unknown(Problem(code="link_wrong"))
    if people[0].is_gone_by(context.now):
        raise Refused(Problem(code="link_expired"))
    return Opened(link, row, people[0].language)


async def _answer(opened: Opened, answer: str, context: Context) -> bool:
    """Whether it is written already. Raises `Refused`."""
    if answer not in _ANSWERS:
        raise Unacceptable(Problem(code="answer_missing"))
    page, progress, link = opened.row.as_page(), opened.row.as_progress(), opened.link
    if is_used(progress, link):
        raise Refused(Problem(code="link_used"))
    said = Instruction(
        command=_ANSWERS[answer](),
        actor=Actor(person=link.person, role=role_of(page, progress, link.person)),
        given_at=context.now,
        request_id=link.request_id,
    )
    return await context.temporal.command(opened.row.workflow_id, said) is not None


def _refusal(request: Request, refused: Refused) -> HTMLResponse:
    if refused.status == Unknown.status:
        book: DoorBook = request.app.state.book
        book.refused(visit_of(request).entry(AtDoor.REFUSED, why=refused.problems[0].code))
    language = language_of(request.headers.get("accept-language"))
    html = answer_form({}, standing="refused", language=language, problem=sentence(refused.problems[0], language))
    again = {"Retry-After": f"{refused.wait}"} if isinstance(refused, TooFast) else {}
    return HTMLResponse(html, refused.status, headers=_HEADERS | again)
