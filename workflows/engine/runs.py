"""What Temporal says of cases: which run, which of them cannot go on, and what they wait for."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from secrets import token_hex

from google.protobuf.timestamp_pb2 import Timestamp
from pydantic import BaseModel
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse
from temporalio.client import (
    Client,
    RPCError,
    ScheduleOverlapPolicy,
    WorkflowExecution,
    WorkflowExecutionStatus,
)
from temporalio.service import RPCStatusCode

from domain.cases.faults import RunEnd, RunStanding, Unfinished
from workflows.answers import PATIENCE, answered, is_unknown
from workflows.recurring.schedules import CASE_CHECK

_ENDS = {
    WorkflowExecutionStatus.COMPLETED: RunEnd.COMPLETED,
    WorkflowExecutionStatus.FAILED: RunEnd.FAILED,
    WorkflowExecutionStatus.CANCELED: RunEnd.CANCELLED,
    WorkflowExecutionStatus.TERMINATED: RunEnd.TERMINATED,
    WorkflowExecutionStatus.TIMED_OUT: RunEnd.TIMED_OUT,
}
_CASES = ("OrderWorkflow", "IncidentWorkflow", "PageWorkflow", "MoveProjectWorkflow", "WaveWorkflow")
# The server says so of a workflow when its task has failed or timed out several times in a row.
_TROUBLED = (
    "ExecutionStatus = 'Running' AND TemporalReportedProblems IN "
    "('category=WorkflowTaskFailed', 'category=WorkflowTaskTimedOut')"
)


class HowFar(BaseModel):
    """What every progress says, whatever else its kind keeps."""

    seq: int


class Runs:
    """Raises `TemporalAway` whenever the server does not answer in time."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def standing(self, case: str) -> RunStanding:
        async with answered():
            try:
                described = await self._client.get_workflow_handle(case).describe(rpc_timeout=PATIENCE)
            except RPCError as error:
                if is_unknown(error):
                    return RunStanding(ended=RunEnd.GONE)
                raise
        if described.status in _ENDS:
            return RunStanding(ended=_ENDS[described.status], ended_at=described.close_time)
        return _running(described.raw_description)

    async def running(self, began_before: datetime) -> AsyncIterator[str]:
        kinds = ", ".join(f"'{kind}'" for kind in _CASES)
        begun = f"StartTime < '{began_before.isoformat()}'"
        query = f"ExecutionStatus = 'Running' AND WorkflowType IN ({kinds}) AND {begun}"
        async with answered():
            async for run in self._listed(query):
                yield run.id

    async def in_trouble(self) -> tuple[str, ...]:
        """Whose tasks fail, be they cases or not. A server that does not keep count names none."""
        async with answered():
            try:
                return tuple([run.id async for run in self._listed(_TROUBLED)])
            except RPCError as error:
                if error.status == RPCStatusCode.INVALID_ARGUMENT:
                    return ()
                raise

    async def correct(self, case: str, written: int) -> bool:
        """Have the case write itself anew if the tables hold more of it than has happened; whether they do.

        Needs a worker.
        """
        async with answered():
            handle = self._client.get_workflow_handle(case)
            try:
                progress = await handle.query("progress", result_type=HowFar, rpc_timeout=PATIENCE)
                if progress.seq < written:
                    event_id = f"ahead-{written}-{progress.seq}"
                    await handle.signal("look_again", event_id, rpc_timeout=PATIENCE)
                    return True
            except RPCError as error:
                if not is_unknown(error):
                    raise
        return False

    async def write_anew(self, case: str) -> None:
        """Have the case write down how it stands."""
        async with answered():
            try:
                handle = self._client.get_workflow_handle(case)
                await handle.signal("look_again", f"missing-{token_hex(8)}", rpc_timeout=PATIENCE)
            except RPCError as error:
                if not is_unknown(error):
                    raise

    async def check_soon(self) -> None:
        """Where the schedule is not arranged yet, its first run is to come."""
        async with answered():
            handle = self._client.get_schedule_handle(CASE_CHECK)
            try:
                await handle.trigger(overlap=ScheduleOverlapPolicy.SKIP, rpc_timeout=PATIENCE)
            except RPCError as error:
                if not is_unknown(error):
                    raise

    def _listed(self, query: str) -> AsyncIterator[WorkflowExecution]:
        return self._client.list_workflows(query, rpc_timeout=PATIENCE)


def _running(said: DescribeWorkflowExecutionResponse) -> RunStanding:
    task = said.pending_workflow_task
    return RunStanding(
        task=Unfinished(what="task", since=_at(task.original_scheduled_time or task.scheduled_time), tries=task.attempt)
        if said.HasField("pending_workflow_task")
        else None,
        asking=tuple(
            Unfinished(what=pending.activity_type.name, since=_at(pending.scheduled_time), tries=pending.attempt)
            for pending in said.pending_activities
        ),
    )


def _at(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime(tzinfo=UTC)
