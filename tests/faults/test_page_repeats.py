"""Nobody takes a page, and its workers die over every activity: each round calls exactly once."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from temporalio.testing import WorkflowEnvironment

from db.cases.journal import timeline
from db.cases.notices import notices_of
from db.engine import Database
from db.oncall.pages import page_row
from domain.cases.notices import DeliveryOutcome
from domain.contracts.paging import PagingPolicy, PagingStep
from domain.oncall.page import Page, PageState
from domain.people import Role
from tests.faults.undying import all_died_over, surroundings, undying
from tests.patience import until
from tests.stories.paging_stage import VALUES
from tests.world import furnish
from workflows.paging import PageWorkflow

IMPATIENT = PagingPolicy(steps=(PagingStep(to=Role.TECHNICIAN),), last_minutes=0, repeat_minutes=1)


async def test_the_next_round_of_a_red_page_calls_exactly_once_however_many_workers_die(
    dev_server: WorkflowEnvironment, database: Database, database_url: str, tmp_path: Path
) -> None:
    await furnish(database)
    deaths, environment = surroundings(dev_server, database_url, tmp_path)
    started = datetime.now(UTC)
    page = Page(
        no=1,
        case="incident/I-RED",
        customer="adler",
        contract="adler-2026",
        policy=IMPATIENT,
        cause="reported",
        values=VALUES,
        started_at=started,
    )
    case = f"{page.case}/page/1"

    async def round_of_page() -> int:
        async with database.reading() as session:
            row = await page_row(session, page.incident, page.no)
        progress = row.as_progress() if row else None
        if progress is None or progress.state != PageState.UNANSWERED:
            return 0
        tried = [attempt for call in progress.calls for attempt in call.attempts if attempt.ended_at is not None]
        return progress.round if len(tried) == progress.round else 0

    async with undying(environment, deaths):
        await dev_server.client.start_workflow(PageWorkflow.run, page, id=case, task_queue="dying")
        await until(round_of_page, lambda turn: turn == 1)
        await asyncio.sleep((started + timedelta(minutes=1) - datetime.now(UTC)).total_seconds())
        await until(round_of_page, lambda turn: turn == 2)
        await all_died_over(deaths, "record_page", "people_of_step", "call", "final_owner")
    await dev_server.client.get_workflow_handle(case).terminate()

    async with database.reading() as session:
        journal = [entry.what for entry in await timeline(session, case)]
        called = [row.key for row in await notices_of(session, page.case) if row.outcome == DeliveryOutcome.SENT]
    assert called == ["page:I-RED/1/1/0/p-lang/mail", "page:I-RED/1/2/0/p-lang/mail"]
    assert (journal.count("paged_again"), journal.count("unanswered"), journal.count("called")) == (1, 2, 2)
