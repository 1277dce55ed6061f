"""Finding what somebody has the beginning of: a number, a name, a tag, a serial, a room."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field

from api.dependencies import May, Tables, scope_of
from api.door.paces import Paced, paces_of
from api.gate.routes import BoundedRoute
from api.policy import Operation, may
from api.queries import QueryValue
from db.found import shown
from db.search import hits
from domain.keys import Key
from domain.refusals import Problem, Unacceptable
from domain.search import FoundKind, FoundThing, searched_as
from domain.values import Few, Line, Slug, Value

router = APIRouter(route_class=BoundedRoute, prefix="/search", tags=["search"])

Searching = Annotated[Key, Depends(May(Operation.SEARCH))]

# A sign alone begins half of all there is.
LEAST_SIGNS = 2
# One thing is found by several words.
_PER_THING = 8
# Whoever may not read a kind of thing does not find one.
READ_BY: dict[FoundKind, Operation] = {
    FoundKind.ORDER: Operation.READ_ORDERS,
    FoundKind.INCIDENT: Operation.READ_INCIDENTS,
    FoundKind.ASSET: Operation.READ_ASSETS,
    FoundKind.PERSON: Operation.READ_PEOPLE,
    FoundKind.PROJECT: Operation.READ_PROJECTS,
}


class SearchQuery(QueryValue):
    """`q` is a beginning: signs between letters and digits do not count, nor do small and capital letters."""

    q: Line
    kind: Few[FoundKind] = ()
    customer: Slug | None = None
    limit: int = Field(default=20, ge=1, le=50)


class SearchAnswer(Value):
    """Exact ones first, numbers before all else. With `more` there are others: type on."""

    items: tuple[FoundThing, ...]
    more: bool


@router.get("", operation_id="listFoundThings")
async def search(
    query: Annotated[SearchQuery, Query()], caller: Searching, database: Tables, request: Request
) -> SearchAnswer:
    """Search numbers, references, people, asset tags, serials and rooms by their beginnings."""
    await paces_of(request).take_as_key(Paced.SEARCHING, caller.id)
    looked_for = [text for text in searched_as(query.q) if len(text) >= LEAST_SIGNS]
    if not looked_for:
        raise Unacceptable(Problem(code="search_too_short", at="/query/q", values={"least": f"{LEAST_SIGNS}"}))
    wanted = query.kind or tuple(FoundKind)
    kinds = [kind for kind in wanted if may(caller, READ_BY[kind])]
    most = (query.limit + 1) * _PER_THING
    async with database.reading() as session:
        found = await hits(session, looked_for, kinds, scope_of(caller, query.customer), most)
        items = await shown(session, found)
    return SearchAnswer(items=items[: query.limit], more=len(items) > query.limit or len(found) >= most)
