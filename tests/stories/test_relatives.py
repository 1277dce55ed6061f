"""Incidents that belong together, customers who answer, and breaches that were none."""

from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from db.contracts import save_person
from domain.cases.events import Happening
from domain.cases.incident_commands import (
    ChangePriority,
    Confirm,
    CustomerAnswer,
    HolderKind,
    Inform,
    Link,
    Merge,
    Reopen,
    Resolve,
    Respond,
    Waive,
)
from domain.cases.lookups import ChildrenFound
from domain.cases.order_commands import Hold
from domain.clocks.holds import HoldReason
from domain.incidents.progress import IncidentState
from domain.people import Actor, Role
from domain.priorities import Priority
from tests.stories.stage import IncidentDesk, Stage
from tests.stories.test_incidents import local
from tests.world import (
    CONTRACT,
    COORDINATOR,
    DESK_AGENT,
    PAGED,
    PEOPLE,
    REQUESTER,
    SDM,
    TECHNICIAN,
    furnish_on_call,
    trouble,
)

HUBER = Actor(person="p-huber", role=Role.REQUESTER)


async def family(stage: Stage) -> tuple[IncidentDesk, IncidentDesk, IncidentDesk]:
    parent = await stage.report(trouble(priority="major", category="network", title="Switch in Halle 3"))
    children = [
        await stage.report(trouble(priority="major", reporter=person, parent=parent.incident.no, title="Kein Netz"))
        for person in ("p-vogel", "p-huber")
    ]
    return parent, children[0], children[1]


def found(*children: IncidentDesk) -> ChildrenFound:
    return ChildrenFound(children=tuple(child.incident.no for child in children))


async def test_whoever_solves_a_parent_says_what_becomes_of_its_parts(stage: Stage) -> None:
    parent, one, other = await family(stage)

    assert await parent.tries(TECHNICIAN, Resolve(solution="Switch getauscht"), looked_up=found(one, other)) == [
        "children_to_decide"
    ]
    assert (await parent.progress()).state.is_unsolved


async def test_parts_are_solved_with_their_parent_and_each_reporter_is_told_once(stage: Stage) -> None:
    parent, one, other = await family(stage)
    await one.later(minutes=30)

    await parent.say(TECHNICIAN, Resolve(solution="Switch getauscht", with_children=True), looked_up=found(one, other))

    for child, reporter in ((one, "p-vogel"), (other, "p-huber")):
        progress = await child.until(lambda progress: progress.reopen_until is not None)
        assert (progress.state, progress.solution) == (IncidentState.RESOLVED, "Switch getauscht")
        assert progress.solved_with == parent.incident.no
        assert (await child.clock("resolution")).stopped_at == progress.resolved_at
        await child.later(seconds=1)
        assert [message.people for message in child.told("incident_solved")] == [(reporter,)]
        assert child.told("incident_parent_solved") == []

    await parent.say(REQUESTER, Reopen(reason="wieder weg", with_children=True), looked_up=found(one, other))
    for child in (one, other):
        progress = await child.until(lambda progress: progress.state.is_unsolved)
        assert (progress.solved_with, progress.responded_at) == (None, None)


async def test_parts_that_are_left_open_run_on_and_their_reporters_are_told_once(stage: Stage) -> None:
    parent, one, other = await family(stage)

    await parent.say(TECHNICIAN, Resolve(solution="Switch getauscht", with_children=False), looked_up=found(one, other))
    for child, reporter in ((one, "p-vogel"), (other, "p-huber")):
        await child.until(lambda progress: progress.seq > 1)
        await child.say(DESK_AGENT, Respond())
        assert [message.people for message in child.told("incident_parent_solved")] == [(reporter, "p-koch")]
        assert (await child.clock("resolution")).stopped_at is None

    await one.say(TECHNICIAN, Resolve(solution="Dose erneuert"))
    await parent.say(REQUESTER, Reopen(reason="wieder weg", with_children=True), looked_up=found(one, other))
    await parent.later(seconds=1)
    # It was solved by itself, not with its parent.
    assert (await one.progress()).state == IncidentState.RESOLVED


