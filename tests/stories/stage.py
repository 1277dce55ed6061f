"""The stage of a story: a worker at work, a furnished database, and a note of every message that went out."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from temporalio import activity
from temporalio.testing import WorkflowEnvironment

from activities.channels import Switchboard
from activities.notices import Notices, Outgoing
from connectors.channels import Channel
from db.assets.asset import assets_by_tag
from db.cases.journal import timeline
from db.engine import Database
from db.incidents import IncidentRow, incident_row
from db.ledger import entries_of
from db.orders import OrderRow, order_row
from domain.assets.asset import Asset
from domain.cases.events import Event, Message
from domain.cases.instructions import AnyCommand
from domain.cases.lookups import LookedUp
from domain.clocks.sla import SlaClock
from domain.contracts.contract import Contract
from domain.ids import incident_workflow_id
from domain.incidents.incident import Incident, IncidentRequest
from domain.incidents.progress import IncidentProgress
from domain.orders.order import Order, OrderRequest
from domain.orders.progress import Progress
from domain.people import Actor
from domain.refusals import Refused
from tests.patience import until
from tests.stories.phones import LINKS, Phones
from tests.world import CONTRACT, CaseDesk, Desk, furnish, incident, order
from worker import activities, move_activities, order_worker, page_activities, paging_worker
from workflows.client import Temporal
from workflows.receipts import Receipt

# Nine in Augsburg on a Monday with five working days in its week.
MONDAY = datetime(2027, 11, 22, 8, tzinfo=UTC)


class Postman:
    """Delivers as the worker does, and keeps what it was handed."""

    def __init__(self, notices: Notices) -> None:
        self.handed: dict[str, Message] = {}
        self._notices = notices

    @activity.defn
    async def deliver(self, outgoing: Outgoing) -> None:
        self.handed |= {message.key: message for message in outgoing.messages}
        await self._notices.deliver(outgoing)


class Books(CaseDesk):
    """One case with the books in which it can be looked up."""

    stage: "Stage"

    async def tries(
        self, actor: Actor, command: AnyCommand, *, request_id: str | None = None, looked_up: LookedUp | None = None
    ) -> list[str]:
        """The codes with which the command is refused."""
        try:
            await self.say(actor, command, request_id=request_id, looked_up=looked_up)
        except Refused as refused:
            return [problem.code for problem in refused.problems]
        return []

    async def events(self, what: str | None = None) -> list[Event]:
        async with self.stage.database.reading() as session:
            rows = await timeline(session, self.case)
        return [event for event in (row.as_event() for row in rows) if what in (None, event.what)]

    def told(self, template: str) -> list[Message]:
        sought = (self.case, template)
        return [sent for sent in self.stage.postman.handed.values() if (sent.case, sent.template) == sought]

    async def history_length(self) -> int:
        return (await self.handle.describe()).history_length


class OrderDesk(Books, Desk):
    def __init__(self, stage: "Stage", order: Order) -> None:
        super().__init__(stage.environment, order)
        self.stage = stage

    async def progress(self) -> Progress:
        progress: Progress = await self.handle.query("progress", result_type=Progress)
        return progress

    async def written(self) -> OrderRow | None:
        async with self.stage.database.reading() as session:
            return await order_row(session, self.order.no)

    async def row(self) -> OrderRow:
        row = await until(self.written)
        assert row is not None
        return row

    async def asset(self, tag: str) -> Asset:
        async with self.stage.database.reading() as session:
            (asset,) = await assets_by_tag(session, self.order.customer, [tag])
        return asset

    async def ledger(self) -> list[tuple[str, str]]:
        async with self.stage.database.reading() as session:
            return [(entry.reason, str(entry.amount)) for entry in await entries_of(session, self.order.no)]


class IncidentDesk(Books):
    def __init__(self, stage: "Stage", incident: Incident) -> None:
        super().__init__(stage.environment, incident_workflow_id(incident.no))
        self.stage = stage
        self.incident = incident

    async def ledger(self) -> list[tuple[str, str]]:
        async with self.stage.database.reading() as session:
            return [(entry.reason, str(entry.amount)) for entry in await entries_of(session, self.incident.no)]

    async def ended(self) -> Receipt:
        """When nobody can reopen it any more."""
        await self.later(days=20)
        return await super().ended()

    async def progress(self) -> IncidentProgress:
        progress: IncidentProgress = await self.handle.query("progress", result_type=IncidentProgress)
        return progress

    async def until(self, holds: Callable[[IncidentProgress], bool]) -> IncidentProgress:
        """What others tell the incident reaches it on a way of its own: wait for it, however busy the machine is."""
        return await until(self.progress, holds)

    async def clock(self, name: str) -> SlaClock:
        return next(clock for clock in (await self.progress()).clocks if clock.name == name)

    async def written(self) -> IncidentRow | None:
        async with self.stage.database.reading() as session:
            return await incident_row(session, self.incident.no)

    async def row(self) -> IncidentRow:
        row = await until(self.written)
        assert row is not None
        return row

    async def fired(self) -> list[tuple[str, str]]:
        """The points that clocks have reached, by name and share."""
        events = [event for event in await self.events() if event.what in ("threshold_reached", "deadline_missed")]
        return [(event.values["clock"], event.values["percent"]) for event in events]


@dataclass
class Stage:
    environment: WorkflowEnvironment
    database: Database
    postman: Postman
    phones: Phones

    async def place(self, asked: OrderRequest, contract: Contract = CONTRACT) -> OrderDesk:
        now = (await self.environment.get_current_time()).replace(microsecond=0)
        async with self.database.reading() as session:
            known = await assets_by_tag(session, contract.customer, asked.assets)
        desk = OrderDesk(self, order(asked, now, contract, known))
        await desk.place()
        return desk

    async def report(self, asked: IncidentRequest, contract: Contract = CONTRACT) -> IncidentDesk:
        now = (await self.environment.get_current_time()).replace(microsecond=0)
        desk = IncidentDesk(self, incident(asked, now, contract))
        await desk.temporal.start_incident(desk.incident)
        return desk

    async def wait_until(self, at: datetime) -> None:
        await self.environment.sleep(at - await self.environment.get_current_time())


@asynccontextmanager
async def opened(
    environment: WorkflowEnvironment, database: Database, channel: Channel, *stand_ins: Callable[..., Any]
) -> AsyncIterator[Stage]:
    """Everybody is at work, on a Monday morning where time can be skipped. Stand-ins act instead of their namesakes."""
    await furnish(database)
    if environment.supports_time_skipping:
        await environment.sleep(MONDAY - await environment.get_current_time())
    phones = Phones()
    stage = Stage(environment, database, Postman(Notices(database, Switchboard(database, channel))), phones)
    paging = page_activities(database, phones, LINKS)
    ours = (
        *activities(database, channel),
        *paging,
        *move_activities(database, Temporal(environment.client, "stories")),
        stage.postman.deliver,
    )
    acts = {act.__name__: act for act in (*ours, *stand_ins)}
    calling = paging_worker(environment.client, "stories", [acts[call.__name__] for call in paging])
    async with calling, order_worker(environment.client, "stories", list(acts.values())):
        yield stage
