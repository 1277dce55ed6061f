"""Before a new version is let in, the cases that run are replayed with it; those that would stand still are named."""

import time
from datetime import UTC, datetime

import pytest
from temporalio import workflow
from temporalio.testing import WorkflowEnvironment

from cli.asking import Asking
from cli.errors import CliError
from cli.upgrades.check import check
from connectors.channels import OutboxChannel
from db.engine import Database
from domain.orders.order import Order
from tests.patience import until
from tests.workflows.test_case_check import QUEUE, place
from tests.workflows.unpatched import Unpatched
from tests.world import furnish, incident, trouble
from worker import activities, order_worker
from workflows.client import Temporal
from workflows.engine.replays import Replays, replay_cases, replay_open
from workflows.order import OrderWorkflow
from workflows.runner import REGISTERED


@pytest.fixture
def outbox(tmp_path_factory: pytest.TempPathFactory) -> OutboxChannel:
    return OutboxChannel(tmp_path_factory.mktemp("outbox"), "imacflow@provider.example")


async def test_a_change_without_a_patch_is_named_before_it_runs(
    dev_server: WorkflowEnvironment,
    database: Database,
    outbox: OutboxChannel,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await furnish(database)
    async with order_worker(dev_server.client, QUEUE, activities(database, outbox)):
        orders = [await place(dev_server, database) for _ in range(3)]
        await Temporal(dev_server.client, QUEUE).start_incident(incident(trouble(priority="minor"), datetime.now(UTC)))

        async def replayed() -> Replays:
            return await replay_open(dev_server.client, None)

        ours = await until(replayed, lambda replays: replays.open == 4)
    changed = [Unpatched if kind is OrderWorkflow else kind for kind in REGISTERED]
    wrong = await replay_open(dev_server.client, None, changed)
    sampled = await replay_open(dev_server.client, 2, changed)
    monkeypatch.setenv("TEMPORAL_ADDRESS", dev_server.client.service_client.config.target_host)
    await check(all_cases=True, asking=Asking(lang="en"))

    assert (ours.replayed, ours.broken) == (4, ())
    assert {broken.case for broken in wrong.broken} == {f"order/{order.no}" for order in orders}
    assert all(broken.cause.startswith("NondeterminismError") for broken in wrong.broken)
    assert (len(sampled.broken), sampled.replayed) == (2, 3)
    assert "All 4 replayed cases (4 are open) can go on with this version." in capsys.readouterr().out


async def test_where_nothing_runs_it_does_not_say_that_all_is_well(
    dev_server: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", dev_server.client.service_client.config.target_host)

    await check(asking=Asking(lang="en"))

    assert "No case runs in namespace default" in capsys.readouterr().out


async def test_without_a_server_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:9")

    with pytest.raises(CliError, match="temporal_away"):
        await check(asking=Asking(lang="en"))


_waits = [3.0]


@workflow.defn(name="OrderWorkflow", sandboxed=False)
class SlowAtFirst:
    """As a busy machine has it: the first replay says nothing for longer than the SDK waits."""

    @workflow.run
    async def run(self, order: Order) -> None:
        if _waits:
            time.sleep(_waits.pop())  # noqa: ASYNC251  # to stand in the way is the point
        raise ValueError("the change that is to be named")


async def test_a_replay_that_was_slow_is_tried_again_before_a_case_is_named(
    dev_server: WorkflowEnvironment, database: Database, outbox: OutboxChannel
) -> None:
    await furnish(database)
    async with order_worker(dev_server.client, QUEUE, activities(database, outbox)):
        placed = await place(dev_server, database)

    tried = await replay_cases(dev_server.client, [f"order/{placed.no}"], [SlowAtFirst])

    (broken,) = tried.broken
    assert "the change that is to be named" in broken.cause
