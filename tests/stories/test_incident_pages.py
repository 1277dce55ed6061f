"""Incidents outside office hours: somebody is called, and it shows when nobody comes."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from domain.cases.events import Happening
from domain.cases.incident_commands import ChangePriority, HolderKind, Resolve, Respond
from domain.cases.order_commands import Cancel
from domain.ids import page_workflow_id
from domain.oncall.page import PageState
from domain.people import Role
from domain.priorities import Priority
from tests.stories.incident_scripts import acknowledge
from tests.stories.phones import Phones
from tests.stories.stage import IncidentDesk, Stage
from tests.world import DESK_AGENT, PAGED, SDM, furnish_on_call, trouble
from workflows.receipts import Receipt

# Ten at night in Augsburg.
SATURDAY = datetime(2027, 11, 27, 21, tzinfo=UTC)


@dataclass
class Night:
    stage: Stage

    @property
    def phones(self) -> Phones:
        return self.stage.phones

    async def report(self, priority: Priority) -> IncidentDesk:
        return await self.stage.report(trouble(priority=priority, category="network"), PAGED)


@pytest.fixture
async def night(stage: Stage) -> Night:
    await furnish_on_call(stage.database)
    await stage.wait_until(SATURDAY)
    return Night(stage)


async def test_the_backup_takes_a_blocker_over_and_answers_it(night: Night) -> None:
    desk = await night.report(Priority.BLOCKER)

    await night.phones.until_rung("p-lang", "chat")
    await desk.later(minutes=30)
    await night.phones.until_rung("p-koch", "chat")
    await acknowledge(desk, "p-koch")

    progress = await desk.until(lambda progress: progress.owner is not None)
    assert (progress.owner, progress.holder.kind, progress.holder.holder) == ("p-koch", HolderKind.PERSON, "p-koch")
    # To take it over is not to answer the customer: that promise runs on until somebody does.
    assert progress.responded_at is None
    await desk.say(DESK_AGENT, Respond(message="Wir schalten um."))
    await desk.later(minutes=90)
    assert [page.state for page in (await desk.progress()).pages] == [PageState.STOPPED]
    page = desk.environment.client.get_workflow_handle(page_workflow_id(desk.case, 1), result_type=Receipt)
    assert (await page.result()).state == PageState.STOPPED
    assert night.phones.rung == [("p-lang", "chat"), ("p-lang", "sms"), ("p-lang", "voice"), ("p-koch", "chat")]
    assert not (await desk.row()).missed


async def test_when_nobody_comes_the_incident_turns_red_until_somebody_does(night: Night) -> None:
    desk = await night.report(Priority.BLOCKER)

    await night.phones.until_rung("p-lang", "chat")
    await desk.later(minutes=59)

    (page,) = (await desk.until(lambda progress: progress.red)).pages
    assert (await desk.progress()).owner is None
    assert (page.state, page.owner) == (PageState.UNANSWERED, "p-sommer")
    assert [event.values["answer"] for event in await desk.events(Happening.PAGE_ANSWERED)] == ["unanswered"]

    await acknowledge(desk, "p-lang")
    progress = await desk.until(lambda progress: progress.owner is not None)
    assert (progress.red, progress.owner) == (False, "p-lang")
    await desk.say(DESK_AGENT, Resolve(solution="Switch neu gestartet"))
    row = await desk.row()
    assert (row.stuck, row.owner) == (False, "p-lang")
    await desk.until(lambda progress: progress.pages[0].state == PageState.STOPPED)


async def test_what_can_wait_wakes_nobody_until_it_turns_out_to_be_a_blocker(night: Night) -> None:
    desk = await night.report(Priority.MINOR)

    await desk.say(SDM, ChangePriority(priority=Priority.BLOCKER, reason="alle Standorte sind betroffen"))

    await night.phones.until_rung("p-lang", "chat")
    assert [message.roles for message in desk.told("incident_reported")] == [(Role.SERVICE_DESK,)]
    assert [event.values["cause"] for event in await desk.events(Happening.PAGE_SENT)] == ["priority_changed"]


async def test_nobody_is_called_any_more_about_what_turned_out_to_be_none(night: Night) -> None:
    desk = await night.report(Priority.BLOCKER)
    await night.phones.until_rung("p-lang", "chat")

    await desk.say(DESK_AGENT, Cancel(reason="Probealarm"))

    page = desk.environment.client.get_workflow_handle(page_workflow_id(desk.case, 1), result_type=Receipt)
    assert (await page.result()).state == PageState.STOPPED
    assert {person for person, _ in night.phones.rung} == {"p-lang"}
