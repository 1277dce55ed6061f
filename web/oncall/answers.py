"""Taking over what rings, and handing it on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import JsonValue

from api.cases.audiences import seen_by
from api.dependencies import Context, InContext
from api.oncall.page import Named, Which, answer_page, seen_page
from api.policy import Operation
from db.cases.journal import timeline
from db.oncall.pages import PageRow
from domain.cases.events import Event
from domain.cases.page_commands import PageCommand
from domain.oncall.page import PageProgress
from domain.refusals import Problem, Unknown
from web.forms import PageForm
from web.oncall.now import ANSWERS, ON_CALL, answer_form
from web.order_sheets import names_of
from web.rendering import page
from web.session import Reader, Signed
from web.telling import ask, tell

router = APIRouter(include_in_schema=False)
Answering = Annotated[Reader, Depends(Signed(Operation.ANSWER_PAGES))]


@dataclass(frozen=True)
class PageDesk:
    """One page before somebody who is about to answer it."""

    request: Request
    reader: Reader
    context: Context
    which: Which
    row: PageRow
    kind: Any = PageCommand
    address: str = ON_CALL

    @property
    def progress(self) -> PageProgress:
        return self.row.as_progress()

    @property
    def zone(self) -> str:
        return self.row.as_sheet().zone

    async def form(self, command: str) -> PageForm:
        if command not in ANSWERS:
            raise Unknown(Problem(code="not_found"))
        return answer_form(self.row, command)

    def as_said(self, command: str, body: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        return {"type": command, **body}

    async def send(self, said: Any, key: str, response: Response) -> None:  # noqa: ANN401  # a `PageCommand`
        await answer_page(self.which, said, self.reader.key, self.context, response, idempotency_key=key)

    async def events(self) -> Sequence[Event]:
        case = self.row.workflow_id
        async with self.context.database.reading() as session:
            return seen_by(self.reader.key, case, [row.as_event() for row in await timeline(session, case)])

    async def page(self, form: PageForm, news: Sequence[Event], status: HTTPStatus) -> Response:
        sheet = self.row.as_sheet()
        people = {event.actor.person for event in news} | {call.person for call in sheet.calls}
        values = {
            "form": form,
            "news": news,
            "sheet": sheet,
            "is_mine": sheet.owner == self.reader.key.person,
            "zone": self.zone,
            "now": self.context.now,
            "names": await names_of(filter(None, {*people, sheet.owner}), self.reader, self.context.database),
        }
        return page(self.request, "page_answer.html", self.reader.look, values, reader=self.reader, status=status)


async def _desk(request: Request, which: Named, reader: Answering, context: InContext) -> PageDesk:
    return PageDesk(request, reader, context, which, await seen_page(which, reader.key, context))


AtDesk = Annotated[PageDesk, Depends(_desk)]


@router.get(f"{ON_CALL}/pages/{{incident}}/{{no}}/{{command}}", name="pageAnswerPage")
async def show_answer(command: str, desk: AtDesk) -> Response:
    return await ask(desk, command)


@router.post(f"{ON_CALL}/pages/{{incident}}/{{no}}/{{command}}", name="answerPagePage")
async def answer(command: str, desk: AtDesk, response: Response) -> Response:
    return await tell(desk, command, response)
