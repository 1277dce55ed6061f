"""Telling many incidents the same: a row for each says what became of it, or would."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Body, Depends

from api.cases.instructions import instruction
from api.cases.standing import KNOWN_INCIDENTS, IncidentStanding
from api.dependencies import Context, IdempotencyKey, InContext, May, Spoken
from api.gate.routes import BoundedRoute
from api.incidents.commands import check_caller, looked_up, told
from api.incidents.relations import check_ties, way_on
from api.policy import Operation
from api.problems import Fault
from documents.wording import sentence
from domain.cases.instructions import heard_before
from domain.incidents.batches import BatchOutcome, BatchStanding, IncidentBatch
from domain.incidents.decisions import decide
from domain.incidents.incident import Incident
from domain.incidents.progress import IncidentProgress
from domain.keys import Key
from domain.people import Language
from domain.refusals import Refused, refuse_if
from domain.values import Slug, Value
from workflows.answers import TemporalAway

router = APIRouter(route_class=BoundedRoute, prefix="/incidents", tags=["incidents"])

# Each waits for its effects; more at once would only make all of them wait longer.
SIDE_BY_SIDE = 8


class BatchRow(Value):
    """What became of one incident of the list, in the order of the list."""

    no: Slug
    outcome: BatchOutcome
    standing: BatchStanding | None = None
    errors: tuple[Fault, ...] = ()


class BatchResult(Value):
    rows: tuple[BatchRow, ...]


@router.post("/batches", operation_id="commandIncidents")
async def command_incidents(
    batch: Annotated[IncidentBatch, Body()],
    caller: Annotated[Key, Depends(May(Operation.COMMAND_INCIDENTS))],
    context: InContext,
    language: Spoken,
    idempotency_key: IdempotencyKey = None,
) -> BatchResult:
    """Send one command to up to 200 incidents, or preview it. Each incident has its own result."""
    refuse_if(batch.problems())
    places = asyncio.Semaphore(SIDE_BY_SIDE)
    bulk = Bulk(batch, caller, context, language, idempotency_key)

    async def checked(no: str) -> None:
        async with places:
            await bulk.check_key(no)

    async def row(no: str) -> BatchRow:
        async with places:
            return await bulk.row(no)

    # Before the first is told: a key that was used for another command is refused for all of them.
    await asyncio.gather(*map(checked, batch.incidents))
    return BatchResult(rows=tuple(await asyncio.gather(*map(row, batch.incidents))))


class Bulk:
    def __init__(
        self, batch: IncidentBatch, caller: Key, context: Context, language: Language, key: str | None
    ) -> None:
        self._batch = batch
        self._caller = caller
        self._context = context
        self._language = language
        self._key = key

    async def check_key(self, no: str) -> None:
        """Raises `Unacceptable` when the incident was told something else under the same key."""
        if self._key is None or self._batch.preview:
            return
        async with self._context.database.reading() as session:
            found = await KNOWN_INCIDENTS.written(session, no)
        if found is not None:
            key = f"{self._key}/{no}"
            heard_before(found.progress.given, instruction(self._batch.command, self._caller, key, self._context))

    async def row(self, no: str) -> BatchRow:
        """One that is refused keeps none of the others."""
        try:
            standing = await KNOWN_INCIDENTS.seen(no, self._caller, self._context)
            return await (self._previewed(standing) if self._batch.preview else self._told(standing))
        except Refused as refused:
            errors = tuple(
                Fault(code=problem.code, at=problem.at, message=sentence(problem, self._language))
                for problem in refused.problems
            )
            return BatchRow(no=no, outcome=BatchOutcome.REFUSED, errors=errors)
        except TemporalAway:
            return BatchRow(no=no, outcome=BatchOutcome.UNHEARD)

    async def _previewed(self, standing: IncidentStanding) -> BatchRow:
        command, incident = self._batch.command, standing.incident
        await check_caller(self._caller, command, standing, self._context)
        found = await looked_up(command, incident, self._context)
        await check_ties(command, incident, self._context)
        given = instruction(command, self._caller, None, self._context, found)
        async with way_on(incident.no, self._context):
            progress = decide(incident, standing.progress, given)
        return BatchRow(no=incident.no, outcome=BatchOutcome.WOULD_DO, standing=standing_of(incident, progress))

    async def _told(self, standing: IncidentStanding) -> BatchRow:
        no = standing.incident.no
        key = None if self._key is None else f"{self._key}/{no}"
        receipt = await told(standing, self._batch.command, self._caller, key, self._context)
        outcome = BatchOutcome.ACCEPTED if receipt is None else BatchOutcome.DONE
        after = await KNOWN_INCIDENTS.seen(no, self._caller, self._context)
        return BatchRow(no=no, outcome=outcome, standing=standing_of(after.incident, after.progress))


def standing_of(incident: Incident, progress: IncidentProgress) -> BatchStanding:
    return BatchStanding(
        title=incident.request.title,
        state=progress.state,
        priority=progress.priority,
        category=progress.category,
        holder=progress.holder.holder,
        parent=progress.parent,
    )
