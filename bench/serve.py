"""One process that works on orders and on what they are measured against, under the product's own settings."""

import asyncio

from temporalio.worker import Worker

from bench.bare import BareOrder, Started
from bench.stand import BARE_QUEUE
from connectors.house_mail import channel
from db.engine import open_database
from settings import Settings
from worker import activities, order_worker
from workflows.client import connect


async def main() -> None:
    settings = Settings()
    client = await connect(lazy=False)
    acts = activities(open_database(settings.database_url), channel(settings))
    ours = order_worker(client, settings.task_queue, acts)
    bare = ours.config(active_config=False)
    bare["task_queue"] = BARE_QUEUE
    bare["workflows"] = [BareOrder, Started]
    async with ours, Worker(**bare):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
