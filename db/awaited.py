"""What cases wait for people to say: rewritten by whatever writes the case, in the same transaction."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Index, Text, delete, func, insert, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from db.cases.case import NEVER
from db.columns import UtcDateTime
from domain.cases.awaited import AwaitedBy, AwaitedLine, Awaiting, AwaitingCase
from domain.people import Role

# Whoever counts further wants to know that there are many.
MOST_COUNTED = 10_000
# What one statement may name.
_AT_ONCE = 500
_NOBODY = ""


class AwaitedRow(SQLModel, table=True):
    """One line for each person who is named for it, or one for nobody; the `first` of them stands for all.

    `line` is what is shown of it. What is never due sorts last.
    """

    __tablename__ = "awaited"
    __table_args__ = (
        Index("ix_awaited_person", "person", "due", "case", "step"),
        Index("ix_awaited_role", "role", "due", "case", "step"),
        Index("ix_awaited_customer", "customer", "due", "case", "step"),
        Index("ix_awaited_exception", "exception", "due", "case", "step"),
        Index("ix_awaited_due", "due", "case", "step"),
    )

    case: str = Field(primary_key=True, max_length=160)
    step: str = Field(primary_key=True, max_length=64)
    person: str = Field(primary_key=True, max_length=64)
    first: bool
    kind: str = Field(max_length=16)
    command: str = Field(max_length=32)
    role: str | None = Field(default=None, max_length=16)
    customer: str = Field(max_length=64)
    since: datetime = Field(sa_type=UtcDateTime)
    due: datetime = Field(sa_type=UtcDateTime)
    exception: bool
    internal: bool
    line: str = Field(sa_type=Text)


async def write_awaited(
    session: AsyncSession,
    by: AwaitedBy,
    waits: Iterable[Awaiting],
    at: datetime,
    *,
    besides: Collection[str] = (),
) -> bool:
    """From now on the case waits for these, and for those `besides` for which it waited already; whether that is new.

    The caller has its turn: nobody else writes this case before the transaction ends.
    """
    query = select(AwaitedRow.step, AwaitedRow.since, AwaitedRow.line).where(col(AwaitedRow.case) == by.case)
    known = {step: (since, line) for step, since, line in await session.execute(query.where(col(AwaitedRow.first)))}
    wanted = {wait.step: wait for wait in waits}
    new: list[AwaitedRow] = []
    gone = [step for step in known if step not in wanted and step not in besides]
    for step, wait in wanted.items():
        before = AwaitedLine.model_validate_json(known[step][1]) if step in known else None
        line = _line(by, wait, before, at)
        if line != before:
            new += _rows(line, internal=wait.internal)
            gone += [step] if before else []
    for first in range(0, len(gone), _AT_ONCE):
        steps = gone[first : first + _AT_ONCE]
        of_steps = col(AwaitedRow.step).in_(steps)
        await session.execute(delete(AwaitedRow).where(col(AwaitedRow.case) == by.case, of_steps))
    if new:
        await session.execute(insert(AwaitedRow), [row.model_dump() for row in new])
    return bool(new or gone)


def _line(by: AwaitedBy, wait: Awaiting, before: AwaitedLine | None, at: datetime) -> AwaitedLine:
    since = wait.since
    if since is None and before is not None and _is_same(before, wait):
        since = before.since
    facts = wait.model_dump(exclude={"since", "internal", "problem"})
    return AwaitedLine(**by.model_dump(), **facts, since=since or at, problem=wait.problem)


def _is_same(before: AwaitedLine, wait: Awaiting) -> bool:
    return (before.command, before.exception) == (wait.command, wait.exception)


def _rows(line: AwaitedLine, *, internal: bool) -> list[AwaitedRow]:
    written = line.model_dump_json(exclude_none=True)
    return [
        AwaitedRow(
            case=line.case,
            step=line.step,
            person=person,
            first=number == 0,
            kind=line.kind,
            command=line.command,
            role=line.role,
            customer=line.customer,
            since=line.since,
            due=line.due or NEVER,
            exception=line.exception,
            internal=internal,
            line=written,
        )
        for number, person in enumerate(dict.fromkeys(line.people) or (_NOBODY,))
    ]


async def nothing_awaited(session: AsyncSession, case: str) -> bool:
    """Whether that is new."""
    mine = col(AwaitedRow.case) == case
    return (await session.execute(delete(AwaitedRow).where(mine).returning(col(AwaitedRow.case)))).first() is not None


async def awaiting_cases(session: AsyncSession, kind: AwaitingCase, after: str, most: int) -> Sequence[str]:
    """By what their journals call them."""
    query = select(AwaitedRow.case).where(col(AwaitedRow.kind) == kind, col(AwaitedRow.case) > after)
    return (await session.execute(query.distinct().order_by(col(AwaitedRow.case)).limit(most))).scalars().all()


# The due time, the case and the step of the last line that was shown.
Position = tuple[datetime, str, str]
_PLACE = (col(AwaitedRow.due), col(AwaitedRow.case), col(AwaitedRow.step))


@dataclass(frozen=True)
class AwaitedFilter:
    """What is narrowed; None means any. `customers` is the caller's scope, None being all.

    `mine` is a person with their role: what they are named for, and what nobody is named for in that role.
    """

    customers: tuple[str, ...] | None = None
    kinds: tuple[AwaitingCase, ...] = tuple(AwaitingCase)
    internal: bool | None = None
    mine: tuple[str, Role] | None = None
    person: str | None = None
    role: Role | None = None
    exception: bool | None = None
    due_before: datetime | None = None


async def list_awaited(
    session: AsyncSession, wanted: AwaitedFilter, limit: int, after: Position | None = None
) -> list[AwaitedLine]:
    """What is due first, first. One line more than the limit, so that the caller sees whether others follow."""
    parts = []
    for query in _queries(wanted):
        cut = query.with_only_columns(*_PLACE, col(AwaitedRow.line))
        if after is not None:
            cut = cut.where(tuple_(*_PLACE) > after)
        parts.append(cut.order_by(*_PLACE).limit(limit + 1).subquery())
    # The database puts them together: it alone knows how it sorts texts.
    whole = union_all(*(select(part) for part in parts)).subquery()
    place = (whole.c.due, whole.c.case, whole.c.step)
    lines = (await session.execute(select(whole.c.line).order_by(*place).limit(limit + 1))).scalars()
    return [AwaitedLine.model_validate_json(line) for line in lines]


async def count_awaited(session: AsyncSession, wanted: AwaitedFilter) -> int:
    """How many there are, as far as `MOST_COUNTED`."""
    count = 0
    for query in _queries(wanted):
        some = query.with_only_columns(col(AwaitedRow.case)).limit(MOST_COUNTED).subquery()
        count += (await session.execute(select(func.count()).select_from(some))).scalar_one()
    return min(count, MOST_COUNTED)


def _queries(wanted: AwaitedFilter) -> Sequence[SelectOfScalar[AwaitedRow]]:
    """No line is found by two of them, and each is answered from one index in the order asked for."""
    if wanted.mine is not None:
        (person, role), both = wanted.mine, replace(wanted, mine=None)
        nobodys = _narrowed(both).where(col(AwaitedRow.role) == role, col(AwaitedRow.person) == _NOBODY)
        return _narrowed(both).where(col(AwaitedRow.person) == person), nobodys
    if wanted.person is not None:
        return (_narrowed(wanted).where(col(AwaitedRow.person) == wanted.person),)
    return (_narrowed(wanted).where(col(AwaitedRow.first)),)


def _narrowed(wanted: AwaitedFilter) -> SelectOfScalar[AwaitedRow]:
    query = select(AwaitedRow)
    if wanted.customers is not None:
        query = query.where(col(AwaitedRow.customer).in_(wanted.customers))
    if len(wanted.kinds) < len(AwaitingCase):
        query = query.where(col(AwaitedRow.kind).in_(wanted.kinds))
    if wanted.internal is not None:
        query = query.where(col(AwaitedRow.internal) == wanted.internal)
    if wanted.role is not None:
        query = query.where(col(AwaitedRow.role) == wanted.role)
    if wanted.exception is not None:
        query = query.where(col(AwaitedRow.exception) == wanted.exception)
    return query if wanted.due_before is None else query.where(col(AwaitedRow.due) < wanted.due_before)
