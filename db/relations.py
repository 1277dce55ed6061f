"""How incidents are about to stand to each other: remembered until the tables of incidents show it themselves.

What an incident was told reaches its row a moment later. Whoever asks in between would find neither the parent that
was just named nor the other half of a loop.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select

from db.columns import UtcDateTime
from db.incidents import IncidentRow
from domain.incidents.progress import IncidentState
from domain.incidents.relatives import MOST_CHILDREN, MOST_PARENTS, REMEMBERED, RelationKind


class RelationRow(SQLModel, table=True):
    __tablename__ = "incident_relations"

    kind: str = Field(primary_key=True, max_length=16)
    no: str = Field(primary_key=True, max_length=64)
    other: str = Field(max_length=64)
    customer: str = Field(max_length=64, index=True)
    asked_at: datetime = Field(sa_type=UtcDateTime)


async def remembered(session: AsyncSession, kind: RelationKind, customer: str, at: datetime) -> dict[str, str]:
    """To which other each incident of the customer is about to stand so."""
    fresh = col(RelationRow.asked_at) > at - REMEMBERED
    query = select(RelationRow).where(RelationRow.kind == kind, RelationRow.customer == customer, fresh)
    return {row.no: row.other for row in (await session.execute(query)).scalars()}


async def remember(session: AsyncSession, row: RelationRow) -> None:
    await session.execute(delete(RelationRow).where(col(RelationRow.asked_at) <= row.asked_at - REMEMBERED))
    await session.merge(row)


async def forget(session: AsyncSession, kind: RelationKind, no: str, other: str) -> None:
    known = col(RelationRow.kind) == kind, col(RelationRow.no) == no, col(RelationRow.other) == other
    await session.execute(delete(RelationRow).where(*known))


async def parts_of(session: AsyncSession, no: str) -> list[IncidentRow]:
    """Its parts and theirs, as far as the tables know, those above before those below; never more than one too many."""
    found: dict[str, IncidentRow] = {}
    level = [no]
    for _ in range(MOST_PARENTS):
        query = select(IncidentRow).where(col(IncidentRow.parent).in_(level)).order_by(col(IncidentRow.no))
        rows = (await session.execute(query.limit(MOST_CHILDREN + 1))).scalars().all()
        new = {row.no: row for row in rows if row.no not in found and row.no != no}
        found |= new
        level = list(new)
        if not level or len(found) > MOST_CHILDREN:
            break
    return list(found.values())[: MOST_CHILDREN + 1]


async def coming_parts(session: AsyncSession, no: str, at: datetime) -> tuple[str, ...]:
    """Unsolved ones that are about to become its parts: their rows do not say so yet, or are not there at all."""
    fresh = col(RelationRow.asked_at) > at - REMEMBERED
    about = select(RelationRow.no).where(
        RelationRow.kind == RelationKind.PARENT, col(RelationRow.other) == no, RelationRow.no != no, fresh
    )
    named = (await session.execute(about.order_by(col(RelationRow.no)).limit(MOST_CHILDREN + 1))).scalars().all()
    states = select(col(IncidentRow.no), col(IncidentRow.state)).where(col(IncidentRow.no).in_(named))
    known = {row.no: IncidentState(row.state) for row in await session.execute(states)}
    return tuple(part for part in named if part not in known or known[part].is_unsolved)


def unsolved(rows: Iterable[IncidentRow]) -> tuple[str, ...]:
    return tuple(row.no for row in rows if IncidentState(row.state).is_unsolved)


def solved_with(rows: Iterable[IncidentRow], parent: str) -> tuple[str, ...]:
    """Those that the parent's solution has solved and that somebody may still reopen."""
    ended = (IncidentState.CANCELLED, IncidentState.MERGED)
    solved = (row for row in rows if not IncidentState(row.state).is_unsolved and row.state not in ended)
    return tuple(row.no for row in solved if row.as_progress().solved_with == parent)
