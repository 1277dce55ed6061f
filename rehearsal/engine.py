"""Runs workflows without any server, in virtual time: it is Core and server to them, and nothing else is there."""

from collections.abc import Coroutine, Iterable
from datetime import datetime
from itertools import count
from typing import Any, TypeVar

from temporalio.api.common.v1 import Payload
from temporalio.bridge.proto.child_workflow import ChildWorkflowResult, StartChildWorkflowExecutionFailedCause
from temporalio.bridge.proto.workflow_activation import (
    InitializeWorkflow,
    ResolveChildWorkflowExecution,
    ResolveChildWorkflowExecutionStart,
    ResolveChildWorkflowExecutionStartFailure,
    ResolveChildWorkflowExecutionStartSuccess,
    ResolveSignalExternalWorkflow,
)
from temporalio.bridge.proto.workflow_commands import SignalExternalWorkflowExecution, StartChildWorkflowExecution

from rehearsal.acts import ActivityFunction, Hands
from rehearsal.executions import ActivationJob, Execution, Gone
from rehearsal.instances import Birth, definition_of, name_of
from rehearsal.lives import Life
from rehearsal.parcels import PACKER, ByHand, failure_of, pack, unheard, unpack
from rehearsal.virtual_time import Pending, VirtualTime

T = TypeVar("T")
EXISTS = StartChildWorkflowExecutionFailedCause.START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE_WORKFLOW_ALREADY_EXISTS


class AlreadyStarted(Exception):
    """A workflow with this id was started before."""


class Engine:
    """Everything is the same for the same seed. Only an engine that `remembers` can have workers die.

    It has no use for an event loop, and cannot be run inside of one.
    """

    def __init__(
        self,
        start: datetime,
        workflows: Iterable[type],
        acts: Iterable[ActivityFunction],
        *,
        seed: int = 0,
        remembers: bool = False,
    ) -> None:
        self.time = VirtualTime(start)
        self._workflows = {name_of(workflow): definition_of(workflow) for workflow in workflows}
        by_hand = None if remembers else ByHand()
        self._packer = by_hand or PACKER
        self._hands = Hands(self.time, acts, by_hand)
        self._seed = seed
        self._remembers = remembers
        self._executions: dict[str, Execution] = {}
        self._outcomes: dict[str, Pending[Payload]] = {}
        self._update_no = count(1)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Let time pass until the coroutine is over. Raises `AtRest` when it waits for what never comes."""
        return self.time.run(coroutine)

    def start(self, workflow: type, asked: object, workflow_id: str) -> None:
        """Raises `AlreadyStarted`."""
        if self.has(workflow_id):
            raise AlreadyStarted(workflow_id)
        self._start(name_of(workflow), workflow_id, pack(asked))

    async def update(self, workflow_id: str, name: str, asked: object, answer: type[T]) -> T:
        """Raises `Gone`, and what the workflow refuses with."""
        no = f"{next(self._update_no)}"
        return unpack(await self._open(workflow_id).update(no, name, pack(asked)), answer)

    def signal_to(self, workflow_id: str, name: str, asked: object) -> None:
        """Raises `Gone`."""
        self._open(workflow_id).hear(name, pack(asked))

    def query(self, workflow_id: str, name: str, answer: type[T]) -> T:
        """Of a workflow under way. Raises `Gone`."""
        return unpack(self._open(workflow_id).query(name), answer)

    async def result(self, workflow_id: str, answer: type[T]) -> T:
        """Raises what the workflow failed with."""
        return unpack(await self._outcomes[workflow_id], answer)

    def has(self, workflow_id: str) -> bool:
        """Whether it was ever started."""
        return workflow_id in self._outcomes

    def is_open(self, workflow_id: str) -> bool:
        return workflow_id in self._executions

    def open_ids(self) -> list[str]:
        return list(self._executions)

    def kill(self, workflow_id: str) -> None:
        """Its worker dies between two tasks. Raises `Diverged` if the rebuilt workflow commands anything else."""
        assert self._remembers
        self._open(workflow_id).life.die()

    def kill_in_task(self, workflow_id: str) -> None:
        """Its worker dies over its next task, after everything done locally and before any of it is durable."""
        assert self._remembers
        self._open(workflow_id).lose_task()

    def rest(self, workflow_id: str, until: datetime) -> None:
        """Its workers are away, or too busy to take its tasks."""
        self._open(workflow_id).rest(until)

    def signal(self, sender: Execution, asked: SignalExternalWorkflowExecution) -> None:
        """At a workflow's command."""
        workflow_id = asked.child_workflow_id or asked.workflow_execution.workflow_id
        heard = ResolveSignalExternalWorkflow(seq=asked.seq)
        if self.is_open(workflow_id):
            self._executions[workflow_id].hear(asked.signal_name, asked.args)
        else:
            heard.failure.CopyFrom(unheard("it was not found"))
        sender.come(ActivationJob(resolve_signal_external_workflow=heard))

    def start_child(self, parent: Execution, asked: StartChildWorkflowExecution) -> None:
        """At a workflow's command. All of ours go on when their parent has ended."""
        started = ResolveChildWorkflowExecutionStart(seq=asked.seq)
        if self.has(asked.workflow_id):
            again = ResolveChildWorkflowExecutionStartFailure(
                workflow_id=asked.workflow_id, workflow_type=asked.workflow_type, cause=EXISTS
            )
            started.failed.CopyFrom(again)
        else:
            child = self._start(asked.workflow_type, asked.workflow_id, asked.input, parent.birth.workflow_id)
            started.succeeded.CopyFrom(ResolveChildWorkflowExecutionStartSuccess(run_id=child.birth.run_id))
            child.outcome.then(lambda: self._end_child(parent, asked.seq, child))
        parent.come(ActivationJob(resolve_child_workflow_execution_start=started))

    def _end_child(self, parent: Execution, seq: int, child: Execution) -> None:
        result = ChildWorkflowResult()
        if child.outcome.error is not None:
            result.failed.failure.CopyFrom(failure_of(child.outcome.error))
        else:
            result.completed.result.CopyFrom(child.outcome.result)
        parent.come(
            ActivationJob(resolve_child_workflow_execution=ResolveChildWorkflowExecution(seq=seq, result=result))
        )

    def _start(
        self, workflow_type: str, workflow_id: str, arguments: Iterable[Payload], parent: str | None = None
    ) -> Execution:
        birth = Birth(
            workflow_id=workflow_id,
            run_id=f"{workflow_id}/{self._seed}",
            workflow_type=workflow_type,
            at=self.time.now,
            parent=parent,
        )
        life = Life(birth, self._workflows[workflow_type], self._packer, remembers=self._remembers)
        execution = Execution(birth, life, self.time, self._hands, self)
        self._executions[workflow_id] = execution
        self._outcomes[workflow_id] = execution.outcome
        execution.outcome.then(lambda: self._forget(workflow_id))
        begin = InitializeWorkflow(
            workflow_type=workflow_type, workflow_id=workflow_id, arguments=arguments, randomness_seed=birth.seed
        )
        execution.come(ActivationJob(initialize_workflow=begin))
        return execution

    def _forget(self, workflow_id: str) -> None:
        """Of a workflow that has ended only its outcome is kept."""
        del self._executions[workflow_id]

    def _open(self, workflow_id: str) -> Execution:
        if not self.is_open(workflow_id):
            raise Gone(workflow_id)
        return self._executions[workflow_id]
