"""The check on a real server: what was ended from outside is found and told of, what has no row writes itself down."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, delete
from temporalio import workflow
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities import checks
from activities.rounds import Rounds
from connectors.channels import OutboxChannel
from db.cases.notices import BROKEN_OFF, attempts_for, notices_of
from db.engine import Database
from db.orders import OrderRow, order_row
from domain.cases.faults import TRIES_OF_TASK, CheckReport, FaultKind, RunEnd
from domain.cases.instructions import Instruction
from domain.cases.notices import LEASE, DeliveryOutcome
from domain.cases.order_commands import Approve
from domain.kinds import OrderKind
from domain.orders.order import Order
from tests.activities.test_claims import claimed_by_the_dead
from tests.patience import until
from tests.world import APPROVER, DESK, furnish, order, request
from worker import activities, check_activities, order_worker
from workflows.answers import StandsStill
from workflows.client import Temporal
from workflows.engine.runs import Runs
from workflows.recurring.schedules import CASE_CHECK, keep_schedules

QUEUE = "checks"


async def place(environment: WorkflowEnvironment, database: Database) -> Order:
    """Started and written down."""
    asked = request(OrderKind.INSTALL, target=DESK, assets=["NB-100"], holder="Max Huber")
    placed = order(asked, datetime.now(UTC))
    await Temporal(environment.client, QUEUE).start_order(placed)
    await until(lambda: row_of(database, placed))
    return placed


async def row_of(database: Database, placed: Order) -> OrderRow | None:
    async with database.reading() as session:
        return await order_row(session, placed.no)


async def told(database: Database) -> list[tuple[str, str]]:
    async with database.reading() as session:
        return [(row.template, row.person) for row in await notices_of(session, "faults")]


@pytest.fixture
def outbox(tmp_path: Path) -> OutboxChannel:
    return OutboxChannel(tmp_path / "outbox", "imacflow@provider.example")


async def test_the_check_works_both_ways(
    dev_server: WorkflowEnvironment, database: Database, outbox: OutboxChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "SETTLED", timedelta(0))
    await furnish(database)
    temporal, runs = Temporal(dev_server.client, QUEUE), Runs(dev_server.client)
    acts = [*activities(database, outbox), *check_activities(database, runs)]
    async with order_worker(dev_server.client, QUEUE, acts):
        ended, healthy, unwritten = [await place(dev_server, database) for _ in range(3)]
        await dev_server.client.get_workflow_handle(f"order/{ended.no}").terminate()
        async with database.writing() as session:
            await session.execute(delete(OrderRow).where(col(OrderRow.no) == unwritten.no))

        async def checked() -> CheckReport | None:
            return await temporal.check_cases()

        # What lists say of a run is a moment behind it.
        first = await until(checked, lambda report: report is not None and report.rewritten == 1)
        row = await until(lambda: row_of(database, unwritten))
        letters = await told(database)
        again = await temporal.check_cases()

        # A schedule sees to it, however many workers arrange it.
        for _ in range(2):
            await keep_schedules(dev_server.client, QUEUE)
        described = await dev_server.client.get_schedule_handle(CASE_CHECK).describe()

    assert first is not None
    assert again is not None
    (found,) = first.faulty
    (fault,) = found.faults
    assert (found.no, fault.kind, fault.about) == (ended.no, FaultKind.ORPHANED, RunEnd.TERMINATED)
    assert row is not None
    assert letters
    assert {template for template, _ in letters} == {"case_faults"}
    assert await told(database) == letters
    assert [case.no for case in again.faulty] == [ended.no]
    assert (await row_of(database, healthy)).faults is None  # type: ignore[union-attr]
    assert described.info.next_action_times


@workflow.defn(name="OrderWorkflow")
class Broken:
    @workflow.run
    async def run(self, order: Order) -> None:
        raise ValueError("this change was not thought through")


async def test_each_round_gives_up_what_somebody_dead_was_sending(
    dev_server: WorkflowEnvironment, database: Database
) -> None:
    async with database.writing() as session:
        session.add(claimed_by_the_dead("notice:O-1/order_completed/1", datetime.now(UTC) - LEASE))

    await Rounds(database, Runs(dev_server.client)).go()

    async with database.reading() as session:
        (row,) = await attempts_for(session, "notice:O-1/order_completed/1")
    assert (row.outcome, row.detail) == (DeliveryOutcome.FAILED, BROKEN_OFF)


async def test_a_case_whose_tasks_fail_stands_still_for_all_to_see(
    dev_server: WorkflowEnvironment, database: Database, outbox: OutboxChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("domain.cases.faults.FAILING_FOR", timedelta(0))
    await furnish(database)
    runs = Runs(dev_server.client)
    acts = [*activities(database, outbox), *check_activities(database, runs)]
    async with order_worker(dev_server.client, QUEUE, acts):
        placed = await place(dev_server, database)
    case = f"order/{placed.no}"
    wrong = Worker(dev_server.client, task_queue=QUEUE, workflows=[Broken], workflow_runner=UnsandboxedWorkflowRunner())
    rounds = Rounds(database, runs)

    async with wrong:
        await dev_server.client.get_workflow_handle(case).signal("look_again", "wake")
        # The server speaks of trouble after several failures in a row, each later than the one before.
        await until(runs.in_trouble, lambda cases: case in cases)
        standing = await runs.standing(case)
        await rounds.look_at_trouble()
        row = await row_of(database, placed)
        said = Instruction(command=Approve(), actor=APPROVER, given_at=datetime.now(UTC), request_id="said")
        with pytest.raises(StandsStill):
            await Temporal(dev_server.client, QUEUE).command(case, said)

    assert standing.stands_still
    assert standing.task is not None
    assert standing.task.tries >= TRIES_OF_TASK
    assert row is not None
    assert [fault.kind for fault in row.as_faults()] == [FaultKind.STANDS_STILL]
    async with order_worker(dev_server.client, QUEUE, acts):

        async def gets_on() -> bool:
            return not (await runs.standing(case)).stands_still

        await until(gets_on)
        await rounds.look_at_trouble()
    row = await row_of(database, placed)
    assert row is not None
    assert row.faults is None
