"""The stage of a row of a project: its wave hears what becomes of its orders, and nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow
from temporalio.worker import Worker

from db.assets.asset import assets_by_tag
from domain.ids import wave_workflow_id
from domain.kinds import OrderKind
from domain.orders.news import OrderNews
from domain.orders.order import ProjectPart
from tests.stories.scripts import FIELDS
from tests.stories.stage import MONDAY, OrderDesk, Stage
from tests.world import CONTRACT, part, part_order, request
from workflows.runner import workflow_runner


@workflow.defn
class HearingWave:
    """As much of a wave as an order knows."""

    def __init__(self) -> None:
        self._news: list[OrderNews] = []

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.signal
    def order_news(self, news: OrderNews) -> None:
        self._news.append(news)

    @workflow.query
    def news(self) -> list[OrderNews]:
        return self._news


@dataclass
class RowStage:
    stage: Stage

    async def place(self, attempt: int = 1) -> OrderDesk:
        """The notebook is to move in two hours."""
        asked = request(OrderKind.MOVE, **FIELDS[OrderKind.MOVE])
        now = (await self.stage.environment.get_current_time()).replace(microsecond=0)
        async with self.stage.database.reading() as session:
            known = await assets_by_tag(session, CONTRACT.customer, asked.assets)
        planned: ProjectPart = part(now + timedelta(hours=2), attempt=attempt)
        desk = OrderDesk(self.stage, part_order(asked, planned, now, known))
        await desk.place()
        return desk

    async def heard(self, of: OrderDesk) -> list[OrderNews]:
        """What the wave was told of one order."""
        first = part(MONDAY)
        wave = self.stage.environment.client.get_workflow_handle(wave_workflow_id(first.project, first.wave))
        return [news for news in await wave.query(HearingWave.news) if news.order == of.order.no]


@asynccontextmanager
async def hearing(stage: Stage) -> AsyncIterator[RowStage]:
    client, first = stage.environment.client, part(MONDAY)
    async with Worker(client, task_queue="waves", workflows=[HearingWave], workflow_runner=workflow_runner()):
        await client.start_workflow(HearingWave.run, id=wave_workflow_id(first.project, first.wave), task_queue="waves")
        yield RowStage(stage)
