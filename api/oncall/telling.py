"""How a rota is changed: at once or as a preview; whoever's shifts become others hears of it soon after the answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import BackgroundTasks, Depends, Query, Request

from api.dependencies import Now, WorkflowServer
from api.oncall.rota_checks import is_seen
from api.unnoted import Unnoted
from domain.oncall.rota import Rota
from workflows.client import Temporal


@dataclass(frozen=True)
class Teller:
    """What is kept is told by the next hourly look at the latest."""

    tasks: BackgroundTasks
    temporal: Temporal
    unnoted: Unnoted

    def soon(self, rota: Rota) -> None:
        # With the answer: only then it is saved.
        self.tasks.add_task(self.unnoted.tell, f"rota/{rota.id}", lambda key: is_seen(rota, key))
        self.tasks.add_task(self.temporal.tell_of_rotas)


@dataclass(frozen=True)
class Change:
    """With a preview nothing is kept of it."""

    now: datetime
    preview: bool
    teller: Teller


async def _making(
    request: Request,
    tasks: BackgroundTasks,
    temporal: WorkflowServer,
    now: Now,
    preview: Annotated[bool, Query(description="Only tell what would change; nothing is saved.")] = False,
) -> Change:
    return Change(now, preview, Teller(tasks, temporal, request.app.state.unnoted))


Making = Annotated[Change, Depends(_making)]
