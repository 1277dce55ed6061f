"""The stage of a move project: a floor of people with a notebook each, a list, a plan, and a crew that moves them."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from api.moves.lists import bring_in
from connectors.holidays import with_holidays
from connectors.spreadsheets import read_list
from db.assets.asset import assets_by_tag, store_asset
from db.contracts import contract_in_force, list_sites, people_by_id
from db.moves import plans as project_plans
from db.moves.launches import LaunchRow, launch_row, workplaces_of
from db.moves.projects import newest_list, project_to_change, save_project, staged_rows
from db.orders import OrderRow, order_row
from domain.assets.asset import Asset, AssetStatus
from domain.cases.lookups import PlanFound, RowsFound, WaitingRow
from domain.cases.move_commands import Adopt, WithdrawRows
from domain.cases.order_commands import Complete, ConfirmCustody, Found, Verify
from domain.cases.wave_briefs import Gate
from domain.ids import project_workflow_id, wave_workflow_id
from domain.moves.launched.launching import briefs_of, launch
from domain.moves.launched.project_progress import ProjectProgress, ProjectState
from domain.moves.launched.wave_progress import WaveProgress, WorkplaceStanding, WorkplaceState
from domain.moves.plans.making import PlanGround, make, people_named
from domain.moves.plans.plan import Assignment
from domain.moves.plans.versions import CrewMember, PlanApproval, PlanRequest, ProjectPlan
from domain.moves.plans.waves import Wave
from domain.moves.project import Project
from domain.orders.progress import StepStatus
from domain.places import Place
from tests.patience import until
from tests.stories.stage import Books, OrderDesk, Stage
from tests.workshop import Here
from tests.world import APPROVER, CONTRACT, COORDINATOR, HQ, TECHNICIAN

PROJECT = Project(id="haus-b", customer="adler", contract=CONTRACT.id, name="Umzug in Haus B", sites=(HQ.id,))
HEADINGS = "Inventarnr.;von Raum;von Platz;nach Gebäude;nach Etage;nach Raum;nach Platz;Welle"
INTERIM = Place(site=HQ.id, building="A", floor="2", room="2.99")


def desk(number: int, room: str = "2.20", building: str = "A") -> Place:
    return Place(site=HQ.id, building=building, floor="2", room=room, desk=str(number))


@dataclass(frozen=True)
class Line:
    """Person `who` sits at the desk of that number and goes to desk `to`, in the new building unless told."""

    who: int
    to: int
    wave: str = "w1"
    building: str = "B"

    def __str__(self) -> str:
        return f"PC-{self.who:04};2.20;{self.who};{self.building};2;2.20;{self.to};{self.wave}"


def away(who: int, wave: str = "w1") -> Line:
    return Line(who, who, wave)


def swap(one: int, other: int, wave: str = "w1") -> tuple[Line, Line]:
    return Line(one, other, wave, "A"), Line(other, one, wave, "A")


class WaveDesk(Books):
    def __init__(self, stage: Stage, wave: str) -> None:
        super().__init__(stage.environment, wave_workflow_id(PROJECT.id, wave))
        self.stage = stage

    async def progress(self) -> WaveProgress:
        progress: WaveProgress = await self.handle.query("progress", result_type=WaveProgress)
        return progress


@dataclass
class MoveDesk(Books):
    """The project with everybody who has to do with it."""

    stage: Stage
    people: dict[str, int] = field(default_factory=dict)
    orders: dict[str, OrderDesk] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(self.stage.environment, project_workflow_id(PROJECT.id))

    def wave(self, wave: str) -> WaveDesk:
        return WaveDesk(self.stage, wave)

    async def furnish(self, people: int) -> None:
        at = await self.now()
        async with self.stage.database.writing() as session:
            await save_project(session, PROJECT)
            for number in range(1, people + 1):
                asset = Asset(
                    tag=f"PC-{number:04}",
                    customer="adler",
                    serial=f"S{number:04}",
                    model="ThinkPad T14",
                    status=AssetStatus.DEPLOYED,
                    place=desk(number),
                    holder=f"Person {number}",
                )
                await store_asset(session, asset, before=None, under="moves", source="example", at=at)

    async def bring(self, *lines: Line) -> None:
        content = "\n".join([HEADINGS, *map(str, lines)]).encode()
        parcel, now = read_list("liste.csv", content), await self.now()
        staged = await bring_in(self.stage.database, Here(), PROJECT, parcel, actor=COORDINATOR, at=now)
        async with self.stage.database.reading() as session:
            for row in await staged_rows(session, staged):
                assert row.move is not None, row.issues
                self.people[row.key] = int(row.move.assets[0].removeprefix("PC-"))

    async def plan(self, *waves: Wave, keep: Sequence[Assignment] = ()) -> ProjectPlan:
        """Made by the coordinator, approved by the customer."""
        at = await self.now()
        request = PlanRequest(
            waves=waves, technicians=(CrewMember(id=TECHNICIAN.person),), interim=(INTERIM,), minutes=30
        )
        async with self.stage.database.writing() as session:
            await project_to_change(session, PROJECT.id)
            newest = await newest_list(session, PROJECT.id)
            contract = await contract_in_force(session, CONTRACT.id)
            assert newest is not None
            assert contract is not None
            sites = await list_sites(session, ("adler",))
            ground = PlanGround(
                project=PROJECT,
                contract=contract,
                list=newest,
                rows=await staged_rows(session, newest),
                sites=[site.but(access=with_holidays(site.access, at)) for site in sites],
                people=await people_by_id(session, people_named(request, contract)),
                keep=keep,
            )
            made = make(request, ground, actor=COORDINATOR, at=at)
            assert not made.plan.left_over, made.plan.left_over
            saved = await project_plans.store_plan(session, made)
            return await project_plans.approve_plan(session, saved, PlanApproval(actor=APPROVER, at=at))

    async def launch(self, plan: ProjectPlan, at_once: int = 25) -> None:
        started = launch(PROJECT, CONTRACT, HQ, plan, by=COORDINATOR.person, at=await self.now())
        await self.temporal.start_project(started.but(at_once=at_once))

    async def adopt(self, plan: ProjectPlan) -> None:
        followed = (await self.progress()).plan
        async with self.stage.database.reading() as session:
            before = await project_plans.plan_of(session, PROJECT.id, followed)
        assert before is not None
        relisted = plan.list_version > before.list_version
        found = PlanFound(waves=briefs_of(plan), relisted=relisted)
        await self.say(COORDINATOR, Adopt(plan=plan.version), looked_up=found)

    async def withdraw(self, *people: int) -> None:
        command, found = await self._withdrawal(people)
        await self.say(COORDINATOR, command, looked_up=found)

    async def refuses_withdrawal(self, *people: int) -> list[str]:
        command, found = await self._withdrawal(people)
        return await self.tries(COORDINATOR, command, looked_up=found)

    async def _withdrawal(self, people: Sequence[int]) -> tuple[WithdrawRows, RowsFound]:
        """With the rows looked up, as the API does."""
        rows = await self.rows()
        chosen = [rows[who] for who in people]
        waiting = tuple(WaitingRow(row=one.row, wave=one.wave, workplace=one.workplace) for one in chosen)
        return WithdrawRows(rows=tuple(one.row for one in chosen), reason="they stay"), RowsFound(waiting=waiting)

    async def newest_plan(self) -> ProjectPlan:
        async with self.stage.database.reading() as session:
            plan = await project_plans.newest_plan(session, PROJECT.id)
        assert plan is not None
        return plan

    async def begun(self) -> set[str]:
        """The workplaces for which an order was placed."""
        return {standing.workplace for standing in (await self.rows()).values() if standing.orders}

    async def progress(self) -> ProjectProgress:
        progress: ProjectProgress = await self.handle.query("progress", result_type=ProjectProgress)
        return progress

    async def row(self) -> LaunchRow | None:
        async with self.stage.database.reading() as session:
            return await launch_row(session, PROJECT.id)

    async def rows(self) -> dict[int, WorkplaceStanding]:
        """By the number of the person."""
        async with self.stage.database.reading() as session:
            return {self.people[one.workplace]: one for one in await workplaces_of(session, PROJECT.id)}

    async def states(self) -> dict[int, WorkplaceState]:
        return {who: one.state for who, one in (await self.rows()).items()}

    async def until(self, holds: Callable[[dict[int, WorkplaceState]], bool]) -> dict[int, WorkplaceState]:
        """What becomes of rows is written a little later than it happens."""
        return await until(self.states, holds)

    async def comes_to(self, *states: ProjectState) -> ProjectProgress:
        return await until(self.progress, lambda progress: progress.state in states)

    async def open_orders(self) -> dict[int, OrderDesk]:
        """The orders in flight, by the number of the person."""
        return {
            who: await self.order(leg.order)
            for who, standing in (await self.rows()).items()
            for leg in standing.legs
            if leg.has_order
            if leg.order is not None
        }

    async def order(self, no: str) -> OrderDesk:
        async def written() -> OrderRow | None:
            async with self.stage.database.reading() as session:
                return await order_row(session, no)

        row = await until(written)
        assert row is not None
        return self.orders.setdefault(no, OrderDesk(self.stage, row.as_order()))

    async def work(self, who: int) -> None:
        """Whatever order moves this person now, carry it out to the end."""
        await self.work_on(who, await self._in_hand(who))

    async def work_on(self, who: int, order: OrderDesk) -> None:
        while command := await next_command(order):
            taker = isinstance(command, ConfirmCustody) and command.side == "taker"
            await order.say(COORDINATOR if taker else TECHNICIAN, command)
        await until(
            self.rows, lambda rows: all(leg.order != order.order.no or not leg.has_order for leg in rows[who].legs)
        )

    async def begin_work(self, who: int) -> None:
        order = await self._in_hand(who)
        await order.say(TECHNICIAN, Complete(step="take_down", minutes=10))

    async def mismatch(self, who: int) -> None:
        """Carry it out, but find something else than was to be moved."""
        order = await self._in_hand(who)
        while not isinstance(command := await next_command(order), Verify):
            assert command is not None
            taker = isinstance(command, ConfirmCustody) and command.side == "taker"
            await order.say(COORDINATOR if taker else TECHNICIAN, command)
        await order.say(TECHNICIAN, command.but(found=(Found(tag="PC-0999"),)))
        await self.until(lambda states: states.get(who) == WorkplaceState.EXCEPTION)

    async def asset(self, who: int) -> Asset:
        async with self.stage.database.reading() as session:
            (asset,) = await assets_by_tag(session, "adler", [f"PC-{who:04}"])
        return asset

    async def _in_hand(self, who: int) -> OrderDesk:
        await self.until(lambda states: states.get(who) == WorkplaceState.IN_FLIGHT)
        return (await self.open_orders())[who]

    async def fail(self, who: int) -> None:
        order = await self._in_hand(who)
        await order.say(TECHNICIAN, Complete(step="take_down", outcome="failed", reason="dock is screwed down"))
        await self.until(lambda states: states.get(who) == WorkplaceState.FAILED)


async def next_command(order: OrderDesk) -> Complete | ConfirmCustody | Verify | None:
    """What the technician says next; None when there is nothing left to do."""
    for _ in range(100):
        progress = await order.progress()
        if progress.state.is_final or any(step.status == StepStatus.STUCK for step in progress.steps):
            return None
        for step in progress.steps:
            if step.status not in (StepStatus.OPEN, StepStatus.STARTED):
                continue
            tags = tuple(asset.tag for asset in progress.assets)
            serials = tuple(asset.serial or asset.tag for asset in progress.assets)
            match step.type:
                case "work":
                    return Complete(step=step.id, minutes=20)
                case "custody":
                    side = "giver" if step.status == StepStatus.OPEN else "taker"
                    return ConfirmCustody(step=step.id, side=side, serials=serials)
                case "verification":
                    return Verify(step=step.id, found=tuple(Found(tag=tag) for tag in tags))
        await asyncio.sleep(0.05)
    raise AssertionError(progress)


def wave(name: str, start: datetime, *after: str, gate: Gate | None = None, hours: int = 8) -> Wave:
    end = start + timedelta(hours=hours)
    return Wave(id=name, group=name, start=start, end=end, after=after, gate=gate or Gate())
