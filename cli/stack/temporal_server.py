"""The embedded Temporal server: a real one from the package index, with its data in one SQLite file."""

import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig
from temporalio.service import RPCError

from workflows.namespace import prepare

HOST = "127.0.0.1"
RETENTION = timedelta(days=30)
# The server ignores keys it does not know, so a typo here costs speed without a word.
DYNAMIC_CONFIG = {
    "matching.numTaskqueueReadPartitions": "1",
    "matching.numTaskqueueWritePartitions": "1",
    "history.timerProcessorMaxTimeShift": '"10ms"',
    "frontend.WorkflowTimeSkippingEnabled": "true",
    # So that customers take turns, and what somebody waits for comes before hundreds of moves (workflows/starting.py).
    "matching.useNewMatcher": "true",
    "matching.enableFairness": "true",
    "system.forceSearchAttributesCacheRefreshOnRead": "true",
}
WITHOUT_FSYNC_PER_WRITE = ("journal_mode=wal", "synchronous=normal")


def server_command(data_dir: Path, namespace: str, *, port: int, ui_port: int | None) -> Sequence[str]:
    """Build the command; without a UI port there is no Web UI."""
    binary = Path(sys.executable).with_name("temporal")
    web_ui = ["--headless"] if ui_port is None else [f"--ui-port={ui_port}", "--ui-disable-news-fetch"]
    return [
        f"{binary}",
        *("server", "start-dev", "--log-level=error", f"--ip={HOST}", f"--port={port}"),
        *(f"--db-filename={data_dir / 'temporal.db'}", f"--namespace={namespace}"),
        *(f"--sqlite-pragma={pragma}" for pragma in WITHOUT_FSYNC_PER_WRITE),
        *(f"--dynamic-config-value={key}={value}" for key, value in DYNAMIC_CONFIG.items()),
        *web_ui,
    ]


async def connect(environment: Mapping[str, str]) -> Client:
    config = ClientConfig.load_client_connect_config(override_env_vars=dict(environment))
    return await Client.connect(**config, data_converter=pydantic_data_converter)


async def server_answers(environment: Mapping[str, str], _pid: int | None = None) -> bool:
    try:
        client = await connect(environment)
        await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    except (RuntimeError, RPCError):
        # The SDK says RuntimeError for a connection it cannot make.
        return False
    return True


async def worker_polls(environment: Mapping[str, str], task_queue: str, pid: int | None = None) -> bool:
    """Whether this one does, or any: for some minutes the server also names those that have died."""
    try:
        client = await connect(environment)
        queue = await client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=client.namespace,
                task_queue=TaskQueue(name=task_queue),
                task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
            )
        )
    except (RuntimeError, RPCError):
        return False
    return any(pid is None or poller.identity.endswith(f"/{pid}") for poller in queue.pollers)


async def prepare_namespace(environment: Mapping[str, str], retention: timedelta = RETENTION) -> None:
    """Keep closed workflows for so long instead of a day, and add search attributes that are missing."""
    await prepare(await connect(environment), retention)
