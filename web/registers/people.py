"""People: who they are, how they are written to, and what they have asked for."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from api.customers import show_people
from api.dependencies import Tables
from api.policy import Operation
from api.queries import QueryValue
from domain.people import Person
from domain.values import Line
from web.rendering import page
from web.session import Reader, Signed

router = APIRouter(include_in_schema=False)
Reading = Annotated[Reader, Depends(Signed(Operation.READ_PEOPLE))]
AT_ONCE = 100


class PeopleQuery(QueryValue):
    """`q` stands somewhere in a name, an address or an id; `start` is how many come before."""

    q: Line | None = None
    start: int = Field(default=0, ge=0, le=1_000_000)


@router.get("/people", name="peoplePage")
async def list_page(
    request: Request, query: Annotated[PeopleQuery, Query()], reader: Reading, database: Tables
) -> Response:
    found = _named(await show_people(reader.key, database), query.q)
    shown = found[query.start : query.start + AT_ONCE]
    values = {
        "people": shown,
        "count": len(found),
        "query": query,
        "next": query.start + AT_ONCE if query.start + AT_ONCE < len(found) else None,
        "may_let_leave": reader.may(Operation.MANAGE_KEYS),
        "may_read_orders": reader.may(Operation.READ_ORDERS),
        "now": reader.now,
    }
    return page(request, "people.html", reader.look, values, reader=reader)


def _named(people: Sequence[Person], wanted: str | None) -> list[Person]:
    asked = (wanted or "").casefold()
    found = [one for one in people if asked in f"{one.name}\n{one.email}\n{one.id}".casefold()]
    return sorted(found, key=lambda one: (one.name.casefold(), one.id))
