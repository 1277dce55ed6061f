"""Where a launched project stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.cases.standing import Standings
from api.dependencies import Context
from api.moves.project import project_of
from db.moves.launches import launch_row, waves_of
from domain.cases.faults import CaseFault
from domain.keys import CUSTOMERS_OWN, Key
from domain.moves.launched.project_decisions import begun
from domain.moves.launched.project_progress import ProjectProgress
from domain.moves.launched.project_sheets import ProjectSheet, sheet
from domain.moves.launched.wave_progress import WaveCounts, WaveState
from domain.moves.plans.launches import Launch
from domain.refusals import unknown
from workflows.client import Temporal


@dataclass(frozen=True)
class LaunchStanding:
    launch: Launch
    progress: ProjectProgress
    waves: dict[str, tuple[WaveState, WaveCounts]]
    updated_at: datetime
    faults: tuple[CaseFault, ...] = ()
    wave_faults: Mapping[str, tuple[CaseFault, ...]] = field(default_factory=dict)

    @property
    def customer(self) -> str:
        return self.launch.customer

    @property
    def sheet(self) -> ProjectSheet:
        whole = sheet(self.launch, self.progress, self.waves, updated_at=self.updated_at)
        waves = tuple(wave.but(faults=self.wave_faults.get(wave.id, ())) for wave in whole.waves)
        return whole.but(faults=self.faults, waves=waves)


async def _written(session: AsyncSession, project_id: str) -> LaunchStanding | None:
    row = await launch_row(session, project_id)
    if row is None:
        return None
    rows = await waves_of(session, project_id)
    waves = {one.wave: (WaveState(one.state), one.as_counts()) for one in rows}
    faults = {one.wave: one.as_faults() for one in rows}
    return LaunchStanding(row.as_launch(), row.as_progress(), waves, row.updated_at, row.as_faults(), faults)


def just_launched(launch: Launch) -> LaunchStanding:
    return LaunchStanding(launch, begun(launch), {}, launch.received_at)


KNOWN_LAUNCHES = Standings(lambda no: unknown("launch", no), _written, Temporal.launch_at_start, just_launched)


async def sheet_of(project_id: str, caller: Key, context: Context) -> LaunchStanding:
    """Raises `Unknown` when the project was not launched, or is none the caller may see."""
    async with context.database.reading() as session:
        await project_of(session, project_id, caller)
    seen = await KNOWN_LAUNCHES.seen(project_id, caller, context)
    return replace(seen, faults=(), wave_faults={}) if caller.role in CUSTOMERS_OWN else seen
