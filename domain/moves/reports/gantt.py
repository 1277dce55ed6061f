"""A move project on one time axis: as it was planned, as it was rehearsed, and as it has come to be."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from domain.kinds import Leg
from domain.moves.launched.project_progress import GateState, ProjectProgress, WaveStanding
from domain.moves.launched.wave_progress import LegProgress, WaveState, WorkplaceStanding, WorkplaceState
from domain.moves.plans.charts import PlannedLoad, loads
from domain.moves.plans.launches import leg_id
from domain.moves.plans.plan import Assignment
from domain.moves.plans.versions import ProjectPlan
from domain.times import Instant
from domain.values import Slug, Value


class Rehearsed(Value):
    """When a wave is through in half of all rehearsals, and in nine of ten; None where so many never got so far."""

    p50: Instant | None = None
    p90: Instant | None = None


class GanttBar(Value):
    """One leg of a workplace. What no plan foresaw, such as a way back, has no planned end and no technician."""

    workplace: Slug
    row: int
    leg: Leg
    state: WorkplaceState
    technician: Slug | None = None
    planned_start: Instant
    planned_end: Instant | None = None
    started_at: Instant | None = None
    ended_at: Instant | None = None


class GanttWave(Value):
    """`state` and `gate` are None before the launch. It `ended` when nothing of it goes on by itself any more."""

    id: Slug
    state: WaveState | None = None
    gate: GateState | None = None
    planned_start: Instant
    planned_end: Instant
    rehearsed: Rehearsed | None = None
    started_at: Instant | None = None
    ended_at: Instant | None = None
    bars: tuple[GanttBar, ...]


class Gantt(Value):
    """`plan` is the one that is followed or, before the launch, the newest; `loads` are as it has them."""

    project: Slug
    plan: int
    waves: tuple[GanttWave, ...]
    loads: tuple[PlannedLoad, ...]


def gantt(
    plan: ProjectPlan,
    progress: ProjectProgress | None,
    standings: Iterable[WorkplaceStanding],
    rehearsed: Mapping[str, Rehearsed],
) -> Gantt:
    """`progress` is None before the launch; `rehearsed` is what was found for this plan, by wave."""
    planned, actual = _by_wave(plan, standings)
    known = {wave.id: wave for wave in progress.waves} if progress else {}
    waves = [
        _wave(
            name,
            list(_bars(plan, planned[name], actual[name], not_begun(progress, name))),
            known.get(name),
            rehearsed.get(name),
        )
        for name in dict.fromkeys((*planned, *actual))
    ]
    return Gantt(
        project=plan.project,
        plan=plan.version,
        waves=tuple(sorted(waves, key=lambda wave: (wave.planned_start, wave.id))),
        loads=loads(plan.basis, plan.plan),
    )


def ended_at(wave: WaveStanding, ends: Iterable[datetime | None]) -> datetime | None:
    """When the last of its rows was settled; a project that is closed days later does not make it any longer."""
    if not wave.is_open or not wave.is_through:
        return None
    return max((end for end in ends if end is not None), default=wave.through_at)


def not_begun(progress: ProjectProgress | None, wave_id: str) -> WorkplaceState:
    """How a row stands of which its wave has written nothing."""
    if progress is None:
        return WorkplaceState.WAITING
    wave = progress.wave(wave_id)
    never = wave is None or wave.gate == GateState.CALLED_OFF or progress.state.is_final
    return WorkplaceState.SKIPPED if never else WorkplaceState.WAITING


Planned = dict[str, list[Assignment]]
Actual = dict[str, list[WorkplaceStanding]]


def _by_wave(plan: ProjectPlan, standings: Iterable[WorkplaceStanding]) -> tuple[Planned, Actual]:
    """What has begun stays where it began, wherever the plan has it now."""
    planned: Planned = defaultdict(list)
    actual: Actual = defaultdict(list)
    for standing in standings:
        actual[standing.wave].append(standing)
    begun = {one.workplace: one.wave for found in actual.values() for one in found}
    for entry in plan.plan.assignments:
        planned[begun.get(entry.workplace, entry.wave)].append(entry)
    return planned, actual


def _wave(name: str, bars: list[GanttBar], standing: WaveStanding | None, rehearsed: Rehearsed | None) -> GanttWave:
    wave = GanttWave(
        id=name,
        planned_start=min(bar.planned_start for bar in bars),
        planned_end=max(bar.planned_end or bar.planned_start for bar in bars),
        rehearsed=rehearsed,
        bars=tuple(bars),
    )
    if standing is None:
        return wave
    brief = standing.brief
    return wave.but(
        state=standing.state,
        gate=standing.gate,
        planned_start=brief.start,
        planned_end=brief.end,
        started_at=standing.opened_at,
        ended_at=ended_at(standing, (bar.ended_at for bar in bars)),
    )


def _bars(
    plan: ProjectPlan, planned: list[Assignment], actual: list[WorkplaceStanding], otherwise: WorkplaceState
) -> Iterator[GanttBar]:
    """In the order in which they were planned, and after them what has come up since."""
    rows = {workplace.key: workplace.row for workplace in plan.basis.workplaces}
    standings = {standing.workplace: standing for standing in actual}
    begun = {leg.id: leg for standing in actual for leg in standing.legs}
    for entry in planned:
        standing = standings.get(entry.workplace)
        bar = GanttBar(
            workplace=entry.workplace,
            row=standing.row if standing else rows[entry.workplace],
            leg=entry.leg,
            state=standing.state if standing else otherwise,
            technician=entry.technician,
            planned_start=entry.start,
            planned_end=entry.end,
        )
        yield _come_to_be(bar, begun.pop(leg_id(entry.workplace, entry.leg), None))
    for leg in begun.values():
        state = standings[leg.planned.workplace].state
        yield _come_to_be(_unplanned(leg, state), leg)


def _unplanned(leg: LegProgress, state: WorkplaceState) -> GanttBar:
    planned = leg.planned
    return GanttBar(
        workplace=planned.workplace, row=planned.row, leg=planned.leg, state=state, planned_start=planned.start
    )


def _come_to_be(bar: GanttBar, leg: LegProgress | None) -> GanttBar:
    return bar.but(started_at=leg.started_at, ended_at=leg.ended_at) if leg else bar
