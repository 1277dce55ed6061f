"""An activity that fails is logged with its case, and without what it was given."""

import asyncio
import json
import logging
from datetime import timedelta
from uuid import uuid4

import pytest
import structlog
from temporalio import activity, workflow
from temporalio.client import WorkflowFailureError
from temporalio.common import RetryPolicy
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.in_logs import CaseInLogs
from connectors.logs import keep_logs

CANARY = "Anna Vogel, c4n4ry"


@activity.defn
async def tells(said: str) -> None:
    structlog.get_logger().info("letter is sent")
    raise ValueError(said)


@workflow.defn
class Tells:
    @workflow.run
    async def run(self, said: str) -> None:
        await workflow.execute_activity(
            tells, said, start_to_close_timeout=timedelta(seconds=30), retry_policy=RetryPolicy(maximum_attempts=1)
        )


async def test_what_fails_names_its_case_and_nobody_else(
    skipping: WorkflowEnvironment, capsys: pytest.CaptureFixture[str]
) -> None:
    before = logging.getLogger().handlers[:]
    keep_logs("info", "json")
    worker = Worker(
        skipping.client,
        task_queue=uuid4().hex,
        workflows=[Tells],
        activities=[tells],
        interceptors=[CaseInLogs()],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )

    async with worker:
        with pytest.raises(WorkflowFailureError):
            await skipping.client.execute_workflow(Tells.run, CANARY, id="order/O-1", task_queue=worker.task_queue)
        await asyncio.sleep(0)
    logging.getLogger().handlers = before

    printed = capsys.readouterr().out
    lines = [json.loads(line) for line in printed.splitlines()]
    assert {line.get("case") for line in lines if line.get("activity") or "error" in line} == {"order/O-1"}
    assert [line["event"] for line in lines if line["event"] == "letter is sent"] == ["letter is sent"]
    assert any(
        str(line.get("error", "")).startswith("ValueError at tests/activities/test_in_logs.py") for line in lines
    )
    assert "c4n4ry" not in printed
