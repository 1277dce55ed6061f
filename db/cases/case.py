"""What the tables of orders and incidents have alike: written by their workflows' records, listed page by page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Text, func, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, Mapped
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from db.columns import UtcDateTime
from domain.cases.faults import CaseFault

CaseSort = Literal["received_at", "-received_at", "updated_at", "-updated_at", "deadline", "-deadline"]
# Only orders have visits.
Sort = Literal[CaseSort, "starts_at", "-starts_at"]
_FAULTS: TypeAdapter[tuple[CaseFault, ...]] = TypeAdapter(tuple[CaseFault, ...])
# Rows without a deadline sort after all that have one, in both databases alike.
NEVER = datetime.fromisoformat("2099-12-31T00:00:00+00:00")


class CaseRow(SQLModel):
    """`deadline` is the promise to the customer that runs out next, `stuck` that a person must act.

    `faults` are those of what runs it; whoever looks for them writes them, and the case itself leaves them alone.

    A row is `made` from what its case was started with, and then `follows` its progress.
    """

    no: str = Field(primary_key=True, max_length=64)
    customer: str = Field(max_length=64)
    contract: str = Field(max_length=64)
    state: str = Field(max_length=24)
    site: str = Field(max_length=64)
    reference: str | None = Field(default=None, max_length=200)
    received_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    deadline: datetime = Field(default=NEVER, sa_type=UtcDateTime)
    missed: bool = False
    stuck: bool = False
    seq: int = 0
    progress: str = Field(sa_type=Text)
    faults: str | None = Field(default=None, sa_type=Text)

    @property
    def workflow_id(self) -> str:
        raise NotImplementedError

    @property
    def promised(self) -> datetime | None:
        return None if self.deadline == NEVER else self.deadline

    def relies_on(self, at: datetime) -> frozenset[str]:
        """People without whom it does not get on from then on."""
        return frozenset()

    def as_faults(self) -> tuple[CaseFault, ...]:
        return _FAULTS.validate_json(self.faults) if self.faults else ()


R = TypeVar("R", bound=CaseRow)


@dataclass(frozen=True)
class Section:
    """`after` is the sort value and number of the last row that was shown."""

    sort: Sort = "-received_at"
    limit: int = 50
    after: tuple[datetime, str] | None = None


async def lately_written(
    session: AsyncSession, table: type[R], since: datetime | None, within: timedelta, most: int
) -> Sequence[R]:
    """Cases written since then; when that is not known, in the last moments in which any was written."""
    if since is None:
        newest = (await session.execute(select(func.max(table.updated_at)))).scalar_one()
        if newest is None:
            return ()
        since = newest
    query = select(table).where(col(table.updated_at) >= since - within)
    return (await session.execute(query.order_by(col(table.updated_at).desc()).limit(most))).scalars().all()


async def under_way(session: AsyncSession, table: type[R], contract: str, ended: Iterable[str]) -> Sequence[R]:
    query = select(table).where(col(table.contract) == contract, col(table.state).not_in(tuple(ended)))
    return (await session.execute(query)).scalars().all()


class EndedWithin(NamedTuple):
    """What is looked for: cases of a contract that ended, and of which something can have happened within."""

    contract: str
    states: tuple[str, ...]
    since: datetime
    until: datetime


async def count_ended(session: AsyncSession, table: type[R], wanted: EndedWithin, most: int) -> int:
    """No further than one more than so many."""
    some = select(table.no).where(*_ended(table, wanted)).limit(most + 1).subquery()
    return (await session.execute(select(func.count()).select_from(some))).scalar_one()


async def ended_after(
    session: AsyncSession, table: type[R], started: Mapped[str], wanted: EndedWithin, after: str, limit: int
) -> Sequence[tuple[str, str, str]]:
    """Number, and as they are written what it was `started` with and its progress; in the order of their numbers."""
    query = select(table.no, started, table.progress).where(*_ended(table, wanted), col(table.no) > after)
    rows = await session.execute(query.order_by(col(table.no)).limit(limit))
    return [(row[0], row[1], row[2]) for row in rows]


def _ended(table: type[CaseRow], wanted: EndedWithin) -> tuple[ColumnElement[bool], ...]:
    return (
        col(table.contract) == wanted.contract,
        col(table.state).in_(wanted.states),
        col(table.received_at) < wanted.until,
        col(table.updated_at) >= wanted.since,
        col(table.progress) != "",
    )


async def section_of(session: AsyncSession, table: type[R], query: SelectOfScalar[R], section: Section) -> Sequence[R]:
    """One row more than the limit, so that the caller sees whether there is a next page."""
    column = _column(table, section.sort)
    falling = section.sort.startswith("-")
    if section.after is not None:
        position = tuple_(column, col(table.no))
        query = query.where(position < section.after if falling else position > section.after)
    by = (column.desc(), col(table.no).desc()) if falling else (column, col(table.no))
    return (await session.execute(query.order_by(*by).limit(section.limit + 1))).scalars().all()


def narrowed(
    table: type[R], anyof: Mapping[str, Iterable[str] | None], exact: Mapping[str, str | bool | None]
) -> SelectOfScalar[R]:
    """What is None narrows nothing."""
    query = select(table)
    for name, values in anyof.items():
        if values is not None:
            query = query.where(getattr(table, name).in_(tuple(values)))
    for name, value in exact.items():
        if value is not None:
            query = query.where(getattr(table, name) == value)
    return query


def received_within(
    table: type[R], query: SelectOfScalar[R], since: datetime | None, until: datetime | None
) -> SelectOfScalar[R]:
    if since is not None:
        query = query.where(col(table.received_at) >= since)
    return query if until is None else query.where(col(table.received_at) < until)


def sort_value(row: CaseRow, sort: Sort) -> datetime:
    value: datetime = getattr(row, sort.removeprefix("-"))
    return value


def _column(table: type[R], sort: Sort) -> InstrumentedAttribute[datetime]:
    column: InstrumentedAttribute[datetime] = getattr(table, sort.removeprefix("-"))
    return column
