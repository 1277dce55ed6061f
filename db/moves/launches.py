"""Launched projects, their waves and their rows as the tables show them: written by their workflows' records."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Index, Text, delete, func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select

from db.cases.case import NEVER, CaseRow
from db.columns import UtcDateTime
from domain.ids import project_workflow_id, wave_workflow_id
from domain.moves.launched.project_progress import GateState, ProjectProgress, ProjectState
from domain.moves.launched.wave_progress import WaveCounts, WaveProgress, WaveState, WorkplaceStanding, WorkplaceState
from domain.moves.plans.launches import Launch, WaveLaunch


class LaunchRow(CaseRow, table=True):
    """`no` is the project's id; `deadline` until when somebody may decide about what is left."""

    __tablename__ = "launches"
    __table_args__ = (Index("ix_launches_customer", "customer"), Index("ix_launches_updated", "updated_at"))

    launch: str = Field(sa_type=Text)

    @property
    def workflow_id(self) -> str:
        return project_workflow_id(self.no)

    @classmethod
    def made(cls, launch: Launch) -> "LaunchRow":
        return LaunchRow(
            no=launch.project,
            customer=launch.customer,
            contract=launch.contract,
            state=ProjectState.RUNNING,
            site=launch.site,
            received_at=launch.received_at,
            updated_at=launch.received_at,
            launch=launch.model_dump_json(exclude_none=True),
            progress="",
        )

    def follow(self, progress: ProjectProgress, deadline: datetime | None) -> None:
        self.state, self.deadline = progress.state, deadline or NEVER
        self.stuck = progress.state == ProjectState.SETTLING or any(
            wave.gate in (GateState.ASKED, GateState.REFUSED) for wave in progress.waves
        )
        self.progress = progress.model_dump_json(exclude_none=True)

    def as_launch(self) -> Launch:
        return Launch.model_validate_json(self.launch)

    def as_progress(self) -> ProjectProgress:
        return ProjectProgress.model_validate_json(self.progress)


class WaveRow(CaseRow, table=True):
    __tablename__ = "waves"
    __table_args__ = (Index("ix_waves_updated", "updated_at"),)

    no: str = Field(primary_key=True, max_length=140)
    project: str = Field(max_length=64, index=True)
    wave: str = Field(max_length=64)
    launch: str = Field(sa_type=Text)
    counts: str = Field(sa_type=Text)

    @property
    def workflow_id(self) -> str:
        return wave_workflow_id(self.project, self.wave)

    @classmethod
    def made(cls, launch: WaveLaunch) -> "WaveRow":
        return WaveRow(
            no=f"{launch.project}/{launch.wave.id}",
            project=launch.project,
            wave=launch.wave.id,
            customer=launch.customer,
            contract=launch.contract,
            state=WaveState.RUNNING,
            site=launch.site,
            received_at=launch.received_at,
            updated_at=launch.received_at,
            launch=launch.model_dump_json(exclude_none=True),
            counts="",
            progress="",
        )

    def follow(self, progress: WaveProgress, counts: WaveCounts, deadline: datetime | None) -> None:
        self.state, self.deadline = progress.state, deadline or NEVER
        self.stuck = bool(progress.points)
        self.counts = counts.model_dump_json()
        self.progress = progress.model_dump_json(exclude_none=True)

    def as_launch(self) -> WaveLaunch:
        return WaveLaunch.model_validate_json(self.launch)

    def as_counts(self) -> WaveCounts:
        return WaveCounts.model_validate_json(self.counts)

    def as_progress(self) -> WaveProgress:
        """Its legs stand in the rows of its workplaces."""
        return WaveProgress.model_validate_json(self.progress)


