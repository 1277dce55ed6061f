"""Where a launched project stands: from the tables, or from Temporal as long as no worker has written it down."""

from dataclasses import dataclass
from datetime import datetime

from api.dependencies import Context
from api.moves.project import project_of
from db.launches import launch_row, waves_of
from domain.keys import Key
from domain.moves.launched.project_decisions import following
from domain.moves.launched.project_progress import ProjectProgress, begin
from domain.moves.launched.project_sheets import ProjectSheet, sheet
from domain.moves.launched.wave_progress import WaveCounts, WaveState
from domain.moves.plans.launches import Launch
from domain.refusals import unknown


@dataclass(frozen=True)
class LaunchStanding:
    launch: Launch
    progress: ProjectProgress
    waves: dict[str, tuple[WaveState, WaveCounts]]
    updated_at: datetime

    @property
    def sheet(self) -> ProjectSheet:
        return sheet(self.launch, self.progress, self.waves, updated_at=self.updated_at)


async def launched(project_id: str, context: Context) -> LaunchStanding | None:
    async with context.database.reading() as session:
        row = await launch_row(session, project_id)
        waves = {one.wave: (WaveState(one.state), one.as_counts()) for one in await waves_of(session, project_id)}
    if row is not None:
        return LaunchStanding(row.as_launch(), row.as_progress(), waves, row.updated_at)
    launch = await context.temporal.launch_at_start(project_id)
    return LaunchStanding(launch, following(begin(launch)), {}, launch.received_at) if launch else None


async def sheet_of(project_id: str, caller: Key, context: Context) -> LaunchStanding:
    """Raises `Unknown` when the project was not launched, or is none the caller may see."""
    async with context.database.reading() as session:
        await project_of(session, project_id, caller)
    standing = await launched(project_id, context)
    if standing is None:
        raise unknown("launch", project_id)
    return standing