async def test_a_merged_incident_goes_on_in_the_other_and_counts_only_there(stage: Stage) -> None:
    one = await stage.report(trouble(priority="major", category="network"))
    other = await stage.report(trouble(priority="major", category="network", reporter="p-huber"))
    await one.later(hours=5)
    assert (await one.row()).missed
    assert (await other.row()).missed
    await one.say(DESK_AGENT, Respond())

    await one.say(DESK_AGENT, Merge(into=other.incident.no, reason="derselbe Switch"))

    goes_on = await other.until(lambda progress: bool(progress.merged))
    assert [merged.incident for merged in goes_on.merged] == [one.incident.no]
    receipt = await one.ended()
    assert receipt.state == IncidentState.MERGED
    row, progress = await one.row(), await one.progress()
    assert (row.missed, progress.has_broken) == (False, True)
    assert all(clock.ended_at is not None for clock in progress.clocks)
    assert [event.values for event in await other.events(Happening.MERGED_IN)] == [{"merged": one.incident.no}]
    assert [event.command.into for event in await one.events("merge")] == [other.incident.no]  # type: ignore[union-attr]
    (gone,), (come,) = one.told("incident_merged"), other.told("incident_merged_in")
    assert "p-vogel" in gone.people
    assert "p-huber" in come.people
    assert "p-vogel" not in come.people


async def test_what_broke_only_in_the_merged_one_is_missed_in_the_other(stage: Stage) -> None:
    one = await stage.report(trouble(priority="major"))
    await one.later(hours=5)
    other = await stage.report(trouble(priority="major", reporter="p-huber"))

    await one.say(DESK_AGENT, Merge(into=other.incident.no, reason="dasselbe"))
    await other.until(lambda progress: bool(progress.merged))
    await other.say(DESK_AGENT, Respond())

    assert [(await desk.row()).missed for desk in (one, other)] == [False, True]
    # And whoever had reported it hears how it ends.
    await other.say(TECHNICIAN, Resolve(solution="getauscht"))
    await other.until(lambda progress: progress.reopen_until is not None)
    await other.later(seconds=1)
    assert [message.people for message in other.told("incident_solved")] == [("p-huber", "p-vogel")]


async def test_whoever_reported_what_was_merged_hears_that_it_is_confirmed_and_that_it_is_open_again(
    stage: Stage, tmp_path: Path
) -> None:
    """In their language, like all they have heard before; who says it knows it."""
    async with stage.database.writing() as session:
        await save_person(session, PEOPLE[1].but(language="en"))
    desk = await stage.report(trouble(priority="minor"))
    other = await stage.report(trouble(priority="minor", reporter="p-huber"))
    await other.say(DESK_AGENT, Merge(into=desk.incident.no, reason="derselbe Drucker"))
    await desk.until(lambda progress: bool(progress.merged))
    await desk.say(TECHNICIAN, Resolve(solution="neu gestartet"))
    await desk.until(lambda progress: progress.reopen_until is not None)

    await desk.say(REQUESTER, Confirm())
    await desk.say(HUBER, Reopen(reason="bei mir noch nicht"))
    await desk.say(TECHNICIAN, Resolve(solution="getauscht"))
    await desk.until(lambda progress: progress.reopen_until is not None)
    await desk.say(DESK_AGENT, Reopen(reason="wieder da"))
    await desk.later(seconds=1)

    assert [message.people for message in desk.told("incident_confirmed")] == [("p-huber",)]
    assert [message.people for message in desk.told("incident_unsolved")] == [("p-vogel",), ("p-vogel", "p-huber")]
    assert [sorted(message.people) for message in desk.told("incident_solved")] == [["p-huber", "p-vogel"]] * 2
    letters = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in (tmp_path / "outbox").iterdir()]
    subjects = {f"{letter['Subject']}" for letter in letters if "max.huber" in f"{letter['To']}"}
    about = f"Incident {desk.incident.no}"
    assert {f"{about}: solution confirmed", f"{about}: not solved after all", f"{about}: resolved"} <= subjects


@pytest.mark.parametrize(
    ("own", "coming", "after"),
    [("minor", "blocker", "blocker"), ("blocker", "minor", "blocker"), ("blocker", "blocker", "blocker")],
)
async def test_a_merger_never_makes_the_trouble_smaller(stage: Stage, own: str, coming: str, after: str) -> None:
    other, one = await stage.report(trouble(priority=own)), await stage.report(trouble(priority=coming))
    await one.later(minutes=1)

    await one.say(DESK_AGENT, Merge(into=other.incident.no, reason="dasselbe"))

    await other.until(lambda progress: bool(progress.merged) and progress.priority == after)
    raised = await other.events(Happening.PRIORITY_RAISED)
    assert [(event.reason, event.values) for event in raised] == (
        [(one.incident.no, {"before": own, "priority": after})] if own != after else []
    )
    assert len(other.told("incident_priority_changed")) == len(raised)


async def test_what_has_open_parts_or_is_meant_to_swallow_itself_is_not_merged(stage: Stage) -> None:
    parent, one, _ = await family(stage)

    assert await parent.tries(DESK_AGENT, Merge(into=parent.incident.no, reason="so")) == ["merged_into_itself"]
    merging = Merge(into=one.incident.no, reason="dasselbe")
    assert await parent.tries(DESK_AGENT, merging, looked_up=found(one)) == ["has_children"]
    assert await parent.tries(DESK_AGENT, Link(parent=parent.incident.no)) == ["part_of_itself"]


