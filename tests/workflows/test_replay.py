"""Every recorded history must replay with today's code: orders under way survive a deployment."""

from pathlib import Path

import pytest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from domain.kinds import OrderKind
from tests.histories import FOLDER, names, recorded, released
from tests.histories.record import MOVES, PAGES, ROWS
from tests.histories.release import release
from tests.stories.incident_scripts import SCRIPTS
from tests.workflows.unpatched import Unpatched
from workflows.incident import IncidentWorkflow
from workflows.move_project import MoveProjectWorkflow
from workflows.order import OrderWorkflow
from workflows.paging import PageWorkflow
from workflows.runner import workflow_runner
from workflows.wave import WaveWorkflow


def replayer() -> Replayer:
    return Replayer(
        workflows=[OrderWorkflow, IncidentWorkflow, PageWorkflow, MoveProjectWorkflow, WaveWorkflow],
        workflow_runner=workflow_runner(),
        data_converter=pydantic_data_converter,
    )


def test_every_kind_and_every_turn_is_recorded() -> None:
    turns = {"change-held", "install-cancelled", "install-failed", "install-wasted-visit", "install-billing-away"}

    assert {*OrderKind, *turns, *ROWS, *MOVES, *PAGES, *SCRIPTS} <= set(names())


@pytest.mark.parametrize("name", [*names(), *released()])
async def test_a_recorded_order_replays(name: str) -> None:
    result = await replayer().replay_workflow(recorded(name))

    assert result.replay_failure is None


async def test_a_history_in_which_something_else_was_done_at_once_does_not_replay() -> None:
    """So that the test above can fail."""
    history = recorded("install")
    for event in history.events:
        for payloads in event.marker_recorded_event_attributes.details.values():
            for payload in payloads.payloads:
                payload.data = payload.data.replace(b"post_charges", b"burn_charges")

    with pytest.raises(NondeterminismError):
        await replayer().replay_workflow(history)


async def test_a_history_in_which_something_else_was_done_patiently_does_not_replay() -> None:
    history = recorded("install-billing-away")
    (scheduled,) = (event for event in history.events if event.HasField("activity_task_scheduled_event_attributes"))
    scheduled.activity_task_scheduled_event_attributes.activity_type.name = "burn_charges"

    with pytest.raises(NondeterminismError):
        await replayer().replay_workflow(history)


async def test_a_change_without_a_patch_is_caught_by_what_was_released(tmp_path: Path) -> None:
    kept = release("1.0.0", FOLDER, tmp_path)

    assert {path.name for path in kept.iterdir()} == {f"{name}.json.gz" for name in names()}
    with pytest.raises(FileExistsError):
        release("1.0.0", FOLDER, tmp_path)
    with pytest.raises(ValueError, match="next"):
        release("next", FOLDER, tmp_path)
    unguarded = Replayer(
        workflows=[Unpatched], workflow_runner=workflow_runner(), data_converter=pydantic_data_converter
    )
    with pytest.raises(NondeterminismError):
        await unguarded.replay_workflow(recorded("install"))
