"""What histories remember of what was done: each is replayed, and what its activities were asked is listened to.

Histories keep what a quick activity has answered, but not what it was asked. The code asks the same again when it is
replayed; a version whose code asks something else cannot read that history, and says so.
"""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, RPCError, WorkflowExecutionStatus, WorkflowHistory
from temporalio.exceptions import ApplicationError
from temporalio.worker import (
    Interceptor,
    StartActivityInput,
    StartLocalActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)
from temporalio.workflow import ActivityHandle

from activities.failures import IMPOSSIBLE
from activities.rebuilding.deeds import Deed, RememberedCase, in_order
from domain.refusals import Problem
from workflows.answers import PATIENCE, answered, is_unknown
from workflows.engine.replaying import replaying
from workflows.runner import REGISTERED

LONGEST_CAUSE = 300
_QUICK = "core_local_activity"
# What the server runs for itself is no workflow of ours.
_SERVERS_OWN = "temporal-sys-"


@dataclass(frozen=True)
class ListedRun:
    """One run of a workflow id, as the server lists it."""

    case: str
    run_id: str
    began: datetime
    is_open: bool


@dataclass(frozen=True)
class _Question:
    """What an activity was asked; `answer_type` is what it answers with."""

    activity: str
    asked: object
    answer_type: type | None


@dataclass
class _Ending:
    """How an activity ended; one that was called off has a failure that says nothing."""

    at: datetime
    answer: Sequence[Payload] = ()
    failure: Failure | None = None


@dataclass
class _Listener(Interceptor):
    """Hears every activity that the run which is being replayed asks for."""

    heard: list[_Question] = field(default_factory=list)

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:
        listener = self

        class Outbound(WorkflowOutboundInterceptor):
            def start_activity(self, input: StartActivityInput) -> ActivityHandle[Any]:
                listener.hear(input)
                return super().start_activity(input)

            def start_local_activity(self, input: StartLocalActivityInput) -> ActivityHandle[Any]:
                listener.hear(input)
                return super().start_local_activity(input)

        class Inbound(WorkflowInboundInterceptor):
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                super().init(Outbound(outbound))

        return Inbound

    def hear(self, asked: StartActivityInput | StartLocalActivityInput) -> None:
        self.heard.append(_Question(asked.activity, next(iter(asked.args), None), asked.ret_type))


async def listed_runs(client: Client, since: datetime | None) -> list[ListedRun]:
    """What is open, and what has ended since then; without a time, all that the server still keeps."""
    query = None if since is None else f"ExecutionStatus = 'Running' OR CloseTime >= '{since.isoformat()}'"
    async with answered():
        return [
            ListedRun(run.id, run.run_id, run.start_time, run.status == WorkflowExecutionStatus.RUNNING)
            async for run in client.list_workflows(query, rpc_timeout=PATIENCE)
            if not run.id.startswith(_SERVERS_OWN)
        ]


async def runs_of(client: Client, cases: Iterable[str]) -> list[ListedRun]:
    """The last run of each that the server still knows, listed or not."""
    found = []
    for case in cases:
        async with answered():
            try:
                described = await client.get_workflow_handle(case).describe(rpc_timeout=PATIENCE)
            except RPCError as error:
                if is_unknown(error):
                    continue
                raise
        is_open = described.status == WorkflowExecutionStatus.RUNNING
        found.append(ListedRun(case, described.run_id, described.start_time, is_open))
    return found


async def remembered(
    client: Client, runs: Iterable[ListedRun], workflows: Sequence[type] = REGISTERED
) -> AsyncIterator[RememberedCase]:
    """What their histories hold, case by case; those that are gone meanwhile are left out.

    A case that was reset has several runs, and all that any of them has done is done. Raises `TemporalAway`.
    """
    together: dict[str, list[ListedRun]] = {}
    for run in sorted(runs, key=lambda run: run.began):
        together.setdefault(run.case, []).append(run)
    async with aclosing(_read(client, [run for some in together.values() for run in some], workflows)) as memories:
        pending: list[RememberedCase] = []
        async for run, memory in memories:
            if memory is not None:
                pending.append(memory)
            if run == together[run.case][-1] and pending:
                yield _as_one(pending)
            if run == together[run.case][-1]:
                pending = []


