"""What `imac doctor` looks at in Temporal."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, GetSystemInfoRequest
from temporalio.client import Client

from cli.errors import CliError, Exit
from cli.setup.finding import Finding
from cli.stack.ground import (
    asked_temporal,
    attributes_missing,
    namespace_missing,
    retention_short,
    temporal_address,
)
from settings import Settings
from workflows.namespace import ANSWER_WITHIN, look

# Those that have gone stand in the server's list for some minutes more.
SEEN_WITHIN = timedelta(minutes=1, seconds=30)


async def temporal_checks(settings: Settings) -> list[Finding]:
    found: list[Finding] = []

    async def ask(client: Client) -> None:
        found[:] = await _checks(client, settings)

    trouble = await asked_temporal(ask)
    return found if trouble is None else [Finding("check_temporal", wrong=trouble)]


async def _checks(client: Client, settings: Settings) -> list[Finding]:
    system = await client.workflow_service.get_system_info(GetSystemInfoRequest(), timeout=ANSWER_WITHIN)
    server = Finding("check_temporal", f"{system.server_version}, {temporal_address()}")
    namespace = await look(client)
    if namespace.retention is None:
        return [server, Finding("check_namespace", wrong=namespace_missing(client))]
    wanted = timedelta(days=settings.retention_days)
    return [
        server,
        Finding("check_namespace", client.namespace),
        Finding("check_retention", f"{namespace.retention.days} d", retention_short(client, namespace, wanted)),
        Finding("check_attributes", wrong=attributes_missing(client, namespace)),
        await _pollers(client, settings.task_queue),
    ]


async def _pollers(client: Client, task_queue: str) -> Finding:
    queue = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        ),
        timeout=ANSWER_WITHIN,
    )
    workers = {poller.identity: _version(poller) for poller in queue.pollers if _is_there(poller)}
    if not workers:
        return Finding("check_workers", wrong=CliError("no_worker_polls", Exit.REFUSED, queue=task_queue))
    return Finding("check_workers", f"{len(workers)} ({_listed(workers.values())})")


def _is_there(poller: PollerInfo) -> bool:
    return datetime.now(UTC) - poller.last_access_time.ToDatetime(UTC) < SEEN_WITHIN


def _version(poller: PollerInfo) -> str:
    return poller.deployment_options.build_id or poller.worker_version_capabilities.build_id or "–"


def _listed(versions: Iterable[str]) -> str:
    return ", ".join(sorted(set(versions)))
