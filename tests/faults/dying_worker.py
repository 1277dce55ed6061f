"""A worker that dies by SIGKILL at the worst moment: each activity once, after its effect and before its answer.

The folder it is given remembers which activities have already taken a worker with them. As long as `SPARED` lies there
as well, none of them does.
"""

import asyncio
import functools
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from temporalio import activity

from activities.channels import Switchboard
from connectors.house_mail import channel
from connectors.links import links
from db.engine import open_database
from settings import Settings
from worker import activities, move_activities, order_worker, page_activities, paging_worker
from workflows.client import Temporal, connect

SPARED = "spared"


def dying(act: Callable[..., Awaitable[object]], deaths: Path) -> Callable[..., Awaitable[object]]:
    definition = activity._Definition.must_from_callable(act)
    name = str(definition.name)

    @functools.wraps(act, updated=())  # the copy must not look like an activity already
    async def dies_after(asked: Any) -> object:  # noqa: ANN401  # stands in for any activity
        answer = await act(asked)
        death = deaths / name
        if not death.exists() and not (deaths / SPARED).exists():
            death.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    return activity.defn(name=name)(dies_after)


async def main(deaths: Path) -> None:
    settings = Settings()
    database, mail = open_database(settings.database_url), channel(settings)
    client = await connect(lazy=False)
    wired = (
        *activities(database, mail),
        *page_activities(database, Switchboard(database, mail), links(settings)),
        *move_activities(database, Temporal(client, settings.task_queue)),
    )
    acts = [dying(act, deaths) for act in wired]
    calling = paging_worker(client, settings.task_queue, acts)
    async with calling, order_worker(client, settings.task_queue, acts):
        await asyncio.Event().wait()
