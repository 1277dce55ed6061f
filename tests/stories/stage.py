"""The stage of a story: a worker at work, a furnished database, and a note of every message that went out."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from temporalio import activity
from temporalio.testing import WorkflowEnvironment

from activities.notices import Notices, Outgoing
from connectors.channels import Channel
from db.assets import assets_by_tag
from db.engine import Database
from db.journal import timeline
from db.ledger import entries_of
from db.orders import OrderRow, order_row
from domain.assets import Asset
from domain.commands import Command
from domain.contracts import Contract
from domain.events import Event, Message
from domain.orders import Order, OrderRequest
from domain.people import Actor
from domain.progress import Progress
from domain.refusals import Refused
from tests.world import CONTRACT, Desk, furnish, order
from worker import activities, order_worker
from workflows.order import OrderWorkflow

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


class OrderDesk(Desk):
    """One order with the books in which it can be looked up."""

    def __init__(self, stage: "Stage", order: Order) -> None:
        super().__init__(stage.environment, order)
        self.stage = stage

    async def tries(self, actor: Actor, command: Command, *, request_id: str | None = None) -> list[str]:
        """The codes with which the command is refused."""
        try:
            await self.say(actor, command, request_id=request_id)
        except Refused as refused:
            return [problem.code for problem in refused.problems]
        return []

    async def progress(self) -> Progress:
        return await self.handle.query(OrderWorkflow.progress)

    async def events(self, what: str | None = None) -> list[Event]:
        async with self.stage.database.reading() as session:
            rows = await timeline(session, f"order/{self.order.no}")
        return [event for event in (row.as_event() for row in rows) if what in (None, event.what)]

    async def row(self) -> OrderRow:
        async with self.stage.database.reading() as session:
            row = await order_row(session, self.order.no)
        assert row is not None
        return row

    async def asset(self, tag: str) -> Asset:
        async with self.stage.database.reading() as session:
            (asset,) = await assets_by_tag(session, self.order.customer, [tag])
        return asset

    async def ledger(self) -> list[tuple[str, str]]:
        async with self.stage.database.reading() as session:
            return [(entry.reason, str(entry.amount)) for entry in await entries_of(session, self.order.no)]

    def told(self, template: str) -> list[Message]:
        sought = (f"order/{self.order.no}", template)
        return [sent for sent in self.stage.postman.handed.values() if (sent.case, sent.template) == sought]

    async def history_length(self) -> int:
        return (await self.handle.describe()).history_length


@dataclass
class Stage:
    environment: WorkflowEnvironment
    database: Database
    postman: Postman

    async def place(self, asked: OrderRequest, contract: Contract = CONTRACT) -> OrderDesk:
        now = (await self.environment.get_current_time()).replace(microsecond=0)
        async with self.database.reading() as session:
            known = await assets_by_tag(session, contract.customer, asked.assets)
        desk = OrderDesk(self, order(asked, now, contract, known))
        await desk.place()
        return desk


@asynccontextmanager
async def opened(
    environment: WorkflowEnvironment, database: Database, channel: Channel, *stand_ins: Callable[..., Any]
) -> AsyncIterator[Stage]:
    """Everybody is at work, on a Monday morning where time can be skipped. Stand-ins act instead of their namesakes."""
    await furnish(database)
    if environment.supports_time_skipping:
        await environment.sleep(MONDAY - await environment.get_current_time())
    stage = Stage(environment, database, Postman(Notices(database, channel)))
    acts = {act.__name__: act for act in (*activities(database, channel), stage.postman.deliver, *stand_ins)}
    async with order_worker(environment.client, "stories", list(acts.values())):
        yield stage
