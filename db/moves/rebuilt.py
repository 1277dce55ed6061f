"""The workplaces of a launched project as histories have them, brought back where the table's are older."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from db.moves.launches import WorkplaceRow


class WantedWorkplace(NamedTuple):
    """`expected` was written at a time that no history holds."""

    row: WorkplaceRow
    expected: bool


class HeldWorkplaces(NamedTuple):
    """By workplace; `gone` have been left out by a newer plan."""

    same: int
    missing: tuple[str, ...]
    old: tuple[str, ...]
    gone: tuple[str, ...]


async def held_workplaces(
    session: AsyncSession, project: str, wanted: Mapping[str, WantedWorkplace], until: datetime
) -> HeldWorkplaces:
    """`until` is when history last wrote any: what the table has since then is newer, and left alone."""
    query = select(WorkplaceRow).where(col(WorkplaceRow.project) == project)
    kept = {row.workplace: row for row in (await session.execute(query)).scalars()}
    old = [key for key, one in wanted.items() if key in kept and _is_old(kept[key], one)]
    gone = [key for key, row in kept.items() if key not in wanted and row.updated_at < until]
    missing = [key for key in wanted if key not in kept]
    same = len(wanted) - len(missing) - len(old)
    return HeldWorkplaces(same, tuple(missing), tuple(old), tuple(gone))


async def bring_workplaces_back(
    session: AsyncSession, project: str, wanted: Mapping[str, WantedWorkplace], held: HeldWorkplaces
) -> None:
    for key in (*held.missing, *held.old):
        await session.merge(WorkplaceRow(**wanted[key].row.model_dump()))
    mine = col(WorkplaceRow.project) == project
    await session.execute(delete(WorkplaceRow).where(mine, col(WorkplaceRow.workplace).in_(held.gone)))


def _is_old(row: WorkplaceRow, wanted: WantedWorkplace) -> bool:
    said, kept = wanted.row.model_dump(exclude={"updated_at"}), row.model_dump(exclude={"updated_at"})
    if wanted.expected:
        return said != kept and row.updated_at < wanted.row.updated_at
    return row.updated_at < wanted.row.updated_at or (row.updated_at == wanted.row.updated_at and said != kept)
