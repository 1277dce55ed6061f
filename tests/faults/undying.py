"""A worker that is replaced whenever it dies, and callers who insist until they are heard."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from temporalio.testing import WorkflowEnvironment

from db.cases.notices import notices_of
from db.engine import Database
from domain.cases.instructions import Instruction
from domain.cases.notices import DeliveryOutcome
from tests.faults import dying_worker
from tests.faults.forked import ended, forked, killed
from tests.patience import until
from workflows.answers import TemporalAway
from workflows.client import Temporal

# One for each activity that kills its worker, and some for what may go wrong besides.
MOST_WORKERS = 20


@asynccontextmanager
async def undying(environment: dict[str, str], deaths: Path) -> AsyncIterator[None]:
    """Start a new worker whenever one dies."""

    async def keep_one() -> None:
        for _ in range(MOST_WORKERS):
            worker = forked(dying_worker.main, environment, deaths)
            try:
                await ended(worker)
            finally:
                killed(worker)

    keeper = asyncio.create_task(keep_one())
    try:
        yield
    finally:
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)


async def insist(temporal: Temporal, case: str, said: Instruction) -> None:
    """Say it until the case has heard it, as every caller of the API may."""

    async def heard() -> bool:
        with suppress(TemporalAway):
            await temporal.command(case, said)
            return True
        return False

    await until(heard)


def surroundings(server: WorkflowEnvironment, database_url: str, folder: Path) -> tuple[Path, dict[str, str]]:
    """Where deaths are remembered, and what a worker has to know."""
    deaths = folder / "deaths"
    deaths.mkdir()
    return deaths, os.environ | {
        "IMAC_DATABASE_URL": database_url,
        "IMAC_DATA_DIR": str(folder),
        "IMAC_TASK_QUEUE": "dying",
        "TEMPORAL_ADDRESS": server.client.service_client.config.target_host,
        "TEMPORAL_NAMESPACE": server.client.namespace,
    }


async def all_died_over(deaths: Path, *activities: str) -> None:
    """As soon as each of them has taken a worker with it, which is after its effect could be seen."""

    async def died_over() -> set[str]:
        return {death.name for death in await asyncio.to_thread(lambda: [*deaths.iterdir()])}

    await until(died_over, set(activities).issubset)


async def letters(database: Database, case: str) -> dict[str, int]:
    """How many messages of each kind went out, by their keys: a worker that died over one may send it again."""
    async with database.reading() as session:
        sent = {
            (row.template, row.key) for row in await notices_of(session, case) if row.outcome == DeliveryOutcome.SENT
        }
    return Counter(template for template, _ in sent)
