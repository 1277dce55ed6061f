"""How a rota is changed: at once or as a preview; whoever's shifts become others hears of it soon after the answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import BackgroundTasks, Depends, Query

from api.dependencies import Now, WorkflowServer
from workflows.client import Temporal


@dataclass(frozen=True)
class Teller:
    """What is kept is told by the next hourly look at the latest."""

    tasks: BackgroundTasks
    temporal: Temporal

    def soon(self) -> None:
        self.tasks.add_task(self.temporal.tell_of_rotas)


@dataclass(frozen=True)
class Change:
    """With a preview nothing is kept of it."""

    now: datetime
    preview: bool
    teller: Teller


async def _making(
    tasks: BackgroundTasks,
    temporal: WorkflowServer,
    now: Now,
    preview: Annotated[bool, Query(description="Only tell what would change; nothing is saved.")] = False,
) -> Change:
    return Change(now, preview, Teller(tasks, temporal))


Making = Annotated[Change, Depends(_making)]
