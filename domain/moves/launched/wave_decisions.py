"""What a command does to a wave, or why it is refused."""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime

from domain.cases import move_commands as told
from domain.cases import order_commands as commands
from domain.cases.decisions import Asked, CaseRules, decide_by
from domain.cases.instructions import Instruction
from domain.cases.lookups import PlanFound
from domain.cases.move_commands import WhenInFlight
from domain.kinds import Leg
from domain.moves.launched.gates import percents_for
from domain.moves.launched.wave_course import is_through, standings, takers
from domain.moves.launched.wave_progress import (
    LegProgress,
    LegStatus,
    WaveProgress,
    WaveState,
    WorkplaceStanding,
    WorkplaceState,
)
from domain.moves.launched.ways_back import with_ways_back
from domain.moves.plans.launches import WaveLaunch
from domain.refusals import Problem, Unacceptable, conflict

_AGAIN = frozenset({LegStatus.FAILED, LegStatus.REFUSED, LegStatus.LOST})


class WaveAsked(Asked[WaveLaunch, WaveProgress]):
    def on(self, command: commands.CommandBase) -> Instruction:
        """What an order is told in consequence: the same request again is the same command there."""
        digest = hashlib.sha256(self.instruction.request_id.encode()).hexdigest()[:24]
        return self.instruction.but(command=command, request_id=f"wave-{digest}")

    def rows(self, numbers: Collection[int]) -> list[WorkplaceStanding]:
        """The workplaces of these rows. Raises `Unacceptable` naming every row that is not in the wave."""
        everybody = standings(self.case, self.progress).values()
        # What an earlier list had in a row is meant only if no row of the newest stands there.
        dropped_first = sorted(everybody, key=lambda standing: standing.state != WorkplaceState.SKIPPED)
        known = {standing.row: standing for standing in dropped_first}
        missing = [number for number in numbers if number not in known]
        if missing:
            rows = ", ".join(map(str, sorted(missing)[:20]))
            raise Unacceptable(Problem(code="row_not_in_wave", at="/rows", values={"rows": rows}))
        return [known[number] for number in dict.fromkeys(numbers)]


def following(progress: WaveProgress, at: datetime) -> WaveProgress:
    """With the ways back that have become possible, and the state that all of it makes."""
    if progress.state.is_final:
        return progress
    progress = with_ways_back(progress, at)
    if is_through(progress):
        return progress.but(state=WaveState.THROUGH)
    return progress.but(state=WaveState.ON_HOLD if progress.holds else WaveState.RUNNING)


def hold(asked: WaveAsked, command: commands.Hold) -> WaveProgress:
    """What is open may be finished in every order; nothing further begins."""
    held = asked.progress.held(command, asked.actor, asked.at)
    return _telling(asked, held, command)


def resume(asked: WaveAsked, command: commands.Resume) -> WaveProgress:
    return _telling(asked, asked.progress.resumed(command, asked.at), command)


def retry_rows(asked: WaveAsked, command: told.RetryRows) -> WaveProgress:
    named = asked.rows(command.rows)
    well = [standing.row for standing in named if not standing.state.is_open]
    if well:
        raise conflict("row_not_open", rows=", ".join(map(str, well)))
    chosen = named or [one for one in standings(asked.case, asked.progress).values() if one.state.is_open]
    keys = {standing.workplace for standing in chosen if standing.retryable}
    if not keys:
        raise conflict("nothing_to_retry")
    again = asked.on(commands.Retry(reason=command.reason))
    return _changed(asked.progress, keys, lambda leg: leg.again() if leg.status in _AGAIN else _if_stuck(leg, again))


def _if_stuck(leg: LegProgress, instruction: Instruction) -> LegProgress:
    if leg.status == LegStatus.WITHDRAWN and leg.planned.leg == Leg.ON:
        return leg.again()
    return leg.telling(instruction) if leg.status == LegStatus.STUCK else leg


def withdraw_rows(asked: WaveAsked, command: told.WithdrawRows) -> WaveProgress:
    """What is done stays done; whoever has stepped aside goes back, if nobody has taken the desk yet.

    Who is going back already is left to it.
    """
    chosen = asked.rows(command.rows)
    settled = (WorkplaceState.OK, WorkplaceState.ROLLED_BACK, WorkplaceState.SKIPPED)
    over = [standing.row for standing in chosen if standing.state in settled]
    if over:
        raise conflict("row_is_settled", rows=", ".join(map(str, over)))
    taken = takers(asked.progress.legs)
    everybody = standings(asked.case, asked.progress)
    for standing in chosen:
        others = [everybody[key].row for key in taken.get(standing.workplace, ()) if _sits(everybody[key])]
        if any(leg.status == LegStatus.DONE for leg in standing.legs) and others:
            raise conflict("row_cannot_go_back", row=str(standing.row), other=str(others[0]))
    off = asked.on(commands.Cancel(reason=command.reason))
    changed = _changed(asked.progress, {one.workplace for one in chosen}, lambda leg: _withdrawn(leg, off, command))
    return changed.but(withdrawn=changed.withdrawn | {one.workplace: command.reason for one in chosen})


