"""Holding the tables against what histories hold, and writing what is missing and old. Nothing is sent or done again.

Whoever is broken off begins again, and comes to the same end.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select

from activities.checks import CaseRuns, Checks
from activities.notices import Notices
from activities.rebuilding.cases import RebuiltCases
from activities.rebuilding.deeds import RememberedCase
from activities.rebuilding.effects import Effects
from activities.rebuilding.groups import Groups
from activities.rebuilding.images import drawn
from activities.rebuilding.letters import Letters
from activities.rebuilding.projects import Projects
from activities.rebuilding.tallies import RebuildTally
from db.cases.case import CaseRow
from db.engine import Database
from db.rebuilding import rebuild as follow_rows
from db.standing_cases import TABLES, row_of
from domain.cases.rebuilding import MOST_NAMED, RebuildReport, UnreadableCase
from domain.ids import WAVE, case_no_of, project_of, wave_of

_GROUP = "alert-group"


class Rebuild:
    """Takes what was remembered, case by case, and then finishes. Without `writes` it only looks."""

    def __init__(self, database: Database, notices: Notices, *, writes: bool, since: datetime | None = None) -> None:
        self._database = database
        self._writes = writes
        self._since = since
        self._tally = RebuildTally()
        self._cases = RebuiltCases(database, self._tally, writes=writes)
        self._projects = Projects(database, self._cases, self._tally, writes=writes)
        self._effects = Effects(database, self._tally, writes=writes)
        self._letters = Letters(database, notices, self._tally, writes=writes)
        self._groups = Groups(database, self._tally, writes=writes)
        self._unreadable: list[UnreadableCase] = []
        # By table and number: whether it is run still.
        self._taken: dict[tuple[str, str], bool] = {}

    async def begin(self) -> None:
        """Before any history is read."""
        await self._groups.begin()

    async def take(self, case: RememberedCase) -> None:
        kind = _kind_of(case.case)
        if kind in TABLES:
            table, no = row_of(case.case)
            self._taken[f"{table.__tablename__}", no] = case.is_open
        if case.cause is not None:
            self._unreadable.append(UnreadableCase(case=case.case, cause=case.cause))
            return
        await self._letters.take(case)
        if kind in ("project", WAVE):
            self._projects.take(_project_of(case.case), case)
        elif kind == _GROUP:
            self._groups.take(case)
        elif (image := drawn(case.deeds)) is not None:
            await self._cases.hold(image)
        if kind in ("order", "incident"):
            await self._effects.take(case)

    async def untaken(self) -> list[str]:
        """RebuiltCases that are open in the tables, and of which nothing was taken."""
        return [row.workflow_id for row in await self._open_rows() if _place_of(row) not in self._taken]

    async def finish(self, runs: CaseRuns) -> RebuildReport:
        """Raises `Away` while Temporal cannot be asked what has become of cases."""
        await self._projects.finish()
        await self._effects.finish()
        await self._groups.finish()
        if self._writes and (amended := await follow_rows(self._database)):
            self._tally.add("awaited", old=amended)
        lost = await self._lost(runs)
        return RebuildReport(
            written=self._writes,
            since=self._since,
            cases=len(self._taken),
            tables=self._tally.findings(),
            unreadable=tuple(self._unreadable[:MOST_NAMED]),
            lost=tuple(lost[:MOST_NAMED]),
            lost_count=len(lost),
            ahead=tuple(sorted(self._cases.ahead)[:MOST_NAMED]),
            ended_unknown=await self._count_forgotten(),
            without_plan=tuple(sorted(self._projects.without_plan)),
            groups_unknown=self._groups.unknown,
            under_way=self._letters.under_way,
        )

    @property
    def ahead(self) -> dict[str, int]:
        """RebuiltCases of which the tables know more than Temporal, and up to which number."""
        return self._cases.ahead

    async def _lost(self, runs: CaseRuns) -> list[str]:
        """Open in the tables, and nothing runs them; the check marks them, and their owners are told by it."""
        rows = [row for row in await self._open_rows() if not self._taken.get(_place_of(row))]
        if self._writes:
            faulty = await Checks(self._database, runs).look_at(rows)
            return sorted(found.case for found in faulty)
        # A row that is only old is none: what is taken of it says that it has ended as it should.
        open_still = [
            row for row in rows if _place_of(row) not in self._taken or row.workflow_id in self._cases.unfinished
        ]
        standings = {row.workflow_id: await runs.standing(row.workflow_id) for row in open_still}
        return sorted(case for case, standing in standings.items() if standing.ended is not None)

    async def _open_rows(self) -> Sequence[CaseRow]:
        rows: list[CaseRow] = []
        async with self._database.reading() as session:
            for table, over in TABLES.values():
                rows += (await session.execute(select(table).where(col(table.state).not_in(over)))).scalars().all()
        return rows

    async def _count_forgotten(self) -> int:
        """RebuiltCases that have ended, and of which the server keeps nothing any more."""
        count = 0
        async with self._database.reading() as session:
            for table, over in TABLES.values():
                query = select(table.no).where(col(table.state).in_(over))
                if self._since is not None:
                    query = query.where(col(table.updated_at) >= self._since)
                numbers = (await session.execute(query)).scalars()
                count += sum((f"{table.__tablename__}", no) not in self._taken for no in numbers)
        return count


def _place_of(row: CaseRow) -> tuple[str, str]:
    return f"{row.__tablename__}", row.no


def _kind_of(case: str) -> str | None:
    """None for what is no case, such as what runs by a schedule."""
    try:
        return case_no_of(case)[0]
    except ValueError:
        return None


def _project_of(case: str) -> str:
    return wave_of(case)[0] if case_no_of(case)[0] == WAVE else project_of(case)
