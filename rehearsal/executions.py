"""One workflow under way: what comes to it, and what is done at its command."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol

from temporalio.api.common.v1 import Payload
from temporalio.bridge.proto.activity_result import ActivityResolution
from temporalio.bridge.proto.workflow_activation import (
    DoUpdate,
    FireTimer,
    QueryWorkflow,
    ResolveActivity,
    ResolveSignalExternalWorkflow,
    SignalWorkflow,
    WorkflowActivationJob,
)
from temporalio.bridge.proto.workflow_commands import (
    CancelSignalWorkflow,
    CancelTimer,
    CompleteWorkflowExecution,
    FailWorkflowExecution,
    RequestCancelActivity,
    RequestCancelLocalActivity,
    ScheduleActivity,
    ScheduleLocalActivity,
    SignalExternalWorkflowExecution,
    StartChildWorkflowExecution,
    StartTimer,
    UpdateResponse,
    WorkflowCommand,
)

from rehearsal.acts import Hands, WantedActivity, asked_by, called_off
from rehearsal.instances import Birth
from rehearsal.lives import Life
from rehearsal.parcels import cancelled, error_of
from rehearsal.virtual_time import Pending, Task, TimedAct, VirtualTime

ActivationJob = WorkflowActivationJob


class Gone(Exception):
    """There is no such workflow, or it is over."""


class Neighbours(Protocol):
    """The other workflows. Who wants something of them is told what has become of it in a task of its own."""

    def signal(self, sender: "Execution", asked: SignalExternalWorkflowExecution) -> None: ...

    def start_child(self, parent: "Execution", asked: StartChildWorkflowExecution) -> None: ...


class Execution:
    """A task takes all that has come, acts locally as often as it likes, and then commands everything at once."""

    def __init__(self, birth: Birth, life: Life, time: VirtualTime, hands: Hands, neighbours: Neighbours) -> None:
        self.birth = birth
        self.life = life
        self.outcome: Pending[Payload] = Pending()
        self._time = time
        self._hands = hands
        self._neighbours = neighbours
        self._come: list[ActivationJob] = []
        self._done_locally: list[ActivationJob] = []
        self._heard = 0
        self._is_called = False
        self._loses_task = False
        self._rests_until = birth.at
        self._timers: dict[int, TimedAct] = {}
        self._acts: dict[int, tuple[WantedActivity, Task[ActivityResolution]]] = {}
        self._answers: dict[str, Pending[Payload]] = {}

    @property
    def is_over(self) -> bool:
        return self.outcome.is_done

    def come(self, job: ActivationJob) -> None:
        if not self.is_over:
            self._come.append(job)
            self._call()

    def hear(self, name: str, arguments: Sequence[Payload]) -> None:
        self._heard += 1
        # In a history it would be the number of the signal's event.
        told = SignalWorkflow(signal_name=name, input=arguments, originating_event_id=self._heard)
        self.come(ActivationJob(signal_workflow=told))

    def update(self, update_id: str, name: str, arguments: Sequence[Payload]) -> Pending[Payload]:
        """What it answers. Fails as it refuses, or with `Gone` when it ends without an answer."""
        self._answers[update_id] = answer = Pending[Payload]()
        job = DoUpdate(id=update_id, protocol_instance_id=update_id, name=name, input=arguments, run_validator=True)
        self.come(ActivationJob(do_update=job))
        return answer

    def query(self, name: str) -> Payload:
        """Asked between two tasks, and remembered nowhere."""
        asked = QueryWorkflow(query_id=name, query_type=name)
        (command,) = self.life.ask(self._time.now, ActivationJob(query_workflow=asked))
        if command.respond_to_query.HasField("failed"):
            raise error_of(command.respond_to_query.failed)
        return command.respond_to_query.succeeded.response

    def lose_task(self) -> None:
        """Its worker dies over its next task, having acted locally: nothing of it is durable, and it is done again."""
        self._loses_task = True

    def rest(self, until: datetime) -> None:
        """No worker takes its tasks before; what comes meanwhile is taken together then."""
        self._rests_until = max(self._rests_until, until)

    def _call(self) -> None:
        if not self._is_called:
            self._is_called = True
            self._time.soon(self._take_task)

    def _take_task(self) -> None:
        if self._time.now < self._rests_until:
            self._time.at(self._rests_until, self._take_task)
            return
        self._is_called = False
        come, done_locally = self._come, list(self._done_locally)
        if self.is_over or not (come or done_locally):
            return
        self._come = []
        under_way = set(self._acts)
        commands = self._work(come)
        if self._loses_task:
            self._lose(come, done_locally, under_way)
            return
        self.life.keep_task()
        for command in _without_unsent(commands):
            self._carry_out(command)

    def _work(self, come: list[ActivationJob]) -> list[WorkflowCommand]:
        """Everything it commands until there is nothing more to do here."""
        commands: list[WorkflowCommand] = []
        while jobs := come or self._done_locally:
            if not come:
                self._done_locally = []
            come = []
            for command in self.life.activate(self._time.now, jobs):
                if command.HasField("schedule_local_activity") or command.HasField("request_cancel_local_activity"):
                    self._carry_out(command)
                else:
                    commands.append(command)
        return commands

    def _lose(self, come: list[ActivationJob], done_locally: list[ActivationJob], under_way: set[int]) -> None:
        self._loses_task = False
        for seq in self._acts.keys() - under_way:
            self._acts.pop(seq)[1].stop()
        self.life.die()
        self._come, self._done_locally = come + self._come, done_locally
        self._call()

    def _carry_out(self, command: WorkflowCommand) -> None:
        variant = command.WhichOneof("variant")
        assert variant is not None
        if variant not in _SHOWN_ONLY:
            self._CARRIED_OUT[variant](self, getattr(command, variant))

    def _start_timer(self, asked: StartTimer) -> None:
        # Rounded upwards: a timer that fires a moment early would find nothing due.
        span = timedelta(microseconds=-(-asked.start_to_fire_timeout.ToNanoseconds() // 1000))
        self._timers[asked.seq] = self._time.at(self._time.now + span, lambda: self._fire(asked.seq))

    def _fire(self, seq: int) -> None:
        del self._timers[seq]
        self.come(ActivationJob(fire_timer=FireTimer(seq=seq)))

    def _cancel_timer(self, asked: CancelTimer) -> None:
        if asked.seq in self._timers:
            self._timers.pop(asked.seq).call_off()

    def _begin(self, command: ScheduleActivity | ScheduleLocalActivity) -> None:
        asked, seq = asked_by(command), command.seq
        task = self._hands.begin(asked)
        self._acts[seq] = (asked, task)
        task.then(lambda: self._done(seq, task))

    def _done(self, seq: int, task: Task[ActivityResolution]) -> None:
        # One that was called off has been answered for already.
        if seq in self._acts and self._acts[seq][1] is task:
            self._resolve(seq, task.result)

    def _call_off(self, asked: RequestCancelActivity | RequestCancelLocalActivity) -> None:
        if asked.seq in self._acts:
            act, task = self._acts[asked.seq]
            self._resolve(asked.seq, called_off(act))
            task.stop()

    def _resolve(self, seq: int, resolution: ActivityResolution) -> None:
        asked, _ = self._acts.pop(seq)
        job = ActivationJob(resolve_activity=ResolveActivity(seq=seq, result=resolution, is_local=asked.is_local))
        if asked.is_local:
            self._done_locally.append(job)
            self._call()
        else:
            self.come(job)

    def _respond(self, response: UpdateResponse) -> None:
        if response.HasField("accepted"):
            return
        answer = self._answers.pop(response.protocol_instance_id)
        if response.HasField("rejected"):
            error = error_of(response.rejected)
            self._time.soon(lambda: answer.fail(error))
        else:
            self._time.soon(lambda: answer.settle(response.completed))

    def _signal(self, asked: SignalExternalWorkflowExecution) -> None:
        self._neighbours.signal(self, asked)

    def _unsignal(self, asked: CancelSignalWorkflow) -> None:
        gone = ResolveSignalExternalWorkflow(seq=asked.seq, failure=cancelled())
        self.come(ActivationJob(resolve_signal_external_workflow=gone))

    def _start_child(self, asked: StartChildWorkflowExecution) -> None:
        self._neighbours.start_child(self, asked)

    def _complete(self, done: CompleteWorkflowExecution) -> None:
        self._end()
        self.outcome.settle(done.result)

    def _fail(self, failed: FailWorkflowExecution) -> None:
        self._end()
        self.outcome.fail(error_of(failed.failure))

    def _end(self) -> None:
        for entry in self._timers.values():
            entry.call_off()
        acts, self._acts = self._acts, {}
        for _, task in acts.values():
            task.stop()
        self.life.end()
        for answer in self._answers.values():
            answer.fail(Gone(self.birth.workflow_id))

    _CARRIED_OUT: ClassVar[Mapping[str, Callable[["Execution", Any], None]]] = {
        "start_timer": _start_timer,
        "cancel_timer": _cancel_timer,
        "schedule_local_activity": _begin,
        "request_cancel_local_activity": _call_off,
        "schedule_activity": _begin,
        "request_cancel_activity": _call_off,
        "update_response": _respond,
        "signal_external_workflow_execution": _signal,
        "cancel_signal_workflow": _unsignal,
        "start_child_workflow_execution": _start_child,
        "complete_workflow_execution": _complete,
        "fail_workflow_execution": _fail,
    }


# What only the server's lists would show, and marks that a life remembers by itself.
_SHOWN_ONLY = frozenset({"upsert_workflow_search_attributes", "modify_workflow_properties", "set_patch_marker"})


def _without_unsent(commands: Sequence[WorkflowCommand]) -> list[WorkflowCommand]:
    """Nobody hears a signal that was called off in the task that wanted it; later it cannot be called off any more."""
    unsent = {one.cancel_signal_workflow.seq for one in commands if one.HasField("cancel_signal_workflow")}
    return [
        one
        for one in commands
        if not one.HasField("signal_external_workflow_execution")
        or one.signal_external_workflow_execution.seq not in unsent
    ]
