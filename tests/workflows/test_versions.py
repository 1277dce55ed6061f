"""Workers carry a version; cases go on with the one that is let in, and back with the one before."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import (
    DescribeWorkerDeploymentRequest,
    SetWorkerDeploymentCurrentVersionRequest,
)
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from cli.asking import Asking
from cli.errors import CliError
from cli.setup.temporal_checks import temporal_checks
from cli.stack.own_version import version_trouble
from cli.upgrades.going_back import roll_back
from cli.upgrades.letting_in import allow
from cli.upgrades.standing import show
from connectors.channels import OutboxChannel
from db.engine import Database
from domain.cases.instructions import Instruction
from domain.cases.order_commands import Approve
from domain.orders.order import Order
from settings import Settings
from tests.patience import until
from tests.stories.phones import LINKS, Phones
from tests.workflows.test_case_check import QUEUE, place
from tests.world import APPROVER, furnish
from worker import activities, crew, page_activities, paging_worker
from workflows.client import Temporal
from workflows.engine.admission import Admission
from workflows.engine.build import Build, code_digest, this_build
from workflows.engine.versioned_cases import VersionedCases
from workflows.engine.versions import Versions, carried

OLD = Build("1.0.0-old", "a" * 64)
ASKED = Asking(json=True)


@pytest.fixture
def outbox(tmp_path_factory: pytest.TempPathFactory) -> OutboxChannel:
    return OutboxChannel(tmp_path_factory.mktemp("outbox"), "imacflow@provider.example")


@pytest.fixture
def house(dev_server: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> WorkflowEnvironment:
    """Whatever is typed is about this server."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", dev_server.client.service_client.config.target_host)
    monkeypatch.setenv("IMAC_TASK_QUEUE", QUEUE)
    monkeypatch.setenv("IMAC_DATA_DIR", f"{tmp_path}")
    return dev_server


Said = Callable[[], dict[str, object]]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    def read() -> dict[str, object]:
        # Workers in the same process say things before.
        found: dict[str, object] = json.loads(capsys.readouterr().out.splitlines()[-1])
        return found

    return read


def versions(house: WorkflowEnvironment) -> Versions:
    return Versions(house.client, QUEUE, QUEUE)


@asynccontextmanager
async def working(
    house: WorkflowEnvironment, database: Database, outbox: OutboxChannel, build: Build
) -> AsyncIterator[Admission]:
    admission = Admission(versions(house), build)
    acts, paging = activities(database, outbox), page_activities(database, Phones(), LINKS)
    async with crew(house.client, QUEUE, acts, paging, await admission.config()):
        seeking = asyncio.create_task(admission.seek())
        yield admission
        seeking.cancel()


async def let_in(percent: float = 100) -> None:
    """As often as it takes: on a busy machine servers are slow to answer."""

    async def typed() -> bool:
        try:
            await allow(percent=percent, asking=ASKED)
        except CliError as error:
            if error.code != "temporal_away":
                raise
            return False
        return True

    await until(typed)


async def approve(house: WorkflowEnvironment, order: Order) -> None:
    said = Instruction(command=Approve(), actor=APPROVER, given_at=datetime.now(UTC), request_id=f"a-{order.no}")
    temporal = Temporal(house.client, QUEUE)
    await until(lambda: temporal.command(f"order/{order.no}", said), lambda receipt: receipt is not None)


async def version_at(house: WorkflowEnvironment, order: Order) -> str:
    """As soon as a task of it is done: its row is written in the midst of the first."""

    async def version() -> str:
        described = await house.client.get_workflow_handle(f"order/{order.no}").describe()
        return described.raw_description.workflow_execution_info.versioning_info.deployment_version.build_id

    return await until(version)


async def failed_tasks(house: WorkflowEnvironment, order: Order) -> int:
    history = await house.client.get_workflow_handle(f"order/{order.no}").fetch_history()
    return sum(event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED for event in history.events)


