"""The people of the stories at work in virtual time, and the journal that they can look up."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import count
from random import Random

from activities.records import CaseEntry, IncidentEntry, OrderEntry, PageEntry
from domain.assets.asset import Asset
from domain.cases.case import CaseProgress
from domain.cases.events import Event
from domain.cases.instructions import AnyCommand, Instruction
from domain.cases.lookups import LookedUp
from domain.ids import incident_workflow_id, order_workflow_id, page_workflow_id
from domain.incidents.incident import Incident
from domain.orders.order import Order
from domain.orders.progress import Progress
from domain.people import Actor
from rehearsal.engine import Engine
from rehearsal.stand_ins import Journal, Postbox, ShelfRegister, World
from tests.rehearsal.moods import Street
from tests.stories.stage import OrderDesk
from tests.world import ASSETS, usually_found
from workflows.incident import IncidentWorkflow
from workflows.order import OrderWorkflow
from workflows.paging import PageWorkflow
from workflows.receipts import Receipt

AnyEntry = OrderEntry | IncidentEntry | PageEntry


class House:
    """An engine with everything that orders and incidents need, and what they have written so far."""

    def __init__(
        self,
        start: datetime,
        assets: Iterable[Asset] = tuple(ASSETS),
        *,
        remembers: bool = False,
        seed: int = 0,
        postbox: Postbox | None = None,
    ) -> None:
        self._events: dict[str, dict[int, Event]] = {}
        self.last: dict[str, CaseProgress] = {}
        self.world = World(ShelfRegister(assets, self.is_away), Journal(self._hear), postbox=postbox or Postbox())
        workflows = (OrderWorkflow, IncidentWorkflow, PageWorkflow)
        acts = (*self.world.acts, *Street(Random(seed)).acts)
        self.engine = Engine(start, workflows, acts, remembers=remembers, seed=seed)

    def is_away(self, key: str) -> bool:
        """Whether the register does not answer now."""
        return False

    def place(self, order: Order) -> "VirtualDesk":
        case = order_workflow_id(order.no)
        self.engine.start(OrderWorkflow, order, case)
        return VirtualDesk(self, case)

    def report(self, incident: Incident) -> "VirtualDesk":
        case = incident_workflow_id(incident.no)
        self.engine.start(IncidentWorkflow, incident, case)
        return VirtualDesk(self, case)

    def events(self, case: str) -> list[Event]:
        return [event for _, event in sorted(self._events.get(case, {}).items())]

    def _hear(self, entry: CaseEntry) -> None:
        assert isinstance(entry, AnyEntry)
        case = case_of(entry)
        self.last[case] = entry.progress
        written = self._events.setdefault(case, {})
        for event in entry.events:
            written.setdefault(event.seq, event)


def case_of(entry: AnyEntry) -> str:
    match entry:
        case OrderEntry():
            return order_workflow_id(entry.order.no)
        case IncidentEntry():
            return incident_workflow_id(entry.incident.no)
        case PageEntry():
            return page_workflow_id(entry.page.case, entry.page.no)


class VirtualDesk(OrderDesk):
    def __init__(self, house: House, case: str) -> None:
        self.house = house
        self.engine = house.engine
        self.case = case
        self._numbers = count(1)

    async def say(
        self, actor: Actor, command: AnyCommand, *, request_id: str | None = None, looked_up: LookedUp | None = None
    ) -> Receipt:
        request_id = request_id or f"said-{next(self._numbers)}"
        found, now = looked_up or usually_found(command), self.engine.time.now
        said = Instruction(command=command, actor=actor, given_at=now, request_id=request_id, looked_up=found)
        return await self.engine.update(self.case, "command", said, Receipt)

    async def now(self) -> datetime:
        return self.engine.time.now

    async def later(self, **span: float) -> None:
        await self.engine.time.sleep(timedelta(**span))

    async def ended(self) -> Receipt:
        return await self.engine.result(self.case, Receipt)

    async def progress(self) -> Progress:
        return self.engine.query(self.case, "progress", Progress)
