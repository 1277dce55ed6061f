"""One workflow's life in a worker: it is activated, it dies with its worker, and is rebuilt from what it was told."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from temporalio.bridge.proto.workflow_activation import (
    NotifyHasPatch,
    RemoveFromCache,
    WorkflowActivation,
    WorkflowActivationJob,
)
from temporalio.bridge.proto.workflow_commands import WorkflowCommand
from temporalio.converter import PayloadConverter
from temporalio.workflow import _Definition

from rehearsal.instances import Birth, activate, activation_of, bring_to_life


class Diverged(Exception):
    """Rebuilt from what it had been told, a workflow commanded something else than before."""


class Remembered(NamedTuple):
    activation: WorkflowActivation
    commands: tuple[WorkflowCommand, ...]


class Life:
    def __init__(self, birth: Birth, definition: _Definition, packer: PayloadConverter, *, remembers: bool) -> None:
        self._birth = birth
        self._definition = definition
        self._packer = packer
        self._remembers = remembers
        self._instance = bring_to_life(birth, definition, packer)
        self._kept: list[Remembered] = []
        self._task: list[Remembered] = []
        self._accepted: set[str] = set()
        self._flags: set[int] = set()

    def activate(self, at: datetime, jobs: Sequence[WorkflowActivationJob]) -> Sequence[WorkflowCommand]:
        activation = activation_of(self._birth, at, jobs)
        activation.available_internal_flags.extend(sorted(self._flags))
        done = activate(self._instance, activation).successful
        self._flags.update(done.used_internal_flags)
        if self._remembers:
            self._remember(activation, done.commands)
        return done.commands

    def ask(self, at: datetime, query: WorkflowActivationJob) -> Sequence[WorkflowCommand]:
        return activate(self._instance, activation_of(self._birth, at, [query])).successful.commands

    def keep_task(self) -> None:
        """What was done since is durable now."""
        self._kept += self._task
        self._task.clear()

    def end(self) -> None:
        gone = WorkflowActivationJob(remove_from_cache=RemoveFromCache())
        self._instance.activate(activation_of(self._birth, self._birth.at, [gone]))

    def die(self) -> None:
        """The worker is gone and another has rebuilt the workflow up to the last durable task. Raises `Diverged`."""
        self.end()
        self._task.clear()
        self._instance = bring_to_life(self._birth, self._definition, self._packer)
        marks = (command.set_patch_marker for one in self._kept for command in one.commands)
        patches = [_patch(mark.patch_id) for mark in marks if mark.patch_id]
        for number, (told, before) in enumerate(self._kept):
            activation = WorkflowActivation()
            activation.CopyFrom(told)
            activation.is_replaying = True
            if number == 0:
                activation.jobs.extend(patches)
            again = activate(self._instance, activation).successful.commands
            if list(again) != list(before):
                raise Diverged(f"{self._birth.workflow_id}: {again} instead of {before}")

    def _remember(self, activation: WorkflowActivation, commands: Iterable[WorkflowCommand]) -> None:
        """As a history does: an update that was refused has never been."""
        responses = [command.update_response for command in commands if command.HasField("update_response")]
        self._accepted.update(one.protocol_instance_id for one in responses if one.HasField("accepted"))
        refused = {one.protocol_instance_id for one in responses} - self._accepted
        told = WorkflowActivation()
        told.CopyFrom(activation)
        told.ClearField("available_internal_flags")
        told.available_internal_flags.extend(sorted(self._flags))
        told.ClearField("jobs")
        told.jobs.extend(job for job in activation.jobs if job.do_update.protocol_instance_id not in refused)
        for job in told.jobs:
            if job.HasField("do_update"):
                job.do_update.run_validator = False
        if told.jobs:
            kept = (one for one in commands if one.update_response.protocol_instance_id not in refused)
            self._task.append(Remembered(told, tuple(kept)))


def _patch(patch_id: str) -> WorkflowActivationJob:
    return WorkflowActivationJob(notify_has_patch=NotifyHasPatch(patch_id=patch_id))
