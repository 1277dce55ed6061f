"""How far a launched move project has come: the gates of its waves, and what it has heard of them."""

from enum import StrEnum
from typing import Self

from domain.cases.case import CaseProgress
from domain.cases.move_commands import CallOff
from domain.cases.wave_briefs import WaveBrief
from domain.moves.launched.wave_progress import WaveCounts, WaveState
from domain.moves.plans.launches import Launch
from domain.times import Instant
from domain.values import Line, Slug, Text, Value


class ProjectState(StrEnum):
    """Settling: everything has run once, and somebody has to decide about what is left."""

    RUNNING = "running"
    ON_HOLD = "on_hold"
    SETTLING = "settling"
    DONE = "done"
    DONE_WITH_EXCEPTIONS = "done_with_exceptions"
    CALLED_OFF = "called_off"

    @property
    def is_final(self) -> bool:
        return self in (ProjectState.DONE, ProjectState.DONE_WITH_EXCEPTIONS, ProjectState.CALLED_OFF)


class GateState(StrEnum):
    """Shut: waves before it are not so far; asked: a person is to say go; timed: it opens on its date."""

    SHUT = "shut"
    ASKED = "asked"
    REFUSED = "refused"
    TIMED = "timed"
    OPEN = "open"
    CALLED_OFF = "called_off"


class WaveStanding(Value):
    """A wave as its project sees it: `state` and `counts` are what it has told last."""

    brief: WaveBrief
    gate: GateState = GateState.SHUT
    opened_at: Instant | None = None
    opened_by: Slug | None = None
    refused_why: Text | None = None
    state: WaveState | None = None
    counts: WaveCounts = WaveCounts()
    through_at: Instant | None = None

    @property
    def id(self) -> str:
        return self.brief.id

    @property
    def is_open(self) -> bool:
        return self.gate == GateState.OPEN

    @property
    def is_through(self) -> bool:
        """Nothing goes on in it any more by itself, or it never began and never will."""
        past = self.state is not None and (self.state == WaveState.THROUGH or self.state.is_final)
        return past or self.gate == GateState.CALLED_OFF

    @property
    def is_over(self) -> bool:
        return self.gate == GateState.CALLED_OFF or (self.state is not None and self.state.is_final)


class ProjectProgress(CaseProgress):
    """`withdrawn` are workplaces of waves that had not opened then, each with the reason."""

    state: ProjectState = ProjectState.RUNNING
    plan: int
    waves: tuple[WaveStanding, ...]
    withdrawn: dict[Slug, Line] = {}
    called_off: CallOff | None = None
    closing: bool = False
    settle_until: Instant | None = None

    def wave(self, wave_id: str) -> WaveStanding | None:
        return next((wave for wave in self.waves if wave.id == wave_id), None)

    def with_wave(self, changed: WaveStanding) -> Self:
        return self.but(waves=tuple(changed if wave.id == changed.id else wave for wave in self.waves))

    @property
    def is_through(self) -> bool:
        return all(wave.is_through for wave in self.waves)

    @property
    def open_points(self) -> int:
        return sum(wave.counts.open for wave in self.waves if wave.is_open)


def planned_wave(brief: WaveBrief, known: WaveStanding | None = None) -> WaveStanding:
    """A wave as it is planned now; what an open one has told stands."""
    if known is not None and known.is_open:
        return known.but(brief=brief)
    counts = WaveCounts(workplaces=brief.workplaces, waiting=brief.workplaces)
    return (known or WaveStanding(brief=brief)).but(brief=brief, counts=counts)


def begin(launch: Launch) -> ProjectProgress:
    return ProjectProgress(plan=launch.plan, waves=tuple(planned_wave(brief) for brief in launch.waves))
