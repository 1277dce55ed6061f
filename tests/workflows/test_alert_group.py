"""Groups of alerts as they once ran must replay with today's code."""

import pytest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from tests.histories.record_alerts import COURSES, names, recorded
from workflows.alert_group import AlertGroupWorkflow
from workflows.runner import workflow_runner


def replayer() -> Replayer:
    return Replayer(
        workflows=[AlertGroupWorkflow], workflow_runner=workflow_runner(), data_converter=pydantic_data_converter
    )


def test_every_course_is_recorded() -> None:
    assert {name.rpartition("-")[0] for name in names()} == set(COURSES)


@pytest.mark.parametrize("name", names())
async def test_a_recorded_group_replays(name: str) -> None:
    result = await replayer().replay_workflow(recorded(name))

    assert result.replay_failure is None


async def test_a_history_in_which_another_incident_was_opened_does_not_replay() -> None:
    """So that the test above can fail."""
    history = recorded("told-1")
    for event in history.events:
        started = event.start_child_workflow_execution_initiated_event_attributes
        if started.workflow_id:
            started.workflow_id = "incident/I-OTHER"

    with pytest.raises(NondeterminismError):
        await replayer().replay_workflow(history)
