"""What incidents go through, and the pages they ask for, played in skipped time."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from domain.cases.incident_commands import Confirm, Resolve, Respond
from domain.cases.order_commands import Hold, Resume
from domain.cases.page_commands import Acknowledge
from domain.clocks.holds import HoldReason
from domain.ids import page_workflow_id
from domain.oncall.page import PageState
from domain.people import Actor, Role
from tests.stories.stage import MONDAY, IncidentDesk, Stage
from tests.world import DESK_AGENT, PAGED, REQUESTER, CaseDesk, trouble

Handle = WorkflowHandle[Any, Any]
Course = Callable[[Stage], Awaitable[Handle]]
YEAR = timedelta(days=365)
# At night, in the week in which p-lang is called first.
SATURDAY = MONDAY + timedelta(days=5, hours=13)
ON_CALL = Actor(person="p-lang", role=Role.TECHNICIAN)


async def _solved(desk: IncidentDesk) -> Handle:
    await desk.say(DESK_AGENT, Resolve(solution="Papierstau entfernt"))
    await desk.say(REQUESTER, Confirm())
    await desk.ended()
    return desk.handle


async def plain(stage: Stage) -> Handle:
    desk = await stage.report(trouble(priority="major"))
    await desk.say(DESK_AGENT, Respond())
    return await _solved(desk)


async def held(stage: Stage) -> Handle:
    desk = await _on_hold(stage, timedelta(days=2))
    await desk.later(days=1)
    await desk.say(DESK_AGENT, Resume())
    return await _solved(desk)


COURSES: dict[str, Course] = {
    "reported, responded, resolved, closed": plain,
    "the same with a hold that is lifted": held,
}


async def annual_hold(stage: Stage) -> int:
    """How many events a year on hold adds."""
    desk = await _on_hold(stage, YEAR + timedelta(days=1))
    before = await desk.history_length()
    await desk.later(days=YEAR.days)
    return await desk.history_length() - before


async def page_answered(stage: Stage) -> Handle:
    await stage.wait_until(SATURDAY)
    desk = await stage.report(trouble(priority="blocker"), PAGED)
    page = await _page(desk)
    await page.say(ON_CALL, Acknowledge())
    await desk.say(DESK_AGENT, Respond())
    await page.ended()
    return page.handle


async def page_unanswered(stage: Stage) -> Handle:
    desk = await stage.report(trouble(priority="blocker"), PAGED)
    page = await _page(desk)
    await desk.later(minutes=59)
    await desk.until(lambda progress: progress.red)
    await desk.say(DESK_AGENT, Respond())
    await page.ended()
    return page.handle


async def _on_hold(stage: Stage, longest: timedelta) -> IncidentDesk:
    desk = await stage.report(trouble(priority="major"))
    await desk.say(DESK_AGENT, Respond())
    until = await desk.now() + longest
    await desk.say(DESK_AGENT, Hold(code=HoldReason.WAITING_CUSTOMER, max_until=until, reason="on leave"))
    return desk


async def _page(desk: IncidentDesk) -> CaseDesk:
    """The page of an incident, once the first is called."""
    await desk.until(lambda progress: any(page.state == PageState.CALLING for page in progress.pages))
    await desk.later(seconds=1)
    return CaseDesk(desk.environment, page_workflow_id(desk.case, 1))
