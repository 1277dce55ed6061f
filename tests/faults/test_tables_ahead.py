"""Server and worker died together: the tables hold what the history does not know, and are put right."""

from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from activities.records import OrderEntry, Records
from activities.rounds import Rounds
from connectors.channels import OutboxChannel
from db.assets.asset import assets_by_tag
from db.assets.register import OwnRegister
from db.cases.journal import events_after, timeline
from db.engine import Database
from db.orders import order_row
from domain.assets.asset import AssetStatus
from domain.cases import order_commands as commands
from domain.cases.events import Event
from domain.cases.instructions import Instruction
from domain.ids import order_workflow_id
from domain.kinds import OrderKind, OrderState
from domain.orders.decisions.decide import decide
from domain.orders.progress import Progress
from tests.world import APPROVER, COORDINATOR, DESK, Desk, furnish, order, request
from worker import activities, order_worker
from workflows.engine.runs import Runs


async def write_what_was_lost(database: Database, desk: Desk) -> None:
    """What a worker does for an approval in a task that its server never hears of."""
    progress: Progress = await desk.handle.query("progress", result_type=Progress)
    at = await desk.now()
    said = Instruction(command=commands.Approve(), actor=APPROVER, given_at=at, request_id="lost")
    approved = decide(desk.order, progress, said)
    event = Event(seq=progress.seq + 1, at=at, what="approve", actor=APPROVER, step="approval", command=said.command)
    lost = OrderEntry(order=desk.order, progress=approved.but(seq=event.seq), events=(event,), deadline=None, at=at)
    await Records(database).record(lost)


async def state_in_tables(database: Database, no: str) -> tuple[str, list[str]]:
    async with database.reading() as session:
        row = await order_row(session, no)
        assert row is not None
        happened = [entry.what for entry in await timeline(session, order_workflow_id(no))]
        published = [entry.what for entry in await events_after(session, 0, None)]
    assert happened == published
    return row.state, happened


@pytest.fixture
def outbox(tmp_path: Path) -> OutboxChannel:
    return OutboxChannel(tmp_path / "outbox", "imacflow@provider.example")


async def test_a_worker_that_starts_puts_right_what_the_last_one_wrote_in_vain(
    skipping: WorkflowEnvironment, database: Database, outbox: OutboxChannel
) -> None:
    await furnish(database)
    asked = request(OrderKind.INSTALL, target=DESK, assets=["NB-100"], holder="Max Huber")
    async with order_worker(skipping.client, "stories", activities(database, outbox)):
        desk = await Desk(skipping, order(asked, await skipping.get_current_time())).place()
        await desk.later(seconds=1)
        await write_what_was_lost(database, desk)
        ahead = await state_in_tables(database, desk.order.no)

        await Rounds(database, Runs(skipping.client)).correct(None)
        await desk.later(seconds=1)

        assert ahead == (OrderState.APPROVED, ["placed", "step_opened", "approve"])
        assert await state_in_tables(database, desk.order.no) == (OrderState.REQUESTED, ["placed", "step_opened"])
        await desk.say(APPROVER, commands.Approve())
        state, happened = await state_in_tables(database, desk.order.no)
        assert (state, happened.count("approve")) == (OrderState.APPROVED, 1)


async def test_what_really_happens_takes_the_place_of_what_was_lost(
    skipping: WorkflowEnvironment, database: Database, outbox: OutboxChannel
) -> None:
    await furnish(database)
    asked = request(OrderKind.INSTALL, target=DESK, assets=["NB-100"], holder="Max Huber")
    async with order_worker(skipping.client, "stories", activities(database, outbox)):
        desk = await Desk(skipping, order(asked, await skipping.get_current_time())).place()
        await desk.later(seconds=1)
        await write_what_was_lost(database, desk)

        await desk.say(APPROVER, commands.Reject(reason="no budget"))
        await desk.ended()

    state, happened = await state_in_tables(database, desk.order.no)
    assert state == OrderState.REJECTED
    assert "approve" not in happened
    assert happened.count("reject") == 1


async def test_what_was_reserved_in_vain_is_free_when_the_order_ends(
    skipping: WorkflowEnvironment, database: Database, outbox: OutboxChannel
) -> None:
    await furnish(database)
    asked = request(OrderKind.INSTALL, target=DESK, assets=["NB-100"], holder="Max Huber")
    async with order_worker(skipping.client, "stories", activities(database, outbox)):
        desk = await Desk(skipping, order(asked, await skipping.get_current_time())).place()
        key = f"assets:{desk.order.no}/reservation"
        await OwnRegister(database).reserve(key, "adler", desk.order.no, ("NB-100",), (), await desk.now())

        await desk.say(COORDINATOR, commands.Cancel(reason="not needed any more"))
        await desk.ended()

    async with database.reading() as session:
        (asset,) = await assets_by_tag(session, "adler", ["NB-100"])
    assert asset.status == AssetStatus.IN_STOCK
