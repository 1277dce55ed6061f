"""A launched move project as people and systems read it: each wave with its gate, its dates and its numbers."""

from collections.abc import Mapping
from datetime import datetime

from domain.cases.faults import CaseFault
from domain.cases.move_commands import CallOff
from domain.clocks.holds import ClockHold
from domain.moves.launched.project_progress import GateState, ProjectProgress, ProjectState, WaveStanding
from domain.moves.launched.wave_progress import WaveCounts, WaveState, total
from domain.moves.plans.launches import Launch
from domain.times import Instant
from domain.values import Line, Slug, Text, Value


class WaveSheet(Value):
    """`start` and `end` are planned; `gate_by` is who has to say go."""

    id: Slug
    state: WaveState | None
    gate: GateState
    gate_by: Slug | None
    gate_percent: int | None
    after: tuple[Slug, ...]
    start: Instant
    end: Instant
    opened_at: Instant | None
    opened_by: Slug | None
    refused_why: Text | None
    through_at: Instant | None
    counts: WaveCounts
    faults: tuple[CaseFault, ...] = ()


class ProjectSheet(Value):
    """`awaiting` are the waves whose gates wait for a person, `deadline` until when open rows may be decided."""

    project: Slug
    customer: Slug
    contract: Slug
    name: Line
    state: ProjectState
    plan: int
    launched_at: Instant
    launched_by: Slug
    approver: Slug
    waves: tuple[WaveSheet, ...]
    counts: WaveCounts
    awaiting: tuple[Slug, ...]
    holds: tuple[ClockHold, ...]
    called_off: CallOff | None
    deadline: Instant | None
    updated_at: Instant
    seq: int
    faults: tuple[CaseFault, ...] = ()


def sheet(
    launch: Launch,
    progress: ProjectProgress,
    waves: Mapping[str, tuple[WaveState, WaveCounts]],
    *,
    updated_at: datetime,
) -> ProjectSheet:
    """`waves` is what those that have begun have written of themselves."""
    sheets = tuple(_wave(wave, waves.get(wave.id)) for wave in progress.waves)
    return ProjectSheet(
        project=launch.project,
        customer=launch.customer,
        contract=launch.contract,
        name=launch.name,
        state=progress.state,
        plan=progress.plan,
        launched_at=launch.received_at,
        launched_by=launch.launched_by,
        approver=launch.approver,
        waves=sheets,
        counts=total(wave.counts for wave in sheets),
        awaiting=tuple(wave.id for wave in sheets if wave.gate in (GateState.ASKED, GateState.REFUSED)),
        holds=progress.holds,
        called_off=progress.called_off,
        deadline=progress.settle_until,
        updated_at=updated_at,
        seq=progress.seq,
    )


def _wave(wave: WaveStanding, written: tuple[WaveState, WaveCounts] | None) -> WaveSheet:
    state, counts = written or (wave.state, wave.counts)
    if not counts.workplaces:
        # It has opened and not looked yet what it is to move.
        counts = wave.counts
    return WaveSheet(
        id=wave.id,
        state=state,
        gate=wave.gate,
        gate_by=wave.brief.gate.by,
        gate_percent=wave.brief.gate.percent,
        after=wave.brief.after,
        start=wave.brief.start,
        end=wave.brief.end,
        opened_at=wave.opened_at,
        opened_by=wave.opened_by,
        refused_why=wave.refused_why,
        through_at=wave.through_at,
        counts=counts,
    )
