"""A move project from its plan to its end: gates, holds, failures, swaps, changes and cancellation."""

from datetime import timedelta

from domain.cases.move_commands import CallOff, Close, Go, RefuseGo, RetryRows, WhenDone, WhenInFlight
from domain.cases.order_commands import Hold, Resume
from domain.cases.wave_briefs import Gate
from domain.clocks.holds import HoldReason
from domain.moves.launched.project_progress import GateState, ProjectState
from domain.moves.launched.wave_progress import WaveCounts, WaveNews, WaveState, WorkplaceState, total
from tests.stories.move_stage import MoveDesk, away, swap, wave
from tests.stories.stage import MONDAY, Stage
from tests.world import APPROVER, COORDINATOR
from workflows.move_project import MoveProjectWorkflow

OK, FAILED = WorkplaceState.OK, WorkplaceState.FAILED
FLIGHT, WAITING, SKIPPED = WorkplaceState.IN_FLIGHT, WorkplaceState.WAITING, WorkplaceState.SKIPPED
BACK = WorkplaceState.ROLLED_BACK
ASKED = Gate(by=APPROVER.person)


async def test_a_gate_is_refused_and_given_and_a_failed_row_is_compensated_and_tried_again(stage: Stage) -> None:
    desk = MoveDesk(stage)
    await desk.furnish(3)
    await desk.bring(away(1), away(2), away(3, "w2"))
    plan = await desk.plan(
        wave("w1", MONDAY + timedelta(hours=1), gate=ASKED, hours=3), wave("w2", MONDAY + timedelta(hours=5), "w1")
    )
    await desk.launch(plan)

    assert (await desk.progress()).waves[0].gate == GateState.ASKED
    assert await desk.tries(COORDINATOR, Go(wave="w1")) == ["gate_of_another"]
    await desk.say(APPROVER, RefuseGo(wave="w1", reason="the lift is broken"))
    assert (await desk.progress()).waves[0].refused_why == "the lift is broken"
    await desk.say(APPROVER, Go(wave="w1"))
    await desk.work(1)
    await desk.fail(2)

    assert await desk.states() == {1: OK, 2: FAILED, 3: WAITING}
    assert str((await desk.asset(2)).place) == "adler-hq / A / 2 / 2.20 / 2"
    await desk.wave("w1").say(COORDINATOR, RetryRows())
    await desk.work(2)
    await desk.later(hours=8)
    await desk.work(3)

    assert (await desk.comes_to(ProjectState.DONE)).open_points == 0
    assert await desk.states() == {1: OK, 2: OK, 3: OK}
    rows = await desk.rows()
    assert [rows[who].legs[0].attempt for who in (1, 2, 3)] == [1, 2, 1]
    assert str((await desk.asset(2)).place) == "adler-hq / B / 2 / 2.20 / 2"


async def test_a_wave_is_held_over_a_weekend_finishes_what_is_begun_and_goes_on_by_itself(stage: Stage) -> None:
    desk = MoveDesk(stage)
    await desk.furnish(3)
    await desk.bring(away(1), away(2), away(3))
    friday = MONDAY + timedelta(days=4)
    await desk.launch(await desk.plan(wave("w1", friday, hours=6)), at_once=2)
    await desk.later(days=4, seconds=5)
    await desk.until(lambda states: states.get(1) == FLIGHT and states.get(2) == FLIGHT)
    monday = friday + timedelta(days=3)

    hold = Hold(code=HoldReason.SITE_CLOSED, max_until=monday, reason="nobody may enter at the weekend")
    await desk.say(COORDINATOR, hold)
    assert (await desk.progress()).state == ProjectState.ON_HOLD
    order = (await desk.open_orders())[1]
    for _ in range(100):
        if (await order.progress()).holds:
            break
        await desk.later(seconds=1)
    assert [held.end for held in (await order.progress()).holds] == [monday]
    before = await desk.wave("w1").history_length()
    await desk.later(days=2)
    assert await desk.wave("w1").history_length() == before
    assert await desk.states() == {1: FLIGHT, 2: FLIGHT, 3: WAITING}

    await desk.later(days=1, seconds=5)
    for who in (1, 2, 3):
        await desk.work(who)
    assert (await desk.comes_to(ProjectState.DONE)).waves[0].state == WaveState.DONE