async def test_the_customers_answer_ends_the_wait_and_tells_whoever_has_it(stage: Stage) -> None:
    desk = await stage.report(trouble(priority="major", category="printer"))
    await desk.say(TECHNICIAN, Respond())
    until = await desk.now() + timedelta(days=5)
    await desk.say(TECHNICIAN, Hold(code=HoldReason.WAITING_CUSTOMER, max_until=until, reason="welcher Drucker?"))
    await desk.say(TECHNICIAN, Hold(code=HoldReason.WAITING_DELIVERY, max_until=until, reason="Trommel bestellt"))

    await desk.say(HUBER, CustomerAnswer(message="Der im dritten Stock."))

    progress = await desk.progress()
    assert [hold.reason for hold in progress.holds] == [HoldReason.WAITING_DELIVERY]
    (told,) = desk.told("incident_answered")
    assert (told.people, told.values["message"]) == (("p-lang",), "Der im dritten Stock.")
    assert [event.actor.person for event in await desk.events("answer")] == ["p-huber"]


async def test_who_answers_what_is_closed_is_refused(stage: Stage) -> None:
    desk = await stage.report(trouble(priority="minor"))
    await desk.say(TECHNICIAN, Resolve(solution="neu gestartet"))
    await desk.say(REQUESTER, CustomerAnswer(message="Danke!"))
    await desk.say(REQUESTER, Confirm())

    assert await desk.tries(REQUESTER, CustomerAnswer(message="Noch etwas")) == ["incident_state_forbids"]


async def test_a_technician_who_responds_has_it_unless_the_contract_says_otherwise(stage: Stage) -> None:
    desk = await stage.report(trouble(priority="major"))
    await desk.say(TECHNICIAN, Respond())
    holder = (await desk.progress()).holder
    assert (holder.kind, holder.holder, (await desk.progress()).owner) == (HolderKind.PERSON, "p-lang", "p-lang")

    other = await stage.report(trouble(priority="major"))
    await other.say(DESK_AGENT, Respond())
    assert (await other.progress()).holder.holder == Role.SERVICE_DESK
    third = await stage.report(trouble(priority="major"), CONTRACT.but(responder_holds=False))
    await third.say(TECHNICIAN, Respond())
    assert (await third.progress()).holder.holder == Role.SERVICE_DESK


async def test_nobody_holds_for_longer_than_ninety_days(stage: Stage) -> None:
    desk = await stage.report(trouble(priority="major"))
    now = await desk.now()

    for days, refused in ((90.5, ["too_far_ahead"]), (800, ["too_far_ahead"]), (89.9, [])):
        until = now + timedelta(days=days)
        hold = Hold(code=HoldReason.WAITING_CUSTOMER, max_until=until, reason="verreist")
        assert await desk.tries(DESK_AGENT, hold) == refused


async def test_a_breach_by_a_wrong_priority_is_waived_by_two_and_stays_in_the_journal(stage: Stage) -> None:
    desk = await stage.report(trouble(priority="blocker", category="printer"))
    await desk.later(minutes=70)
    await desk.say(DESK_AGENT, Respond())
    assert (await desk.row()).missed
    waiving = Waive(clock="response", reason="nur ein Drucker, falsch eingestuft")
    assert await desk.tries(SDM, waiving) == ["breach_stands"]
    await desk.say(SDM, ChangePriority(priority=Priority.MINOR, reason="nur ein Drucker"))

    await desk.say(SDM, waiving)
    assert (await desk.row()).missed
    assert await desk.tries(SDM, waiving) == ["waiver_second_person"]
    await desk.say(COORDINATOR, waiving)

    assert not (await desk.row()).missed
    (waiver,) = (await desk.progress()).waivers
    assert (waiver.proposed_by, waiver.agreed_by) == ("p-sommer", "p-koch")
    assert len(await desk.events("deadline_missed")) == 1
    assert len(await desk.events(Happening.BREACH_WAIVED)) == 1
    assert await desk.tries(SDM, waiving) == ["not_missed"]
    assert await desk.tries(SDM, Waive(clock="promised-1", reason="so")) == ["clock_not_there"]


async def test_a_waived_clock_that_runs_on_can_still_be_missed_under_the_right_priority(stage: Stage) -> None:
    desk = await stage.report(trouble(priority="blocker", category="printer"))
    await desk.say(DESK_AGENT, Respond())
    await desk.later(hours=5)
    await desk.say(SDM, ChangePriority(priority=Priority.MAJOR, reason="nur ein Drucker"))
    for person in (SDM, COORDINATOR):
        await desk.say(person, Waive(clock="resolution", reason="falsch eingestuft"))
    assert (await desk.clock("resolution")).breached_at is None

    await desk.later(days=3)

    assert (await desk.clock("resolution")).breached_at is not None
    assert (await desk.row()).missed


