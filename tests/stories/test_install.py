"""An install from request to charge."""

from datetime import timedelta
from pathlib import Path

from temporalio.testing import WorkflowEnvironment

from connectors.channels import OutboxChannel
from db.assets import assets_by_tag
from db.engine import Database
from db.ledger import entries_of
from domain import commands
from domain.assets import AssetStatus
from domain.kinds import OrderKind, OrderState
from tests.world import APPROVER, COORDINATOR, DESK, REQUESTER, TECHNICIAN, Desk, furnish, order, request
from worker import activities, order_worker


async def test_an_install_ends_with_a_deployed_asset_and_a_charge(
    skipping: WorkflowEnvironment, database: Database, tmp_path: Path
) -> None:
    await furnish(database)
    outbox = OutboxChannel(folder=tmp_path / "outbox", sender="imacflow@localhost")
    asked = request(OrderKind.INSTALL, target=DESK, assets=["NB-100"], holder="Max Huber")
    async with order_worker(skipping.client, "stories", activities(database, outbox)):
        desk = await Desk(skipping, order(asked, await skipping.get_current_time())).place()
        start = await desk.now() + timedelta(days=1)

        await desk.say(APPROVER, commands.Approve())
        await desk.say(COORDINATOR, commands.Book(window=commands.Window(start=start, end=start + timedelta(hours=2))))
        await desk.say(TECHNICIAN, commands.Start())
        await desk.say(TECHNICIAN, commands.Complete(minutes=75))
        await desk.say(REQUESTER, commands.Accept())
        receipt = await desk.ended()

    assert receipt.state == OrderState.COMPLETED
    async with database.reading() as session:
        (asset,) = await assets_by_tag(session, "adler", ["NB-100"])
        charges = await entries_of(session, desk.order.no)
    assert (asset.status, asset.place, asset.holder) == (AssetStatus.DEPLOYED, DESK, "Max Huber")
    assert [(charge.reason, str(charge.amount)) for charge in charges] == [("flat", "89.00")]