async def test_the_first_version_lets_itself_in_and_the_next_waits_until_it_is_let_in(
    house: WorkflowEnvironment, database: Database, outbox: OutboxChannel, said: Said
) -> None:
    await furnish(database)
    async with working(house, database, outbox, OLD) as first:
        await until(first.is_in)
        one, other = [await place(house, database) for _ in range(2)]
        with pytest.raises(CliError, match="version_unmanned"):
            await allow(wait=0, asking=ASKED)
        async with working(house, database, outbox, this_build()) as second:
            waits = not await second.is_in()
            await approve(house, one)
            before = await version_at(house, one)
            await let_in()
            given = said()
            await approve(house, other)
            after = await version_at(house, other)
            is_in = (await first.is_in(), await second.is_in())
            await show(asking=ASKED)
            shown = said()

            await roll_back(asking=ASKED)
            back = said()
            third = await place(house, database)
            await approve(house, third)
            again = await version_at(house, third)
            with pytest.raises(CliError, match="version_has_none_before"):
                await roll_back(asking=ASKED)

    assert waits
    assert (before, after, again) == (OLD.id, this_build().id, OLD.id)
    assert is_in == (False, True)
    assert given["replays"] == {"namespace": "default", "open": 2, "replayed": 2, "broken": []}
    assert [(one["version"], one["percent"], one["workers"]) for one in shown["versions"]] == [  # type: ignore[attr-defined]
        (this_build().id, 100, 1),
        (OLD.id, 0, 1),
    ]
    # Without the older version's code nobody knows whether it can go back.
    assert (back["left"], back["version"], back["stay"]) == (this_build().id, OLD.id, [f"order/{other.no}"])
    assert [await failed_tasks(house, order) for order in (one, other, third)] == [0, 0, 0]


async def test_a_trial_gets_its_share_of_cases_and_ends_in_one_command(
    house: WorkflowEnvironment, database: Database, outbox: OutboxChannel, said: Said
) -> None:
    await furnish(database)
    async with working(house, database, outbox, OLD) as first:
        await until(first.is_in)
        async with working(house, database, outbox, this_build()):
            await let_in(percent=50)
            said()
            # The server's queues hear of a share a moment after it was said.
            at: set[str] = set()

            async def both_have_begun_some() -> bool:
                at.add(await version_at(house, await place(house, database)))
                return len(at) > 1

            await until(both_have_begun_some)
            await show(asking=ASKED)
            shares = [one["percent"] for one in said()["versions"]]  # type: ignore[attr-defined]
            await roll_back(asking=ASKED)
            went = said()
            left = await versions(house).routing()

    assert at == {OLD.id, this_build().id}
    assert shares == [50, 50]
    assert (went["left"], went["version"]) == (this_build().id, OLD.id)
    assert (left.current, left.trial) == (OLD.id, None)


@workflow.defn(name="OrderWorkflow")
class Newer:
    """Begins as the order does, and then does what only it knows."""

    @workflow.init
    def __init__(self, order: Order) -> None:
        self.told = 0

    @workflow.run
    async def run(self, order: Order) -> None:
        await workflow.wait_condition(lambda: self.told > 0)
        if workflow.patched("something-new"):
            await workflow.sleep(3600)

    @workflow.signal
    def look_again(self, event_id: str) -> None:
        self.told += 1


async def test_what_only_the_newer_version_can_go_on_with_stays_with_it_until_a_later_one_can(
    house: WorkflowEnvironment, database: Database, outbox: OutboxChannel, said: Said
) -> None:
    """Ours is the older version here, from which the command is typed."""
    await furnish(database)
    newer = Build("9.9.9-newer", "b" * 64)

    version = carried(QUEUE, newer)
    orders = Worker(
        house.client,
        task_queue=QUEUE,
        workflows=[Newer],
        activities=activities(database, outbox),
        workflow_runner=UnsandboxedWorkflowRunner(),
        deployment_config=version,
    )
    calls = paging_worker(house.client, QUEUE, page_activities(database, Phones(), LINKS), version)

    async with working(house, database, outbox, this_build()) as ours:
        await until(ours.is_in)
        untouched = await place(house, database)
        async with orders, calls:
            server = versions(house)
            await until(lambda: server.is_manned(newer.id))
            await server.let_in(newer.id, await server.routing())
            handle = await house.client.start_workflow(
                "OrderWorkflow", untouched.but(no="O-NEWER"), id="order/O-NEWER", task_queue=QUEUE
            )
            await handle.signal("look_again", "now")
            await until(lambda: cases_at(house, newer), lambda count: count == 1)
            await roll_back(asking=ASKED)
            went = said()
            await approve(house, untouched)
            await handle.signal("look_again", "again")
            await asyncio.sleep(1)
            stays = await version_of(house, "order/O-NEWER")

    assert (went["back"], went["stay"]) == (0, ["order/O-NEWER"])
    assert stays == newer.id
    assert await version_at(house, untouched) == this_build().id
    assert await failed_tasks(house, untouched.but(no="O-NEWER")) == 0


