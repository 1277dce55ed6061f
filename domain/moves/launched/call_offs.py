"""What calling off a project would do to each row, before anybody does it."""

from enum import StrEnum

from domain.cases.instructions import Instruction
from domain.cases.move_commands import CallOff, WhenDone, WhenInFlight
from domain.kinds import Leg
from domain.moves.launched.wave_course import standings
from domain.moves.launched.wave_decisions import decide
from domain.moves.launched.wave_progress import LegStatus, WaveProgress, WorkplaceStanding, WorkplaceState
from domain.moves.plans.launches import WaveLaunch
from domain.values import Slug, Value


class Fate(StrEnum):
    """`finishes_anyway`: it was to be rolled back, but is past the step after which nothing can be cancelled."""

    NOT_BEGUN = "not_begun"
    FINISHES = "finishes"
    FINISHES_ANYWAY = "finishes_anyway"
    ROLLED_BACK = "rolled_back"
    KEPT = "kept"
    KEPT_ANYWAY = "kept_anyway"
    STAYS_OPEN = "stays_open"


class RowFate(Value):
    wave: Slug
    row: int
    workplace: Slug
    state: WorkplaceState
    fate: Fate


def fates(
    launch: WaveLaunch, progress: WaveProgress, said: Instruction, past_cutoff: frozenset[str]
) -> tuple[RowFate, ...]:
    """Row by row of one wave. `past_cutoff` are orders under way that can no longer be cancelled.

    Raises `Refused` as the wave would.
    """
    before = standings(launch, progress)
    after = standings(launch, decide(launch, progress, said))
    assert isinstance(said.command, CallOff)
    return tuple(
        RowFate(
            wave=launch.wave.id,
            row=now.row,
            workplace=key,
            state=now.state,
            fate=_fate(now, after[key], said.command, past_cutoff),
        )
        for key, now in sorted(before.items(), key=lambda item: item[1].row)
    )


def not_begun(wave: str, rows: tuple[tuple[int, str], ...]) -> tuple[RowFate, ...]:
    """Of a wave that has not opened nothing will be moved."""
    state, fate = WorkplaceState.WAITING, Fate.NOT_BEGUN
    return tuple(RowFate(wave=wave, row=row, workplace=key, state=state, fate=fate) for row, key in rows)


def _fate(now: WorkplaceStanding, then: WorkplaceStanding, said: CallOff, past_cutoff: frozenset[str]) -> Fate:
    goes_back = any(leg.planned.leg == Leg.BACK for leg in then.legs)
    if now.state == WorkplaceState.OK:
        kept = Fate.KEPT if said.done == WhenDone.KEEP else Fate.KEPT_ANYWAY
        return Fate.ROLLED_BACK if goes_back else kept
    if now.state in (WorkplaceState.SKIPPED, WorkplaceState.ROLLED_BACK):
        return Fate.KEPT
    if orders := {leg.order for leg in now.legs if leg.has_order}:
        back = Fate.FINISHES_ANYWAY if orders & past_cutoff else Fate.ROLLED_BACK
        return Fate.FINISHES if said.in_flight == WhenInFlight.FINISH else back
    if goes_back or any(leg.status == LegStatus.DONE for leg in now.legs):
        return Fate.ROLLED_BACK if goes_back else Fate.FINISHES
    return Fate.STAYS_OPEN if now.state.is_open and then.state.is_open else Fate.NOT_BEGUN
