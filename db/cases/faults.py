"""Which cases are open, and what is wrong with them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TypeVar

from pydantic import TypeAdapter
from sqlalchemy import func, or_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from db.cases.case import CaseRow
from db.cases.journal import JournalRow, journal_row
from db.turns import take_journal_turn
from domain.cases.events import Event
from domain.cases.faults import CaseFault, FaultyCase, with_known
from domain.ids import fault_log_id
from domain.people import MACHINE

R = TypeVar("R", bound=CaseRow)
_FAULTS: TypeAdapter[tuple[CaseFault, ...]] = TypeAdapter(tuple[CaseFault, ...])
OVER = "fault_over"


async def to_look_at(
    session: AsyncSession, table: type[R], over: Collection[str], after: str, most: int
) -> Sequence[R]:
    """Cases that are not over, or have faults still, by number."""
    open_or_faulty = or_(col(table.state).not_in(over), col(table.faults).is_not(None))
    query = select(table).where(col(table.no) > after, open_or_faulty).order_by(col(table.no)).limit(most)
    return (await session.execute(query)).scalars().all()


async def faulty(
    session: AsyncSession, table: type[R], most: int, customers: tuple[str, ...] | None = None
) -> Sequence[R]:
    query = select(table).where(col(table.faults).is_not(None)).order_by(col(table.no)).limit(most)
    if customers is not None:
        query = query.where(col(table.customer).in_(customers))
    return (await session.execute(query)).scalars().all()


def faulty_case(row: CaseRow) -> FaultyCase:
    return FaultyCase(
        case=row.workflow_id, no=row.no, customer=row.customer, contract=row.contract, faults=row.as_faults()
    )


async def mark(session: AsyncSession, row: R, found: Sequence[CaseFault], at: datetime) -> tuple[CaseFault, ...]:
    """Show these faults and no others; whoever follows the stream hears of new ones, and of those that are gone."""
    known = row.as_faults()
    marked = with_known(found, known)
    if marked == known:
        return marked
    names = {fault.name for fault in known}
    new = [fault for fault in marked if fault.name not in names]
    gone = [fault for fault in known if fault.name not in {fault.name for fault in marked}]
    await _keep(session, row, marked)
    await _publish(
        session, row, [*((fault, fault.kind.value) for fault in new), *((fault, OVER) for fault in gone)], at
    )
    return marked


async def note_told(session: AsyncSession, row: CaseRow) -> None:
    await _keep(session, row, tuple(fault.but(told=True) for fault in row.as_faults()))


async def _keep(session: AsyncSession, row: CaseRow, faults: tuple[CaseFault, ...]) -> None:
    table = type(row)
    written = _FAULTS.dump_json(faults).decode() if faults else None
    await session.execute(update(table).where(col(table.no) == row.no).values(faults=written))


async def _publish(
    session: AsyncSession, row: CaseRow, happened: Sequence[tuple[CaseFault, str]], at: datetime
) -> None:
    if not happened:
        return
    await take_journal_turn(session)
    log = fault_log_id(row.workflow_id)
    last = select(func.max(JournalRow.seq)).where(col(JournalRow.workflow_id) == log)
    first = ((await session.execute(last)).scalar_one() or 0) + 1
    for seq, (fault, what) in enumerate(happened, first):
        values = {"kind": fault.kind.value, "since": fault.since.isoformat(), "tries": str(fault.tries)}
        values |= {"about": fault.about} if fault.about else {}
        event = Event(seq=seq, at=at, what=what, actor=MACHINE, values=values)
        session.add(journal_row(log, row.customer, event))
