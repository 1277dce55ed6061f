"""One process that works on cases and on what they are measured against, under the product's own settings.

Letters go where the settings say, or into the sink if that is asked for.
"""

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from temporalio import activity
from temporalio.worker import Worker

from activities.channels import Switchboard
from bench.ground.bare import BareOrder, BareTimer, BareWave, Started
from bench.ground.stand import BARE_QUEUE
from connectors.channels import Letter
from connectors.house_mail import channel
from connectors.links import links
from db.engine import open_database
from settings import Settings
from worker import activities, move_activities, order_worker, page_activities, paging_worker
from workflows.client import Temporal, connect
from workflows.engine.places import tuner


@dataclass(frozen=True)
class Sink:
    """Where letters end that are waited for: it notes when each was handed over.

    A channel, and an activity that notes just the same for workflows that write no letters.
    """

    notes: Path
    name: str = "sink"

    async def send(self, letter: Letter) -> None:
        self._write(letter.key)

    @activity.defn
    async def note(self, key: str) -> None:
        self._write(key)

    def read(self) -> Mapping[str, datetime]:
        """When each key was noted first."""
        seen: dict[str, datetime] = {}
        for line in self.notes.read_text().splitlines() if self.notes.exists() else ():
            at, key = line.split(" ", 1)
            seen.setdefault(key, datetime.fromisoformat(at))
        return seen

    def _write(self, key: str) -> None:
        at = datetime.now(UTC)
        with self.notes.open("a") as notes:
            notes.write(f"{at.isoformat()} {key}\n")


def sink_in(folder: Path) -> Sink:
    return Sink(folder / "sink")


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
