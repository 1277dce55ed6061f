"""milliseconds to list 50 of 100,000 orders, against the bare driver running the very same statement.

Rows are as wide as those of real orders. HTTP is the whole API called in this process, without a socket.
"""

import asyncio
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import get_args

import httpx2
import psycopg
import pytest
from sqlalchemy import event, insert

from api.app import create_app
from bench.ground.report import Figure
from bench.ground.stand import times
from db.access.keys import add_key
from db.cases.case import CaseSort, Section, Sort, sort_value
from db.engine import Database, open_database
from db.orders import OrderFilter, OrderRow, list_orders
from db.schema import migrate
from domain.keys import Grant
from domain.kinds import OrderKind, OrderState
from domain.orders.progress import begin
from domain.orders.promises import order_clock
from domain.people import Role
from settings import Settings
from tests.postgres import postgres_server
from tests.world import DESK, order, request

ROWS = times("ROWS", 100_000)
CALLS = times("CALLS", 9)
BATCH = 2_000
FIRST = datetime(2024, 1, 1, tzinfo=UTC)
MILLI = 1e3

UNDER_WAY = (OrderState.REQUESTED, OrderState.SCHEDULED, OrderState.IN_PROGRESS)
FILTERS: dict[str, OrderFilter] = {
    "everything": OrderFilter(),
    "a customer's": OrderFilter(customers=("customer-3",)),
    "a customer's under way": OrderFilter(customers=("customer-3",), states=UNDER_WAY),
    "disposals": OrderFilter(kinds=(OrderKind.DISPOSE,)),
    "of a site": OrderFilter(site="site-77"),
    "of a requester": OrderFilter(requester="p-777"),
    "of a contract": OrderFilter(contract="contract-3"),
    "of a small contract": OrderFilter(contract="contract-small"),
    "with a reference": OrderFilter(reference="R-77777"),
    "missed": OrderFilter(missed=True),
    "stuck": OrderFilter(stuck=True),
    "a customer's stuck": OrderFilter(customers=("customer-3",), stuck=True),
    "a customer's with a reference": OrderFilter(customers=("customer-7",), reference="R-77777"),
    "a customer's of a requester": OrderFilter(customers=("customer-7",), requester="p-777"),
    "of a week": OrderFilter(received_from=FIRST + timedelta(days=30), received_until=FIRST + timedelta(days=37)),
}
SORTS: tuple[Sort, ...] = get_args(CaseSort)
Statement = tuple[str, Sequence[object]]


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="imac-bench-") as folder:
        url = f"sqlite+aiosqlite:///{folder}/imacflow.db"
        figures = asyncio.run(_measured("SQLite", url, Path(folder)))
    try:
        with postgres_server() as server, server.database() as url, tempfile.TemporaryDirectory() as folder:
            return figures + asyncio.run(_measured("PostgreSQL", url, Path(folder)))
    except pytest.skip.Exception as reason:
        print(f"PostgreSQL is left out: {reason}")
        return figures


async def _measured(name: str, url: str, folder: Path) -> list[Figure]:
    await asyncio.to_thread(migrate, url)
    database = open_database(url)
    await fill(database)
    with bare_driver(url) as run_bare:
        pages = [
            await _page(database, run_bare, f"{name}, {what}", wanted, Section()) for what, wanted in FILTERS.items()
        ]
        for sort in SORTS:
            wanted = FILTERS["a customer's"]
            pages.append(await _page(database, run_bare, f"{name}, {sort}", wanted, Section(sort)))
            deep = await _deep(database, wanted, sort)
            pages.append(await _page(database, run_bare, f"{name}, {sort}, deep", wanted, deep))
    over_http = await _over_http(name, database, folder)
    await database.close()
    return [*pages, *over_http]


async def fill(database: Database) -> None:
    sample = order(request(OrderKind.INSTALL, target=DESK, assets=["NB-100"], holder="Max Huber"), FIRST)
    progress = begin(sample, (order_clock(sample),))
    documents = {"order": sample.model_dump_json(exclude_defaults=True), "progress": progress.model_dump_json()}
    for start in range(0, ROWS, BATCH):
        rows = [_row(n) | documents for n in range(start, min(start + BATCH, ROWS))]
        async with database.writing() as session:
            await session.execute(insert(OrderRow), rows)


