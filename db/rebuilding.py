"""What follows from projections, made anew from them: after a migration, and as a repair while everything runs."""

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from db.awaited import AwaitedRow, awaiting_cases, nothing_awaited, write_awaited
from db.cases.case import CaseRow
from db.cases.faults import to_look_at
from db.contracts import PersonRow
from db.engine import Database
from db.incidents import IncidentRow
from db.moves.approvals import await_approval
from db.moves.launches import LaunchRow, WaveRow, workplaces_of
from db.moves.projects import list_projects, project_to_change
from db.oncall.pages import PageRow
from db.orders import OrderRow
from db.refinding import find_anew
from db.search import SearchWordRow
from db.standing_cases import TABLES, row_of
from db.turns import take_journal_turn
from domain.cases.awaited import AwaitingCase
from domain.incidents import awaited as incidents
from domain.moves.launched import awaited as moves
from domain.moves.launched.wave_progress import WorkplaceState
from domain.oncall import awaited as pages
from domain.orders import awaited as orders

# Whoever records a case meanwhile waits for so many at most.
_AT_ONCE = 100
_OPEN_ROWS = [state for state in WorkplaceState if state.is_open]


async def is_built(database: Database) -> bool:
    """Whether all is there that follows from what is: things are found, and somebody is waited for or no case open."""
    async with database.reading() as session:
        has_words = (await session.execute(select(SearchWordRow.ref).limit(1))).first() is not None
        if not has_words and (await session.execute(select(PersonRow.id).limit(1))).first() is not None:
            return False
        if (await session.execute(select(AwaitedRow.case).limit(1))).first() is not None:
            return True
        open_ = [await to_look_at(session, table, over, "", 1) for table, over in TABLES.values()]
        return not any(open_)


async def rebuild(database: Database) -> int:
    """Of how many cases it was written otherwise what they wait for."""
    amended = 0
    for table, over in TABLES.values():
        after: str | None = ""
        while after is not None:
            async with database.writing() as session:
                await take_journal_turn(session)
                rows = await to_look_at(session, table, over, after, _AT_ONCE)
                amended += sum([await _amend(session, row) for row in rows])
            after = rows[-1].no if len(rows) == _AT_ONCE else None
    for kind in (AwaitingCase(kind) for kind in TABLES):
        amended += await _forget_ended(database, kind)
    await find_anew(database)
    return amended + await _approvals(database)


async def _forget_ended(database: Database, kind: AwaitingCase) -> int:
    """Cases that are over wait for nothing, and none waits that is not there."""
    count, after = 0, ""
    while True:
        async with database.writing() as session:
            await take_journal_turn(session)
            cases = await awaiting_cases(session, kind, after, _AT_ONCE)
            count += sum([await _forget(session, case) for case in cases])
        if not cases:
            return count
        after = cases[-1]


async def _forget(session: AsyncSession, case: str) -> bool:
    table, no = row_of(case)
    row = await session.get(table, no)
    if row is not None:
        return await _amend(session, row)
    await nothing_awaited(session, case)
    return True


async def _amend(session: AsyncSession, row: CaseRow) -> bool:
    match row:
        case OrderRow():
            order = row.as_order()
            waits = orders.waits(order, row.as_progress(), row.promised)
            return await write_awaited(session, orders.waiting(order), waits, row.updated_at)
        case IncidentRow():
            incident, progress = row.as_incident(), row.as_progress()
            found = incidents.waits(incident, progress, row.due_times)
            return await write_awaited(session, incidents.waiting(incident, progress), found, row.updated_at)
        case PageRow():
            page = row.as_page()
            return await write_awaited(
                session, pages.waiting(page), pages.waits(page, row.as_progress()), row.updated_at
            )
        case LaunchRow():
            launch = row.as_launch()
            gates = moves.waits(launch, row.as_progress())
            return await write_awaited(session, moves.waiting(launch), gates, row.updated_at)
        case WaveRow():
            open_rows = await workplaces_of(session, row.project, wave=row.wave, states=_OPEN_ROWS)
            points = moves.wave_waits(row.as_progress(), open_rows)
            return await write_awaited(session, moves.waiting(row.as_launch()), points, row.updated_at)
    raise TypeError(type(row))


async def _approvals(database: Database) -> int:
    async with database.reading() as session:
        projects = await list_projects(session, None)
    count = 0
    for known in projects:
        async with database.writing() as session:
            project = await project_to_change(session, known.id)
            if project is not None:
                count += await await_approval(session, project)
    return count
