"""What a command does to a launched move project, or why it is refused."""

from collections.abc import Callable
from datetime import datetime

from domain.cases import move_commands as told
from domain.cases import order_commands as commands
from domain.cases.decisions import Asked, CaseRules, decide_by
from domain.cases.instructions import Instruction
from domain.cases.lookups import PlanFound, RowsFound
from domain.cases.wave_briefs import WaveBrief
from domain.moves.launched.gates import is_reached, turned
from domain.moves.launched.project_progress import (
    GateState,
    ProjectProgress,
    ProjectState,
    WaveStanding,
    begin,
    planned_wave,
)
from domain.moves.launched.wave_progress import WaveCounts, WaveState
from domain.moves.plans.launches import Launch
from domain.people import Role
from domain.refusals import NotAllowed, Problem, Unacceptable, conflict


class ProjectAsked(Asked[Launch, ProjectProgress]):
    def wave(self, wave_id: str) -> WaveStanding:
        found = self.progress.wave(wave_id)
        if found is None:
            raise Unacceptable(Problem(code="wave_unknown", at="/wave", values={"wave": wave_id}))
        return found


def following(progress: ProjectProgress) -> ProjectProgress:
    """With the gates that have turned, and the state that all of it makes."""
    if progress.state.is_final:
        return progress
    progress = turned(progress)
    if progress.is_through:
        return progress.but(state=ProjectState.SETTLING)
    return progress.but(state=ProjectState.ON_HOLD if progress.holds else ProjectState.RUNNING, settle_until=None)


def begun(launch: Launch) -> ProjectProgress:
    """The project right after its launch: gates have turned that wait for nothing."""
    return following(begin(launch))


def go(asked: ProjectAsked, command: told.Go) -> ProjectProgress:
    """Only the named person opens a gate, once the waves before are far enough."""
    wave = _gated(asked, command.wave)
    if asked.progress.holds:
        raise conflict("project_on_hold")
    if not is_reached(asked.progress, wave):
        raise conflict("gate_not_reached", wave=wave.id, waves=", ".join(wave.brief.after))
    return asked.progress.with_wave(opened(wave, asked.actor.person, asked.at))


def opened(wave: WaveStanding, by: str | None, at: datetime) -> WaveStanding:
    return wave.but(gate=GateState.OPEN, opened_at=at, opened_by=by, refused_why=None)


def refuse_go(asked: ProjectAsked, command: told.RefuseGo) -> ProjectProgress:
    wave = _gated(asked, command.wave)
    return asked.progress.with_wave(wave.but(gate=GateState.REFUSED, refused_why=command.reason))


def _gated(asked: ProjectAsked, wave_id: str) -> WaveStanding:
    wave = asked.wave(wave_id)
    if wave.gate in (GateState.OPEN, GateState.CALLED_OFF):
        raise conflict("gate_is_open", wave=wave.id)
    by = wave.brief.gate.by
    if by is None:
        raise conflict("gate_opens_itself", wave=wave.id)
    if asked.actor.person != by and asked.actor.role != Role.ADMIN:
        raise NotAllowed(Problem(code="gate_of_another", values={"wave": wave.id, "person": by}))
    return wave


def hold(asked: ProjectAsked, command: commands.Hold) -> ProjectProgress:
    return asked.progress.held(command, asked.actor, asked.at)


def resume(asked: ProjectAsked, command: commands.Resume) -> ProjectProgress:
    return asked.progress.resumed(command, asked.at)


