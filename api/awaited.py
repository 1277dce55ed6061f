"""What is awaited, over all cases: from me, from a role, from a person; and what no machine can go on with."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field, TypeAdapter, ValidationError

from api.cursors import Cursor, CursorPage, cursor_wrong, page, read_cursor
from api.dependencies import May, Tables, scope_of
from api.gate.routes import BoundedRoute
from api.policy import Operation, may
from api.queries import QueryValue
from db.awaited import AwaitedFilter, Position, count_awaited, list_awaited
from db.cases.case import NEVER
from domain.cases.awaited import AwaitedLine, AwaitingCase
from domain.keys import CUSTOMERS_OWN, Key
from domain.people import Role
from domain.times import Instant
from domain.values import Few, Slug

router = APIRouter(route_class=BoundedRoute, prefix="/awaited", tags=["awaited"])

Reading = Annotated[Key, Depends(May(Operation.READ_AWAITED))]

# Whoever may not read a kind of case is not told what it waits for.
READ_BY: dict[AwaitingCase, Operation] = {
    AwaitingCase.ORDER: Operation.READ_ORDERS,
    AwaitingCase.INCIDENT: Operation.READ_INCIDENTS,
    AwaitingCase.PAGE: Operation.READ_PAGES,
    AwaitingCase.WAVE: Operation.READ_PROJECTS,
    AwaitingCase.PROJECT: Operation.READ_PROJECTS,
    AwaitingCase.PLAN: Operation.READ_PROJECTS,
}
_SORT = "awaited"
_AT: TypeAdapter[Instant] = TypeAdapter(Instant)


class AwaitedPage(CursorPage[AwaitedLine]):
    """`count` is of all pages, as far as 10,000; only the first page has it."""

    count: int | None = None


class AwaitedQuery(QueryValue):
    """What is narrowed. `mine` is what the caller is named for, and what nobody is named for in the caller's role."""

    mine: bool | None = None
    role: Role | None = None
    person: Slug | None = None
    customer: Slug | None = None
    kind: Few[AwaitingCase] = ()
    exception: bool | None = None
    due_before: Instant | None = None
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=500)

    def position(self) -> Position | None:
        after = read_cursor(self.cursor, _SORT)
        if after is None:
            return None
        case, _, step = after[1].partition(" ")
        try:
            return _AT.validate_python(after[0]), case, step
        except ValidationError as error:
            raise cursor_wrong() from error

    def filter(self, caller: Key) -> AwaitedFilter:
        wanted = self.kind or tuple(AwaitingCase)
        return AwaitedFilter(
            customers=scope_of(caller, self.customer),
            kinds=tuple(kind for kind in wanted if may(caller, READ_BY[kind])),
            internal=False if caller.role in CUSTOMERS_OWN else None,
            mine=(caller.person, caller.role) if self.mine else None,
            person=self.person,
            role=self.role,
            exception=self.exception,
            due_before=self.due_before,
        )


@router.get("", operation_id="listAwaited")
async def show_awaited(query: Annotated[AwaitedQuery, Query()], caller: Reading, database: Tables) -> AwaitedPage:
    """List what cases wait for, what is due first, first. `kind` may be repeated."""
    wanted, after = query.filter(caller), query.position()
    async with database.reading() as session:
        shown, last = page(await list_awaited(session, wanted, query.limit, after), query.limit)
        count = await count_awaited(session, wanted) if after is None else None
    return AwaitedPage(items=shown, next=_following(last) if last else None, count=count)


def _following(last: AwaitedLine) -> str:
    due: datetime = last.due or NEVER
    return str(Cursor(sort=_SORT, after=(due.isoformat(), f"{last.case} {last.step}")))
