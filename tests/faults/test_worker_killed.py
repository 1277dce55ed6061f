"""Workers die by SIGKILL; orders end all the same, and nothing happens twice."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import select
from temporalio.testing import WorkflowEnvironment

from db.assets import AssetLifeRow, assets_by_tag
from db.engine import Database
from db.journal import timeline
from db.ledger import entries_of
from db.orders import order_row
from domain import commands
from domain.assets import AssetStatus
from domain.ids import order_workflow_id
from domain.instructions import Instruction
from domain.kinds import OrderKind, OrderState
from domain.people import Actor
from tests.world import APPROVER, COORDINATOR, DESK, REQUESTER, TECHNICIAN, furnish, order, request
from workflows.client import Away, Temporal

# One for each activity that kills its worker, and some for what may go wrong besides.
MOST_WORKERS = 20
# A second each: on a busy machine a new worker may take that long to be there.
MOST_TRIES = 90
PLACE = Path(__file__).parents[2]
WHEN = datetime.now(UTC) + timedelta(hours=1)
SAID: list[tuple[Actor, commands.Command]] = [
    (APPROVER, commands.Approve()),
    (COORDINATOR, commands.Book(window=commands.Window(start=WHEN, end=WHEN + timedelta(hours=2)))),
    (TECHNICIAN, commands.Start()),
    (TECHNICIAN, commands.Complete(minutes=75)),
    (REQUESTER, commands.Accept()),
]


@asynccontextmanager
async def undying(environment: dict[str, str], deaths: Path) -> AsyncIterator[None]:
    """Start a new worker whenever one dies."""

    async def keep_one() -> None:
        for _ in range(MOST_WORKERS):
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.faults.dying_worker", str(deaths), cwd=PLACE, env=environment
            )
            try:
                await process.wait()
            except asyncio.CancelledError:
                process.kill()
                await process.wait()
                raise

    keeper = asyncio.create_task(keep_one())
    try:
        yield
    finally:
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)


async def insist(temporal: Temporal, no: str, said: Instruction) -> None:
    """Say it until the order has heard it, as every caller of the API may."""
    for _ in range(MOST_TRIES):
        with suppress(Away):
            await temporal.command_order(no, said)
            return
        await asyncio.sleep(1)
    raise AssertionError("nobody heard it")


async def test_an_order_survives_a_worker_dying_after_every_activity(
    dev_server: WorkflowEnvironment, database: Database, database_url: str, tmp_path: Path
) -> None:
    await furnish(database)
    deaths = tmp_path / "deaths"
    deaths.mkdir()
    environment = os.environ | {
        "IMAC_DATABASE_URL": database_url,
        "IMAC_DATA_DIR": str(tmp_path),
        "IMAC_TASK_QUEUE": "dying",
        "TEMPORAL_ADDRESS": dev_server.client.service_client.config.target_host,
        "TEMPORAL_NAMESPACE": dev_server.client.namespace,
    }
    asked = request(OrderKind.INSTALL, target=DESK, assets=["NB-100"], holder="Max Huber")
    placed = order(asked, datetime.now(UTC))
    temporal = Temporal(dev_server.client, "dying")

    async with undying(environment, deaths):
        await temporal.start_order(placed)
        for number, (actor, command) in enumerate(SAID):
            said = Instruction(command=command, actor=actor, given_at=datetime.now(UTC), request_id=f"said-{number}")
            await insist(temporal, placed.no, said)
        receipt = await dev_server.client.get_workflow_handle(order_workflow_id(placed.no)).result()

    assert receipt["state"] == OrderState.COMPLETED
    assert {death.name for death in deaths.iterdir()} >= {"record", "reserve_assets", "change_assets", "post_charges"}
    async with database.reading() as session:
        row = await order_row(session, placed.no)
        charges = await entries_of(session, placed.no)
        (asset,) = await assets_by_tag(session, "adler", ["NB-100"])
        life = (await session.execute(select(AssetLifeRow).where(AssetLifeRow.tag == "NB-100"))).scalars().all()
        journal = [entry.what for entry in await timeline(session, order_workflow_id(placed.no))]
    assert row is not None
    assert row.state == OrderState.COMPLETED
    assert [charge.reason for charge in charges] == ["flat"]
    assert asset.status == AssetStatus.DEPLOYED
    assert [line.under.rpartition("/")[2] for line in life] == ["example", "reservation", "asset_update"]
    assert [journal.count(command.type) for _, command in SAID] == [1] * len(SAID)
    assert journal.count("completed") == 1