def adopt(asked: ProjectAsked, command: told.Adopt) -> ProjectProgress:
    """Waves that have not opened are as the new plan says; those that have fetch what is new for them."""
    progress = asked.progress
    if progress.called_off is not None:
        raise conflict("already_called_off")
    if command.plan <= progress.plan:
        raise conflict("plan_not_newer", plan=str(command.plan))
    found = asked.looked_up
    if not isinstance(found, PlanFound):
        raise Unacceptable(Problem(code="not_looked_up", at="/plan"))
    planned = {brief.id: brief for brief in found.waves}
    kept = [_going_on(wave) for wave in progress.waves if wave.is_open or wave.id in planned]
    waves = [_replanned(wave, planned.get(wave.id)) for wave in kept]
    waves += [planned_wave(brief) for brief in found.waves if progress.wave(brief.id) is None]
    withdrawn = {} if found.relisted else progress.withdrawn
    return progress.but(plan=command.plan, waves=tuple(waves), withdrawn=withdrawn)


def _going_on(wave: WaveStanding) -> WaveStanding:
    """What an open wave has told was under the earlier plan; it tells again when it knows its rows."""
    return wave.but(state=WaveState.RUNNING, through_at=None) if wave.is_open and not wave.is_over else wave


def _replanned(wave: WaveStanding, brief: WaveBrief | None) -> WaveStanding:
    return wave if brief is None else planned_wave(brief, wave)


def withdraw_rows(asked: ProjectAsked, command: told.WithdrawRows) -> ProjectProgress:
    """Rows of waves that have not opened; what an open wave does with its own is for the wave to say."""
    found = asked.looked_up
    if not isinstance(found, RowsFound):
        raise Unacceptable(Problem(code="not_looked_up", at="/rows"))
    progress = asked.progress
    if progress.called_off is not None:
        raise conflict("already_called_off")
    if over := [str(row.row) for row in found.waiting if row.workplace in progress.withdrawn]:
        raise conflict("row_is_settled", rows=", ".join(over))
    for wave in {row.wave: asked.wave(row.wave) for row in found.waiting}.values():
        if wave.is_open:
            raise conflict("wave_has_opened", wave=wave.id)
    return progress.but(withdrawn=progress.withdrawn | {row.workplace: command.reason for row in found.waiting})


def call_off(asked: ProjectAsked, command: told.CallOff) -> ProjectProgress:
    progress = asked.progress
    if progress.called_off is not None:
        raise conflict("already_called_off")
    waves = tuple(wave if wave.is_open else _never_opened(wave) for wave in progress.waves)
    return progress.lifted(progress.holds, asked.at).but(called_off=command, waves=waves)


def _never_opened(wave: WaveStanding) -> WaveStanding:
    number = wave.brief.workplaces
    return wave.but(gate=GateState.CALLED_OFF, counts=WaveCounts(workplaces=number, skipped=number))


def close(asked: ProjectAsked, command: told.Close) -> ProjectProgress:
    if not asked.progress.is_through:
        running = [wave.id for wave in asked.progress.waves if not wave.is_through]
        raise conflict("waves_not_through", waves=", ".join(running))
    return asked.progress.but(closing=True)


RULES: dict[type[commands.CommandBase], Callable[..., ProjectProgress]] = {
    told.Go: go,
    told.RefuseGo: refuse_go,
    commands.Hold: hold,
    commands.Resume: resume,
    told.Adopt: adopt,
    told.WithdrawRows: withdraw_rows,
    told.CallOff: call_off,
    told.Close: close,
}


def _check_under_way(asked: ProjectAsked) -> None:
    if asked.progress.state.is_final or asked.progress.closing:
        raise conflict("project_is_over", state=asked.progress.state)


HEARD = CaseRules[ProjectAsked, ProjectProgress](
    case="project",
    decides=RULES,
    not_for="not_for_projects",
    check=_check_under_way,
    ends=lambda asked: isinstance(asked.command, told.CallOff | told.Close),
    follow=lambda _, decided: following(decided),
)


def decide(launch: Launch, progress: ProjectProgress, instruction: Instruction) -> ProjectProgress:
    return decide_by(HEARD, ProjectAsked(launch, progress, instruction))


# What a project tells its open waves, as it was told itself.
PASSED_ON = (commands.Hold, commands.Resume, told.Adopt, told.CallOff, told.Close)
