"""People are called until somebody takes it over: never silence, and never two who do not know of each other."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio import activity
from temporalio.testing import WorkflowEnvironment

from activities.pages import CallAsked, StepAsked, StepPeople
from activities.rounds import Rounds
from connectors.channels import OutboxChannel
from db.engine import Database
from db.oncall.pages import page_row
from db.oncall.rotas import save_rota
from domain.cases.page_commands import Acknowledge, Decline
from domain.contracts.paging import PagingPolicy
from domain.oncall.page import Callee, PageHappening, PageState, StopPage
from tests.patience import PATIENCE
from tests.stories.paging_stage import PagingStage, opened
from tests.stories.stage import MONDAY
from tests.world import ROTA
from workflows.engine.runs import Runs
from workflows.paging import PageWorkflow

ALL_METHODS = ["chat", "sms", "voice"]


@pytest.fixture
async def stage(skipping: WorkflowEnvironment, database: Database, tmp_path: Path) -> AsyncIterator[PagingStage]:
    async with opened(skipping, database, OutboxChannel(tmp_path / "outbox", "it@provider.example")) as stage:
        yield stage


async def test_a_silent_primary_is_tried_by_every_method_and_the_backup_called_after_half_an_hour(
    stage: PagingStage,
) -> None:
    desk = await stage.page()

    await desk.at(minutes=29, seconds=58)
    assert await desk.calls() == {("p-lang", "chat"): 0, ("p-lang", "sms"): 2, ("p-lang", "voice"): 5}
    await desk.at(minutes=30)
    await stage.phones.until_rung("p-koch", "chat")
    assert (await desk.calls())["p-koch", "chat"] == 30
    await desk.say("p-koch", Acknowledge())
    await desk.later(seconds=1)
    before = await desk.history_length()
    await desk.later(minutes=29)

    assert [person for person, _ in stage.phones.rung] == ["p-lang"] * 3 + ["p-koch"]
    assert await desk.history_length() == before
    assert await desk.news() == [("acknowledged", "p-koch", "p-koch")]
    assert await desk.told("page_taken") == ["p-lang"]
    row = await desk.row()
    assert (row.state, row.owner, row.as_progress()) == (PageState.ACKNOWLEDGED, "p-koch", await desk.progress())


async def test_declining_moves_on_at_once_and_an_acknowledgement_stops_everything(stage: PagingStage) -> None:
    desk = await stage.page()
    await desk.later(minutes=4)

    await desk.say("p-lang", Decline())
    await desk.later(seconds=30)
    await desk.say("p-koch", Acknowledge(), request_id="r-1")
    await desk.say("p-koch", Acknowledge(), request_id="r-1")
    assert await desk.tries("p-koch", Acknowledge()) == ["page_is_yours"]
    assert await desk.tries("p-lang", Decline()) == ["page_is_taken"]
    await desk.later(minutes=20)
    receipt = await desk.stop("responded")

    assert await desk.first_calls() == {"p-lang": 0, "p-koch": 4}
    assert stage.phones.rung == [("p-lang", "chat"), ("p-lang", "sms"), ("p-koch", "chat")]
    assert (receipt.state, (await desk.row()).owner) == (PageState.STOPPED, "p-koch")
    assert await desk.news() == [("declined", "p-lang", None), ("acknowledged", "p-koch", "p-koch")]
    assert len(await desk.events("acknowledge")) == 1
    assert await desk.tries("p-lang", Acknowledge()) == ["page_is_over"]
    assert [event.seq for event in await desk.events()] == list(range(1, receipt.seq + 1))


async def test_where_nobody_is_on_call_the_next_are_called_at_once_and_the_owner_of_the_rota_hears_of_it(
    stage: PagingStage,
) -> None:
    gone = ROTA.but(id="gone", primary=ROTA.primary.but(members=("p-gone", "p-koch")))
    async with stage.database.writing() as session:
        # A week before: whoever is on call when a rota is saved stays so.
        await save_rota(session, gone, by="p-sommer", at=MONDAY - timedelta(weeks=1))

    desk = await stage.page(policy=PagingPolicy(rota=gone.id))
    nowhere = await stage.page(policy=PagingPolicy())

    assert await desk.first_calls() == {"p-koch": 0}
    assert await desk.told("page_nobody_reached") == ["p-sommer"]
    assert (await desk.events(PageHappening.NOBODY_REACHED))[0].values == {"layer": "primary"}
    # Without a rota neither primary nor backup is anybody; the SDM is called for them, and told as final owner.
    assert await nowhere.first_calls() == {"p-sommer": 0}
    assert await nowhere.told("page_nobody_reached") == ["p-sommer"] * 2
    await desk.stop("resolved")
    await nowhere.stop("resolved")


async def test_a_method_that_fails_is_followed_at_once_by_the_next_and_a_dead_phone_by_the_next_person(
    stage: PagingStage,
) -> None:
    stage.phones.dead = {"chat:p-koch", "p-lang"}

    desk = await stage.page()
    await stage.phones.until_rung("p-koch", "sms")
    await desk.say("p-koch", Acknowledge())

    tried = [(row.person, row.channel, row.outcome) for row in await desk.attempts()]
    assert tried == [
        *(("p-lang", method, "failed") for method in ALL_METHODS),
        ("p-koch", "chat", "failed"),
        ("p-koch", "sms", "sent"),
    ]
    assert await desk.told("page_nobody_reached") == ["p-sommer"]
    assert len({row.key for row in await desk.attempts()}) == len(tried)
    assert (await desk.attempts())[-1].key == f"page:{desk.page.incident}/1/1/1/p-koch/sms"
    await desk.stop("responded")


async def test_after_the_last_step_it_is_red_with_a_final_owner_and_a_late_answer_is_told_to_all(
    stage: PagingStage,
) -> None:
    desk = await stage.page()

    await desk.later(minutes=49)
    assert (await desk.row()).state == PageState.CALLING
    await desk.later(minutes=2)

    # The SDM is the BRM too: called once, as the SDM.
    assert await desk.first_calls() == {"p-lang": 0, "p-koch": 30, "p-sommer": 40}
    progress = (await desk.row()).as_progress()
    assert (progress.state, progress.final_owner) == (PageState.UNANSWERED, "p-sommer")
    assert await desk.told("page_unanswered") == ["p-sommer"]
    before = await desk.history_length()
    await desk.later(minutes=55)
    assert await desk.history_length() == before
    await desk.say("p-lang", Acknowledge())
    await desk.say("p-koch", Acknowledge())
    await desk.later(seconds=1)

    assert await desk.news() == [
        ("unanswered", "p-sommer", "p-sommer"),
        ("late", "p-lang", "p-lang"),
        ("late", "p-koch", "p-lang"),
    ]
    assert await desk.told("page_taken") == sorted(["p-lang", "p-koch", "p-sommer"] * 2)
    await desk.stop("responded")


async def test_whoever_acknowledges_and_stays_silent_is_called_again_until_somebody_responds(
    stage: PagingStage,
) -> None:
    desk = await stage.page()
    await desk.later(minutes=1)
    await desk.say("p-lang", Acknowledge())

    await desk.later(minutes=59)
    assert (await desk.row()).as_progress().round == 1
    await desk.later(minutes=31)

    progress = await desk.progress()
    assert (progress.state, progress.round, progress.owner) == (PageState.CALLING, 2, None)
    assert [call.person for call in progress.calls_now] == ["p-lang", "p-koch"]
    assert {row.key.split("/")[2] for row in await desk.attempts()} == {"1", "2"}
    assert (await desk.events(PageHappening.PAGED_AGAIN))[0].values == {"person": "p-lang", "round": "2"}
    await desk.incident.signal("end")
    await desk.say("p-koch", Acknowledge())
    receipt = await desk.stop("resolved")
    assert (receipt.state, (await desk.row()).owner) == (PageState.STOPPED, "p-koch")


async def test_what_nobody_takes_is_called_out_again_every_hour_until_somebody_does(stage: PagingStage) -> None:
    desk = await stage.page()

    await desk.at(hours=4, minutes=5)

    progress = await desk.progress()
    assert (progress.state, progress.round) == (PageState.CALLING, 3)
    assert [event.values for event in await desk.events(PageHappening.PAGED_AGAIN)] == [{"round": "2"}, {"round": "3"}]
    assert [kind for kind, *_ in await desk.news()] == ["unanswered", "unanswered"]
    assert await desk.told("page_unanswered") == ["p-sommer", "p-sommer"]
    assert stage.phones.rung.count(("p-lang", "chat")) == 3
    await desk.say("p-lang", Acknowledge())
    await desk.at(hours=5)
    assert stage.phones.rung.count(("p-koch", "chat")) == 2
    assert (await desk.stop("responded")).state == PageState.STOPPED


async def test_when_steps_and_the_end_fell_due_while_every_worker_was_away_everybody_is_called_all_the_same(
    stage: PagingStage,
) -> None:
    desk = await stage.begin(started_at=await stage.environment.get_current_time() - timedelta(hours=10))

    for person in ("p-lang", "p-koch", "p-sommer"):
        await stage.phones.until_rung(person, "chat")
    await desk.until(lambda progress: progress.state == PageState.UNANSWERED and progress.final_owner == "p-sommer")
    await desk.later(minutes=59)
    assert (await desk.progress()).round == 1
    await desk.later(minutes=2)
    assert (await desk.progress()).round == 2


async def test_however_long_a_policy_lets_people_be_called_there_is_an_end_to_it(stage: PagingStage) -> None:
    desk = await stage.page(policy=PagingPolicy(rota=ROTA.id, repeat_hours=3))

    await desk.at(hours=30)

    assert (await desk.progress()).round == 2
    assert (await desk.row()).stuck
    before = await desk.history_length()
    await desk.later(days=3)
    assert await desk.history_length() == before


async def test_a_page_that_is_stopped_while_people_are_looked_up_ends(
    skipping: WorkflowEnvironment, database: Database, tmp_path: Path
) -> None:
    asked_patiently, told = asyncio.Event(), asyncio.Event()

    @activity.defn
    async def people_of_step(_: StepAsked) -> StepPeople:
        if not activity.info().is_local:
            asked_patiently.set()
        await told.wait()
        return StepPeople(people=(), owner=None)

    outbox = OutboxChannel(tmp_path / "outbox", "it@provider.example")
    async with opened(skipping, database, outbox, people_of_step) as stage:
        desk = await stage.begin()
        await asked_patiently.wait()
        await desk.handle.signal(PageWorkflow.stop, StopPage(event_id="e-1", why="responded"))
        assert (await desk.progress()).state == PageState.STOPPED
        told.set()

        assert (await desk.handle.result()).state == PageState.STOPPED


async def test_tables_that_are_ahead_of_a_page_are_put_right(stage: PagingStage) -> None:
    desk = await stage.page()
    async with stage.database.writing() as session:
        row = await page_row(session, desk.page.incident, 1)
        assert row is not None
        row.state, row.owner, row.seq = PageState.ACKNOWLEDGED, "p-lang", row.seq + 1
        session.add(row)

    await Rounds(stage.database, Runs(stage.environment.client)).correct(None)
    await desk.later(seconds=1)

    assert ((await desk.row()).state, (await desk.row()).owner) == (PageState.CALLING, None)
    await desk.stop("responded")


async def test_a_page_costs_few_events_and_keeps_addresses_to_itself(stage: PagingStage) -> None:
    desk = await stage.page()
    await desk.say("p-lang", Acknowledge())
    await desk.stop("responded")

    history = (await desk.handle.fetch_history()).to_json()

    assert await desk.history_length() <= 45
    for kept in ("chat:p-lang", "tom.lang@", "https://it.example/p/"):
        assert kept not in history
    (letter,) = stage.phones.letters
    assert "https://it.example/p/I-TEST" in letter.text
    assert letter.language == "en"


async def test_a_page_ends_although_its_last_call_breaks_while_it_is_called_off(
    dev_server: WorkflowEnvironment, database: Database, tmp_path: Path
) -> None:
    calling, called_off = asyncio.Event(), asyncio.Event()

    @activity.defn
    async def call(_: CallAsked) -> bool:
        calling.set()
        await called_off.wait()
        raise OSError("the database is away")

    outbox = OutboxChannel(tmp_path / "outbox", "it@provider.example")
    async with opened(dev_server, database, outbox, call) as stage:
        desk = await stage.begin()
        await calling.wait()
        stopping = asyncio.create_task(desk.stop("responded"))
        await desk.until(lambda progress: progress.state == PageState.STOPPED)
        called_off.set()
        receipt = await asyncio.wait_for(stopping, PATIENCE)

    assert receipt.state == PageState.STOPPED


async def test_whoever_comes_while_the_final_owner_is_looked_up_has_it(
    skipping: WorkflowEnvironment, database: Database, tmp_path: Path
) -> None:
    looking, taken = asyncio.Event(), asyncio.Event()

    @activity.defn
    async def final_owner(_: StepAsked) -> Callee | None:
        looking.set()
        await taken.wait()
        return Callee(person="p-sommer", name="Ida Sommer", methods=())

    outbox = OutboxChannel(tmp_path / "outbox", "it@provider.example")
    async with opened(skipping, database, outbox, final_owner) as stage:
        desk = await stage.page()
        passing = asyncio.create_task(desk.later(minutes=61))
        await looking.wait()
        answering = asyncio.create_task(desk.say("p-lang", Acknowledge()))
        await desk.until(lambda progress: progress.owner == "p-lang")
        taken.set()
        await answering
        await passing

        assert [kind for kind, *_ in await desk.news()] == ["late"]
        assert await desk.told("page_unanswered") == []
        assert (await desk.progress()).state == PageState.ACKNOWLEDGED
