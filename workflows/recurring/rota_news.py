"""Every hour, and when a rota has been saved: who has to hear of their shifts."""

import asyncio
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.notices import Notices
    from activities.rota_news import LookAtRotas, RotaNews
    from workflows.effects import Impossible, patiently

# Whoever cannot be reached until the next look is tried again by that one.
UNTIL_THE_NEXT = timedelta(minutes=50)


@workflow.defn
class RotaNewsWorkflow:
    @workflow.run
    async def run(self) -> None:
        look = LookAtRotas(at=workflow.now())
        outgoing = await patiently(RotaNews.rota_news_due, look, summary="shifts that changed or begin soon")
        if not outgoing.messages:
            return
        try:
            telling = patiently(Notices.deliver, outgoing, summary="tell of shifts")
            await asyncio.wait_for(telling, UNTIL_THE_NEXT.total_seconds())
        except (Impossible, TimeoutError):
            # Every attempt is on record.
            workflow.logger.warning("not everybody could be told of their shifts")
