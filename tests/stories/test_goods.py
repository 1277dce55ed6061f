"""What has left us: it is heard of as long as it is on its way, and looked for when it does not arrive."""

from sqlmodel import select

from db.contracts import save_contract
from db.incidents import IncidentRow, incident_row
from domain.cases.events import Happening
from domain.cases.incident_commands import Diagnose, Link, Merge, Reopen, Resolve, Respond
from domain.cases.lookups import ChildrenFound
from domain.cases.order_commands import AddRecyclerList, Cancel
from domain.incidents.progress import IncidentState
from domain.kinds import OrderKind, OrderState
from domain.priorities import Priority
from tests.patience import until
from tests.stories import scripts
from tests.stories.scripts import PROOF, listed
from tests.stories.stage import IncidentDesk, OrderDesk, Stage
from tests.world import CONTRACT, COORDINATOR, DESK_AGENT, RECYCLER, trouble


async def left(stage: Stage) -> OrderDesk:
    desk = await scripts.placed(stage, OrderKind.DISPOSE)
    await scripts.left(desk)
    return desk


async def looked_for(stage: Stage, desk: OrderDesk) -> IncidentDesk:
    """The incident that looks for what is missing, once it stands in the tables."""
    (goods,) = (await desk.progress()).missing
    no = goods.incident
    assert no is not None

    async def written() -> IncidentRow | None:
        async with stage.database.reading() as session:
            return await incident_row(session, no)

    row = await until(written)
    assert row is not None
    return IncidentDesk(stage, row.as_incident())


async def signals(desk: IncidentDesk) -> list[str]:
    history = await desk.handle.fetch_history()
    heard = (event.workflow_execution_signaled_event_attributes.signal_name for event in history.events)
    return [name for name in heard if name]


async def test_what_does_not_arrive_is_looked_for_by_one_incident_of_the_highest_priority(stage: Stage) -> None:
    desk = await left(stage)

    await desk.say(COORDINATOR, AddRecyclerList(digest="a" * 64), looked_up=listed())
    await desk.say(RECYCLER, AddRecyclerList(digest="b" * 64), looked_up=listed(digest="b" * 64))
    incident = await looked_for(stage, desk)

    assert (await incident.progress()).priority == Priority.BLOCKER
    assert incident.incident.needs_finding
    assert (incident.incident.request.asset, incident.incident.request.reference) == ("NB-900", desk.order.no)
    assert incident.incident.reported_by == COORDINATOR.person
    assert "SN900" in incident.incident.request.title
    assert [event.values for event in await desk.events(Happening.LEFT_CONTROL)] == [
        {"taker": "certified recycler", "serials": "SN900"}
    ]
    assert [event.values for event in await desk.events(Happening.ITEM_MISSING)] == [
        {"serials": "SN900", "incident": incident.incident.no}
    ]
    assert [message.roles for message in desk.told("item_missing")] == [("coordinator", "sdm")]
    async with stage.database.reading() as session:
        rows = (await session.execute(select(IncidentRow.no))).scalars().all()
    assert rows == [incident.incident.no]


async def test_nobody_closes_it_without_a_finding(stage: Stage) -> None:
    desk = await left(stage)
    await desk.say(COORDINATOR, AddRecyclerList(digest="a" * 64), looked_up=listed())
    incident = await looked_for(stage, desk)
    other = await stage.report(trouble(priority="major", category="printer"))
    resolve = Resolve(solution="aufgeklärt")

    for command in (resolve, Cancel(reason="never mind"), Merge(into=other.incident.no, reason="the same")):
        assert await incident.tries(DESK_AGENT, command) == ["finding_needed"]
    await incident.say(DESK_AGENT, Diagnose(finding="stand noch im Wagen des Entsorgers"))
    await incident.say(DESK_AGENT, resolve)
    assert (await incident.progress()).state == IncidentState.RESOLVED
    # What was found has turned out not to be it.
    await incident.say(COORDINATOR, Reopen(reason="es war ein anderes"))
    assert await incident.tries(DESK_AGENT, resolve) == ["finding_needed"]


async def test_it_is_not_solved_by_what_it_is_a_part_of(stage: Stage) -> None:
    desk = await left(stage)
    await desk.say(COORDINATOR, AddRecyclerList(digest="a" * 64), looked_up=listed())
    incident = await looked_for(stage, desk)
    whole = await stage.report(trouble(priority="major", category="printer"))
    await incident.say(DESK_AGENT, Link(parent=whole.incident.no))
    children = ChildrenFound(children=(incident.incident.no,))

    await whole.say(DESK_AGENT, Resolve(solution="alles gefunden", with_children=True), looked_up=children)
    await until(lambda: signals(incident), lambda heard: "parent_news" in heard)
    # What is said after it is heard after it.
    await incident.say(DESK_AGENT, Respond(message="Wir suchen weiter."))

    assert (await incident.progress()).state.is_unsolved


async def test_a_proof_waits_until_everything_has_arrived(stage: Stage) -> None:
    desk = await left(stage)
    await desk.say(COORDINATOR, AddRecyclerList(digest="a" * 64), looked_up=listed())

    assert await desk.tries(COORDINATOR, PROOF) == ["missing_at_recycler"]
    await desk.say(COORDINATOR, AddRecyclerList(digest="b" * 64), looked_up=listed("SN900", digest="b" * 64))
    await desk.say(COORDINATOR, PROOF)

    assert (await desk.ended()).state == OrderState.COMPLETED


async def test_a_proof_that_does_not_come_is_overdue_as_long_as_goods_are_away(stage: Stage) -> None:
    desk = await left(stage)

    await desk.later(days=16)

    assert [event.values for event in await desk.events(Happening.PROOF_OVERDUE)] == [{"document": "disposal_proof"}]
    assert len(desk.told("evidence_overdue")) == 1


async def test_where_no_incident_can_be_opened_people_hear_of_it_all_the_same(stage: Stage) -> None:
    desk = await left(stage)
    async with stage.database.writing() as session:
        await save_contract(session, CONTRACT.but(version=CONTRACT.version + 1, matrix=None))

    await desk.say(COORDINATOR, AddRecyclerList(digest="a" * 64), looked_up=listed())
    await until(lambda: desk.events(Happening.ITEM_MISSING), lambda events: len(events) == 2)

    first, second = await desk.events(Happening.ITEM_MISSING)
    assert first.values["incident"]
    assert (second.values["incident"], second.values["problem"]) == ("", "incidents_not_offered")
