"""One process that works on cases and on what they are measured against, under the product's own settings.

Letters go where the settings say, or into the sink if that is asked for.
"""

import asyncio
import sys

from temporalio.worker import Worker

from activities.channels import Switchboard
from bench.bare import BareOrder, BareTimer, BareWave, Started
from bench.sink import sink_in
from bench.stand import BARE_QUEUE
from connectors.house_mail import channel
from connectors.links import links
from db.engine import open_database
from settings import Settings
from worker import activities, move_activities, order_worker, page_activities, paging_worker
from workflows.client import Temporal, connect
from workflows.engine.places import tuner


async def main() -> None:
    settings = Settings()
    client = await connect(lazy=False)
    sink = sink_in(settings.data_dir)
    mail = sink if "sink" in sys.argv else channel(settings)
    database = open_database(settings.database_url)
    moving = move_activities(database, Temporal(client, settings.task_queue))
    acts = (*activities(database, mail), *moving, sink.note)
    calls = page_activities(database, Switchboard(database, mail), links(settings))
    ours = order_worker(client, settings.task_queue, [*acts, *calls])
    calling = paging_worker(client, settings.task_queue, calls)
    bare = ours.config(active_config=False)
    bare["task_queue"] = BARE_QUEUE
    # Of places they shared, the polls of one would keep the other from its tasks for seconds.
    bare["tuner"] = tuner()
    bare["workflows"] = [BareOrder, BareTimer, BareWave, Started]
    async with calling, ours, Worker(**bare):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
