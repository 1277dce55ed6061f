"""What is worth watching in the tables, read whenever somebody asks for it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, case, func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from db.alerts.groups import GroupRow
from db.cases.case import CaseRow
from db.cases.notices import NoticeRow
from db.cases.rounds import MINUTE, RoundRow
from db.incidents import IncidentRow
from db.moves.launches import LaunchRow, WaveRow
from db.oncall.pages import PageRow
from db.orders import OrderRow
from domain.cases.faults import FaultKind
from domain.cases.notices import DeliveryOutcome

KINDS: Mapping[str, type[CaseRow]] = {
    "order": OrderRow,
    "incident": IncidentRow,
    "page": PageRow,
    "project": LaunchRow,
    "wave": WaveRow,
}
LATELY = timedelta(hours=1)
# What could not be sent for longer is nobody's work any more.
UNSENT_FOR = timedelta(days=7)
MOST_LETTERS = 10_000
OPEN = (DeliveryOutcome.FAILED, DeliveryOutcome.CLAIMED)


class TableFigures(NamedTuple):
    """Ages in seconds; nothing is as old as nothing."""

    dirty_groups: int
    oldest_dirty: float
    faulty_cases: Mapping[tuple[str, ...], int]
    stuck_cases: Mapping[tuple[str, ...], int]
    letters: Mapping[tuple[str, ...], int]
    oldest_claimed: float
    oldest_unsent: float
    round_age: float


async def figures_of(session: AsyncSession, at: datetime) -> TableFigures:
    groups = select(func.count(), func.min(GroupRow.dirty_at)).where(col(GroupRow.dirty_at).is_not(None))
    dirty, since = (await session.execute(groups)).one()
    # Letters have no index by time; the newest are at the end.
    newest = select(func.coalesce(func.max(NoticeRow.id), 0)).scalar_subquery()
    among = col(NoticeRow.id) > newest - MOST_LETTERS
    lately = among & (col(NoticeRow.at) > at - LATELY)
    claimed = select(func.min(NoticeRow.at)).where(col(NoticeRow.outcome) == DeliveryOutcome.CLAIMED, lately)
    letters = select(col(NoticeRow.outcome), func.count()).where(lately).group_by(col(NoticeRow.outcome))
    looked = select(RoundRow.looked_until).where(col(RoundRow.name) == MINUTE)
    return TableFigures(
        dirty_groups=dirty,
        oldest_dirty=_age(since, at),
        faulty_cases=await _faulty(session),
        stuck_cases={(kind,): await _stuck(session, table) for kind, table in KINDS.items()},
        letters={(str(outcome),): count for outcome, count in (await session.execute(letters)).all()},
        oldest_claimed=_age((await session.execute(claimed)).scalar(), at),
        oldest_unsent=_age(await _unsent_since(session, among & (col(NoticeRow.at) > at - UNSENT_FOR)), at),
        round_age=_age((await session.execute(looked)).scalar(), at),
    )


async def _faulty(session: AsyncSession) -> Mapping[tuple[str, ...], int]:
    """By kind of case and of fault; a case with two faults counts under each."""
    found: dict[tuple[str, ...], int] = {}
    for kind, table in KINDS.items():
        faults = col(table.faults)
        held = [func.sum(case((faults.contains(f'"kind":"{fault}"'), 1), else_=0)) for fault in FaultKind]
        counts = (await session.execute(select(*held).where(faults.is_not(None)))).one()
        found |= {(kind, fault.value): count or 0 for fault, count in zip(FaultKind, counts, strict=True)}
    return found


async def _stuck(session: AsyncSession, table: type[CaseRow]) -> int:
    query = select(func.count()).select_from(table).where(col(table.stuck).is_(True))
    return int((await session.execute(query)).scalar_one())


async def _unsent_since(session: AsyncSession, among: ColumnElement[bool]) -> datetime | None:
    """When the longest wait for a letter began: nothing was sent, and the last attempt failed or is under way."""
    last_open = func.max(case((col(NoticeRow.outcome).in_(OPEN), col(NoticeRow.id)), else_=0))
    sent = func.sum(case((col(NoticeRow.outcome) == DeliveryOutcome.SENT, 1), else_=0))
    waiting = (
        select(func.min(NoticeRow.at).label("since"))
        .where(among)
        .group_by(col(NoticeRow.key), col(NoticeRow.person))
        .having((sent == 0) & (last_open == func.max(NoticeRow.id)))
        .subquery()
    )
    since: datetime | None = (await session.execute(select(func.min(waiting.c.since)))).scalar()
    return since


def _age(since: datetime | None, at: datetime) -> float:
    return (at - since).total_seconds() if since is not None else 0.0
