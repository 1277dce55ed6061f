"""What every kind of case can be told, whatever it is about; shown with the beginnings of recorded cases."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.bridge.proto.workflow_activation import (
    DoUpdate,
    InitializeWorkflow,
    SignalWorkflow,
    WorkflowActivationJob,
)
from temporalio.bridge.proto.workflow_commands import WorkflowCommand
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.workflow import _Definition

from domain.cases.instructions import Instruction
from domain.cases.order_commands import Approve
from domain.people import Actor, Role
from rehearsal.instances import Birth, activate, activation_of, bring_to_life, definition_of
from tests.histories import names, recorded
from workflows.alert_group import AlertGroupWorkflow
from workflows.case_workflow import CaseWorkflow
from workflows.runner import WORKFLOWS

PACKER = pydantic_data_converter.payload_converter
AT = datetime(2027, 11, 22, 8, tzinfo=UTC)
CASES = [workflow for workflow in WORKFLOWS if issubclass(workflow, CaseWorkflow)]
KINDS = pytest.mark.parametrize("kind", CASES, ids=lambda kind: kind.__name__)
NOBODY = Actor(person="nobody", role=Role.REQUESTER)


@cache
def beginnings() -> dict[str, Payload]:
    """What the first recorded case of each kind was started with."""
    first = (recorded(name).events[0].workflow_execution_started_event_attributes for name in reversed(names()))
    return {begun.workflow_type.name: begun.input.payloads[0] for begun in first}


class Begun:
    """A case in its first task, together with whatever else has come by then."""

    def __init__(self, kind: type) -> None:
        self.definition: _Definition = definition_of(kind)
        assert self.definition.name is not None
        self.birth = Birth(workflow_id=f"{kind}", run_id="1", workflow_type=self.definition.name, at=AT)

    def with_news(self, *news: WorkflowActivationJob) -> Sequence[WorkflowCommand]:
        begin = InitializeWorkflow(
            workflow_type=self.birth.workflow_type, arguments=[beginnings()[self.birth.workflow_type]]
        )
        jobs = [WorkflowActivationJob(initialize_workflow=begin), *news]
        case = bring_to_life(self.birth, self.definition, PACKER)
        return activate(case, activation_of(self.birth, AT, jobs)).successful.commands


def saying(request_id: str) -> WorkflowActivationJob:
    """No case is approved by somebody who is nobody."""
    said = Instruction(command=Approve(), actor=NOBODY, given_at=AT, request_id=request_id)
    update = DoUpdate(
        id=request_id,
        protocol_instance_id=request_id,
        name="command",
        input=PACKER.to_payloads([said]),
        run_validator=True,
    )
    return WorkflowActivationJob(do_update=update)


def test_all_but_groups_of_alerts_are_cases() -> None:
    assert set(WORKFLOWS) - set(CASES) == {AlertGroupWorkflow}


@KINDS
def test_every_case_hears_commands_is_looked_at_again_and_shows_its_progress(kind: type) -> None:
    definition = definition_of(kind)

    assert set(definition.updates) == {"command"}
    assert definition.updates["command"].validator is not None
    assert "look_again" in definition.signals
    assert set(definition.queries) == {"progress"}


@KINDS
def test_a_refused_command_leaves_no_event(kind: type) -> None:
    begun = Begun(kind)
    without = [command.SerializeToString(deterministic=True) for command in begun.with_news()]

    refused = begun.with_news(saying("r-1"))

    answers = [one.update_response for one in refused if one.HasField("update_response")]
    others = [one for one in refused if not one.HasField("update_response")]
    assert [answer.WhichOneof("response") for answer in answers] == ["rejected"]
    assert answers[0].rejected.application_failure_info.type == "Refused"
    assert [command.SerializeToString(deterministic=True) for command in others] == without


@KINDS
def test_a_case_that_is_to_be_looked_at_again_goes_on(kind: type) -> None:
    signal = SignalWorkflow(signal_name="look_again", input=PACKER.to_payloads(["ahead-7-3"]))

    assert Begun(kind).with_news(WorkflowActivationJob(signal_workflow=signal))
