"""One command for many incidents: assigned, classified, solved or linked together, with a result for each."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.cases.incident_commands import Classify, HandOver, Link, Resolve
from domain.incidents.progress import IncidentState
from domain.priorities import Priority
from domain.refusals import Problem
from domain.values import Line, Slug, Value

MOST_AT_ONCE = 200

BatchCommand = Annotated[HandOver | Classify | Resolve | Link, Field(discriminator="type")]


class IncidentBatch(Value):
    """`preview` says what would become of each, and changes nothing."""

    incidents: tuple[Slug, ...] = Field(min_length=1, max_length=MOST_AT_ONCE)
    command: BatchCommand
    preview: bool = False

    def problems(self) -> list[Problem]:
        return [
            Problem(code="listed_twice", at=f"/incidents/{row}", values={"incident": no})
            for row, no in enumerate(self.incidents)
            if no in self.incidents[:row]
        ]


class BatchOutcome(StrEnum):
    """Accepted is durable, but not written yet; unheard may be said again under the same key."""

    DONE = "done"
    ACCEPTED = "accepted"
    WOULD_DO = "would_do"
    REFUSED = "refused"
    UNHEARD = "unheard"


class BatchStanding(Value):
    """How one of them stands after that, or would stand."""

    title: Line
    state: IncidentState
    priority: Priority
    category: Slug | None
    holder: Slug
    parent: Slug | None
