"""My day: a technician's stops in order, with what is to be done and checked off, with or without a network."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from api.cases.standing import KNOWN_ORDERS, order_as_written
from api.dependencies import InContext, Tables
from api.orders.order import OrderQuery, listed_orders
from api.orders.run_sheets import printed_sheet, run_sheet
from api.policy import Operation
from api.problems import Unauthenticated
from api.queries import QueryValue
from api.workshop import AtWorkshop
from db.access.sessions import keep_on_floor
from db.contracts import sites_by_id
from db.engine import Database
from db.orders import next_visit
from domain.assets.asset import Asset
from domain.cases.events import Event
from domain.cases.order_commands import Window
from domain.orders.answers import ItemAnswer
from domain.orders.papers import OrderPaper, papers_of
from domain.orders.progress import StepStatus
from domain.orders.sheets import answers_of
from domain.orders.standing import OrderStanding
from domain.people import Role
from domain.refusals import NotAllowed, Problem
from domain.sessions import FLOOR_LIFE
from domain.times import Day
from domain.values import Line
from web.floor.forms import FloorForm, floor_address, floor_forms, is_done_there
from web.forms import PageForm
from web.moments import day_of
from web.order_forms import Choices, open_commands
from web.order_sheets import LONGEST_ID, names_of, takers_of
from web.orders import OrderDesk
from web.refusals import see_other
from web.rendering import Leaf, Values, renders_of
from web.session import FLOOR, Reader, Signed, cookie_name, give_cookie
from web.telling import tell

router = APIRouter(include_in_schema=False)
# Nobody has more stops on one day.
MOST_STOPS = 100
Reading = Annotated[Reader, Depends(Signed(Operation.READ_ORDERS))]
Commanding = Annotated[Reader, Depends(Signed(Operation.COMMAND_ORDERS))]


class SaidQuery(QueryValue):
    """Who has said it, as their phone knows; who is signed in where that is not known."""

    by: Line | None = None


class DayQuery(QueryValue):
    """Today, by the clock of the first site, or another day."""

    day: Day | None = None


@dataclass(frozen=True)
class Stop:
    """One visit. `forms` are what is to be said there, in order."""

    standing: OrderStanding
    window: Window
    forms: tuple[FloorForm, ...]
    may_add_paper: bool = False

    @property
    def papers(self) -> tuple[OrderPaper, ...]:
        return papers_of(self.standing.progress)

    @property
    def no(self) -> str:
        return self.standing.order.no

    @property
    def is_stuck(self) -> bool:
        return any(step.status in (StepStatus.STUCK, StepStatus.FAILED) for step in self.standing.progress.steps)

    @property
    def is_done(self) -> bool:
        """For whoever works there: what others have to say after that is none of theirs."""
        return is_done_there(self.standing)

    @property
    def assets(self) -> tuple[Asset, ...]:
        return self.standing.progress.assets

    @property
    def answered(self) -> tuple[ItemAnswer, ...]:
        return answers_of(self.standing.order)


@router.get(FLOOR, name="myDayPage")
async def my_day_page(
    request: Request, query: Annotated[DayQuery, Query()], reader: Reading, database: Tables
) -> Response:
    # A session that is kept for the day alone follows nothing.
    is_open = reader.session.is_open_at(reader.now)
    leaf = Leaf("my_day.html", (is_open, reader.session.floor_until), personal=True)

    async def values() -> Values:
        return await _day_values(query.day or day_of(reader.now, reader.zone), reader, database, is_open=is_open)

    return await renders_of(request).show(request, reader, leaf, values)


async def _day_values(day: date, reader: Reader, database: Database, *, is_open: bool) -> Values:
    asked = OrderQuery(technician=reader.key.person, day=day, sort="starts_at", limit=MOST_STOPS)
    rows, _ = await listed_orders(asked, reader.key, database)
    standings = [order_as_written(row) for row in rows]
    choices = Choices({}, reader.look.language, await takers_of(standings, reader, database))
    stops = await asyncio.to_thread(_stops, standings, reader, choices)
    async with database.reading() as session:
        places = await sites_by_id(session, sorted({stop.standing.order.request.site for stop in stops}))
        after = await next_visit(session, reader.key.person, reader.now, reader.key.customers) if not stops else None
    zone = stops[0].standing.order.terms.access.zone if stops else reader.zone
    people = {stop.standing.order.request.requester for stop in stops}
    people |= {one.answer for stop in stops for one in stop.answered if not one.name and len(one.answer) <= LONGEST_ID}
    return {
        "now": reader.now,
        "zone": zone,
        "day": day,
        "before": day - timedelta(days=1),
        "following": day + timedelta(days=1),
        "is_today": day == day_of(reader.now, zone),
        "stops": stops,
        "done": sum(stop.is_done for stop in stops),
        "current": next((stop.no for stop in stops if stop.forms), None),
        "sites": {site.id: site.name for site in places},
        "next_day": day_of(after, reader.zone) if after else None,
        "names": await names_of(people, reader, database),
        "live": "order" if is_open else "-",
        "may_keep": reader.key.role == Role.TECHNICIAN,
    }


def _stops(standings: Sequence[OrderStanding], reader: Reader, choices: Choices) -> list[Stop]:
    found = []
    for standing in standings:
        visit = standing.progress.appointment
        if visit is not None:
            forms = () if standing.progress.holds else floor_forms(standing, reader.key, choices)
            may_add = "add_paper" in open_commands(standing, reader.key)
            found.append(Stop(standing, visit.window, forms, may_add))
    return found


@router.get(f"{FLOOR}/run-sheet", name="runSheetPage")
async def run_sheet_page(
    query: Annotated[DayQuery, Query()], reader: Reading, database: Tables, workshop: AtWorkshop
) -> Response:
    """My day on paper."""
    day = query.day or day_of(reader.now, reader.zone)
    sheet = await run_sheet(reader.key.person, day, reader.key, database, reader.now)
    return await printed_sheet(sheet, workshop, reader.look.language)


@router.post(f"{FLOOR}/keep", name="keepOnFloor")
async def keep(request: Request, reader: Reading, database: Tables) -> Response:
    """This phone opens the day of its technician for two weeks; everything else is asked for anew as ever."""
    if reader.key.role != Role.TECHNICIAN:
        raise NotAllowed(Problem(code="only_technicians_keep"))
    async with database.writing() as session:
        await keep_on_floor(session, reader.session.id)
    answer = see_other(FLOOR)
    give_cookie(answer, request, request.cookies[cookie_name(request)], FLOOR_LIFE)
    return answer


@dataclass(frozen=True)
class FloorDesk(OrderDesk):
    """An order told something on the floor: sent late, it counts all the same."""

    @property
    def address(self) -> str:
        visit = self.standing.progress.appointment
        return f"{FLOOR}?day={day_of(visit.window.start, self.zone)}" if visit else FLOOR

    async def form(self, command: str) -> PageForm:
        return replace(
            await super().form(command), address=floor_address(self.standing.order.no, command, self.reader.key)
        )

    async def events(self) -> Sequence[Event]:
        """What has happened meanwhile keeps nothing from being said: the order itself knows whether it still fits."""
        return ()


async def said_by_reader(query: Annotated[SaidQuery, Query()], reader: Commanding) -> Reader:
    """Raises `Unauthenticated` for what somebody has said whose phone another has signed in at since."""
    if query.by not in (None, reader.key.person):
        raise Unauthenticated(Problem(code="said_by_another"), why="said_by_another")
    return reader


Speaking = Annotated[Reader, Depends(said_by_reader)]


async def _desk(request: Request, no: str, reader: Speaking, context: InContext) -> FloorDesk:
    return FloorDesk(request, reader, context, await KNOWN_ORDERS.seen(no, reader.key, context))


AtDesk = Annotated[FloorDesk, Depends(_desk)]


@router.post(f"{FLOOR}/{{no}}/{{command}}", name="checkOff")
async def check_off(command: str, desk: AtDesk, response: Response) -> Response:
    return await tell(desk, command, response)
