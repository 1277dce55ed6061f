"""What workers do once a minute, one at a time: rows ahead of history, claims of the dead, cases that stand still."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError
from temporalio.service import RPCError

from activities.checks import CaseRuns, Checks
from activities.failures import Away
from connectors.figures import WORK
from db.cases.case import CaseRow, lately_written
from db.cases.faults import faulty
from db.cases.notices import give_up_claims
from db.cases.rounds import MINUTE, has_looked, looked_until, take_round
from db.engine import Database
from db.standing_cases import TABLES, row_of

log = structlog.get_logger()

EVERY = timedelta(minutes=1)
JITTER = 0.1
# A server that dies loses less than this; what was written before is compared once and not again.
LAST_MOMENTS = timedelta(seconds=15)
# At a start: what was written within this time before the last write is compared.
BEFORE_START = timedelta(minutes=2)
MOST_LOOKED_AT = 500


class RoundRuns(CaseRuns, Protocol):
    """Raises `Away` while nobody answers."""

    async def correct(self, case: str, written: int) -> bool: ...

    async def in_trouble(self) -> tuple[str, ...]: ...

    async def check_soon(self) -> None: ...


class Rounds:
    def __init__(self, database: Database, runs: RoundRuns) -> None:
        self._database = database
        self._runs = runs
        self._checks = Checks(database, runs)

    async def keep(self) -> None:
        """At its start every worker looks at the last moments before it, then one of them each minute."""
        has_begun = False
        while True:
            try:
                if not has_begun:
                    await self.correct(None)
                    has_begun = True
                if await take_round(self._database, MINUTE, datetime.now(UTC), EVERY):
                    await self.go()
            except (SQLAlchemyError, Away, RPCError) as error:
                log.warning("round is broken off", cause=type(error).__name__)
            await asyncio.sleep(EVERY.total_seconds() * random.uniform(1 - JITTER, 1 + JITTER))

    async def go(self) -> None:
        now = datetime.now(UTC)
        await self.correct(await looked_until(self._database, MINUTE))
        await has_looked(self._database, MINUTE, now)
        async with self._database.writing() as session:
            await give_up_claims(session, now)
        await self.look_at_trouble()

    async def correct(self, since: datetime | None) -> None:
        """What a worker wrote in its last moments may be lost to Temporal if the server died with it (ADR 8)."""
        within = BEFORE_START if since is None else LAST_MOMENTS
        async with self._database.reading() as session:
            rows = [
                row
                for table, _ in TABLES.values()
                for row in await lately_written(session, table, since, within, MOST_LOOKED_AT)
            ]
        for case, seq in [(row.workflow_id, row.seq) for row in rows]:
            try:
                if await self._runs.correct(case, seq):
                    WORK.rows_ahead.add()
            except Away:
                log.warning("case cannot be compared with its row", case=case)

    async def look_at_trouble(self) -> None:
        """Whose tasks fail is known within a minute; who had a fault is looked at again, until it is over."""
        cases = await self._runs.in_trouble()
        for case in cases:
            log.error("case stands still", case=case)
        rows = {row.workflow_id: row for row in await self._rows(cases)}
        if any(not fault.told for found in await self._checks.look_at(list(rows.values())) for fault in found.faults):
            await self._runs.check_soon()

    async def _rows(self, cases: tuple[str, ...]) -> list[CaseRow]:
        rows: list[CaseRow] = []
        async with self._database.reading() as session:
            for case in cases:
                try:
                    table, no = row_of(case)
                except ValueError:
                    continue
                row = await session.get(table, no)
                rows += [row] if row else []
            for table, _ in TABLES.values():
                rows += await faulty(session, table, MOST_LOOKED_AT)
        return rows
