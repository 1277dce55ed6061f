"""What pages are measured over: many orders, projects with many rows, much that is awaited, a long day."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from activities.records import OrderEntry, ProjectEntry, Records
from db.awaited import AwaitedRow
from db.contracts import save_contract
from db.engine import Database
from db.moves.launches import workplace_row
from db.moves.plans import approve_plan, store_plan
from db.moves.projects import save_project
from domain.cases.awaited import AwaitedLine, AwaitingCase
from domain.cases.events import Event
from domain.cases.order_commands import Book, Window
from domain.kinds import Leg, OrderKind, OrderState
from domain.moves.launched.launching import launch
from domain.moves.launched.project_decisions import begun
from domain.moves.launched.wave_progress import WorkplaceStanding, WorkplaceState
from domain.moves.plans.launches import Launch
from domain.moves.plans.plan import Assignment, Basis, Plan, Technician
from domain.moves.plans.versions import PlanApproval, PlanRequest, ProjectPlan
from domain.moves.plans.waves import Wave, Workplace
from domain.moves.project import Project
from domain.orders.progress import begin
from domain.orders.promises import order_clock
from domain.people import MACHINE, Actor, Role
from domain.places import Place
from tests.world import CONTRACT, COORDINATOR, DESK, HQ, order, request

NOW = datetime.now(UTC)
PER_WAVE = 250
TECHNICIANS = tuple(f"t-{n}" for n in range(8))
APPROVER = Actor(person="p-huber", role=Role.APPROVER)
_BATCH = 2_000
_MOVE = timedelta(minutes=15)


async def add_project(database: Database, name: str, rows: int) -> Launch:
    """Launched; of its rows most are at the target, one in fifty is an exception, the rest waits."""
    project = Project(id=name, customer="adler", contract=CONTRACT.id, name=f"Move of {rows}", sites=(HQ.id,))
    made = _plan(project, rows)
    async with database.writing() as session:
        await save_contract(session, CONTRACT)
        await save_project(session, project)
        await session.flush()
        stored = await store_plan(session, made)
        approved = await approve_plan(session, stored, PlanApproval(actor=APPROVER, at=NOW))
    started = launch(project, CONTRACT, HQ, approved, by=COORDINATOR.person, at=NOW)
    await tell_project(database, started, 1)
    standings = [_standing(entry, number) for number, entry in enumerate(approved.plan.assignments)]
    for first in range(0, rows, _BATCH):
        async with database.writing() as session:
            part = standings[first : first + _BATCH]
            session.add_all(workplace_row(project.id, project.customer, one, NOW) for one in part)
    return started


async def tell_project(database: Database, started: Launch, seq: int) -> None:
    """Its journal gets an entry, and whoever looks at it hears of that."""
    at = datetime.now(UTC)
    what = "launched" if seq == 1 else "resume"
    event = Event(seq=seq, at=at, what=what, actor=COORDINATOR if seq > 1 else MACHINE)
    progress = begun(started).but(seq=seq)
    entry = ProjectEntry(launch=started, progress=progress, events=(event,), deadline=None, at=at)
    await Records(database).record_project(entry)


def _plan(project: Project, rows: int) -> ProjectPlan:
    count = -(-rows // PER_WAVE)
    waves = tuple(
        Wave(id=f"w{n:03}", start=NOW + timedelta(days=n + 1), end=NOW + timedelta(days=n + 1, hours=9))
        for n in range(count)
    )
    places = [Workplace(key=f"k{n:05}", row=n + 2, source=_desk("A", n), target=_desk("B", n)) for n in range(rows)]
    entries = tuple(_assignment(row, number, waves) for number, row in enumerate(places))
    basis = Basis(
        workplaces=tuple(places),
        waves=waves,
        technicians=tuple(Technician(id=name, hours=HQ.access) for name in TECHNICIANS),
        sites=(HQ,),
    )
    return ProjectPlan(
        project=project.id,
        version=1,
        list_version=1,
        at=NOW,
        actor=COORDINATOR,
        rows=rows,
        workplaces=rows,
        planned=rows,
        start=entries[0].start,
        end=entries[-1].end,
        request=PlanRequest(),
        basis=basis,
        plan=Plan(assignments=entries),
    )


def _assignment(row: Workplace, number: int, waves: Sequence[Wave]) -> Assignment:
    wave, place = waves[number // PER_WAVE], number % PER_WAVE
    start = wave.start + _MOVE * (place // len(TECHNICIANS))
    return Assignment(
        workplace=row.key,
        leg=Leg.WHOLE,
        wave=wave.id,
        technician=TECHNICIANS[place % len(TECHNICIANS)],
        start=start,
        end=start + _MOVE,
        source=row.source,
        target=row.target,
    )


def _desk(building: str, number: int) -> Place:
    return Place(site=HQ.id, building=building, floor="1", room=f"1.{number // 6:03}", desk=f"{number % 6 + 1}")


def _standing(entry: Assignment, number: int) -> WorkplaceStanding:
    state = WorkplaceState.OK if number % 10 < 6 else WorkplaceState.WAITING
    state = WorkplaceState.EXCEPTION if number % 50 == 7 else state
    is_open = state == WorkplaceState.EXCEPTION
    return WorkplaceStanding(
        workplace=entry.workplace,
        row=number + 2,
        kind=OrderKind.MOVE,
        wave=entry.wave,
        state=state,
        retryable=is_open,
        owner=COORDINATOR.person if is_open else None,
        due=NOW + timedelta(hours=number % 48) if is_open else None,
        started_at=None if state == WorkplaceState.WAITING else NOW,
        ended_at=NOW if state == WorkplaceState.OK else None,
    )


async def add_exceptions(database: Database, number: int) -> None:
    rows = []
    for n in range(number):
        line = AwaitedLine(
            case=f"order/X-{n:06}",
            kind=AwaitingCase.ORDER,
            no=f"X-{n:06}",
            customer="adler",
            contract=CONTRACT.id,
            step="work",
            command="retry",
            commands=("retry", "skip"),
            role=Role.COORDINATOR,
            since=NOW - timedelta(minutes=n),
            due=NOW + timedelta(minutes=n - number // 4),
            exception=True,
        )
        rows.append(
            {
                **line.model_dump(include={"case", "step", "kind", "command", "role", "customer", "since", "due"}),
                "person": "",
                "first": True,
                "exception": True,
                "internal": False,
                "line": line.model_dump_json(),
            }
        )
    async with database.writing() as session:
        await session.execute(insert(AwaitedRow), rows)


async def add_day(database: Database, technician: str, stops: int) -> None:
    """Visits at this technician's, one after the other, from now on."""
    for n in range(stops):
        asked = request(OrderKind.INSTALL, target=DESK, assets=["NB-100"], holder=f"Person {n}")
        placed = order(asked, NOW)
        window = Window(start=NOW + timedelta(minutes=n), end=NOW + timedelta(minutes=n + 1))
        booked = Book(window=window, technician=technician)
        progress = begin(placed, (order_clock(placed),)).but(seq=1, state=OrderState.SCHEDULED, appointment=booked)
        event = Event(seq=1, at=NOW, what="placed", actor=MACHINE)
        entry = OrderEntry(order=placed, progress=progress, events=(event,), deadline=None, at=NOW)
        await Records(database).record(entry)
