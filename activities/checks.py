"""Whether what the tables show is run by anybody, whether whatever runs gets on, and whether it is with anybody."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Protocol

import structlog
from sqlmodel import col, select
from temporalio import activity

from db.cases.case import CaseRow
from db.cases.faults import faulty_case, mark, note_told, to_look_at
from db.contracts import people_by_id
from db.engine import Database
from db.standing_cases import TABLES, row_of, row_table
from domain.cases.faults import CaseFault, FaultyCase, RunStanding, faults_of, left_alone
from domain.times import Instant
from domain.values import Line, Slug, Value

log = structlog.get_logger()

AT_ONCE = 8
# A case that has just begun is written in a moment.
SETTLED = timedelta(minutes=1)
PART = 500


class CaseRuns(Protocol):
    """What Temporal says of cases."""

    async def standing(self, case: str) -> RunStanding: ...

    def running(self, began_before: Instant) -> AsyncIterator[str]: ...

    async def write_anew(self, case: str) -> None: ...


class PartAsked(Value):
    """Cases of one kind, from a number on."""

    kind: Slug
    after: str = ""


class PartChecked(Value):
    """`following` is where the next part begins, None after the last."""

    looked_at: int
    faulty: tuple[FaultyCase, ...]
    following: str | None


class MissingAsked(Value):
    at: Instant


class Rewritten(Value):
    count: int


class TellingDone(Value):
    cases: tuple[Line, ...]


class Checks:
    def __init__(self, database: Database, runs: CaseRuns) -> None:
        self._database = database
        self._runs = runs

    @activity.defn
    async def check_part(self, asked: PartAsked) -> PartChecked:
        """What the tables call open, held against what runs it; faults are marked."""
        table, over = TABLES[asked.kind]
        async with self._database.reading() as session:
            rows = await to_look_at(session, table, over, asked.after, PART)
        faulty = await self.look_at(rows)
        return PartChecked(
            looked_at=len(rows), faulty=tuple(faulty), following=rows[-1].no if len(rows) == PART else None
        )

    @activity.defn
    async def write_missing(self, asked: MissingAsked) -> Rewritten:
        """What runs, held against the tables: a case without a row writes itself down."""
        count = 0
        running = [case async for case in self._runs.running(asked.at - SETTLED)]
        for some in _parts(running):
            for case in await self._without_row(some):
                log.warning("case has no row", case=case)
                await self._runs.write_anew(case)
                count += 1
        return Rewritten(count=count)

    @activity.defn
    async def note_told(self, done: TellingDone) -> None:
        async with self._database.writing() as session:
            for case in done.cases:
                table, no = row_of(case)
                if (row := await session.get(table, no)) is not None:
                    await note_told(session, row)

    async def look_at(self, rows: Sequence[CaseRow]) -> list[FaultyCase]:
        """Mark what is wrong with them; those with whom something is."""
        slots = asyncio.Semaphore(AT_ONCE)
        gone = await self._gone(rows)

        async def look(row: CaseRow) -> FaultyCase | None:
            async with slots:
                return await self._look(row, gone)

        return [found for found in await asyncio.gather(*map(look, rows)) if found is not None]

    async def _gone(self, rows: Sequence[CaseRow]) -> dict[str, Instant]:
        """Of all they rely on, who has left, and when."""
        now = datetime.now(UTC)
        people = sorted({person for row in rows for person in row.relies_on(now)})
        async with self._database.reading() as session:
            found = await people_by_id(session, people) if people else ()
        return {one.id: one.leaves_at for one in found if one.leaves_at is not None and one.is_gone_by(now)}

    async def _look(self, row: CaseRow, gone: Mapping[str, Instant]) -> FaultyCase | None:
        standing = await self._runs.standing(row.workflow_id)
        now = datetime.now(UTC)
        if row.faults is None and not _faults(row, standing, gone, now):
            return None
        async with self._database.writing() as session:
            fresh = await session.get(type(row), row.no)
            if fresh is None:
                return None
            # It may have ended well while it was looked at.
            found = () if fresh.state in row_table(fresh).over else _faults(fresh, standing, gone, now)
            await mark(session, fresh, found, now)
            await session.refresh(fresh)
        for fault in found:
            log.warning("case has a fault", case=fresh.workflow_id, fault=fault.kind, tries=fault.tries)
        return faulty_case(fresh) if found else None

    async def _without_row(self, cases: Sequence[str]) -> list[str]:
        wanted: dict[type[CaseRow], dict[str, str]] = {}
        for case in cases:
            table, no = row_of(case)
            wanted.setdefault(table, {})[no] = case
        missing = []
        async with self._database.reading() as session:
            for table, numbers in wanted.items():
                query = select(table.no).where(col(table.no).in_(list(numbers)))
                there = set((await session.execute(query)).scalars())
                missing += [case for no, case in numbers.items() if no not in there]
        return missing


def _faults(row: CaseRow, standing: RunStanding, gone: Mapping[str, Instant], at: Instant) -> tuple[CaseFault, ...]:
    return (*faults_of(standing, at), *left_alone(row.relies_on(at), gone))


def _parts(cases: Iterable[str]) -> Iterable[list[str]]:
    left = iter(cases)
    while part := list(islice(left, PART)):
        yield part
