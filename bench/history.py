"""events and bytes in the histories of orders, of incidents and of pages.

Orders of each kind go along their default chain on a real server; the baseline is the aim for a default Install. An
incident and those who are paged for it go their ways in skipped time, where bytes are those of the events alone.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHandle

from bench.ground.courses import COURSES, annual_hold, page_answered, page_unanswered
from bench.ground.report import Figure
from bench.ground.stand import Stand, stand
from bench.orders import new_orders, way, work_off
from connectors.channels import OutboxChannel
from db.engine import open_database
from db.schema import migrate
from domain.kinds import OrderKind
from tests.servers import time_skipping_server
from tests.stories.stage import Stage, opened
from tests.world import CONTRACT, furnish_on_call

AIMS = {OrderKind.INSTALL: 60}


def run() -> list[Figure]:
    return asyncio.run(_run())


async def _run() -> list[Figure]:
    async with stand() as ground, ground.worker():
        orders = [figure for kind in OrderKind for figure in await _of(ground, kind)]
    async with _skipped_time() as stage:
        return [*orders, *await _incidents(stage)]


async def _of(ground: Stand, kind: OrderKind) -> list[Figure]:
    (order,) = await new_orders(ground, kind, CONTRACT, 1)
    commands = way(order)
    handle = await work_off(ground, order, commands)
    told = await handle.describe()
    size = told.raw_description.workflow_execution_info.history_size_bytes
    aim = AIMS.get(kind)
    ratio = aim / told.history_length if aim else None
    return [
        Figure(
            f"{kind}, {len(order.chain.steps)} steps, {len(commands)} commands",
            told.history_length,
            aim,
            ratio,
            "events",
        ),
        Figure("", size, None, None, "bytes"),
    ]


@asynccontextmanager
async def _skipped_time() -> AsyncIterator[Stage]:
    with tempfile.TemporaryDirectory(prefix="imac-bench-") as folder:
        url = f"sqlite+aiosqlite:///{folder}/imacflow.db"
        await asyncio.to_thread(migrate, url)
        database = open_database(url)
        mail = OutboxChannel(Path(folder) / "outbox", "imacflow@provider.example")
        async with time_skipping_server() as environment, opened(environment, database, mail) as stage:
            await furnish_on_call(database)
            yield stage
        await database.close()


async def _incidents(stage: Stage) -> Sequence[Figure]:
    # At night in the first week of the stage; everything else can come later.
    figures = await _size("page, acknowledged, then responded", await page_answered(stage))
    figures += await _size("page, nobody answers and it turns red", await page_unanswered(stage))
    for name, course in COURSES.items():
        figures += await _size(f"incident, {name}", await course(stage))
    year = await annual_hold(stage)
    return [*figures, Figure("incident, further ones in a year on hold", year, None, None, "events")]


async def _size(name: str, handle: WorkflowHandle[Any, Any]) -> list[Figure]:
    history = await handle.fetch_history()
    size = sum(event.ByteSize() for event in history.events)
    return [
        Figure(name, len(history.events), None, None, "events"),
        Figure("", size, None, None, "bytes"),
    ]
