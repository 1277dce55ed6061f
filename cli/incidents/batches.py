"""`imac incident bulk`: one command for a list of incidents, previewed first or done at once."""

import uuid
from dataclasses import dataclass
from typing import Annotated, Literal

from cyclopts import Parameter
from pydantic import BaseModel, JsonValue
from rich.console import RenderableType

from cli.asking import ASKING, Asking
from cli.cases import Several, Why
from cli.http import WordedFault, parsed, path
from cli.incidents.commands import NOBODY, Taker
from cli.tables import filled, table
from documents.wording import word
from domain.incidents.batches import BatchOutcome, BatchStanding
from domain.people import Language
from domain.priorities import Grade


class AnsweredRow(BaseModel):
    no: str
    outcome: BatchOutcome
    standing: BatchStanding | None = None
    errors: tuple[WordedFault, ...] = ()


class AnsweredBatch(BaseModel):
    rows: tuple[AnsweredRow, ...]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class BulkOptions:
    category: str | None = None
    "Category, to classify."
    impact: Grade | None = None
    "Impact, to classify."
    urgency: Grade | None = None
    "Urgency, to classify."
    solution: str | None = None
    "Solution, to resolve."
    with_children: bool | None = None
    "Resolve their parts as well, or leave them as they are."
    order: str | None = None
    "Order to link."
    parent: str | None = None
    "Parent incident to link."
    preview: Annotated[bool, Parameter(negative="")] = False
    "Show what would become of each; changes nothing."

    def fields(self) -> dict[str, JsonValue]:
        return {key: value for key, value in vars(self).items() if value is not None and key != "preview"}


NOTHING = BulkOptions()


async def bulk(
    command: Literal["hand-over", "classify", "resolve", "link"],
    incidents: Annotated[tuple[str, ...], Several],
    /,
    *,
    taker: Taker = NOBODY,
    said: BulkOptions = NOTHING,
    reason: Why = None,
    asking: Asking = ASKING,
) -> None:
    """Assign, classify, resolve or link up to 200 incidents; each has its own result.

    Parameters
    ----------
    command
        Command for all of them.
    incidents
        Incident numbers.
    """
    name = command.replace("-", "_")
    fields: dict[str, JsonValue] = taker.told() if name == "hand_over" else {}
    fields |= said.fields()
    fields |= {"reason": reason} if reason else {}
    body: dict[str, JsonValue] = {
        "incidents": list(incidents),
        "command": {"type": name, **fields},
        "preview": said.preview,
    }
    async with asking.api() as api:
        answer = await api.post(path("incidents", "batches"), body, key=uuid.uuid4().hex)
    asking.show(answer, lambda: picture(parsed(AnsweredBatch, answer), asking.language))


def picture(batch: AnsweredBatch, language: Language) -> RenderableType:
    made = table(language, "incident", "title", "state", "with", "category", "note")
    return filled(made, (cells(row, language) for row in batch.rows))


def cells(row: AnsweredRow, language: Language) -> tuple[str | None, ...]:
    problems = " ".join(fault.message for fault in row.errors)
    note = problems or word("batch_outcome", row.outcome, language)
    if row.standing is None:
        return row.no, None, None, None, None, note
    state = word("incident_state", row.standing.state, language)
    return row.no, row.standing.title, state, row.standing.holder, row.standing.category, note