async def test_two_who_swap_desks_are_never_at_one_desk_together(stage: Stage) -> None:
    desk = MoveDesk(stage)
    await desk.furnish(2)
    await desk.bring(*swap(1, 2))
    await desk.launch(await desk.plan(wave("w1", MONDAY)))

    await desk.until(lambda states: FLIGHT in states.values())
    (aside,) = (who for who, state in (await desk.states()).items() if state == FLIGHT)
    other = 3 - aside
    order = (await desk.open_orders())[aside]
    await desk.work_on(aside, order)
    assert str((await desk.asset(aside)).place).endswith("2.99")
    await desk.work(other)
    await desk.work(aside)

    await desk.comes_to(ProjectState.DONE)
    assert str((await desk.asset(aside)).place) == f"adler-hq / A / 2 / 2.20 / {other}"
    assert str((await desk.asset(other)).place) == f"adler-hq / A / 2 / 2.20 / {aside}"


async def test_a_move_is_called_off_in_the_middle_and_everything_goes_back(stage: Stage) -> None:
    desk = MoveDesk(stage)
    await desk.furnish(4)
    await desk.bring(away(1), away(2), away(3), away(4, "w2"))
    later = wave("w2", MONDAY + timedelta(days=1), "w1", gate=ASKED)
    await desk.launch(await desk.plan(wave("w1", MONDAY), later), at_once=2)
    await desk.work(1)
    await desk.until(lambda states: states[2] == FLIGHT and states[3] == FLIGHT)
    await desk.begin_work(2)

    off = CallOff(in_flight=WhenInFlight.ROLL_BACK, done=WhenDone.ROLL_BACK, reason="the new floor is flooded")
    await desk.say(COORDINATOR, off)
    await desk.until(lambda states: states[2] == SKIPPED and states[3] == SKIPPED)
    await desk.work(1)

    await desk.comes_to(ProjectState.CALLED_OFF)
    assert await desk.states() == {1: BACK, 2: SKIPPED, 3: SKIPPED, 4: SKIPPED}
    assert (await desk.progress()).waves[1].gate == GateState.CALLED_OFF
    for who in (1, 2, 3, 4):
        assert str((await desk.asset(who)).place) == f"adler-hq / A / 2 / 2.20 / {who}"


async def test_a_move_is_called_off_but_what_is_begun_is_finished_and_what_is_done_stays(stage: Stage) -> None:
    desk = MoveDesk(stage)
    await desk.furnish(3)
    await desk.bring(away(1), away(2), away(3))
    await desk.launch(await desk.plan(wave("w1", MONDAY)), at_once=1)
    await desk.work(1)
    await desk.until(lambda states: states[2] == FLIGHT)

    await desk.say(COORDINATOR, CallOff(reason="the budget is spent"))
    await desk.work(2)

    await desk.comes_to(ProjectState.CALLED_OFF)
    assert await desk.states() == {1: OK, 2: OK, 3: SKIPPED}


async def test_a_newer_list_is_followed_while_the_move_runs(stage: Stage) -> None:
    desk = MoveDesk(stage)
    await desk.furnish(5)
    await desk.bring(away(1), away(2), away(3), away(4, "w2"))
    waves = (wave("w1", MONDAY, hours=4), wave("w2", MONDAY + timedelta(days=1), "w1"))
    first = await desk.plan(*waves)
    await desk.launch(first, at_once=1)
    await desk.until(lambda states: states.get(1) == FLIGHT)

    await desk.bring(away(1), away(2), away(4), away(5, "w2"))
    begun = [entry for entry in first.plan.assignments if entry.workplace == (await desk.rows())[1].workplace]
    await desk.adopt(await desk.plan(*waves, keep=begun))
    await desk.until(lambda states: SKIPPED in states.values())
    for who in (1, 2, 4):
        await desk.work(who)
    await desk.later(days=1)
    await desk.work(5)

    done = await desk.comes_to(ProjectState.DONE)
    assert done.plan == 2
    places = [str((await desk.asset(who)).place).split(" / ")[1] for who in (1, 2, 3, 4, 5)]
    assert places == ["B", "B", "A", "B", "B"]


