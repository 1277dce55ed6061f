"""The journal: everything that happened, once, in one order for everybody who follows it."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Text, UniqueConstraint, func, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select

from db.columns import UtcDateTime
from db.turns import take_journal_turn
from domain.cases.events import Event


class JournalRow(SQLModel, table=True):
    __tablename__ = "journal"
    __table_args__ = (UniqueConstraint("workflow_id", "seq"),)

    id: int | None = Field(default=None, primary_key=True)
    workflow_id: str = Field(max_length=128)
    seq: int
    at: datetime = Field(sa_type=UtcDateTime)
    what: str = Field(max_length=64)
    customer: str = Field(max_length=64, index=True)
    event: str = Field(sa_type=Text)

    def as_event(self) -> Event:
        return _event(self.event)


# Everybody who follows the journal reads its last entries.
@lru_cache(maxsize=512)
def _event(text: str) -> Event:
    return Event.model_validate_json(text)


async def write_events(session: AsyncSession, workflow_id: str, customer: str, events: Sequence[Event]) -> bool:
    """Adds those events that are not in the journal yet; False when the journal held others in their place.

    Those never happened: they were written in a workflow task that was lost with its server before it was durable.
    """
    await take_journal_turn(session)
    first = events[0].seq if events else 0
    there = select(JournalRow).where(col(JournalRow.workflow_id) == workflow_id, col(JournalRow.seq) >= max(first, 1))
    written = {row.seq: row.as_event() for row in (await session.execute(there)).scalars()}
    lost = next((event.seq for event in events if event.seq in written and not alike(event, written[event.seq])), None)
    if lost is not None:
        await withdraw(session, workflow_id, lost)
    session.add_all(
        journal_row(workflow_id, customer, event)
        for event in events
        if event.seq not in written or (lost is not None and event.seq >= lost)
    )
    return lost is None


def journal_row(workflow_id: str, customer: str, event: Event) -> JournalRow:
    return JournalRow(
        workflow_id=workflow_id,
        seq=event.seq,
        at=event.at,
        what=event.what,
        customer=customer,
        event=event.model_dump_json(exclude_none=True),
    )


def alike(event: Event, written: Event) -> bool:
    """A task that is done again does the same at another time, and may find other delays."""
    return event.but(at=written.at, values=written.values) == written


async def withdraw(session: AsyncSession, workflow_id: str, first: int) -> None:
    """Take out of the case what never happened, from a sequence number on; that it was published stays on record."""
    query = update(JournalRow).where(col(JournalRow.workflow_id) == workflow_id, col(JournalRow.seq) >= first)
    await session.execute(query.values(seq=-col(JournalRow.id)))


async def timeline(session: AsyncSession, workflow_id: str) -> Sequence[JournalRow]:
    happened = (col(JournalRow.workflow_id) == workflow_id) & (col(JournalRow.seq) > 0)
    query = select(JournalRow).where(happened).order_by(col(JournalRow.seq))
    return (await session.execute(query)).scalars().all()


async def timelines(session: AsyncSession, workflow_ids: Sequence[str]) -> Sequence[JournalRow]:
    """Of several cases, in the order in which it was written."""
    happened = col(JournalRow.workflow_id).in_(workflow_ids) & (col(JournalRow.seq) > 0)
    query = select(JournalRow).where(happened).order_by(col(JournalRow.at), col(JournalRow.id))
    return (await session.execute(query)).scalars().all()


class JournalPart(NamedTuple):
    """Which entries of a journal: those of these happenings, or all others; so many after so many."""

    whats: frozenset[str] = frozenset()
    others: bool = True
    skip: int = 0
    most: int = 100


async def part_of(session: AsyncSession, workflow_ids: Sequence[str], part: JournalPart) -> Sequence[JournalRow]:
    """Of several cases, in the order in which it was written."""
    query = select(JournalRow).where(col(JournalRow.workflow_id).in_(workflow_ids), col(JournalRow.seq) > 0)
    what = col(JournalRow.what)
    query = query.where(what.not_in(part.whats) if part.others else what.in_(part.whats))
    query = query.order_by(col(JournalRow.at), col(JournalRow.id)).offset(part.skip).limit(part.most)
    return (await session.execute(query)).scalars().all()


async def latest(session: AsyncSession, workflow_ids: Sequence[str], most: int) -> Sequence[JournalRow]:
    """What has happened last in several cases, newest first."""
    if not workflow_ids:
        return ()
    # Of each case its own last ones, by its index: nobody looks through the journal from its end.
    parts = [
        select(col(JournalRow.id))
        .where(col(JournalRow.workflow_id) == case, col(JournalRow.seq) > 0)
        .order_by(col(JournalRow.seq).desc())
        .limit(most)
        .subquery()
        for case in workflow_ids
    ]
    last = union_all(*(select(part) for part in parts)).subquery()
    query = select(JournalRow).where(col(JournalRow.id).in_(select(last.c.id)))
    return (await session.execute(query.order_by(col(JournalRow.id).desc()).limit(most))).scalars().all()


async def events_after(
    session: AsyncSession, cursor: int, customers: tuple[str, ...] | None, limit: int = 200
) -> Sequence[JournalRow]:
    query = select(JournalRow).where(col(JournalRow.id) > cursor, col(JournalRow.seq) > 0)
    query = query.order_by(col(JournalRow.id)).limit(limit)
    if customers is not None:
        query = query.where(col(JournalRow.customer).in_(customers))
    return (await session.execute(query)).scalars().all()


async def newest(session: AsyncSession) -> int:
    return (await session.execute(select(func.max(JournalRow.id)))).scalar_one() or 0
