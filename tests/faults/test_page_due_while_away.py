"""A step of a page falls due while every worker is dead: it is called once there is one, and says how late that was."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from db.engine import Database
from db.oncall.pages import page_row
from domain.contracts.paging import PagingPolicy, PagingStep
from domain.oncall.page import Call, Page
from domain.people import Role
from settings import Settings
from tests.faults.forked import forked, killed
from tests.patience import until
from tests.stories.paging_stage import VALUES
from tests.world import furnish
from worker import run
from workflows.paging import PageWorkflow

QUEUE = "dying"
POLICY = PagingPolicy(steps=(PagingStep(to=Role.TECHNICIAN), PagingStep(to=Role.SDM, after_minutes=30)))
DEAD_FOR = timedelta(seconds=2)


@asynccontextmanager
async def worker(environment: dict[str, str]) -> AsyncIterator[None]:
    """Works until the block ends, then dies by SIGKILL."""
    process = forked(works, environment)
    try:
        yield
    finally:
        killed(process)


async def works() -> None:
    await run(Settings())


async def page_with_a_step_due_in(client: Client, no: int, left: timedelta) -> Page:
    started = datetime.now(UTC) + left - timedelta(minutes=30)
    page = Page(
        no=no,
        case="incident/I-AWAY",
        customer="adler",
        contract="adler-2026",
        policy=POLICY,
        cause="reported",
        values=VALUES,
        started_at=started,
    )
    await client.start_workflow(PageWorkflow.run, page, id=f"{page.case}/page/{no}", task_queue=QUEUE)
    return page


async def calls(database: Database, page: Page, expected: int) -> tuple[Call, ...]:
    """As soon as so many people were called and it is known what came of it."""

    async def written() -> tuple[Call, ...]:
        async with database.reading() as session:
            row = await page_row(session, page.incident, page.no)
        return row.as_progress().calls if row else ()

    def complete(found: tuple[Call, ...]) -> bool:
        return len(found) >= expected and all(call.attempts and call.attempts[-1].ended_at for call in found)

    return await until(written, complete)


async def test_what_fell_due_while_every_worker_was_dead_goes_out_once_and_says_how_late(
    dev_server: WorkflowEnvironment, database: Database, database_url: str, tmp_path: Path
) -> None:
    await furnish(database)
    client = dev_server.client
    environment = os.environ | {
        "IMAC_DATABASE_URL": database_url,
        "IMAC_DATA_DIR": str(tmp_path),
        "IMAC_TASK_QUEUE": QUEUE,
        "TEMPORAL_ADDRESS": client.service_client.config.target_host,
        "TEMPORAL_NAMESPACE": client.namespace,
    }

    async with worker(environment):
        # On a busy machine a worker may need longer to be there than a step to fall due: then with more time.
        for no in range(1, 6):
            page = await page_with_a_step_due_in(client, no, timedelta(seconds=3 * 2**no))
            if len(await calls(database, page, 1)) == 1:
                break
    due = page.started_at + timedelta(minutes=30)
    await asyncio.sleep((due + DEAD_FOR - datetime.now(UTC)).total_seconds())
    async with worker(environment):
        _, late = await calls(database, page, 2)
        noticed = datetime.now(UTC)

    (attempt,) = late.attempts
    assert (late.person, attempt.due) == ("p-sommer", due)
    assert DEAD_FOR <= attempt.late <= noticed - due
    letters = [path.name for path in (tmp_path / "outbox").iterdir() if f"I-AWAY-{page.no}-1-1-p-sommer" in path.name]
    assert len(letters) == 1