def _as_one(runs: Sequence[RememberedCase]) -> RememberedCase:
    last = runs[-1]
    return RememberedCase(
        case=last.case,
        is_open=last.is_open,
        deeds=tuple(in_order(deed for run in runs for deed in run.deeds)),
        under_way=last.under_way,
        cause=next((run.cause for run in runs if run.cause is not None), None),
    )


async def _read(
    client: Client, runs: Sequence[ListedRun], workflows: Sequence[type]
) -> AsyncGenerator[tuple[ListedRun, RememberedCase | None]]:
    listener = _Listener()
    async with replaying(client, workflows, [listener]) as replay:
        for run in runs:
            history = await _history(client, run)
            if history is None:
                yield run, None
                continue
            listener.heard = []
            failure = await replay(history)
            yield run, await _memory(client, run, history, listener.heard, failure)


async def _memory(
    client: Client,
    run: ListedRun,
    history: WorkflowHistory,
    heard: Sequence[_Question],
    failure: BaseException | None,
) -> RememberedCase:
    endings = _endings(history.events)
    cause = None if failure is None else " ".join(f"{type(failure).__name__}: {failure}".split())[:LONGEST_CAUSE]
    deeds = [] if cause else [deed async for deed in _deeds(client, heard, endings)]
    open_ends = (one for number, one in enumerate(heard, 1) if run.is_open and number not in endings)
    return RememberedCase(
        case=run.case,
        is_open=run.is_open,
        deeds=tuple(deeds),
        under_way=tuple(one.asked for one in open_ends),
        cause=cause,
    )


async def _history(client: Client, run: ListedRun) -> WorkflowHistory | None:
    async with answered():
        try:
            handle = client.get_workflow_handle(run.case, run_id=run.run_id)
            return await handle.fetch_history(rpc_timeout=PATIENCE)
        except RPCError as error:
            if is_unknown(error):
                return None
            raise


async def _deeds(client: Client, heard: Sequence[_Question], endings: dict[int, _Ending]) -> AsyncIterator[Deed]:
    """Those that were answered or never can be; what failed otherwise was tried again."""
    converter = client.data_converter
    for number, question in enumerate(heard, 1):
        ending = endings.get(number)
        if ending is None:
            continue
        if ending.failure is None:
            kinds = None if question.answer_type is None else [question.answer_type]
            answer = next(iter(await converter.decode(ending.answer, kinds)), None) if ending.answer else None
            yield Deed(question.activity, question.asked, answer, ending.at)
            continue
        if not ending.failure.ByteSize():
            continue
        error = await converter.decode_failure(ending.failure)
        cause = error if isinstance(error, ApplicationError) else error.__cause__
        if isinstance(cause, ApplicationError) and cause.type == IMPOSSIBLE:
            problem = Problem.model_validate(cause.details[0])
            yield Deed(question.activity, question.asked, None, ending.at, problem)


def _endings(events: Iterable[HistoryEvent]) -> dict[int, _Ending]:
    endings: dict[int, _Ending] = {}
    numbers: dict[int, int] = {}
    for event in events:
        at = event.event_time.ToDatetime(tzinfo=UTC)
        if event.HasField("activity_task_scheduled_event_attributes"):
            numbers[event.event_id] = int(event.activity_task_scheduled_event_attributes.activity_id)
        elif event.HasField("activity_task_completed_event_attributes"):
            completed = event.activity_task_completed_event_attributes
            endings[numbers[completed.scheduled_event_id]] = _Ending(at, completed.result.payloads)
        elif event.HasField("activity_task_failed_event_attributes"):
            failed = event.activity_task_failed_event_attributes
            endings[numbers[failed.scheduled_event_id]] = _Ending(at, failure=failed.failure)
        elif event.HasField("activity_task_canceled_event_attributes"):
            called_off = event.activity_task_canceled_event_attributes
            endings[numbers[called_off.scheduled_event_id]] = _Ending(at, failure=Failure())
        elif event.marker_recorded_event_attributes.marker_name == _QUICK:
            number, ending = _quick_ending(event)
            endings[number] = ending
    return endings


def _quick_ending(event: HistoryEvent) -> tuple[int, _Ending]:
    marker = event.marker_recorded_event_attributes
    said = json.loads(marker.details["data"].payloads[0].data)
    done = said["complete_time"] or {}
    at = datetime.fromtimestamp(done.get("seconds", 0) + done.get("nanos", 0) / 1e9, UTC)
    if marker.HasField("failure"):
        return said["seq"], _Ending(at, failure=marker.failure)
    return said["seq"], _Ending(at, marker.details["result"].payloads)
