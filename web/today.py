"""Today: what needs me now, and what runs out soon. Exceptions: what no machine can go on with, over all cases."""

from collections.abc import Iterable, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from api.awaited import AwaitedPage, AwaitedQuery, show_awaited
from api.dependencies import Tables
from api.incidents.incident import IncidentQuery, show_incidents
from api.orders.order import OrderQuery, show_orders
from api.policy import Operation
from api.queries import QueryValue
from db.engine import Database
from domain.cases.awaited import AwaitedLine, AwaitingCase
from domain.incidents.progress import OVER, IncidentState
from domain.incidents.sheets import IncidentLine
from domain.kinds import OrderState
from domain.orders.sheets import OrderLine
from web.order_sheets import names_of
from web.projects import ProjectLine, ProjectsQuery, project_lines
from web.rendering import Leaf, Values, renders_of
from web.session import Here, Reader, Signed
from web.words import say

router = APIRouter(include_in_schema=False)
EXCEPTIONS = "/exceptions"
# As many as are looked at before anything else is done.
SHOWN = 20
SOON = 6
_OPEN_ORDERS = tuple(state for state in OrderState if not state.is_final)
_OPEN_INCIDENTS = tuple(state for state in IncidentState if state not in OVER)
_PAGES = {
    AwaitingCase.ORDER: "/orders",
    AwaitingCase.INCIDENT: "/incidents",
    AwaitingCase.PROJECT: "/projects",
    AwaitingCase.WAVE: "/projects",
    AwaitingCase.PLAN: "/projects",
}
Overseeing = Annotated[Reader, Depends(Signed(Operation.READ_AWAITED))]


class ExceptionsQuery(QueryValue):
    """All exceptions, or those that are mine."""

    mine: bool | None = None
    cursor: str | None = Field(default=None, max_length=500)


@router.get("/", name="todayPage")
async def show_today(request: Request, reader: Here, database: Tables) -> Response:
    async def values() -> Values:
        mine = await _awaited(AwaitedQuery(mine=True, limit=SHOWN), reader, database)
        soon: list[OrderLine | IncidentLine] = [*await _orders(reader, database), *await _incidents(reader, database)]
        under_way: list[OrderLine | IncidentLine] = [
            *await _open_orders(reader, database),
            *await _open_incidents(reader, database),
        ]
        soon = sorted(soon, key=lambda line: (line.deadline is None, line.deadline))[:SOON]
        return {
            "now": reader.now,
            "mine": mine,
            "soon": soon,
            "projects": await _open_projects(reader, database),
            "under_way": sorted(under_way, key=lambda line: line.updated_at, reverse=True)[:SOON],
            "names": await names_of(_people(mine.items if mine else ()), reader, database),
            "live": "*",
            "pages": _PAGES,
            "kinds": _kinds(reader),
            "may_place": reader.may(Operation.PLACE_ORDERS),
            "may_report": reader.may(Operation.REPORT_INCIDENTS),
        }

    return await renders_of(request).show(request, reader, Leaf("today.html", personal=True), values)


@router.get(EXCEPTIONS, name="exceptionsPage")
async def show_exceptions(
    request: Request, query: Annotated[ExceptionsQuery, Query()], reader: Overseeing, database: Tables
) -> Response:
    async def values() -> Values:
        asked = AwaitedQuery(exception=True, mine=query.mine, cursor=query.cursor)
        listed = await show_awaited(asked, reader.key, database)
        return {
            "now": reader.now,
            "listed": listed,
            "query": query,
            "names": await names_of(_people(listed.items), reader, database),
            "live": "*",
            "pages": _PAGES,
            "kinds": _kinds(reader),
        }

    leaf = Leaf("exceptions.html", personal=query.mine is True)
    return await renders_of(request).show(request, reader, leaf, values)


async def _awaited(query: AwaitedQuery, reader: Reader, database: Database) -> AwaitedPage | None:
    return await show_awaited(query, reader.key, database) if reader.may(Operation.READ_AWAITED) else None


async def _orders(reader: Reader, database: Database) -> Iterable[OrderLine]:
    if not reader.may(Operation.READ_ORDERS):
        return ()
    listed = await show_orders(OrderQuery(sort="deadline", limit=SOON), reader.key, database)
    return [line for line in listed.items if line.deadline is not None]


async def _incidents(reader: Reader, database: Database) -> Iterable[IncidentLine]:
    if not reader.may(Operation.READ_INCIDENTS):
        return ()
    listed = await show_incidents(IncidentQuery(sort="deadline", limit=SOON), reader.key, database)
    return [line for line in listed.items if line.deadline is not None]


async def _open_orders(reader: Reader, database: Database) -> Sequence[OrderLine]:
    if not reader.may(Operation.READ_ORDERS):
        return ()
    query = OrderQuery(state=_OPEN_ORDERS, sort="-updated_at", limit=SOON)
    return (await show_orders(query, reader.key, database)).items


async def _open_incidents(reader: Reader, database: Database) -> Sequence[IncidentLine]:
    if not reader.may(Operation.READ_INCIDENTS):
        return ()
    query = IncidentQuery(state=_OPEN_INCIDENTS, sort="-updated_at", limit=SOON)
    return (await show_incidents(query, reader.key, database)).items


async def _open_projects(reader: Reader, database: Database) -> Sequence[ProjectLine]:
    if not reader.may(Operation.READ_PROJECTS):
        return ()
    return (await project_lines(ProjectsQuery(only="open"), reader, database))[0][:SOON]


def _kinds(reader: Reader) -> dict[AwaitingCase, str]:
    """What each kind of case is called where it has no title of its own."""
    said = {
        AwaitingCase.ORDER: "order",
        AwaitingCase.INCIDENT: "incident",
        AwaitingCase.PAGE: "a_page",
        AwaitingCase.WAVE: "a_wave",
        AwaitingCase.PROJECT: "a_project",
        AwaitingCase.PLAN: "a_plan",
    }
    return {kind: say(name, reader.look.language) for kind, name in said.items()}


def _people(lines: Iterable[AwaitedLine]) -> set[str]:
    return {person for line in lines for person in line.people}
