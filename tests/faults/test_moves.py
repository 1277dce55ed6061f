"""What a move project stands: workers that die, systems that are away, and everybody pressing the button at once."""

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from activities.channels import Switchboard
from activities.notices import Notices
from connectors.channels import OutboxChannel
from db.assets.asset import life_of
from db.cases.journal import timeline
from db.engine import Database
from domain.cases.move_commands import RetryRows
from domain.cases.order_commands import Hold, Resume
from domain.cases.wave_briefs import Gate
from domain.clocks.holds import HoldReason
from domain.ids import leg_order_no, order_workflow_id, project_workflow_id, wave_workflow_id
from domain.kinds import Leg, OrderState
from domain.moves.launched.project_progress import ProjectState
from domain.moves.launched.wave_progress import WaveState, WorkplaceState
from tests.faults.crew import Crew, working_morning
from tests.faults.outages import Outage
from tests.faults.undying import all_died_over, letters, surroundings, undying
from tests.patience import PATIENCE
from tests.stories.move_stage import PROJECT, MoveDesk, away, wave
from tests.stories.phones import Phones
from tests.stories.stage import Postman, Stage
from tests.world import APPROVER, COORDINATOR, furnish
from worker import activities, move_activities, order_worker

ASKED = Gate(by=APPROVER.person)
PROJECT_CASE, WAVE_CASE = project_workflow_id(PROJECT.id), wave_workflow_id(PROJECT.id, "w1")


def moving(server: WorkflowEnvironment, database: Database, outbox: Path) -> MoveDesk:
    """Nobody works for it yet."""
    notices = Notices(database, Switchboard(database, OutboxChannel(outbox, "imacflow@provider.example")))
    return MoveDesk(Stage(server, database, Postman(notices), Phones()))


async def happened(database: Database, case: str) -> Counter[str]:
    async with database.reading() as session:
        return Counter(entry.what for entry in await timeline(session, case))


@pytest.mark.slow
async def test_a_move_survives_a_worker_dying_after_every_activity(
    dev_server: WorkflowEnvironment, database: Database, database_url: str, tmp_path: Path
) -> None:
    await furnish(database)
    deaths, environment = surroundings(dev_server, database_url, tmp_path)
    desk = moving(dev_server, database, tmp_path / "outbox")
    crew = Crew(desk, misplaced={2})
    day = working_morning(await desk.now())
    await desk.furnish(3)
    await desk.bring(away(1), away(2), away(3, "w2"))
    plan = await desk.plan(
        wave("w1", day, gate=ASKED, hours=2), wave("w2", day + timedelta(days=1), "w1", gate=ASKED, hours=2)
    )

    async with undying(environment | {"IMAC_TASK_QUEUE": "stories"}, deaths):
        await desk.launch(plan)
        await crew.until(lambda progress: any(wave.is_open for wave in progress.waves))
        hold = Hold(
            code=HoldReason.SITE_CLOSED, max_until=await desk.now() + timedelta(days=1), reason="the alarm goes off"
        )
        await crew.say(PROJECT_CASE, COORDINATOR, hold, as_request="hold")
        await crew.say(PROJECT_CASE, COORDINATOR, Resume(), as_request="resume")
        await crew.until(lambda progress: progress.state == ProjectState.SETTLING)
        await crew.say(WAVE_CASE, COORDINATOR, RetryRows(), as_request="retry")
        done = await crew.until(lambda progress: progress.state.is_final)
        await desk.handle.result()
        await all_died_over(
            deaths,
            *("record_project", "record_wave", "record", "legs_of_wave", "show_outlook", "place_order", "tell_order"),
            *("after_working_days", "service_hours", "deliver", "change_assets", "post_charges"),
        )

    assert (done.state, done.open_points) == (ProjectState.DONE, 0)
    rows, orders = await desk.rows(), await crew.orders()
    assert {who: (one.state, len(one.orders)) for who, one in rows.items()} == dict.fromkeys(
        (1, 2, 3), (WorkplaceState.OK, 1)
    )
    assert {row.state for row in orders.values()} == {OrderState.COMPLETED}
    for who, row in orders.items():
        assert str((await desk.asset(who)).place) == f"adler-hq / B / 2 / 2.20 / {who}"
        async with database.reading() as session:
            life = [line.under.rpartition("/")[2] for line in await life_of(session, "adler", f"PC-{who:04}")]
        assert sorted(life) == ["asset_update", "moves"]
        journal = await happened(database, order_workflow_id(row.no))
        assert (journal["placed"], journal["completed"]) == (1, 1)
    journal = await happened(database, WAVE_CASE)
    assert (journal["hold"], journal["resume"], journal["retry_rows"], journal["row_exception"]) == (1, 1, 1, 1)
    assert (journal["row_ok"], journal["wave_through"], journal["wave_ended"]) == (2, 2, 1)
    assert await letters(database, PROJECT_CASE) == {
        **dict.fromkeys(("project_launched", "project_held", "project_settling", "project_ended"), 1),
        "project_gate_asked": 2,
    }
    assert await letters(database, WAVE_CASE) == {
        **dict.fromkeys(("project_wave_opened", "project_row_open"), 1),
        "project_wave_through": 2,
    }


async def test_a_wave_waits_for_the_register_and_other_waves_go_on(
    dev_server: WorkflowEnvironment, database: Database, tmp_path: Path
) -> None:
    await furnish(database)
    outage = Outage("change_assets")
    desk = moving(dev_server, database, tmp_path / "outbox")
    channel = OutboxChannel(tmp_path / "outbox", "imacflow@provider.example")
    wired = (*activities(database, channel), *move_activities(database, desk.temporal))
    crew, day = Crew(desk), working_morning(await desk.now())
    await desk.furnish(3)
    await desk.bring(away(1), away(2), away(3, "w2"))
    plan = await desk.plan(wave("w1", day, gate=ASKED, hours=2), wave("w2", day, gate=ASKED, hours=2))
    first = next(key for key, person in desk.people.items() if person == 1)
    first_order = leg_order_no(PROJECT.id, first, Leg.WHOLE, 1)
    outage.hits, outage.is_on = (lambda asked: asked.order_no == first_order), True

    async with order_worker(dev_server.client, "stories", [outage.over(act) for act in wired]):
        await desk.launch(plan, at_once=1)
        await crew.until(lambda progress: all(wave.is_open for wave in progress.waves))
        await crew.until(lambda progress: progress.waves[1].state == WaveState.THROUGH)
        await asyncio.wait_for(outage.begun.wait(), PATIENCE)
        waiting = await desk.states()
        outage.is_on = False
        done = await crew.until(lambda progress: progress.state.is_final)

    assert waiting == {1: WorkplaceState.IN_FLIGHT, 2: WorkplaceState.WAITING, 3: WorkplaceState.OK}
    assert (done.state, done.open_points) == (ProjectState.DONE, 0)
    for who in (1, 2, 3):
        assert str((await desk.asset(who)).place) == f"adler-hq / B / 2 / 2.20 / {who}"
    assert (await happened(database, order_workflow_id(first_order)))["completed"] == 1
