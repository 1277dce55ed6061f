"""Courses that move projects take, for histories and whoever needs a project in which much has happened."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from domain.cases.move_commands import (
    AssignRows,
    CallOff,
    Close,
    Go,
    RefuseGo,
    RetryRows,
    WhenDone,
    WhenInFlight,
    WithdrawRows,
)
from domain.cases.order_commands import Hold, Resume
from domain.cases.wave_briefs import Gate
from domain.clocks.holds import HoldReason
from domain.moves.launched.project_progress import ProjectState
from domain.moves.launched.wave_progress import WorkplaceState
from tests.stories.move_stage import MoveDesk, away, swap, wave
from tests.stories.stage import MONDAY
from tests.world import APPROVER, COORDINATOR

FLIGHT, WAITING, SKIPPED = WorkplaceState.IN_FLIGHT, WorkplaceState.WAITING, WorkplaceState.SKIPPED
ASKED = Gate(by=APPROVER.person)
WAVES = (
    wave("w1", MONDAY + timedelta(hours=1), gate=ASKED, hours=3),
    wave("w2", MONDAY + timedelta(days=1), "w1", gate=Gate(percent=50)),
)
Script = Callable[[MoveDesk], Awaitable[None]]


async def eventful(desk: MoveDesk) -> None:
    """Whatever can happen short of calling it off."""
    await desk.furnish(8)
    await desk.bring(away(1), away(2), away(3), away(7), *swap(4, 5, "w2"), away(6, "w2"))
    await desk.launch(await desk.plan(*WAVES), at_once=2)
    await desk.say(APPROVER, RefuseGo(wave="w1", reason="the lift is broken"))
    await desk.say(APPROVER, Go(wave="w1"))
    await desk.fail(1)
    await _another_list(desk)
    await _held_for_an_hour(desk)
    first = desk.wave("w1")
    # Numbered apart from what the project passes on to its waves.
    await first.say(COORDINATOR, RetryRows(), request_id="retry")
    await desk.work(2)
    await desk.mismatch(3)
    await desk.work(1)
    rows = await desk.rows()
    await first.say(COORDINATOR, AssignRows(rows=(rows[3].row,), to="p-sommer"), request_id="assign")
    await desk.later(days=1)
    await _swapped(desk, 4, 5)
    await desk.work(8)
    await desk.later(hours=8)
    withdrawn = WithdrawRows(rows=(rows[3].row,), reason="it was sold")
    await first.say(COORDINATOR, withdrawn, request_id="withdraw")
    await desk.later(minutes=1)
    await desk.say(COORDINATOR, Close(reason="it was set up already and cannot be stopped"))
    await desk.comes_to(ProjectState.DONE_WITH_EXCEPTIONS)


async def called_off(desk: MoveDesk) -> None:
    """Nothing further begins, what is in flight is cancelled, and what is done goes back."""
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


async def _another_list(desk: MoveDesk) -> None:
    """Whoever is called 7 stays, 8 comes in the place of 6."""
    first = await desk.newest_plan()
    begun = await desk.begun()
    await desk.bring(away(1), away(2), away(3), *swap(4, 5, "w2"), away(8, "w2"))
    await desk.adopt(
        await desk.plan(*WAVES, keep=[entry for entry in first.plan.assignments if entry.workplace in begun])
    )
    await desk.until(lambda states: states.get(7) == SKIPPED)


async def _held_for_an_hour(desk: MoveDesk) -> None:
    hold = Hold(
        code=HoldReason.SITE_CLOSED,
        max_until=await desk.now() + timedelta(days=3),
        reason="the fire brigade is having an exercise",
    )
    await desk.say(COORDINATOR, hold)
    await desk.later(hours=1)
    await desk.say(COORDINATOR, Resume())


async def _swapped(desk: MoveDesk, one: int, other: int) -> None:
    states = await desk.until(lambda states: FLIGHT in (states.get(one), states.get(other)))
    aside, second = (one, other) if states.get(one) == FLIGHT else (other, one)
    await desk.work(aside)
    await desk.work(second)
    await desk.work(aside)


SCRIPTS: dict[str, Script] = {"eventful": eventful, "called-off": called_off}
