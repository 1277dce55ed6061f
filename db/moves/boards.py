"""What the board of a project depends on: looked at first, so that nothing else is read for a board that is there."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, bindparam, func
from sqlmodel import col, select

from db.engine import Glance
from db.moves.launches import LaunchRow, WaveRow
from db.moves.plans import PlanRow, RehearsalRow
from db.moves.projects import MoveListRow, ProjectRow
from domain.moves.launched.project_progress import ProjectState


@dataclass(frozen=True)
class BoardStamp:
    """`version` moves with everything that is shown. Without a `state` no launch has been written.

    `asks_people` where a go may be awaited: of people, by their names.
    """

    customer: str
    state: ProjectState | None
    asks_people: bool
    version: tuple[object, ...]


# Asked with nearly every look at a board: built once, and read without the unit of work.
_OF_PROJECT: BindParameter[str] = bindparam("project")
_NEWEST_LIST = (
    select(MoveListRow.staged)
    .where(col(MoveListRow.project) == _OF_PROJECT)
    .order_by(col(MoveListRow.version).desc())
    .limit(1)
    .scalar_subquery()
)
_PLANS = select(func.max(PlanRow.version)).where(col(PlanRow.project) == _OF_PROJECT).scalar_subquery()
_APPROVED = select(func.count(col(PlanRow.approved_at))).where(col(PlanRow.project) == _OF_PROJECT).scalar_subquery()
_STAMP = (
    select(  # type: ignore[call-overload]  # of so many columns it knows no row
        ProjectRow.customer,
        LaunchRow.state,
        LaunchRow.stuck,
        LaunchRow.seq,
        LaunchRow.updated_at,
        LaunchRow.faults,
        ProjectRow.project,
        _PLANS,
        _APPROVED,
        _NEWEST_LIST,
    )
    .select_from(ProjectRow)
    .join(LaunchRow, col(LaunchRow.no) == col(ProjectRow.id), isouter=True)
    .where(col(ProjectRow.id) == _OF_PROJECT)
)
_WAVES = (
    select(WaveRow.wave, WaveRow.updated_at, WaveRow.faults)
    .where(col(WaveRow.project) == _OF_PROJECT)
    .order_by(col(WaveRow.wave))
)
_REHEARSALS = (
    select(RehearsalRow.plan, RehearsalRow.at)
    .where(col(RehearsalRow.project) == _OF_PROJECT)
    .order_by(col(RehearsalRow.plan))
)


async def board_stamp(session: Glance, project_id: str) -> BoardStamp | None:
    asked = {"project": project_id}
    row = (await session.execute(_STAMP, asked)).one_or_none()
    if row is None:
        return None
    found: tuple[Any, ...] = tuple(row)
    beside = [tuple(map(tuple, (await session.execute(query, asked)).all())) for query in (_WAVES, _REHEARSALS)]
    customer, state, stuck = found[:3]
    is_settling = state == ProjectState.SETTLING
    return BoardStamp(
        customer=customer,
        state=ProjectState(state) if state is not None else None,
        asks_people=bool(stuck) and not is_settling,
        version=(*found, *beside),
    )
