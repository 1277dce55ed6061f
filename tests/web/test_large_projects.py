"""Boards of large moves: as much at once as somebody can look at, whatever there is, and all of it page by page."""

import gzip
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import insert

from db.moves.launches import LaunchRow, WorkplaceRow, workplace_row
from db.moves.plans import store_plan
from db.moves.projects import save_project
from domain.kinds import Leg, OrderKind
from domain.moves.launched.launching import rehearsed
from domain.moves.launched.project_progress import begin
from domain.moves.launched.wave_progress import WorkplaceStanding, WorkplaceState
from domain.moves.plans.plan import Assignment, Basis, Plan
from domain.moves.plans.versions import PlanRequest, ProjectPlan
from domain.moves.plans.waves import Wave, Workplace
from domain.moves.project import Project
from domain.people import Actor, Role
from domain.places import Place
from tests.api.house import House
from tests.web.visitors import Site
from tests.world import CONTRACT, HQ
from web.boards import ROWS_AT_ONCE
from web.pictures import MOST_LANES

# Of a board as it is sent: bytes as they are, and compressed.
MOST_RAW, MOST_GZIPPED = 80_000, 12_000
IN_A_WAVE = 100
PLANNER = Actor(person="p-koch", role=Role.COORDINATOR)
START = datetime(2083, 7, 5, 6, tzinfo=UTC)


def state_of(number: int) -> WorkplaceState:
    """The first waves are over but for what needs somebody, one is going on, the rest waits."""
    wave = number // IN_A_WAVE
    if number % 77 == 5 and wave < 3:
        return WorkplaceState.EXCEPTION
    return WorkplaceState.OK if wave < 2 else WorkplaceState.IN_FLIGHT if wave == 2 else WorkplaceState.WAITING


async def launched(house: House, workplaces: int, technicians: int) -> str:
    """The address of its board: written as its workflows would have, which takes them long."""
    no = f"large-{uuid4().hex[:8]}"
    waves = [f"w{number}" for number in range(1, workplaces // IN_A_WAVE + 1)]
    starts = {wave: START + timedelta(days=day) for day, wave in enumerate(waves)}
    legs = [_leg(number, waves[number // IN_A_WAVE], technicians, starts) for number in range(workplaces)]
    basis = Basis(
        workplaces=tuple(
            Workplace(key=leg.workplace, row=number + 2, source=leg.source, target=leg.target)
            for number, leg in enumerate(legs)
        ),
        waves=tuple(Wave(id=wave, start=at, end=at + timedelta(hours=9)) for wave, at in starts.items()),
        technicians=(),
        sites=(HQ,),
    )
    plan = ProjectPlan(
        project=no,
        version=1,
        list_version=1,
        at=START,
        actor=PLANNER,
        rows=workplaces,
        workplaces=workplaces,
        planned=workplaces,
        request=PlanRequest(),
        basis=basis,
        plan=Plan(assignments=tuple(legs)),
    )
    project = Project(id=no, customer="adler", contract=CONTRACT.id, name="Large", sites=(HQ.id,))
    launch = rehearsed(project, CONTRACT, HQ, plan, by="p-koch", at=START)
    row = LaunchRow.made(launch)
    row.follow(begin(launch), None)
    rows = [workplace_row(no, "adler", _standing(number, leg), START) for number, leg in enumerate(legs)]
    async with house.database.writing() as session:
        await save_project(session, project)
        await store_plan(session, plan)
        session.add(row)
        await session.execute(insert(WorkplaceRow), [one.model_dump() for one in rows])
    return f"/projects/{no}"


def _leg(number: int, wave: str, technicians: int, starts: dict[str, datetime]) -> Assignment:
    at = starts[wave] + timedelta(hours=number % IN_A_WAVE // technicians)
    place = Place(site=HQ.id, building="B", floor="1", room=f"1.{number // 8:03}", desk=f"{number % 8}")
    return Assignment(
        workplace=f"r{number}",
        leg=Leg.WHOLE,
        wave=wave,
        technician=f"t-{number % technicians}",
        start=at,
        end=at + timedelta(hours=1),
        source=place,
        target=place,
    )


def _standing(number: int, leg: Assignment) -> WorkplaceStanding:
    return WorkplaceStanding(
        workplace=leg.workplace, row=number + 2, kind=OrderKind.MOVE, wave=leg.wave, state=state_of(number)
    )


def rows_of(page: str) -> list[int]:
    table = page[page.index('id="rows"') :]
    return [int(row) for row in re.findall(r'<tr><td class="right num quiet">(\d+)</td>', table)]


@pytest.mark.parametrize("workplaces", [1_000, 10_000])
async def test_a_board_of_any_size_is_one_that_can_be_looked_at(site: Site, workplaces: int) -> None:
    address = await launched(site.house, workplaces, technicians=20)
    browser = await site.signed_in()

    boards = [await browser.get(f"{address}{asked}") for asked in ("", "?wave=w3", "?first=w7", "?state=waiting")]

    assert [board.status_code for board in boards] == [200] * 4
    sizes = [(len(board.content), len(gzip.compress(board.content, 5))) for board in boards]
    assert [size for size in sizes if size[0] > MOST_RAW or size[1] > MOST_GZIPPED] == []
    assert all(len(rows_of(board.text)) <= ROWS_AT_ONCE for board in boards)


async def test_all_rows_of_a_large_project_are_there_page_by_page(site: Site) -> None:
    address = await launched(site.house, 1_000, technicians=20)
    browser = await site.signed_in()
    wanted = [number + 2 for number in range(1_000) if state_of(number) == WorkplaceState.OK]

    seen: list[int] = []
    following: str | None = f"{address}?state=ok"
    while following is not None:
        page = (await browser.get(following)).text
        seen += rows_of(page)
        found = re.search(rf'href="({address}\?[^"#]*cursor=[^"#]*)#rows"', page)
        following = found[1].replace("&amp;", "&") if found else None

    assert seen == wanted
    assert f"{len(wanted)} of 1000" in page or f"{len(wanted)} of 1,000" in page


@pytest.mark.parametrize("technicians", [MOST_LANES, MOST_LANES + 1])
async def test_more_technicians_than_lanes_can_be_told_apart_stand_in_a_table(site: Site, technicians: int) -> None:
    address = await launched(site.house, 200, technicians)
    browser = await site.signed_in()

    page = (await browser.get(f"{address}?wave=w1")).text
    waves = page[page.index('id="waves"') : page.index('id="rooms"')]

    named = Counter(re.findall(r"t-\d+", waves))
    assert len(named) == technicians
    assert ("<table" in waves) == (technicians > MOST_LANES)
