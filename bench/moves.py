"""moves of a project per second, against a hand-written parent whose children make the same calls.

All waves open at once. In both, a parent has 25 orders in flight, and a driver plays the people: as soon as an order
stands in the table it is told the same five things, each when the one before was answered. Which activities an order
calls is read from the history of one that ran before; the hand-written ones call the same as local activities. What
our waves and project do besides (records per row, news, letters) has nothing beside it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from time import perf_counter

from sqlmodel import col, select
from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from activities.channels import Switchboard
from activities.notices import Notices
from bench.ground.bare import BareJob, BareMove, BareOrder, BareWave
from bench.ground.report import Figure, rate
from bench.ground.stand import BARE_QUEUE, QUEUE, Stand, stand, times
from bench.orders import said, say
from bench.throughput import calls_of
from connectors.channels import OutboxChannel
from db.contracts import save_contract
from db.orders import OrderRow
from domain.cases.order_commands import Command, Complete, ConfirmCustody, Found, Verify
from domain.ids import order_workflow_id, project_workflow_id, wave_workflow_id
from domain.kinds import OrderKind
from domain.moves.launched.launching import launch
from domain.moves.plans.launches import AT_ONCE
from domain.orders.order import Order
from domain.people import Actor
from tests.faults.crew import working_morning
from tests.stories.move_stage import PROJECT, MoveDesk, away, wave
from tests.stories.phones import Phones
from tests.stories.stage import Postman, Stage
from tests.world import CONTRACT, COORDINATOR, HQ, TECHNICIAN
from workflows.client import Temporal
from workflows.order import OrderWorkflow

WORKPLACES = times("MOVES", 100)
PER_WAVE = times("MOVES_PER_WAVE", 50)
PRICED = CONTRACT.but(
    prices=CONTRACT.prices.but(flat=CONTRACT.prices.flat | {OrderKind.MOVE: CONTRACT.prices.flat[OrderKind.INSTALL]})
)
MovesRun = Sequence[tuple[Actor, Command]]
OrderWork = Callable[[Order], Coroutine[object, object, None]]


def run() -> list[Figure]:
    return asyncio.run(_run())


async def _run() -> list[Figure]:
    async with stand() as ground, ground.worker():
        async with ground.database.writing() as session:
            await save_contract(session, PRICED)
        desk = _desk(ground)
        ours = await _project(ground, desk)
        bare = await _bare(ground, ours.orders)
        sizes = await _sizes(ground)
    name = f"{WORKPLACES} workplaces, {PER_WAVE} a wave"
    return [
        rate(f"{name}: moves", [WORKPLACES / ours.lasted], [WORKPLACES / bare.lasted], "1/s"),
        Figure(f"{name}: until the waves are full", ours.full, bare.full, bare.full / ours.full, "s"),
        *sizes,
    ]


class Driver:
    """Looks for orders that nobody has told anything yet, and tells each what is to be told."""

    def __init__(self, ground: Stand, expected: int, work: OrderWork) -> None:
        self.orders: list[Order] = []
        self.full = 0.0
        self.lasted = 0.0
        self._ground = ground
        self._expected = expected
        self._work = work
        self._known: set[str] = set()

    async def drive(self, over: Awaitable[object]) -> None:
        begin = perf_counter()
        window = min(self._expected, AT_ONCE * -(-self._expected // PER_WAVE))
        finding = asyncio.create_task(self._find(window, begin))
        await over
        self.lasted = perf_counter() - begin
        await finding

    async def _find(self, window: int, begin: float) -> None:
        async with self._ground.database.reading() as session:
            before = set((await session.execute(select(OrderRow.no))).scalars())
        async with asyncio.TaskGroup() as working:
            while len(self.orders) < self._expected:
                for order in await self._new(before):
                    self.orders.append(order)
                    working.create_task(self._work(order))
                if not self.full and len(self.orders) >= window:
                    self.full = perf_counter() - begin
                await asyncio.sleep(0.1)

    async def _new(self, before: set[str]) -> list[Order]:
        async with self._ground.database.reading() as session:
            rows = (await session.execute(select(OrderRow.no))).scalars()
            fresh = list(islice((no for no in rows if no not in before), 200))
            before.update(fresh)
            found = await session.execute(select(OrderRow).where(col(OrderRow.no).in_(fresh)))
            return [row.as_order() for row in found.scalars()]


def way(order: Order) -> MovesRun:
    tags = tuple(asset.tag for asset in order.assets)
    serials = tuple(asset.serial or asset.tag for asset in order.assets)
    return (
        (TECHNICIAN, Complete(step="take_down", minutes=10)),
        (TECHNICIAN, ConfirmCustody(step="transport", side="giver", serials=serials)),
        (COORDINATOR, ConfirmCustody(step="transport", side="taker", serials=serials)),
        (TECHNICIAN, Complete(step="set_up", minutes=10)),
        (TECHNICIAN, Verify(step="verification", found=tuple(Found(tag=tag) for tag in tags))),
    )


def _desk(ground: Stand) -> MoveDesk:
    notices = Notices(
        ground.database,
        Switchboard(ground.database, OutboxChannel(ground.folder / "outbox", "imacflow@provider.example")),
    )
    desk = MoveDesk(Stage(WorkflowEnvironment.from_client(ground.client), ground.database, Postman(notices), Phones()))
    desk.temporal = Temporal(ground.client, QUEUE)
    return desk


async def _project(ground: Stand, desk: MoveDesk) -> Driver:
    await desk.furnish(WORKPLACES)
    await desk.bring(*(away(who, f"w{(who - 1) // PER_WAVE}") for who in range(1, WORKPLACES + 1)))
    # One technician, 480 minutes a day: it is the orders that are measured, not the plan.
    span, first = timedelta(days=3 * PER_WAVE // 16 + 14), working_morning(datetime.now(UTC))
    waves = (
        wave(f"w{n}", first + n * span, hours=int(span / timedelta(hours=1))) for n in range(-(-WORKPLACES // PER_WAVE))
    )
    plan = await desk.plan(*waves)
    planned = launch(PROJECT, PRICED, HQ, plan, by=COORDINATOR.person, at=datetime.now(UTC))
    started = planned.but(waves=tuple(brief.but(start=planned.received_at) for brief in planned.waves))

    async def tell(order: Order) -> None:
        handle = ground.client.get_workflow_handle(order_workflow_id(order.no))
        for number, (actor, command) in enumerate(way(order)):
            await say(handle, said(number, actor, command))

    driver = Driver(ground, WORKPLACES, tell)
    await desk.temporal.start_project(started)
    await driver.drive(desk.handle.result())
    return driver


async def _bare(ground: Stand, orders: Sequence[Order]) -> Driver:
    """The same orders once more, under other numbers."""
    first: WorkflowHandle[OrderWorkflow, object] = ground.client.get_workflow_handle(order_workflow_id(orders[0].no))
    stages = calls_of(await first.fetch_history())
    jobs = [BareJob(order=order.but(no=f"{order.no}-B", part=None), stages=stages, local=True) for order in orders]

    async def tell(order: Order) -> None:
        handle = ground.client.get_workflow_handle(f"bare/{order.no}")
        for number, (actor, command) in enumerate(way(order)):
            await handle.execute_update(BareOrder.command, said(number, actor, command))

    async def over() -> None:
        moves = [
            BareMove(jobs=tuple(jobs[at : at + PER_WAVE]), at_once=AT_ONCE) for at in range(0, len(jobs), PER_WAVE)
        ]
        waves = [
            await ground.client.start_workflow(BareWave.run, move, id=f"bare/w{n}", task_queue=BARE_QUEUE)
            for n, move in enumerate(moves)
        ]
        await asyncio.gather(*(handle.result() for handle in waves))

    driver = Driver(ground, WORKPLACES, tell)
    await driver.drive(over())
    return driver


async def _sizes(ground: Stand) -> list[Figure]:
    cases = {"project": project_workflow_id(PROJECT.id), f"wave of {PER_WAVE}": wave_workflow_id(PROJECT.id, "w0")}
    figures = []
    for name, case in cases.items():
        told = await ground.client.get_workflow_handle(case).describe()
        size = told.raw_description.workflow_execution_info.history_size_bytes
        figures.append(Figure(name, told.history_length, None, None, "events"))
        figures.append(Figure("", size, None, None, "bytes"))
    return figures