async def test_what_begins_while_a_newer_plan_is_approved_stays_in_its_wave(stage: Stage) -> None:
    desk = MoveDesk(stage)
    await desk.furnish(2)
    await desk.bring(away(1), away(2, "w2"))
    by_coordinator = Gate(by=COORDINATOR.person)
    waves = (wave("w1", MONDAY, gate=by_coordinator), wave("w2", MONDAY + timedelta(days=1), "w1"))
    await desk.launch(await desk.plan(*waves))
    await desk.bring(away(1, "w2"), away(2, "w2"))
    newer = await desk.plan(*waves)

    await desk.say(COORDINATOR, Go(wave="w1"))
    await desk.until(lambda states: states.get(1) == FLIGHT)
    await desk.adopt(newer)
    await desk.work(1)
    await desk.later(days=1)
    await desk.work(2)

    await desk.comes_to(ProjectState.DONE)
    assert await desk.states() == {1: OK, 2: OK}
    assert (await desk.rows())[1].wave == "w1"


async def test_a_row_is_withdrawn_before_its_wave_opens_until_a_newer_list_has_it_again(stage: Stage) -> None:
    desk = MoveDesk(stage)
    await desk.furnish(4)
    await desk.bring(away(1), away(2, "w2"), away(3, "w2"), away(4, "w3"))
    by_coordinator = Gate(by=COORDINATOR.person)
    waves = (
        wave("w1", MONDAY),
        wave("w2", MONDAY + timedelta(days=1), gate=by_coordinator),
        wave("w3", MONDAY + timedelta(days=2), gate=by_coordinator),
    )
    await desk.launch(await desk.plan(*waves))
    launched = await desk.until(lambda states: states.get(1) == WorkplaceState.IN_FLIGHT)
    await desk.withdraw(2, 4)
    withdrawn = await desk.states()
    assert await desk.refuses_withdrawal(4) == ["row_is_settled"]
    assert await desk.refuses_withdrawal(1) == ["wave_has_opened"]
    counted = (await desk.progress()).wave("w2")

    await desk.say(COORDINATOR, Go(wave="w2"))
    await desk.work(3)
    await desk.adopt(await desk.plan(*waves))
    still = await desk.states()
    await desk.bring(away(4, "w3"), away(3, "w2"), away(2, "w2"), away(1))
    await desk.adopt(await desk.plan(*waves))
    again = await desk.states()
    await desk.say(COORDINATOR, Go(wave="w3"))
    for who in (1, 2, 4):
        await desk.work(who)

    assert launched == {1: WorkplaceState.IN_FLIGHT, **dict.fromkeys((2, 3, 4), WorkplaceState.WAITING)}
    assert withdrawn == launched | dict.fromkeys((2, 4), WorkplaceState.SKIPPED)
    assert counted is not None
    assert (counted.counts.waiting, counted.counts.skipped) == (1, 1)
    assert (still[2], still[4]) == (SKIPPED, SKIPPED)
    assert again[4] == WorkplaceState.WAITING
    done = await desk.comes_to(ProjectState.DONE)
    assert total(wave.counts for wave in done.waves).ok == 4


async def test_what_stands_elsewhere_than_planned_is_an_exception_with_owner_and_clock(stage: Stage) -> None:
    desk = MoveDesk(stage)
    await desk.furnish(1)
    await desk.bring(away(1))
    await desk.launch(await desk.plan(wave("w1", MONDAY)))
    await desk.mismatch(1)

    (row,) = (await desk.rows()).values()
    assert (row.owner, row.problem and row.problem.code) == (COORDINATOR.person, "verification_mismatch")
    assert row.due is not None
    assert [sent.people for sent in desk.wave("w1").told("project_row_open")] == [(COORDINATOR.person,)]
    await desk.later(hours=9)
    assert len(desk.wave("w1").told("project_row_overdue")) == 2
    settling = await desk.comes_to(ProjectState.SETTLING)
    assert settling.settle_until is not None
    await desk.wave("w1").say(COORDINATOR, RetryRows(rows=(row.row,)))
    await desk.work(1)
    assert (await desk.comes_to(ProjectState.DONE)).open_points == 0


