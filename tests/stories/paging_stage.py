"""The stage of a page: an incident that pages people, their phones, and everything they can look up."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from temporalio import workflow
from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.channels import Switchboard
from activities.notices import Notices
from activities.records import Records
from connectors.channels import OutboxChannel
from db.cases.journal import timeline
from db.cases.notices import NoticeRow, notices_of
from db.engine import Database
from db.oncall.pages import PageRow, page_row
from domain.cases.events import Event
from domain.cases.instructions import Instruction
from domain.cases.page_commands import PageCommand
from domain.contracts.paging import PagingPolicy
from domain.oncall.page import Page, PageNews, PageProgress, StopPage
from domain.people import Actor, Role
from domain.refusals import Refused
from tests.patience import until
from tests.stories.phones import LINKS, Phones
from tests.stories.stage import MONDAY
from tests.world import ROTA, furnish, furnish_on_call
from worker import page_activities, paging_worker
from workflows.client import Temporal
from workflows.paging import PageWorkflow, start_page
from workflows.receipts import Receipt
from workflows.runner import workflow_runner

QUEUE = "stories"
VALUES = {"zone": "Europe/Berlin", "priority": "blocker", "title": "Mailserver antwortet nicht", "site": "adler-hq"}
_NUMBERS = count(1)


@workflow.defn
class CalledAbout:
    """As much of an incident as a page knows: it pages, hears what becomes of it, and ends when it is told."""

    def __init__(self) -> None:
        self._news: list[PageNews] = []
        self._over = False

    @workflow.run
    async def run(self, page: Page) -> list[PageNews]:
        await start_page(page)
        await workflow.wait_condition(lambda: self._over)
        return self._news

    @workflow.signal
    def page_news(self, news: PageNews) -> None:
        self._news.append(news)

    @workflow.signal
    def end(self) -> None:
        self._over = True

    @workflow.query
    def news(self) -> list[PageNews]:
        return self._news


class PageDesk:
    """One page, and the people who are called about it."""

    def __init__(self, stage: "PagingStage", page: Page) -> None:
        self.stage = stage
        self.page = page
        self._said = count(1)

    async def say(self, person: str, command: PageCommand, *, request_id: str | None = None) -> Receipt:
        said = Instruction(
            command=command,
            actor=Actor(person=person, role=Role.TECHNICIAN),
            given_at=await self.now(),
            request_id=request_id or f"said-{next(self._said)}",
        )
        receipt = await self.stage.temporal.command(self.handle.id, said)
        assert receipt is not None
        return receipt

    async def tries(self, person: str, command: PageCommand, *, request_id: str | None = None) -> list[str]:
        """The codes with which the answer is refused."""
        try:
            await self.say(person, command, request_id=request_id)
        except Refused as refused:
            return [problem.code for problem in refused.problems]
        return []

    async def stop(self, why: str) -> Receipt:
        await self.handle.signal(PageWorkflow.stop, StopPage(event_id=f"stop-{why}", why=why))
        return await self.handle.result()

    async def later(self, **span: float) -> None:
        await self.stage.environment.sleep(timedelta(**span))

    async def now(self) -> datetime:
        return await self.stage.environment.get_current_time()

    async def progress(self) -> PageProgress:
        progress: PageProgress = await self.handle.query("progress", result_type=PageProgress)
        return progress

    async def until(self, holds: Callable[[PageProgress], bool]) -> None:
        await until(self.progress, holds)

    async def begun(self) -> None:
        """Return when the first steps were called and their methods tried, however busy the machine is."""
        await self.until(
            lambda progress: (
                bool(progress.calls)
                and all(call.attempts and call.attempts[-1].ended_at is not None for call in progress.calls)
            )
        )

    async def at(self, **span: float) -> None:
        """Let time pass until so long after the page began."""
        left = self.page.started_at + timedelta(**span) - await self.now()
        await self.stage.environment.sleep(max(left, timedelta(0)))

    async def calls(self) -> dict[tuple[str, str], float]:
        """The minute in which each person was called by each method, of all rounds."""
        calls = (await self.progress()).calls
        return {
            (call.person, tried.method.name): round((tried.at - self.page.started_at).total_seconds() / 60, 1)
            for call in calls
            for tried in call.attempts
        }

    async def first_calls(self) -> dict[str, float]:
        firsts: dict[str, float] = {}
        for (person, _), minute in (await self.calls()).items():
            firsts.setdefault(person, minute)
        return firsts

    async def written(self) -> PageRow | None:
        async with self.stage.database.reading() as session:
            return await page_row(session, self.page.incident, self.page.no)

    async def row(self) -> PageRow:
        row = await until(self.written)
        assert row is not None
        return row

    async def events(self, what: str | None = None) -> list[Event]:
        async with self.stage.database.reading() as session:
            rows = await timeline(session, self.handle.id)
        return [event for event in (row.as_event() for row in rows) if what in (None, event.what)]

    async def told(self, template: str) -> list[str]:
        """Who was written this message, in whatever order."""
        async with self.stage.database.reading() as session:
            rows = await notices_of(session, self.handle.id)
        return sorted(row.person for row in rows if row.template == template)

    async def attempts(self) -> list[NoticeRow]:
        async with self.stage.database.reading() as session:
            return list(await notices_of(session, self.page.case))

    async def news(self) -> list[tuple[str, str | None, str | None]]:
        heard = await self.incident.query(CalledAbout.news)
        return [(str(news.kind), news.person, news.owner) for news in heard]

    async def history_length(self) -> int:
        return (await self.handle.describe()).history_length

    @property
    def handle(self) -> WorkflowHandle[PageWorkflow, Receipt]:
        return self.stage.environment.client.get_workflow_handle_for(
            PageWorkflow.run, f"{self.page.case}/page/{self.page.no}"
        )

    @property
    def incident(self) -> WorkflowHandle[CalledAbout, list[PageNews]]:
        return self.stage.environment.client.get_workflow_handle_for(CalledAbout.run, self.page.case)


@dataclass
class PagingStage:
    environment: WorkflowEnvironment
    database: Database
    phones: Phones

    @property
    def temporal(self) -> Temporal:
        return Temporal(self.environment.client, QUEUE)

    async def page(self, **changes: object) -> PageDesk:
        """Somebody is paged now, has been called, and the row says so."""
        desk = await self.begin(**changes)
        await desk.later(seconds=1)
        await until(desk.written)
        return desk

    async def begin(self, **changes: object) -> PageDesk:
        now = (await self.environment.get_current_time()).replace(microsecond=0)
        page = Page(
            no=1,
            case=f"incident/I-TEST-{next(_NUMBERS):05}",
            customer="adler",
            contract="adler-2026",
            policy=PagingPolicy(rota=ROTA.id),
            cause="reported",
            values=VALUES,
            started_at=now,
        ).but(**changes)
        await self.environment.client.start_workflow(CalledAbout.run, page, id=page.case, task_queue=QUEUE)
        return PageDesk(self, page)


def acts_of(database: Database, phones: Phones, outbox: OutboxChannel) -> list[Callable[..., Any]]:
    return [
        *page_activities(database, phones, LINKS),
        Records(database).record_page,
        Notices(database, Switchboard(database, outbox)).deliver,
    ]


@asynccontextmanager
async def opened(
    environment: WorkflowEnvironment, database: Database, outbox: OutboxChannel, *stand_ins: Callable[..., Any]
) -> AsyncIterator[PagingStage]:
    """Everybody has a phone, on a Monday morning. Stand-ins act instead of their namesakes."""
    await furnish(database)
    await furnish_on_call(database)
    if environment.supports_time_skipping:
        await environment.sleep(MONDAY - await environment.get_current_time())
    phones = Phones()
    acts = {act.__name__: act for act in (*acts_of(database, phones, outbox), *stand_ins)}
    worker = Worker(
        environment.client,
        task_queue=QUEUE,
        workflows=[PageWorkflow, CalledAbout],
        activities=list(acts.values()),
        workflow_runner=workflow_runner(),
    )
    async with worker, paging_worker(environment.client, QUEUE, list(acts.values())):
        yield PagingStage(environment, database, phones)
