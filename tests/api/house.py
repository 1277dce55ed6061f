"""The API of a test, and the people who call it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx2
from fastapi import FastAPI

from activities.records import IncidentEntry, OrderEntry, Records
from api.app import create_app, life_under
from connectors.house_mail import channel
from db.access.keys import add_key
from db.contracts import save_contract, save_customer, save_site
from db.engine import Database
from domain.cases.events import Event
from domain.clocks.sla import SERVICE
from domain.contracts.customers import Customer
from domain.incidents.incident import Incident
from domain.incidents.progress import begin as begin_incident
from domain.incidents.promises import first_clocks
from domain.keys import Grant
from domain.orders.order import Order
from domain.orders.progress import begin
from domain.orders.promises import order_clock
from domain.people import MACHINE, Role
from settings import Settings
from tests.workshop import foreman
from tests.world import CONTRACT, DESK, HQ
from worker import activities, move_activities, order_worker
from workflows.client import Temporal, connect

INSTALL = {
    "contract": CONTRACT.id,
    "kind": "install",
    "requester": "p-vogel",
    "site": HQ.id,
    "target": DESK.model_dump(),
    "holder": "Max Huber",
    "assets": ["NB-100"],
}
ORDERS = "/api/v1/orders"
TROUBLE = {"contract": CONTRACT.id, "reporter": "p-vogel", "site": HQ.id, "title": "Drucker druckt nicht"}
INCIDENTS = "/api/v1/incidents"
# Making an app takes half a second, and all that differs between two of them is opened with its life.
_IDLE: list[FastAPI] = []


@dataclass
class House:
    app: FastAPI
    database: Database
    settings: Settings
    closing: AsyncExitStack

    async def key(self, role: Role, person: str | None = None, customer: str | None = None) -> str:
        async with self.database.writing() as session:
            made = await add_key(session, Grant(role=role, person=person, customer=customer), datetime.now(UTC))
        return made.key

    async def caller(self, role: Role, person: str | None = None, customer: str | None = None) -> httpx2.AsyncClient:
        key = await self.key(role, person, customer)
        return await self.client({"Authorization": f"Bearer {key}"})

    async def client(self, headers: dict[str, str] | None = None) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(self.app, raise_app_exceptions=False)
        client = httpx2.AsyncClient(transport=transport, base_url="http://imacflow.test", headers=headers)
        return await self.closing.enter_async_context(client)

    async def coordinator(self) -> httpx2.AsyncClient:
        return await self.caller(Role.COORDINATOR, "p-koch")

    async def worker(self) -> None:
        """From now on until the end of the test somebody works."""
        client, queue = await connect(lazy=False), self.settings.task_queue
        ours = activities(self.database, channel(self.settings))
        moves = move_activities(self.database, Temporal(client, queue))
        await self.closing.enter_async_context(order_worker(client, queue, [*ours, *moves]))

    async def second_customer(self) -> None:
        """A customer of the same provider, with a site and a contract like the first one's."""
        async with self.database.writing() as session:
            await save_customer(session, Customer(id="falke", name="Falke Logistik"))
            await session.flush()
            await save_site(session, HQ.but(id="falke-hq", customer="falke"))
            await save_contract(session, CONTRACT.but(id="falke-2026", customer="falke"))


@asynccontextmanager
async def opened(settings: Settings, database: Database) -> AsyncIterator[House]:
    app = _IDLE.pop() if _IDLE else create_app(settings)
    async with life_under(settings, foreman())(app), AsyncExitStack() as closing:
        yield House(app, database, settings, closing)
    # What failed inside is not used again.
    app.dependency_overrides.clear()
    _IDLE.append(app)


def body(answer: httpx2.Response) -> Any:  # noqa: ANN401  # JSON of any shape, which the test then looks into
    return answer.json()


async def write_order(database: Database, order: Order, **changes: object) -> None:
    """As the order's workflow would write it down, at once."""
    progress = begin(order, (order_clock(order),)).but(seq=1, **changes)
    placed = Event(seq=1, at=order.received_at, what="placed", actor=MACHINE)
    entry = OrderEntry(order=order, progress=progress, events=(placed,), deadline=None, at=order.received_at)
    await Records(database).record(entry)


async def happened(database: Database, order: Order, *events: Event) -> None:
    """More of the same order, as its workflow would write it down."""
    progress = begin(order, (order_clock(order),)).but(seq=events[-1].seq)
    entry = OrderEntry(order=order, progress=progress, events=events, deadline=None, at=order.received_at)
    await Records(database).record(entry)


async def write_incident(database: Database, incident: Incident, **changes: object) -> None:
    """As the incident's workflow would write it down, at once."""
    progress = begin_incident(incident, SERVICE)
    progress = progress.but(clocks=first_clocks(incident, progress), seq=1, **changes)
    reported = Event(seq=1, at=incident.received_at, what="reported", actor=MACHINE)
    at = incident.received_at
    await Records(database).record_incident(
        IncidentEntry(incident=incident, progress=progress, events=(reported,), deadlines={}, at=at)
    )
