"""Search: what somebody has the beginning of. What is meant exactly is gone to at once."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from api.dependencies import Tables
from api.policy import Operation
from api.queries import QueryValue
from api.search import READ_BY, SearchAnswer, SearchQuery
from api.search import search as search_all
from documents.wording import sentence
from domain.refusals import Unacceptable
from domain.search import FoundKind, FoundThing
from domain.values import Line
from web.refusals import see_other
from web.rendering import page
from web.session import Reader, Signed

router = APIRouter(include_in_schema=False)
SEARCH = "/search"
_PAGES = {FoundKind.ORDER: "/orders", FoundKind.INCIDENT: "/incidents", FoundKind.PROJECT: "/projects"}
# What has no page of its own leads to a list of what it has to do with.
_LISTS = {FoundKind.PERSON: ("/orders", "requester", Operation.READ_ORDERS)}
_STATES = {FoundKind.ORDER: "order_state", FoundKind.INCIDENT: "incident_state", FoundKind.ASSET: "asset_status"}


class SearchPageQuery(QueryValue):
    q: Line | None = None
    kind: FoundKind | None = None


@router.get(SEARCH, name="searchPage")
async def show_search(
    request: Request,
    query: Annotated[SearchPageQuery, Query()],
    reader: Annotated[Reader, Depends(Signed(Operation.SEARCH))],
    database: Tables,
) -> Response:
    found: SearchAnswer | None = None
    faults: tuple[str, ...] = ()
    if query.q is not None:
        asked = SearchQuery(q=query.q, kind=(query.kind,) if query.kind else ())
        try:
            found = await search_all(asked, reader.key, database, request)
        except Unacceptable as refused:
            faults = tuple(sentence(problem, reader.look.language) for problem in refused.problems)
    if found is not None and query.kind is None and (meant := _meant(found, reader)):
        return see_other(meant)
    values = {
        "query": query,
        "found": found,
        "faults": faults,
        "addresses": [address_of(one, reader) for one in found.items] if found else [],
        "kinds": tuple(kind for kind in FoundKind if reader.may(READ_BY[kind])),
        "states": _STATES,
        "now": reader.now,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK
    return page(request, "search.html", reader.look, values, reader=reader, status=status)


def _meant(found: SearchAnswer, reader: Reader) -> str | None:
    """The page of the only thing that is called exactly so."""
    exact = [one for one in found.items if one.exact]
    if len(exact) != 1 or exact[0].kind not in _PAGES or _is_only_begun(found.items, exact[0]):
        return None
    return address_of(exact[0], reader)


def _is_only_begun(items: Iterable[FoundThing], exact: FoundThing) -> bool:
    """A name may be the beginning of others that are meant as well; a number is a number."""
    return exact.matched.rank > 0 and any(one != exact for one in items)


def address_of(thing: FoundThing, reader: Reader) -> str | None:
    if thing.kind in _PAGES:
        return f"{_PAGES[thing.kind]}/{quote(thing.no, safe='')}"
    if thing.kind == FoundKind.ASSET:
        # Another customer may have one of the same tag.
        return f"/assets/{quote(thing.no)}?{urlencode({'customer': thing.customer})}"
    path, name, operation = _LISTS[thing.kind]
    return f"{path}?{urlencode({name: thing.no})}" if reader.may(operation) else None