async def test_what_nobody_settles_ends_as_an_exception_and_stays_on_record(stage: Stage) -> None:
    desk = MoveDesk(stage)
    await desk.furnish(2)
    await desk.bring(away(1), away(2))
    await desk.launch(await desk.plan(wave("w1", MONDAY)))
    await desk.work(1)
    await desk.fail(2)
    await desk.comes_to(ProjectState.SETTLING)
    assert await desk.tries(COORDINATOR, Resume()) == ["not_on_hold"]

    await desk.later(days=8)
    assert (await desk.comes_to(ProjectState.DONE_WITH_EXCEPTIONS)).open_points == 1
    assert await desk.tries(COORDINATOR, Close(reason="over")) == ["project_not_under_way"]
    assert [sent.values["state"] for sent in desk.told("project_ended")] == ["done_with_exceptions"]


async def test_an_order_that_is_ended_in_the_engine_is_missed_within_the_day(stage: Stage) -> None:
    desk = MoveDesk(stage)
    await desk.furnish(2)
    await desk.bring(away(1), away(2))
    await desk.launch(await desk.plan(wave("w1", MONDAY)))
    await desk.work(2)
    await desk.until(lambda states: states.get(1) == WorkplaceState.IN_FLIGHT)
    await (await desk.open_orders())[1].handle.terminate("by mistake")

    await desk.later(hours=13)
    states = await desk.until(lambda states: states[1] == WorkplaceState.EXCEPTION)
    lost = (await desk.rows())[1]
    await desk.wave("w1").say(COORDINATOR, RetryRows())
    await desk.work(1)

    assert states == {1: WorkplaceState.EXCEPTION, 2: WorkplaceState.OK}
    assert (lost.owner, lost.problem and lost.problem.code) == (COORDINATOR.person, "order_lost")
    assert (await desk.comes_to(ProjectState.DONE)).open_points == 0
    assert str((await desk.asset(1)).place) == "adler-hq / B / 2 / 2.20 / 1"


async def test_waves_whose_long_names_begin_alike_are_both_heard(stage: Stage) -> None:
    one, other = "gebaeude-b-erdgeschoss-nordfluegel-1", "gebaeude-b-erdgeschoss-nordfluegel-2"
    desk = MoveDesk(stage)
    await desk.furnish(2)
    await desk.bring(away(1, one), away(2, other))
    await desk.launch(
        await desk.plan(wave(one, MONDAY, hours=3), wave(other, MONDAY + timedelta(hours=4), hours=3)),
    )
    await desk.later(hours=5)

    await desk.work(1)
    await desk.work(2)

    done = await desk.comes_to(ProjectState.DONE)
    assert [wave.counts.ok for wave in done.waves] == [1, 1]


async def test_what_a_wave_has_said_of_an_earlier_plan_does_not_end_a_newer_one(stage: Stage) -> None:
    desk = MoveDesk(stage)
    await desk.furnish(2)
    await desk.bring(away(1))
    await desk.launch(await desk.plan(wave("w1", MONDAY)))
    await desk.fail(1)
    before = await desk.comes_to(ProjectState.SETTLING)
    await desk.bring(away(1), away(2))
    await desk.adopt(await desk.plan(wave("w1", MONDAY)))
    assert (await desk.progress()).state == ProjectState.RUNNING

    late = WaveNews(
        event_id="late", wave="w1", state=WaveState.THROUGH, counts=WaveCounts(), at=await desk.now(), plan=before.plan
    )
    await desk.handle.signal(MoveProjectWorkflow.wave_news, late)

    assert (await desk.progress()).state == ProjectState.RUNNING
    await desk.work(2)
    settling = await desk.comes_to(ProjectState.SETTLING)
    assert (settling.waves[0].counts.ok, settling.open_points) == (1, 1)
