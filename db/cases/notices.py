"""Notices that were written, and every attempt to deliver one."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Text, UniqueConstraint, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, func, select

from db.columns import UtcDateTime
from domain.cases.notices import LEASE, DeliveryOutcome, NoticeAttempt

# Histories do not hold by which channel somebody was told, nor how often that was tried.
FROM_HISTORY = "known from history"
# Whoever was sending it has died over it.
BROKEN_OFF = "broken off; it may have gone out"
# Letters have no index by outcome; claims are among the newest.
_AMONG = 10_000


class NoticeRow(SQLModel, table=True):
    """One attempt to reach one person by one channel, numbered per person. `person` is `role:…` where it has nobody."""

    __tablename__ = "notice_attempts"
    __table_args__ = (UniqueConstraint("key", "person", "attempt"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=200, index=True)
    case: str = Field(max_length=128, index=True)
    template: str = Field(max_length=64)
    person: str = Field(max_length=64)
    channel: str = Field(max_length=64)
    attempt: int
    outcome: str = Field(max_length=16)
    detail: str | None = Field(default=None, sa_type=Text)
    at: datetime = Field(sa_type=UtcDateTime)

    @property
    def is_undecided(self) -> bool:
        """Nobody has said what came of it."""
        return self.outcome == DeliveryOutcome.CLAIMED or self.detail == BROKEN_OFF

    def as_attempt(self) -> NoticeAttempt:
        return NoticeAttempt.model_validate(self.model_dump())


class Attempt(NamedTuple):
    """Under this key, this person is told by this channel."""

    key: str
    case: str
    template: str
    person: str
    channel: str


class Claim(NamedTuple):
    """The right to make one attempt, and the duty to say what came of it."""

    row: int
    case: str


async def claim(session: AsyncSession, attempt: Attempt, at: datetime) -> Claim | DeliveryOutcome:
    """What came of it already; `claimed` when somebody else is at it. Raises `IntegrityError` if two claim at once."""
    past = await _past(session, attempt)
    if any(row.outcome == DeliveryOutcome.SENT for row in past):
        return DeliveryOutcome.SENT
    claimed = [row for row in past if row.outcome == DeliveryOutcome.CLAIMED]
    if any(at - row.at < LEASE for row in claimed):
        return DeliveryOutcome.CLAIMED
    for row in claimed:
        row.outcome, row.detail = DeliveryOutcome.FAILED, BROKEN_OFF
    row = _following(past, attempt, DeliveryOutcome.CLAIMED, at)
    session.add(row)
    await session.flush()
    assert row.id is not None
    return Claim(row.id, attempt.case)


async def settle(
    session: AsyncSession, claimed: Claim, outcome: DeliveryOutcome, at: datetime, detail: str | None
) -> None:
    """Whatever has been thought of it since: whoever has sent it knows best."""
    query = update(NoticeRow).where(col(NoticeRow.id) == claimed.row)
    await session.execute(query.values(outcome=outcome, at=at, detail=detail))


async def give_up_claims(session: AsyncSession, at: datetime) -> None:
    """Those that have run out: nobody may come back for one, as for a question that was answered before it was put."""
    newest = select(func.coalesce(func.max(NoticeRow.id), 0)).scalar_subquery()
    has_run_out = (col(NoticeRow.id) > newest - _AMONG) & (col(NoticeRow.at) <= at - LEASE)
    query = update(NoticeRow).where(col(NoticeRow.outcome) == DeliveryOutcome.CLAIMED, has_run_out)
    await session.execute(query.values(outcome=DeliveryOutcome.FAILED, detail=BROKEN_OFF))


async def note(session: AsyncSession, attempt: Attempt, outcome: DeliveryOutcome, at: datetime) -> None:
    """What came of it without anything being sent. Raises `IntegrityError` when two note it at once."""
    session.add(_following(await _past(session, attempt), attempt, outcome, at))


async def recall(session: AsyncSession, attempt: Attempt, outcome: DeliveryOutcome, at: datetime) -> None:
    """Write down what came of it as somebody else remembers it, unless as much is known here.

    Raises `IntegrityError` when two write it at once.
    """
    past = await _past(session, attempt)
    if not knows(past, attempt, outcome):
        row = _following(past, attempt, outcome, at)
        row.detail = FROM_HISTORY
        session.add(row)


def knows(past: Sequence[NoticeRow], attempt: Attempt, outcome: DeliveryOutcome) -> bool:
    """Whether the attempts of a key tell of this one: whoever was reached is reached by whatever channel."""
    theirs = [row for row in past if row.person == attempt.person]
    was_sent = any(row.outcome == DeliveryOutcome.SENT for row in theirs)
    return was_sent or any(row.outcome == outcome and row.channel == attempt.channel for row in theirs)


async def _past(session: AsyncSession, attempt: Attempt) -> list[NoticeRow]:
    return [row for row in await attempts_for(session, attempt.key) if row.person == attempt.person]


def _following(past: list[NoticeRow], attempt: Attempt, outcome: DeliveryOutcome, at: datetime) -> NoticeRow:
    number = max((row.attempt for row in past), default=0) + 1
    return NoticeRow(**attempt._asdict(), attempt=number, outcome=outcome, at=at)


async def attempts_for(session: AsyncSession, key: str) -> Sequence[NoticeRow]:
    query = select(NoticeRow).where(col(NoticeRow.key) == key).order_by(col(NoticeRow.id))
    return (await session.execute(query)).scalars().all()


async def notices_of(session: AsyncSession, *cases: str) -> Sequence[NoticeRow]:
    query = select(NoticeRow).where(col(NoticeRow.case).in_(cases)).order_by(col(NoticeRow.id))
    return (await session.execute(query)).scalars().all()
