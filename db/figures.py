"""What is worth watching in the tables, read whenever somebody asks for it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from db.alerts.groups import GroupRow
from db.cases.case import CaseRow
from db.cases.notices import NoticeRow
from db.incidents import IncidentRow
from db.moves.launches import LaunchRow, WaveRow
from db.oncall.pages import PageRow
from db.orders import OrderRow
from domain.cases.notices import DeliveryOutcome

KINDS: Mapping[str, type[CaseRow]] = {
    "order": OrderRow,
    "incident": IncidentRow,
    "page": PageRow,
    "project": LaunchRow,
    "wave": WaveRow,
}
LATELY = timedelta(hours=1)
MOST_LETTERS = 10_000


class TableFigures(NamedTuple):
    """Ages in seconds; nothing is as old as nothing."""

    dirty_groups: int
    oldest_dirty: float
    faulty_cases: Mapping[str, int]
    letters: Mapping[str, int]
    oldest_claimed: float


async def figures_of(session: AsyncSession, at: datetime) -> TableFigures:
    groups = select(func.count(), func.min(GroupRow.dirty_at)).where(col(GroupRow.dirty_at).is_not(None))
    dirty, since = (await session.execute(groups)).one()
    # Letters have no index by time; the newest are at the end.
    newest = select(func.coalesce(func.max(NoticeRow.id), 0)).scalar_subquery()
    lately = (col(NoticeRow.id) > newest - MOST_LETTERS) & (col(NoticeRow.at) > at - LATELY)
    claimed = select(func.min(NoticeRow.at)).where(col(NoticeRow.outcome) == DeliveryOutcome.CLAIMED, lately)
    letters = select(col(NoticeRow.outcome), func.count()).where(lately).group_by(col(NoticeRow.outcome))
    return TableFigures(
        dirty_groups=dirty,
        oldest_dirty=_age(since, at),
        faulty_cases={kind: await _faulty(session, table) for kind, table in KINDS.items()},
        letters={str(outcome): count for outcome, count in (await session.execute(letters)).all()},
        oldest_claimed=_age((await session.execute(claimed)).scalar(), at),
    )


async def _faulty(session: AsyncSession, table: type[CaseRow]) -> int:
    query = select(func.count()).select_from(table).where(col(table.faults).is_not(None))
    return int((await session.execute(query)).scalar_one())


def _age(since: datetime | None, at: datetime) -> float:
    return (at - since).total_seconds() if since is not None else 0.0