async def test_what_has_got_on_stays_until_the_older_version_is_let_in_and_then_goes_back_if_it_can(
    house: WorkflowEnvironment, database: Database, outbox: OutboxChannel, said: Said
) -> None:
    """However long it takes to look at it: by then the newer version is given nothing else."""
    await furnish(database)
    newer = Build("9.9.9-newer", "b" * 64)
    server, cases = versions(house), VersionedCases(house.client, QUEUE)
    async with working(house, database, outbox, this_build()) as ours:
        await until(ours.is_in)
        moved = await place(house, database)
        case = f"order/{moved.no}"
        async with working(house, database, outbox, newer):
            await until(lambda: server.is_manned(newer.id))
            await server.let_in(newer.id, await server.routing())
            await approve(house, moved)
            await until(lambda: cases.that_used(newer.id), lambda found: case in found)

            await roll_back(asking=ASKED)
            went = said()
            switched = await switched_at(house)
            await house.client.get_workflow_handle(case).signal("look_again", "back")
            await until(lambda: version_of(house, case), lambda version: version == this_build().id)

    told, released = await told_where_to_go(house, case)
    assert (went["back"], went["stay"]) == (1, [])
    assert told <= switched <= released
    assert await failed_tasks(house, moved) == 0


async def switched_at(house: WorkflowEnvironment) -> datetime:
    asked = DescribeWorkerDeploymentRequest(namespace=house.client.namespace, deployment_name=QUEUE)
    found = await house.client.workflow_service.describe_worker_deployment(asked)
    return found.worker_deployment_info.routing_config.current_version_changed_time.ToDatetime()


async def told_where_to_go(house: WorkflowEnvironment, case: str) -> list[datetime]:
    history = await house.client.get_workflow_handle(case).fetch_history()
    told = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED
    return [event.event_time.ToDatetime() for event in history.events if event.event_type == told]


async def cases_at(house: WorkflowEnvironment, build: Build) -> int:
    query = f"TemporalUsedWorkerDeploymentVersions = '{QUEUE}:{build.id}' AND TemporalChangeVersion IS NOT NULL"
    return (await house.client.count_workflows(query)).count


async def version_of(house: WorkflowEnvironment, case: str) -> str:
    described = await house.client.get_workflow_handle(case).describe()
    return described.raw_description.workflow_execution_info.versioning_info.deployment_version.build_id


async def test_a_name_that_other_code_had_is_refused_in_one_sentence(
    house: WorkflowEnvironment, database: Database, outbox: OutboxChannel
) -> None:
    named = Settings(build_id="1.0.0-old")
    free = await version_trouble(named)
    async with working(house, database, outbox, OLD) as first:
        await until(first.is_in)

    trouble = await version_trouble(named)
    assert free is None
    assert await version_trouble(Settings()) is None
    assert trouble is not None
    assert (trouble.code, trouble.values) == ("build_id_reused", {"version": "1.0.0-old"})


async def test_doctor_shows_versions_and_misses_workers_of_the_one_that_is_let_in(
    house: WorkflowEnvironment, database: Database, outbox: OutboxChannel
) -> None:
    async def workers() -> tuple[set[str], str | None]:
        (found,) = [one for one in await temporal_checks(Settings()) if one.check == "check_workers"]
        return set(found.found.split(", ")), found.wrong.code if found.wrong else None

    server, ours = versions(house), this_build().id
    async with working(house, database, outbox, OLD) as first:
        await until(first.is_in)
        alone = await workers()
        async with working(house, database, outbox, this_build()):
            await until(lambda: server.is_manned(ours))
            both = await workers()
            gone = SetWorkerDeploymentCurrentVersionRequest(
                namespace="default", deployment_name=QUEUE, build_id="0.9.0-gone", allow_no_pollers=True
            )
            await house.client.workflow_service.set_worker_deployment_current_version(gone)
            _, wrong = await workers()

    assert alone == ({"1 × 1.0.0-old (100 %)"}, None)
    assert both == ({f"1 × {ours} (0 %)", "1 × 1.0.0-old (100 %)"}, None)
    assert wrong == "current_unmanned"


async def test_where_the_server_knows_no_versions_the_worker_works_without_and_commands_say_so(
    skipping: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", skipping.client.service_client.config.target_host)
    admission = Admission(versions(skipping), OLD)

    assert await admission.config() is None
    assert await admission.is_in()
    for typed in (show, allow, roll_back):
        with pytest.raises(CliError, match="versions_unknown"):
            await typed(asking=ASKED)


def test_a_build_is_named_after_its_code(tmp_path: Path) -> None:
    (tmp_path / "domain").mkdir()
    (tmp_path / "workflows").mkdir()
    file = tmp_path / "domain" / "rule.py"
    file.write_text("LIMIT = 1")
    before = code_digest(tmp_path)
    code_digest.cache_clear()
    (tmp_path / "notes.txt").write_text("is no code")
    same = code_digest(tmp_path)
    code_digest.cache_clear()
    file.write_text("LIMIT = 2")
    after = code_digest(tmp_path)

    assert before == same != after
    assert this_build().id == f"0.1.0-{code_digest()[:12]}"
    assert this_build("mine").id == "mine"
