"""What a wave of a move project has done for it: legs looked up, orders placed for them, orders told something."""

from collections import OrderedDict
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from activities.failures import impossible
from db.assets.asset import assets_at, assets_by_tag
from db.contracts import contract_in_force, sites_by_id
from db.engine import Database
from db.moves.launches import begun_elsewhere, replace_waiting, waves_of
from db.moves.plans import plan_of
from db.moves.projects import project as kept_project
from db.moves.projects import project_to_change, staged_row_by_key
from domain.cases.instructions import Instruction
from domain.moves.launched.trips import LegGround, PlaceLeg, order_for, request_for, trip_of
from domain.moves.launched.wave_course import counts, yet_to_open
from domain.moves.launched.wave_news import WaveLegs, new_leg
from domain.moves.launched.wave_progress import WaveCounts, WorkplaceStanding
from domain.moves.plans.versions import ProjectPlan, legs_of
from domain.orders.order import Order, Registers
from domain.refusals import Problem, Refused, unknown
from domain.values import Line, Slug, Value

MOST_PLANS = 8


class LegsAsked(Value):
    """`known` are workplaces of which the wave has to hear if another wave has them now."""

    project: Slug
    plan: int
    wave: Slug
    known: tuple[Slug, ...] = ()


class Placed(Value):
    order: Slug


class TellOrder(Value):
    order: Slug
    instruction: Instruction


class Told(Value):
    """`problem` is why an order has refused an instruction."""

    problem: Problem | None = None


class Outlook(Value):
    """What is to be seen of waves that have not opened: in this plan, but for what was withdrawn or all called off."""

    project: Slug
    customer: Slug
    plan: int
    withdrawn: dict[Slug, Line] = {}
    called_off: Line | None = None


class Expected(Value):
    """By wave, how the workplaces that are to be seen stand."""

    waves: dict[Slug, WaveCounts] = {}


class Unheard(Value):
    """Orders of which a wave has not heard the end."""

    orders: tuple[Slug, ...]


class Orders(Protocol):
    """The door to orders under way. Raises anything else than `Refused` when it is shut for the moment."""

    async def ensure_order(self, order: Order) -> None:
        """Start it, unless it runs already or has run."""
        ...

    async def has_order(self, no: str) -> bool:
        """Whether it runs or has run."""
        ...

    async def is_over(self, no: str) -> bool:
        """Whether it has ended, however it did; so has one that is not known any more."""
        ...

    async def tell_order(self, no: str, instruction: Instruction) -> None:
        """Raises `Refused` as the order does."""
        ...


class Moves:
    """Keeps the plans that were asked for last: a large one takes long to read, and never changes."""

    def __init__(self, database: Database, orders: Orders) -> None:
        self._database = database
        self._orders = orders
        self._plans: OrderedDict[tuple[str, int], ProjectPlan] = OrderedDict()

    @activity.defn
    async def legs_of_wave(self, asked: LegsAsked) -> WaveLegs:
        """But for what has begun in another wave since the plan was made."""
        async with self._database.reading() as session:
            plan = await self._plan(session, asked.project, asked.plan)
            begun = await begun_elsewhere(session, asked.project, asked.wave)
        known = set(asked.known)
        elsewhere = {entry.workplace for entry in plan.plan.assignments if entry.wave != asked.wave} & known
        legs = tuple(leg for leg in legs_of(plan, asked.wave) if leg.workplace not in begun)
        return WaveLegs(legs=legs, elsewhere=tuple(sorted(elsewhere)))

    @activity.defn
    async def show_outlook(self, outlook: Outlook) -> Expected:
        """Put the workplaces of waves that have not opened into the tables; an open wave writes its own."""
        async with self._database.writing() as session:
            plan = await self._plan(session, outlook.project, outlook.plan)
            await project_to_change(session, outlook.project)
            begun = {row.wave for row in await waves_of(session, outlook.project)}
            waves = sorted({entry.wave for entry in plan.plan.assignments} - begun)
            expected = {wave: waiting(plan, wave, outlook) for wave in waves}
            rows = [row for wave in expected.values() for row in wave]
            await replace_waiting(session, outlook.project, outlook.customer, begun, rows, datetime.now(UTC))
        return Expected(waves={wave: counts(row.state for row in rows) for wave, rows in expected.items()})

    @activity.defn
    async def place_order(self, asked: PlaceLeg) -> Placed:
        """Raises `Impossible` as the contract, the register or the plan refuse it."""
        async with self._database.reading() as session:
            try:
                order = await _order(session, await self._plan(session, asked.project, asked.plan), asked)
            except Refused as refused:
                if await self._orders.has_order(asked.order_no):
                    # Placed before, by a worker that died over it: what it was to move may stand there already.
                    return Placed(order=asked.order_no)
                raise impossible(refused) from refused
        await self._orders.ensure_order(order)
        return Placed(order=order.no)

    @activity.defn
    async def lost_orders(self, unheard: Unheard) -> Unheard:
        """Those that are over. An order tells its wave before it ends, so these never will."""
        return Unheard(orders=tuple([no for no in unheard.orders if await self._orders.is_over(no)]))

    @activity.defn
    async def tell_order(self, asked: TellOrder) -> Told:
        try:
            await self._orders.tell_order(asked.order, asked.instruction)
        except Refused as refused:
            return Told(problem=refused.problems[0])
        return Told()

    async def _plan(self, session: AsyncSession, project: str, version: int) -> ProjectPlan:
        plan = self._plans.get((project, version)) or await plan_of(session, project, version)
        if plan is None:
            raise impossible(unknown("plan", str(version)))
        self._plans[project, version] = plan
        self._plans.move_to_end((project, version))
        if len(self._plans) > MOST_PLANS:
            self._plans.popitem(last=False)
        return plan


def waiting(plan: ProjectPlan, wave: str, outlook: Outlook) -> list[WorkplaceStanding]:
    legs = [new_leg(leg, outlook.withdrawn) for leg in legs_of(plan, wave)]
    if outlook.called_off is not None:
        legs = [leg.dropped("row_called_off", outlook.called_off) for leg in legs]
    return yet_to_open(wave, legs)


async def _order(session: AsyncSession, plan: ProjectPlan, asked: PlaceLeg) -> Order:
    row = await staged_row_by_key(session, asked.project, plan.list_version, asked.workplace)
    project = await kept_project(session, asked.project)
    if row is None or row.move is None or project is None:
        raise unknown("workplace", asked.workplace)
    contract = await contract_in_force(session, project.contract)
    if contract is None:
        raise unknown("contract", project.contract)
    trip = trip_of(plan, row.move, asked.workplace, asked.leg, asked.at)
    request = request_for(project, row, trip, asked.placed_by)
    sites = await sites_by_id(session, request.site_ids)
    assets = await assets_by_tag(session, contract.customer, request.assets)
    there = await assets_at(session, contract.customer, trip.desk) if trip.desk else ()
    return order_for(asked, row, trip, request, contract, LegGround(Registers(sites, assets), there))
