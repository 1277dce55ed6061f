"""The tables of all kinds of cases: in which one a case stands, when it is over there, which have faults."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from db.cases.case import CaseRow
from db.cases.faults import faulty, faulty_case
from db.incidents import IncidentRow
from db.moves.launches import LaunchRow, WaveRow
from db.oncall.pages import PageRow
from db.orders import OrderRow
from domain.cases.faults import FaultyCase
from domain.ids import PAGE, WAVE, case_no_of, page_of, wave_of
from domain.incidents.progress import OVER
from domain.kinds import OrderState
from domain.moves.launched.project_progress import ProjectState
from domain.moves.launched.wave_progress import WaveState
from domain.oncall.page import PageState


class CaseTable(NamedTuple):
    row: type[CaseRow]
    over: Collection[str]


TABLES = {
    "order": CaseTable(OrderRow, [state for state in OrderState if state.is_final]),
    "incident": CaseTable(IncidentRow, OVER),
    PAGE: CaseTable(PageRow, (PageState.STOPPED,)),
    "project": CaseTable(LaunchRow, [state for state in ProjectState if state.is_final]),
    WAVE: CaseTable(WaveRow, [state for state in WaveState if state.is_final]),
}


def row_table(row: CaseRow) -> CaseTable:
    return next(table for table in TABLES.values() if isinstance(row, table.row))


def row_of(case: str) -> tuple[type[CaseRow], str]:
    """The table in which a case stands, and its key there. Raises ValueError when it is no case's id."""
    kind, no = case_no_of(case)
    if kind not in TABLES:
        raise ValueError(case)
    if kind == PAGE:
        of, number = page_of(case)
        no = f"{case_no_of(of)[1]}/{number}"
    if kind == WAVE:
        no = "/".join(wave_of(case))
    return TABLES[kind].row, no


async def all_faulty(session: AsyncSession, customers: tuple[str, ...] | None, most: int) -> tuple[FaultyCase, ...]:
    """`customers` is the caller's scope, None being all."""
    rows = [row for table, _ in TABLES.values() for row in await faulty(session, table, most, customers)]
    return tuple(faulty_case(row) for row in rows[:most])