class WorkplaceRow(SQLModel, table=True):
    """One row of a project: its result, or how far it has come."""

    __tablename__ = "workplaces"
    __table_args__ = (
        Index("ix_workplaces_project_row", "project", "row"),
        Index("ix_workplaces_project_wave", "project", "wave", "state", "row"),
        Index("ix_workplaces_project_state", "project", "state", "row"),
    )

    project: str = Field(primary_key=True, max_length=64)
    workplace: str = Field(primary_key=True, max_length=64)
    customer: str = Field(max_length=64)
    wave: str = Field(max_length=64)
    row: int
    state: str = Field(max_length=16)
    owner: str | None = Field(default=None, max_length=64)
    due: datetime | None = Field(default=None, sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    standing: str = Field(sa_type=Text)

    def as_standing(self) -> WorkplaceStanding:
        return WorkplaceStanding.model_validate_json(self.standing)


async def launch_row(session: AsyncSession, project: str) -> LaunchRow | None:
    return await session.get(LaunchRow, project)


async def has_launch(session: AsyncSession, project: str) -> bool:
    query = select(LaunchRow.no).where(col(LaunchRow.no) == project)
    return (await session.execute(query)).first() is not None


async def wave_row(session: AsyncSession, project: str, wave: str) -> WaveRow | None:
    return await session.get(WaveRow, f"{project}/{wave}")


async def waves_of(session: AsyncSession, project: str, waves: Collection[str] | None = None) -> Sequence[WaveRow]:
    """Those that have begun; all of them, or of these."""
    query = select(WaveRow).where(col(WaveRow.project) == project).order_by(col(WaveRow.wave))
    if waves is not None:
        query = query.where(col(WaveRow.wave).in_(waves))
    return (await session.execute(query)).scalars().all()


async def launches(session: AsyncSession, customers: tuple[str, ...] | None) -> Sequence[LaunchRow]:
    query = select(LaunchRow).order_by(col(LaunchRow.received_at).desc())
    if customers is not None:
        query = query.where(col(LaunchRow.customer).in_(customers))
    return (await session.execute(query)).scalars().all()


async def replace_waiting(
    session: AsyncSession,
    project: str,
    customer: str,
    begun: Collection[str],
    rows: Sequence[WorkplaceStanding],
    at: datetime,
) -> None:
    """These are all the workplaces of waves that have not `begun`; what has begun in another wave stays there."""
    mine = col(WorkplaceRow.project) == project
    listed = [standing.workplace for standing in rows]
    elsewhere = col(WorkplaceRow.wave).in_(begun) & (col(WorkplaceRow.state) != WorkplaceState.WAITING)
    query = select(WorkplaceRow.workplace).where(mine, elsewhere)
    taken = set((await session.execute(query)).scalars())
    await session.execute(delete(WorkplaceRow).where(mine, col(WorkplaceRow.wave).not_in(begun)))
    waiting = col(WorkplaceRow.state) == WorkplaceState.WAITING
    await session.execute(delete(WorkplaceRow).where(mine, waiting, col(WorkplaceRow.workplace).in_(listed)))
    session.add_all(workplace_row(project, customer, one, at) for one in rows if one.workplace not in taken)


async def store_workplaces(
    session: AsyncSession, project: str, customer: str, rows: Sequence[WorkplaceStanding], at: datetime
) -> None:
    for standing in rows:
        await session.merge(workplace_row(project, customer, standing, at))


def workplace_row(project: str, customer: str, standing: WorkplaceStanding, at: datetime) -> WorkplaceRow:
    return WorkplaceRow(
        project=project,
        workplace=standing.workplace,
        customer=customer,
        wave=standing.wave,
        row=standing.row,
        state=standing.state,
        owner=standing.owner,
        due=standing.due,
        updated_at=at,
        standing=standing.model_dump_json(exclude_none=True),
    )


async def workplaces_of(
    session: AsyncSession,
    project: str,
    *,
    wave: str | None = None,
    states: Sequence[WorkplaceState] | None = None,
    after: int = 0,
    limit: int | None = None,
) -> Sequence[WorkplaceStanding]:
    """By their place in the list; one more than the limit, so that the caller sees whether there is a next page."""
    query = (
        select(WorkplaceRow)
        .where(col(WorkplaceRow.project) == project, col(WorkplaceRow.row) > after)
        .order_by(col(WorkplaceRow.row))
    )
    if wave is not None:
        query = query.where(col(WorkplaceRow.wave) == wave)
    if states is not None:
        query = query.where(col(WorkplaceRow.state).in_(states))
    if limit is not None:
        query = query.limit(limit + 1)
    return [row.as_standing() for row in (await session.execute(query)).scalars()]


async def workplaces_in(session: AsyncSession, project: str, rows: Sequence[int]) -> dict[int, WorkplaceStanding]:
    """By their place in the newest list; what an earlier one had there is meant only if nothing stands there now."""
    query = select(WorkplaceRow).where(col(WorkplaceRow.project) == project, col(WorkplaceRow.row).in_(rows))
    found = [row.as_standing() for row in (await session.execute(query)).scalars()]
    return {one.row: one for one in sorted(found, key=lambda one: one.state != WorkplaceState.SKIPPED)}


async def begun_elsewhere(session: AsyncSession, project: str, wave: str) -> set[str]:
    """The workplaces for which another wave has placed an order: they stay with it."""
    query = select(WorkplaceRow).where(
        col(WorkplaceRow.project) == project,
        col(WorkplaceRow.wave) != wave,
        col(WorkplaceRow.state) != WorkplaceState.WAITING,
    )
    found = [row.as_standing() for row in (await session.execute(query)).scalars()]
    return {standing.workplace for standing in found if standing.is_begun}


class DrawnRow(NamedTuple):
    """As much of a workplace as a picture of its wave shows."""

    workplace: str
    row: int
    state: WorkplaceState


async def drawn_rows(session: AsyncSession, project: str, waves: Sequence[str]) -> dict[str, list[DrawnRow]]:
    """Of hundreds of rows nothing is read that is not drawn."""
    query = select(WorkplaceRow.wave, WorkplaceRow.workplace, WorkplaceRow.row, WorkplaceRow.state)
    query = query.where(col(WorkplaceRow.project) == project, col(WorkplaceRow.wave).in_(waves))
    found: dict[str, list[DrawnRow]] = {wave: [] for wave in waves}
    for wave, workplace, row, state in await session.execute(query.order_by(col(WorkplaceRow.row))):
        found[wave].append(DrawnRow(workplace, row, WorkplaceState(state)))
    return found


async def count_workplaces(session: AsyncSession, project: str) -> dict[tuple[str, str], int]:
    """How many rows of each wave are in each state."""
    query = (
        select(WorkplaceRow.wave, WorkplaceRow.state, func.count())
        .where(col(WorkplaceRow.project) == project)
        .group_by(col(WorkplaceRow.wave), col(WorkplaceRow.state))
    )
    return {(wave, state): number for wave, state, number in await session.execute(query)}


async def count_states(session: AsyncSession, projects: Collection[str]) -> dict[tuple[str, str], int]:
    """How many rows of each of these projects are in each state."""
    query = (
        select(WorkplaceRow.project, WorkplaceRow.state, func.count())
        .where(col(WorkplaceRow.project).in_(projects))
        .group_by(col(WorkplaceRow.project), col(WorkplaceRow.state))
    )
    return {(project, state): number for project, state, number in await session.execute(query)}


async def exceptions_of(session: AsyncSession, person: str) -> Sequence[WorkplaceRow]:
    """Workplaces about which somebody has to decide."""
    is_open = col(WorkplaceRow.state).in_([state for state in WorkplaceState if state.is_open])
    query = select(WorkplaceRow).where(col(WorkplaceRow.owner) == person, is_open)
    query = query.order_by(col(WorkplaceRow.project), col(WorkplaceRow.wave), col(WorkplaceRow.row))
    return (await session.execute(query)).scalars().all()


async def under_way(session: AsyncSession) -> Sequence[LaunchRow]:
    final = [state for state in ProjectState if state.is_final]
    query = select(LaunchRow).where(col(LaunchRow.state).not_in(final)).order_by(col(LaunchRow.no))
    return (await session.execute(query)).scalars().all()
