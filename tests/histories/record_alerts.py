"""Record the histories of alert groups anew: `python -m tests.histories.record_alerts [name …]`.

A group's workflow ends when there is nothing to wait for and begins again with the next news, so that one course of
events leaves several histories.
"""

import asyncio
import gzip
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from pathlib import Path

from temporalio.client import WorkflowHistory

from connectors.channels import OutboxChannel
from db.engine import open_database
from db.schema import migrate
from domain.alerts.maintenance import MaintenanceWindow
from domain.cases.incident_commands import Confirm, Resolve
from domain.ids import alert_group_id, alert_group_workflow_id
from tests.histories import FOLDER
from tests.servers import time_skipping_server
from tests.stories.monitoring import RULE, Monitoring, alert, over
from tests.stories.stage import opened
from tests.world import REQUESTER, TECHNICIAN

ALERTS = FOLDER / "alerts"
GROUP = alert_group_id(RULE.id, {"alertname": "Down"})
Course = Callable[[Monitoring], AsyncIterator[None]]


def names() -> list[str]:
    return sorted(path.name.removesuffix(".json.gz") for path in ALERTS.glob("*.json.gz"))


def recorded(name: str) -> WorkflowHistory:
    written = gzip.decompress((ALERTS / f"{name}.json.gz").read_bytes()).decode()
    return WorkflowHistory.from_json(alert_group_workflow_id(GROUP), written)


async def told(prom: Monitoring) -> AsyncIterator[None]:
    """An incident hears of more, of the all-clear, and of its return; when it is closed, another follows it."""
    await prom.says(alert("1"))
    await prom.later(seconds=10)
    yield
    await prom.says(alert("2"))
    await prom.later(seconds=20)
    await prom.says(*over(alert("1"), alert("2")))
    await prom.later(minutes=7)
    yield
    await prom.says(alert("1"))
    await prom.later(minutes=2)
    first = await prom.incident()
    await first.say(TECHNICIAN, Resolve(solution="restarted"))
    await first.say(REQUESTER, Confirm())
    await prom.says(alert("1"))
    await prom.later(seconds=10)
    yield


async def flapping(prom: Monitoring) -> AsyncIterator[None]:
    for _ in range(4):
        await prom.says(alert("1"))
        await prom.later(seconds=70)
        await prom.says(*over(alert("1")))
        await prom.later(seconds=10)
    yield
    await prom.later(minutes=30)
    yield


async def maintenance(prom: Monitoring) -> AsyncIterator[None]:
    now = await prom.stage.environment.get_current_time()
    await prom.plans(
        MaintenanceWindow(id="m", customer="adler", why="new switches", start=now, end=now + timedelta(hours=1))
    )
    await prom.says(alert("1"))
    await prom.later(hours=2)
    yield


async def stuck(prom: Monitoring) -> AsyncIterator[None]:
    await prom.follows(RULE.but(contract="none"))
    await prom.says(alert("1"))
    await prom.later(minutes=20)
    await prom.follows(RULE)
    await prom.later(minutes=20)
    yield


async def goes_on(prom: Monitoring) -> AsyncIterator[None]:
    """What goes on firing after the solution is said, and has another incident when it may not heal any longer."""
    await prom.says(alert("1"))
    await prom.later(seconds=10)
    first = await prom.incident()
    await first.say(TECHNICIAN, Resolve(solution="restarted"))
    await prom.later(minutes=40)
    yield
    await prom.says(*over(alert("1")))
    await prom.later(minutes=10)
    yield


COURSES = {course.__name__: course for course in (told, flapping, maintenance, stuck, goes_on)}


async def record(course: Course, folder: Path) -> list[WorkflowHistory]:
    channel = OutboxChannel(folder / "outbox", "imacflow@provider.example")
    database = open_database(f"sqlite+aiosqlite:///{folder}/imacflow.db")
    runs: dict[str, WorkflowHistory] = {}
    async with time_skipping_server() as environment, opened(environment, database, channel) as stage:
        group = environment.client.get_workflow_handle(alert_group_workflow_id(GROUP))
        async for _ in course(await Monitoring(stage).follows(RULE)):
            runs[(await group.describe()).run_id] = await group.fetch_history()
    await database.close()
    return list(runs.values())


def main(chosen: Sequence[str]) -> None:
    for name in chosen or COURSES:
        with tempfile.TemporaryDirectory() as folder:
            migrate(f"sqlite+aiosqlite:///{folder}/imacflow.db")
            for number, history in enumerate(asyncio.run(record(COURSES[name], Path(folder))), 1):
                written = gzip.compress(history.to_json().encode(), mtime=0)
                (ALERTS / f"{name}-{number}.json.gz").write_bytes(written)


if __name__ == "__main__":
    main(sys.argv[1:])
