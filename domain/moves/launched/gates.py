"""When the waves of a project open: after which others, on whose word, and when at the earliest."""

from collections.abc import Iterable
from datetime import datetime

from domain.cases.wave_briefs import WaveBrief
from domain.moves.launched.project_progress import GateState, ProjectProgress, WaveStanding


def turned(progress: ProjectProgress) -> ProjectProgress:
    """Every gate that is still shut as it stands now: asked, timed, or ready to be opened."""
    if progress.called_off is not None:
        return progress
    waves = tuple(wave.but(gate=_gate(progress, wave)) for wave in progress.waves)
    return progress if waves == progress.waves else progress.but(waves=waves)


def may_open(wave: WaveStanding, now: datetime) -> bool:
    return wave.gate == GateState.TIMED and wave.brief.start <= now


def next_opening(progress: ProjectProgress) -> datetime | None:
    """When a gate opens by itself next."""
    return min((wave.brief.start for wave in progress.waves if wave.gate == GateState.TIMED), default=None)


def is_reached(progress: ProjectProgress, wave: WaveStanding) -> bool:
    """Whether the waves before are far enough: verified to the gate's percentage, or all through."""
    before = [other for other in progress.waves if other.id in wave.brief.after]
    percent = wave.brief.gate.percent
    if percent is None:
        return all(other.is_through for other in before)
    return all(other.is_open and other.counts.percent >= percent for other in before)


def _gate(progress: ProjectProgress, wave: WaveStanding) -> GateState:
    if wave.gate in (GateState.OPEN, GateState.CALLED_OFF, GateState.REFUSED):
        return wave.gate
    if not is_reached(progress, wave):
        return GateState.SHUT
    return GateState.TIMED if wave.brief.gate.by is None else GateState.ASKED


def percents_for(wave_id: str, briefs: Iterable[WaveBrief]) -> tuple[int, ...]:
    """How far a wave must have come for those after it to open: it tells its project then."""
    percents = {brief.gate.percent for brief in briefs if wave_id in brief.after and brief.gate.percent is not None}
    return tuple(sorted(percents))
