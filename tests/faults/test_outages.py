"""Systems are away: orders wait, and go on by themselves when they are back.

On the real server and in real time, because retries are the server's own; an outage of ten minutes differs from one
of ten seconds by seven more tries.
"""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from connectors.channels import OutboxChannel
from db.assets.asset import assets_by_tag, life_of
from db.cases.journal import timeline
from db.engine import Database
from db.ledger import entries_of
from db.orders import order_row
from domain.assets.asset import AssetStatus
from domain.cases import order_commands as commands
from domain.ids import order_workflow_id
from domain.kinds import OrderKind, OrderState
from tests.faults.outages import Outage
from tests.patience import PATIENCE
from tests.world import APPROVER, COORDINATOR, DESK, REQUESTER, TECHNICIAN, Desk, furnish, order, request
from worker import activities, order_worker


@pytest.mark.parametrize(
    "outage",
    [
        pytest.param(Outage("reserve_assets", "change_assets"), id="the asset register"),
        pytest.param(Outage("post_charges"), id="the ledger"),
        pytest.param(Outage("deliver"), id="the mail server"),
        pytest.param(Outage("record"), id="our own tables"),
    ],
)
async def test_an_order_waits_for_a_system_and_goes_on_by_itself(
    dev_server: WorkflowEnvironment, database: Database, tmp_path: Path, outage: Outage
) -> None:
    await furnish(database)
    acts = [
        outage.over(act)
        for act in activities(database, OutboxChannel(tmp_path / "outbox", "imacflow@provider.example"))
    ]
    asked = request(OrderKind.INSTALL, target=DESK, assets=["NB-100"], holder="Max Huber")
    async with order_worker(dev_server.client, "stories", acts):
        desk = await Desk(dev_server, order(asked, await dev_server.get_current_time())).place()
        start = await desk.now() + timedelta(days=1)
        await desk.say(APPROVER, commands.Approve())
        await desk.say(COORDINATOR, commands.Book(window=commands.Window(start=start, end=start + timedelta(hours=2))))
        await desk.say(TECHNICIAN, commands.Complete(minutes=75))

        outage.is_on = True
        accepting = asyncio.create_task(desk.call(REQUESTER, commands.Accept()))
        await asyncio.wait_for(outage.lasts.wait(), PATIENCE)
        waited = not (await desk.handle.describe()).close_time
        outage.is_on = False
        receipt = await desk.ended()
        await accepting

    assert waited
    assert receipt.state == OrderState.COMPLETED
    async with database.reading() as session:
        row = await order_row(session, desk.order.no)
        (asset,) = await assets_by_tag(session, "adler", ["NB-100"])
        life = [line.under for line in await life_of(session, "adler", "NB-100")]
        charges = [charge.reason for charge in await entries_of(session, desk.order.no)]
        journal = [entry.what for entry in await timeline(session, order_workflow_id(desk.order.no))]
    assert row is not None
    assert row.state == OrderState.COMPLETED
    assert asset.status == AssetStatus.DEPLOYED
    assert len(life) == len(set(life)) == 3
    assert charges == ["flat"]
    assert journal.count("accept") == journal.count("completed") == 1
