"""Pages: who is called about what, who has taken it over, and taking it over."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query, Response
from pydantic import Field, TypeAdapter, ValidationError

from api.cursors import Cursor, CursorPage, cursor_wrong, page, read_cursor
from api.dependencies import Context, IdempotencyKey, InContext, May, Tables, request_id, scope_of
from api.gate.routes import BoundedRoute
from api.policy import Operation
from api.queries import QueryValue
from db.cases.case import Section, Sort
from db.engine import Database
from db.oncall.pages import PageFilter, PageRow, list_pages, page_row
from domain.cases.instructions import Instruction
from domain.cases.page_commands import PageCommand
from domain.keys import Key, must_see
from domain.oncall.page import PageSheet
from domain.people import Actor
from domain.refusals import unknown
from domain.times import Instant
from domain.values import Slug

router = APIRouter(route_class=BoundedRoute, prefix="/pages", tags=["pages"])

Reading = Annotated[Key, Depends(May(Operation.READ_PAGES))]
Answering = Annotated[Key, Depends(May(Operation.ANSWER_PAGES))]

NEWEST_FIRST: Sort = "-received_at"
_PLACE = f"pages {NEWEST_FIRST}"
_AT: TypeAdapter[Instant] = TypeAdapter(Instant)
_UNDER_WAY = "Accepted and durable, but not written yet."


class PageQuery(QueryValue):
    """What a list of pages is narrowed to."""

    open: bool | None = None
    incident: Slug | None = None
    customer: Slug | None = None
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=500)

    def section(self) -> Section:
        after = read_cursor(self.cursor, _PLACE)
        try:
            return Section(NEWEST_FIRST, self.limit, (_AT.validate_python(after[0]), after[1]) if after else None)
        except ValidationError as error:
            raise cursor_wrong() from error


@dataclass(frozen=True)
class Which:
    """A page is named by its incident and counted there."""

    incident: Slug
    no: Annotated[int, Path(ge=1, le=100_000)]


Named = Annotated[Which, Depends()]


@router.get("", operation_id="listPages")
async def show_pages(query: Annotated[PageQuery, Query()], caller: Reading, database: Tables) -> CursorPage[PageSheet]:
    """List visible pages, newest first. `open` pages have not been stopped."""
    rows, last = await listed_pages(query, caller, database)
    cursor = Cursor(sort=_PLACE, after=(last.received_at.isoformat(), last.no)) if last else None
    return CursorPage(items=tuple(row.as_sheet() for row in rows), next=str(cursor) if cursor else None)


async def listed_pages(query: PageQuery, caller: Key, database: Database) -> tuple[Sequence[PageRow], PageRow | None]:
    """With the last one, if more follow it."""
    wanted = PageFilter(customers=scope_of(caller, query.customer), incident=query.incident, open=query.open)
    async with database.reading() as session:
        return page(await list_pages(session, wanted, query.section()), query.limit)


@router.get("/{incident}/{no}", operation_id="getPage")
async def show_page(which: Named, caller: Reading, context: InContext) -> PageSheet:
    """Get a page: who was paged when and how, who acknowledged and what is next."""
    return (await seen_page(which, caller, context)).as_sheet()


@router.post(
    "/{incident}/{no}/answers",
    operation_id="answerPage",
    responses={202: {"model": PageSheet, "description": _UNDER_WAY}},
)
async def answer_page(
    which: Named,
    command: Annotated[PageCommand, Body()],
    caller: Answering,
    context: InContext,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> PageSheet:
    """Acknowledge or decline a page. A refusal gives the reasons and changes nothing."""
    row = await seen_page(which, caller, context)
    answer = Instruction(
        command=command,
        actor=Actor(person=caller.person, role=caller.role),
        given_at=context.now,
        request_id=request_id(caller, idempotency_key),
    )
    receipt = await context.temporal.command(row.workflow_id, answer)
    response.status_code = 202 if receipt is None else 200
    return (await seen_page(which, caller, context)).as_sheet()


async def seen_page(which: Which, caller: Key, context: Context) -> PageRow:
    """Raises `Unknown` when there is no such page, or none the caller may see."""
    nobodys = unknown("page", f"{which.incident}/{which.no}")
    async with context.database.reading() as session:
        row = await page_row(session, which.incident, which.no)
    if row is None:
        raise nobodys
    must_see(caller, row.customer, nobodys)
    return row
