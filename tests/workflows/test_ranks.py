"""What goes first: pages before blockers before the rest, and nothing that is slow takes the places of paging."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio import activity, workflow
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.notices import Outgoing
from connectors.channels import OutboxChannel
from db.engine import Database
from domain.alerts.groups import Waking
from domain.ids import alert_group_workflow_id, page_workflow_id
from domain.incidents.incident import IncidentRequest
from domain.kinds import OrderKind
from tests.patience import until
from tests.stories.paging_stage import QUEUE, opened
from tests.world import DESK, incident, order, part, part_order, request, trouble
from workflows.client import Temporal

NOW = datetime.now(UTC)
# As many activities as a worker of ours runs at once.
PLACES = 100


async def rank(environment: WorkflowEnvironment, case: str) -> tuple[int, str]:
    described = await environment.client.get_workflow_handle(case).describe()
    said = described.raw_description.workflow_execution_info.priority
    return said.priority_key, said.fairness_key


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param(trouble(priority="blocker"), 2, id="a blocker"),
        pytest.param(trouble(impact="high", urgency="high"), 2, id="what amounts to one"),
        pytest.param(trouble(priority="major"), 3, id="any other"),
    ],
)
async def test_a_blocker_goes_before_other_incidents(
    dev_server: WorkflowEnvironment, asked: IncidentRequest, expected: int
) -> None:
    reported = incident(asked, NOW)
    await Temporal(dev_server.client, "ranks").start_incident(reported)

    assert await rank(dev_server, f"incident/{reported.no}") == (expected, "adler")


async def test_moves_come_last_and_groups_of_alerts_early(dev_server: WorkflowEnvironment) -> None:
    temporal = Temporal(dev_server.client, "ranks")
    asked = request(OrderKind.INSTALL, target=DESK, assets=["NB-100"], holder="Max Huber")
    usual = order(asked, NOW)
    moved = part_order(asked, part(NOW + timedelta(days=9)), NOW)
    for one in (usual, moved):
        await temporal.start_order(one)
    await temporal.wake_group(Waking("g-1", "adler"))

    named = (f"order/{usual.no}", f"order/{moved.no}", alert_group_workflow_id("g-1"))
    assert [await rank(dev_server, case) for case in named] == [(3, "adler"), (4, "adler"), (2, "adler")]


@workflow.defn
class Flood:
    """More letters at once than there are places for."""

    @workflow.run
    async def run(self) -> None:
        await asyncio.gather(
            *(
                workflow.execute_activity(
                    "deliver",
                    Outgoing(messages=()),
                    task_queue=QUEUE,
                    start_to_close_timeout=timedelta(minutes=5),
                )
                for _ in range(PLACES + 20)
            )
        )


async def test_slow_mail_holds_up_no_page(dev_server: WorkflowEnvironment, database: Database, tmp_path: Path) -> None:
    taken, answers = asyncio.Semaphore(0), asyncio.Event()

    @activity.defn(name="deliver")
    async def deliver(_outgoing: Outgoing) -> None:
        taken.release()
        await answers.wait()

    flood = Worker(
        dev_server.client, task_queue="flood", workflows=[Flood], workflow_runner=UnsandboxedWorkflowRunner()
    )
    outbox = OutboxChannel(tmp_path / "outbox", "imacflow@provider.example")
    async with flood, opened(dev_server, database, outbox, deliver) as stage:
        await dev_server.client.start_workflow(Flood.run, id="flood", task_queue="flood")
        for _ in range(PLACES):
            await taken.acquire()

        desk = await stage.page()
        # Whoever has the shift in this week.
        rang = await until(stage.phones.all_rung)
        ranked = await rank(dev_server, page_workflow_id(desk.page.case, desk.page.no))
        answers.set()
        await desk.stop("responded")

    assert rang[0] in (("p-lang", "chat"), ("p-koch", "chat"))
    assert ranked == (1, "adler")
