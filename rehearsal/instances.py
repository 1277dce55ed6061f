"""Making workflows of the SDK come to life without Core, and giving them something to do."""

import asyncio
import zlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from temporalio.api.common.v1 import Payloads
from temporalio.bridge.proto.workflow_activation import WorkflowActivation, WorkflowActivationJob
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.common import MetricMeter, Priority, TypedSearchAttributes
from temporalio.converter import DefaultFailureConverter, PayloadConverter
from temporalio.worker import UnsandboxedWorkflowRunner, WorkflowInstance, WorkflowInstanceDetails
from temporalio.workflow import Info, ParentInfo, _Definition

from domain.refusals import Refused
from domain.values import Value

NAMESPACE, QUEUE = "rehearsal", "rehearsal"
TASK_TIMEOUT = timedelta(seconds=10)
_RUNNER = UnsandboxedWorkflowRunner()
# As the worker has it: a refusal ends a workflow, or an update, as failed.
_RUNNER.set_worker_level_failure_exception_types([Refused])
_OUTSIDE: dict[str, Callable[..., Any]] = {
    "__temporal_get_metric_meter": lambda: MetricMeter.noop,
    "__temporal_assert_local_activity_valid": lambda _: None,
}


class Birth(Value):
    """When and as what a workflow was started."""

    workflow_id: str
    run_id: str
    workflow_type: str
    at: datetime
    parent: str | None = None

    @property
    def seed(self) -> int:
        return zlib.crc32(self.run_id.encode())


class TaskFailed(Exception):
    """A workflow task failed: in production it would be tried again for ever."""


def definition_of(workflow: type) -> _Definition:
    return _Definition.must_from_class(workflow)


def name_of(workflow: type) -> str:
    name = definition_of(workflow).name
    assert name is not None  # only dynamic ones have none
    return name


def bring_to_life(birth: Birth, definition: _Definition, packer: PayloadConverter) -> WorkflowInstance:
    details = WorkflowInstanceDetails(
        payload_converter_factory=lambda: packer,
        failure_converter_class=DefaultFailureConverter,
        interceptor_classes=(),
        defn=definition,
        info=_info(birth),
        randomness_seed=birth.seed,
        extern_functions=_OUTSIDE,
        disable_eager_activity_execution=True,
        worker_level_failure_exception_types=(Refused,),
        patch_activation_callback=None,
        last_completion_result=Payloads(),
        last_failure=None,
    )
    # The SDK looks up the running loop when an instance is made, and never afterwards.
    return _LOOP.run_until_complete(_made(details))


async def _made(details: WorkflowInstanceDetails) -> WorkflowInstance:
    return _RUNNER.create_instance(details)


_LOOP = asyncio.new_event_loop()


def _info(birth: Birth) -> Info:
    parent = ParentInfo(namespace=NAMESPACE, run_id=birth.parent, workflow_id=birth.parent) if birth.parent else None
    return Info(
        attempt=1,
        continued_run_id=None,
        cron_schedule=None,
        execution_timeout=None,
        first_execution_run_id=birth.run_id,
        headers={},
        namespace=NAMESPACE,
        original_execution_run_id=birth.run_id,
        parent=parent,
        root=None,
        priority=Priority.default,
        raw_memo={},
        retry_policy=None,
        run_id=birth.run_id,
        run_timeout=None,
        search_attributes={},
        start_time=birth.at,
        task_queue=QUEUE,
        task_timeout=TASK_TIMEOUT,
        typed_search_attributes=TypedSearchAttributes.empty,
        workflow_id=birth.workflow_id,
        workflow_start_time=birth.at,
        workflow_type=birth.workflow_type,
    )


def _rank(job: WorkflowActivationJob) -> int:
    match job.WhichOneof("variant"):
        case "initialize_workflow":
            return 0
        case "notify_has_patch":
            return 1
        case "signal_workflow" | "do_update":
            return 2
        case _:
            return 3


def activation_of(birth: Birth, at: datetime, jobs: Sequence[WorkflowActivationJob]) -> WorkflowActivation:
    """Jobs are in the order in which Core has them; local activities come in activations of their own."""
    activation = WorkflowActivation(run_id=birth.run_id, jobs=sorted(jobs, key=_rank))
    activation.timestamp.FromDatetime(at)
    return activation


def activate(instance: WorkflowInstance, activation: WorkflowActivation) -> WorkflowActivationCompletion:
    """Raises `TaskFailed`."""
    completion = instance.activate(activation)
    if completion.HasField("failed"):
        raise TaskFailed(f"{instance.get_info().workflow_id}: {completion.failed.failure}")
    return completion
