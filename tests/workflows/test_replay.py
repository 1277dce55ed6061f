"""Every recorded history must replay with today's code: orders under way survive a deployment."""

import hashlib
import shutil
from pathlib import Path

import pytest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from domain.kinds import OrderKind
from domain.refusals import Refused
from tests.histories import FOLDER, RELEASED, names, recorded, released
from tests.histories.lives import chosen, kind_of
from tests.histories.record import BUNDLES, MOVES, OF_ALERTS, PAGES, RECORDINGS, ROWS
from tests.histories.release import SUMS, release, sums
from tests.stories.incident_scripts import SCRIPTS
from tests.workflows.unpatched import Unpatched
from workflows.runner import REGISTERED, WORKFLOWS, workflow_runner

SEALS = {"0.1.0": "24bcbf9a710dd0f9930f75206c5fb0fbba4689573a91b3b9b69d78befb53255c"}


def replayer() -> Replayer:
    return Replayer(
        workflows=REGISTERED,
        workflow_runner=workflow_runner(),
        data_converter=pydantic_data_converter,
        workflow_failure_exception_types=[Refused],
    )


def test_every_kind_and_every_turn_is_recorded() -> None:
    assert {*OrderKind, *RECORDINGS, *BUNDLES, *ROWS, *MOVES, *PAGES, *SCRIPTS, *OF_ALERTS} <= set(names())


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


async def test_a_change_without_a_patch_is_caught_by_what_was_released() -> None:
    unguarded = Replayer(
        workflows=[Unpatched], workflow_runner=workflow_runner(), data_converter=pydantic_data_converter
    )
    orders = [name for name in released() if kind_of(recorded(name).events) == "Order"]

    caught = 0
    for name in orders[:5]:
        with pytest.raises(NondeterminismError):
            await unguarded.replay_workflow(recorded(name))
        caught += 1

    assert caught == 5


def test_what_was_released_is_as_it_was() -> None:
    folders = [folder for folder in RELEASED.iterdir() if folder.is_dir()]

    assert folders
    for folder in folders:
        assert (folder / SUMS).read_text() == sums(folder.glob("*.json.gz")), f"{folder} was written to"
        # Whoever changes a history and its sum changes this as well, and is asked why.
        assert hashlib.sha256((folder / SUMS).read_bytes()).hexdigest() == SEALS[folder.name]


def test_a_release_is_made_once(tmp_path: Path) -> None:
    (tmp_path / "lives").mkdir()
    kept = release("1.0.0", tmp_path / "lives", FOLDER, tmp_path)

    assert {path.name for path in kept.iterdir()} > {f"{name}.json.gz" for name in names()}
    with pytest.raises(FileExistsError):
        release("1.0.0", tmp_path / "lives", FOLDER, tmp_path)
    with pytest.raises(ValueError, match="next"):
        release("next", tmp_path / "lives", FOLDER, tmp_path)


def test_every_kind_of_case_was_released() -> None:
    """What recurs is over within a minute, and asks one activity."""
    kinds = {kind_of(recorded(name).events) for name in released()}

    assert {kind.__name__.removesuffix("Workflow") for kind in WORKFLOWS} <= kinds


def test_of_what_stories_tell_a_release_keeps_what_shows_something_new(tmp_path: Path) -> None:
    for name in ("install", "move"):
        for copy in ("", "z-"):
            shutil.copyfile(FOLDER / f"{name}.json.gz", tmp_path / f"{copy}{name}.json.gz")

    picked = [path.name.removesuffix(".json.gz") for path in chosen(tmp_path)]

    assert sorted(picked) == ["install", "move"]
