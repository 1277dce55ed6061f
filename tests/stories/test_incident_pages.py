"""Incidents outside office hours: somebody is called, and it shows when nobody comes."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from db.oncall.pages import page_row
from domain.cases.events import Happening
from domain.cases.incident_commands import ChangePriority, HolderKind, Reopen, Resolve, Respond
from domain.cases.order_commands import Cancel
from domain.ids import page_workflow_id
from domain.incidents.progress import IncidentState
from domain.oncall.page import PageState
from domain.people import Role
from domain.priorities import Priority
from tests.stories.incident_scripts import acknowledge, decline
from tests.stories.phones import Phones
from tests.stories.stage import IncidentDesk, Stage
from tests.world import DESK_AGENT, MATRIX, PAGED, REQUESTER, SDM, furnish_on_call, trouble
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


@pytest.mark.parametrize("minutes", [2, 62], ids=["while people are called", "when it is red"])
async def test_what_turns_out_to_be_able_to_wait_calls_nobody_any_more(night: Night, minutes: int) -> None:
    desk = await night.report(Priority.BLOCKER)
    await night.phones.until_rung("p-lang", "chat")
    await desk.later(minutes=minutes)
    rung = list(night.phones.rung)

    await desk.say(SDM, ChangePriority(priority=Priority.MINOR, reason="nur ein Drucker"))

    page = desk.environment.client.get_workflow_handle(page_workflow_id(desk.case, 1), result_type=Receipt)
    assert (await page.result()).state == PageState.STOPPED
    await desk.later(hours=3)
    assert night.phones.rung[len(rung) :] == []
    async with night.stage.database.reading() as session:
        row = await page_row(session, desk.incident.no, 1)
    assert row is not None
    assert row.as_progress().stopped == "priority_lowered"


async def test_what_is_lowered_goes_on_calling_where_the_matrix_still_calls_and_stays_with_whoever_has_it(
    night: Night,
) -> None:
    rows = MATRIX.rows | {Priority.CRITICAL: MATRIX.rows[Priority.BLOCKER]}
    called = PAGED.but(matrix=MATRIX.but(rows=rows))
    calling, taken = [await night.stage.report(trouble(priority="blocker", category="network"), called) for _ in "12"]
    await night.phones.until_rung("p-lang", "chat")
    await acknowledge(taken, "p-lang")

    await calling.say(SDM, ChangePriority(priority=Priority.CRITICAL, reason="nur ein Haus"))
    await taken.say(SDM, ChangePriority(priority=Priority.MINOR, reason="nur ein Drucker"))

    progress = await calling.until(lambda progress: progress.priority == Priority.CRITICAL)
    assert [page.state for page in progress.pages] == [PageState.CALLING]
    progress = await taken.until(lambda progress: progress.priority == Priority.MINOR)
    assert [(page.state, page.owner) for page in progress.pages] == [(PageState.ACKNOWLEDGED, "p-lang")]


async def test_a_page_that_turned_red_keeps_nobody_from_being_called_when_it_gets_worse(night: Night) -> None:
    desk = await night.report(Priority.BLOCKER)
    await night.phones.until_rung("p-lang", "chat")
    await desk.later(minutes=62)
    await desk.until(lambda progress: progress.red)
    assert (await desk.row()).owner == "p-sommer"
    await desk.say(SDM, ChangePriority(priority=Priority.MINOR, reason="nur ein Drucker"))

    await desk.say(SDM, ChangePriority(priority=Priority.BLOCKER, reason="doch alle Standorte"))

    progress = await desk.until(lambda progress: progress.pages[0].state == PageState.STOPPED)
    assert [page.cause for page in progress.pages] == ["reported", "priority_changed"]
    assert (progress.red, (await desk.row()).owner) == (True, "p-sommer")
    old = desk.environment.client.get_workflow_handle(page_workflow_id(desk.case, 1), result_type=Receipt)
    assert (await old.result()).state == PageState.STOPPED
    await acknowledge(desk, "p-lang", page=2)
    await desk.until(lambda progress: progress.owner == "p-lang" and not progress.red)
    assert night.phones.rung.count(("p-lang", "chat")) == 2


async def test_a_blocker_reopened_out_of_hours_calls_the_night_and_is_to_be_answered_anew(stage: Stage) -> None:
    await furnish_on_call(stage.database)
    desk = await stage.report(trouble(priority=Priority.BLOCKER, category="network"), PAGED)
    await desk.later(minutes=90)
    await desk.say(DESK_AGENT, Respond())
    await desk.say(DESK_AGENT, Resolve(solution="Switch neu gestartet"))
    assert (await desk.clock("response")).breached_at is not None
    await stage.wait_until(datetime(2027, 11, 24, 21, tzinfo=UTC))
    assert (await desk.progress()).pages == ()

    await desk.say(REQUESTER, Reopen(reason="wieder weg"))

    await stage.phones.until_rung("p-lang", "chat")
    old, new = await desk.clock("response-1"), await desk.clock("response")
    assert (old.cycle, old.breached_at) == (1, desk.incident.received_at + timedelta(minutes=60))
    assert old.stopped_at is not None
    assert (new.cycle, new.started_at, new.breached_at) == (2, (await desk.progress()).reopened_at, None)
    progress = await desk.progress()
    assert (progress.state, progress.responded_at) == (IncidentState.IN_PROGRESS, None)
    await desk.say(DESK_AGENT, Respond(message="Wir sind wieder da."))
    await desk.until(lambda progress: progress.pages[0].state == PageState.STOPPED)
    assert (await desk.clock("response")).stopped_at is not None
    assert [face.breached_at for face in (await desk.progress()).clocks if face.name == "response"] == [None]


async def test_reopened_in_office_hours_it_is_told_to_whom_the_matrix_names_first(stage: Stage) -> None:
    desk = await stage.report(trouble(priority=Priority.MAJOR, category="printer"))
    await desk.say(DESK_AGENT, Resolve(solution="neu gestartet"))
    await desk.say(REQUESTER, Reopen(reason="druckt wieder nicht"))
    await desk.say(DESK_AGENT, Resolve(solution="getauscht"))
    await desk.say(REQUESTER, Reopen(reason="immer noch nicht"))

    called = [message for message in desk.told("incident_reopened") if message.roles == (Role.SERVICE_DESK,)]
    assert [message.values["reason"] for message in called] == ["druckt wieder nicht", "immer noch nicht"]
    assert [clock.name for clock in (await desk.progress()).clocks] == [
        "response",
        "response-2",
        "response-1",
        "resolution",
    ]


async def test_whoever_took_it_and_gives_it_back_is_not_left_as_its_owner(night: Night) -> None:
    desk = await night.report(Priority.BLOCKER)
    await night.phones.until_rung("p-lang", "chat")
    await acknowledge(desk, "p-lang")
    await desk.until(lambda progress: progress.owner == "p-lang")

    await decline(desk, "p-lang")

    progress = await desk.until(lambda progress: progress.owner is None)
    assert (progress.holder.kind, progress.holder.holder) == (HolderKind.TEAM, Role.SERVICE_DESK)
    assert progress.pages[0].state == PageState.CALLING
    await night.phones.until_rung("p-koch", "chat")