@pytest.mark.parametrize("confirmed", [False, True], ids=["nobody has said a word", "it was confirmed"])
async def test_the_reporter_is_reminded_a_working_day_before_it_closes(stage: Stage, confirmed: bool) -> None:
    desk = await stage.report(trouble(priority="minor"))
    await desk.say(TECHNICIAN, Resolve(solution="neu gestartet"))
    progress = await desk.until(lambda progress: progress.reopen_until is not None)
    if confirmed:
        await desk.say(REQUESTER, Confirm())
    assert progress.reopen_until is not None

    await stage.wait_until(progress.reopen_until - timedelta(days=2, hours=23))
    await stage.wait_until(progress.reopen_until - timedelta(minutes=5))

    assert [message.people for message in desk.told("incident_closes_soon")] == ([] if confirmed else [("p-vogel",)])
    await desk.ended()


async def test_an_answer_to_a_solution_keeps_it_from_closing_until_somebody_looks_at_it(stage: Stage) -> None:
    desk = await stage.report(trouble(priority="minor"))
    await desk.say(TECHNICIAN, Resolve(solution="neu gestartet"))
    await desk.until(lambda progress: progress.reopen_until is not None)
    await desk.later(days=2)

    await desk.say(REQUESTER, CustomerAnswer(message="Er druckt immer noch nicht."))
    await desk.later(days=20)
    waiting = await desk.progress()
    said, louder = desk.told("incident_answer_waits"), desk.told("incident_answer_unheard")
    await desk.say(TECHNICIAN, Inform(message="Das Kabel war lose, bitte noch einmal versuchen."))
    heeded = await desk.until(lambda progress: progress.reopen_until is not None and progress.answered_at is None)
    receipt = await desk.ended()

    assert (waiting.state, waiting.answered_at is not None) == (IncidentState.RESOLVED, True)
    (told,) = desk.told("incident_answered")
    assert (told.people, told.values["state"]) == (("p-lang",), "resolved")
    assert [message.roles for message in said] == [(Role.ASSIGNEE, Role.SDM)] * 2
    assert [message.roles for message in louder] == [(Role.ASSIGNEE, Role.SDM, Role.BRM)]
    assert waiting.is_unheard
    assert heeded.updated_at is not None
    assert heeded.reopen_until is not None
    assert heeded.reopen_until > heeded.updated_at + timedelta(days=4)
    assert receipt.state == IncidentState.CLOSED


async def test_who_has_answered_in_time_can_reopen_however_long_we_take(stage: Stage) -> None:
    desk = await stage.report(trouble(priority="minor"))
    await desk.say(TECHNICIAN, Resolve(solution="neu gestartet"))
    await desk.until(lambda progress: progress.reopen_until is not None)
    await desk.say(REQUESTER, CustomerAnswer(message="Er druckt immer noch nicht."))
    await desk.later(days=15)

    await desk.say(REQUESTER, Reopen(reason="keine Antwort"))
    progress = await desk.progress()

    assert (progress.state, progress.answered_at) == (IncidentState.IN_PROGRESS, None)
    await desk.say(TECHNICIAN, Resolve(solution="getauscht"))
    assert (await desk.ended()).state == IncidentState.CLOSED


async def test_thanks_that_are_confirmed_close_it(stage: Stage) -> None:
    desk = await stage.report(trouble(priority="minor"))
    await desk.say(TECHNICIAN, Resolve(solution="neu gestartet"))
    await desk.until(lambda progress: progress.reopen_until is not None)
    await desk.say(REQUESTER, CustomerAnswer(message="Danke!"))
    await desk.say(DESK_AGENT, Confirm())

    receipt = await desk.ended()

    assert receipt.state == IncidentState.CLOSED
    assert desk.told("incident_answer_waits") == []


@pytest.mark.parametrize("responded", ["one", "other", None])
async def test_a_merger_calls_nobody_where_somebody_has_responded(stage: Stage, responded: str | None) -> None:
    await furnish_on_call(stage.database)
    await stage.wait_until(local("2027-11-22T22:00"))
    other = await stage.report(trouble(priority="minor"), PAGED)
    one = await stage.report(trouble(priority="blocker"), PAGED)
    await one.until(lambda progress: bool(progress.pages))
    if responded:
        await {"one": one, "other": other}[responded].say(TECHNICIAN, Respond())

    await one.say(DESK_AGENT, Merge(into=other.incident.no, reason="dasselbe"))
    progress = await other.until(lambda progress: progress.priority == Priority.BLOCKER)

    assert [page.cause for page in progress.pages] == ([] if responded else ["priority_raised"])