def _row(n: int) -> dict[str, object]:
    """Most orders are over; those under way are young; every thousandth is stuck."""
    received = FIRST + timedelta(minutes=10 * n)
    young = n > ROWS * 0.97
    state = UNDER_WAY[n % 3] if young else (OrderState.CANCELLED if n % 20 == 0 else OrderState.COMPLETED)
    return {
        "no": f"O-{n:07}",
        "customer": f"customer-{n % 10}",
        "contract": "contract-small" if n % 5_000 == 1 else f"contract-{n % 10}",
        "kind": list(OrderKind)[n % len(OrderKind)],
        "state": state,
        "site": f"site-{n % 200}",
        "requester": f"p-{n % 2_000}",
        "reference": f"R-{n}" if n % 3 == 0 else None,
        "received_at": received,
        "updated_at": received + timedelta(hours=n % 97),
        "deadline": received + timedelta(days=5, hours=n % 31),
        "missed": n % 50 == 0,
        "stuck": n % 1_000 == 7,
        "seq": 20,
    }


async def _deep(database: Database, wanted: OrderFilter, sort: Sort) -> Section:
    """The page after half of all the orders there are."""
    middle = replace(wanted, received_until=FIRST + timedelta(minutes=5 * ROWS))
    async with database.reading() as session:
        (row, *_) = await list_orders(session, middle, Section("-received_at", limit=1))
    return Section(sort, after=(sort_value(row, sort), row.no))


async def _page(
    database: Database, run_bare: Callable[[Statement], object], name: str, wanted: OrderFilter, page: Section
) -> Figure:
    async def ours() -> None:
        async with database.reading() as session:
            await list_orders(session, wanted, page)

    with _listening(database) as said:
        await ours()
    (statement,) = said
    run_bare(statement)
    taken, bare = [], []
    for _ in range(CALLS):
        begin = perf_counter()
        await ours()
        middle = perf_counter()
        run_bare(statement)
        taken.append(middle - begin)
        bare.append(perf_counter() - middle)
    return milliseconds(name, taken, bare)


def milliseconds(name: str, ours: list[float], bare: list[float]) -> Figure:
    return Figure(name, median(ours) * MILLI, median(bare) * MILLI, median(bare) / median(ours), "ms")


@contextmanager
def _listening(database: Database) -> Iterator[list[Statement]]:
    said: list[Statement] = []

    def hear(_connection: object, _cursor: object, statement: str, parameters: Sequence[object], *_: object) -> None:
        said.append((statement, parameters))

    engine = database._reader.sync_engine  # noqa: SLF001  # nobody but a bench wants to hear SQL
    event.listen(engine, "before_cursor_execute", hear)
    yield said
    event.remove(engine, "before_cursor_execute", hear)


@contextmanager
def bare_driver(url: str) -> Iterator[Callable[[Statement], object]]:
    connect = (
        sqlite3.connect(url.split("///", 1)[1])
        if url.startswith("sqlite")
        else psycopg.connect(url.replace("+psycopg", ""))
    )
    with connect as connection:
        yield lambda statement: connection.execute(*statement).fetchall()


async def _over_http(name: str, database: Database, folder: Path) -> list[Figure]:
    queries: dict[str, dict[str, str | list[str]]] = {
        "a customer's under way": {"customer": "customer-3", "state": list(UNDER_WAY)},
        "stuck": {"stuck": "true"},
    }
    async with _coordinator(database, folder) as client:
        return [await _http(client, f"{name} over HTTP, {what}", asked) for what, asked in queries.items()]


async def _http(client: httpx2.AsyncClient, name: str, asked: dict[str, str | list[str]]) -> Figure:
    taken = []
    for _ in range(CALLS):
        begin = perf_counter()
        answer = await client.get("/api/v1/orders", params=asked)
        taken.append(perf_counter() - begin)
        answer.raise_for_status()
    return Figure(name, median(taken) * MILLI, None, None, "ms")


@asynccontextmanager
async def _coordinator(database: Database, folder: Path) -> AsyncIterator[httpx2.AsyncClient]:
    async with database.writing() as session:
        key = (await add_key(session, Grant(role=Role.COORDINATOR), datetime.now(UTC))).key
    app = create_app(Settings(data_dir=folder, database_url=database.url))
    transport = httpx2.ASGITransport(app)
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://bench", headers=headers) as client,
    ):
        yield client