def _sits(standing: WorkplaceStanding) -> bool:
    there = standing.state in (WorkplaceState.OK, WorkplaceState.IN_FLIGHT)
    return there or any(leg.has_order for leg in standing.legs)


def _withdrawn(leg: LegProgress, off: Instruction, command: told.WithdrawRows) -> LegProgress:
    if leg.status == LegStatus.DONE or leg.planned.leg == Leg.BACK:
        return leg
    if leg.has_order:
        return leg.telling(off).but(withdrawn=True)
    return leg.dropped("row_withdrawn", command.reason)


def assign_rows(asked: WaveAsked, command: told.AssignRows) -> WaveProgress:
    chosen = {standing.workplace for standing in asked.rows(command.rows)}
    settled = [one.row for one in asked.rows(command.rows) if asked.progress.point(one.workplace) is None]
    if settled:
        raise conflict("row_not_open", rows=", ".join(map(str, settled)))
    points = tuple(
        point.but(owner=command.to) if point.workplace in chosen else point for point in asked.progress.points
    )
    return asked.progress.but(points=points)


def call_off(asked: WaveAsked, command: told.CallOff) -> WaveProgress:
    """Nothing further begins but ways back, and the second legs of those who have stepped aside."""
    if asked.progress.called_off is not None:
        raise conflict("already_called_off")
    progress = asked.progress.lifted(asked.progress.holds, asked.at).but(called_off=command)
    off = asked.on(commands.Cancel(reason=command.reason))
    on = replace(asked, instruction=asked.instruction.but(request_id=f"{asked.instruction.request_id[:50]}-on"))
    resume_ = on.on(commands.Resume()) if asked.progress.holds else None

    def changed(leg: LegProgress) -> LegProgress:
        if leg.status == LegStatus.WAITING and leg.planned.leg in (Leg.WHOLE, Leg.ASIDE):
            return leg.dropped("row_called_off", command.reason)
        if not leg.has_order or leg.planned.leg == Leg.BACK:
            return leg
        if command.in_flight == WhenInFlight.ROLL_BACK:
            return leg.telling(off).but(withdrawn=True)
        return leg.telling(resume_) if resume_ else leg

    return progress.but(legs=tuple(changed(leg) for leg in progress.legs))


def close(asked: WaveAsked, command: told.Close) -> WaveProgress:
    return asked.progress.but(closing=True)


def _telling(asked: WaveAsked, progress: WaveProgress, command: commands.CommandBase) -> WaveProgress:
    instruction = asked.on(command)
    return progress.but(legs=tuple(leg.telling(instruction) for leg in progress.legs))


def _changed(
    progress: WaveProgress, keys: Collection[str], change: Callable[[LegProgress], LegProgress]
) -> WaveProgress:
    return progress.but(legs=tuple(change(leg) if leg.planned.workplace in keys else leg for leg in progress.legs))


def adopt(asked: WaveAsked, command: told.Adopt) -> WaveProgress:
    """The legs of the new plan are fetched afterwards."""
    if command.plan <= asked.progress.plan:
        raise conflict("plan_not_newer", plan=str(command.plan))
    found = asked.looked_up if isinstance(asked.looked_up, PlanFound) else PlanFound()
    tells_at = percents_for(asked.case.wave.id, found.waves)
    withdrawn = {} if found.relisted else asked.progress.withdrawn
    return asked.progress.but(plan=command.plan, loaded=False, tells_at=tells_at, withdrawn=withdrawn)


RULES: dict[type[commands.CommandBase], Callable[..., WaveProgress]] = {
    commands.Hold: hold,
    commands.Resume: resume,
    told.RetryRows: retry_rows,
    told.WithdrawRows: withdraw_rows,
    told.AssignRows: assign_rows,
    told.CallOff: call_off,
    told.Close: close,
    told.Adopt: adopt,
}


def _check_under_way(asked: WaveAsked) -> None:
    if asked.progress.state.is_final or asked.progress.closing:
        raise conflict("wave_is_over", wave=asked.case.wave.id)


HEARD = CaseRules[WaveAsked, WaveProgress](
    case="wave",
    decides=RULES,
    not_for="not_for_waves",
    check=_check_under_way,
    # It can also follow its project to another plan.
    ends=lambda asked: isinstance(asked.command, told.Adopt | told.CallOff | told.Close),
    follow=lambda asked, decided: following(decided, asked.at),
)


def decide(launch: WaveLaunch, progress: WaveProgress, instruction: Instruction) -> WaveProgress:
    return decide_by(HEARD, WaveAsked(launch, progress, instruction))
