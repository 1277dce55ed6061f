"""What a launched project and its waves wait for: a go, what comes of exceptions, the end."""

from collections.abc import Collection, Iterable, Iterator

from domain.cases.awaited import AwaitedBy, AwaitedCommand, Awaiting, AwaitingCase
from domain.ids import project_workflow_id, wave_workflow_id
from domain.moves.launched.project_progress import GateState, ProjectProgress, ProjectState
from domain.moves.launched.wave_progress import WaveProgress, WorkplaceStanding
from domain.moves.plans.launches import Launch, WaveLaunch
from domain.people import Role


def waiting(launch: Launch | WaveLaunch) -> AwaitedBy:
    if isinstance(launch, WaveLaunch):
        wave = launch.wave.id
        case, kind, no = wave_workflow_id(launch.project, wave), AwaitingCase.WAVE, f"{launch.project}/{wave}"
    else:
        case, kind, no = project_workflow_id(launch.project), AwaitingCase.PROJECT, launch.project
    return AwaitedBy(
        case=case,
        kind=kind,
        no=no,
        customer=launch.customer,
        contract=launch.contract,
        site=launch.site,
        title=launch.name,
    )


def waits(launch: Launch, progress: ProjectProgress) -> Iterator[Awaiting]:
    """The gates on which nobody has said go, and once all has run, that somebody ends it."""
    if progress.state.is_final:
        return
    for wave in progress.waves:
        if wave.gate in (GateState.ASKED, GateState.REFUSED):
            yield Awaiting(
                step=wave.id,
                command=AwaitedCommand.GO,
                commands=("go", "refuse_go"),
                role=Role.COORDINATOR,
                people=(wave.brief.gate.by,) if wave.brief.gate.by is not None else (),
                due=wave.brief.start,
                held=bool(progress.holds),
            )
    if progress.state == ProjectState.SETTLING:
        yield Awaiting(
            step="close",
            command=AwaitedCommand.CLOSE,
            commands=("close",),
            role=Role.COORDINATOR,
            people=(launch.launched_by,),
            due=progress.settle_until,
        )


def wave_waits(progress: WaveProgress, changed: Iterable[WorkplaceStanding]) -> Iterator[Awaiting]:
    """The exceptions among the rows that have changed."""
    points = {point.workplace: point for point in progress.points}
    for standing in changed:
        point = points.get(standing.workplace)
        if point is not None and not progress.state.is_final:
            yield Awaiting(
                step=standing.workplace,
                command=AwaitedCommand.RETRY_ROWS if standing.retryable else AwaitedCommand.WITHDRAW_ROWS,
                commands=("retry_rows", "withdraw_rows", "assign_rows") if standing.retryable else _OTHERWISE,
                role=Role.COORDINATOR,
                people=(point.owner,),
                since=point.since,
                due=standing.due,
                exception=True,
                problem=standing.problem,
            )


_OTHERWISE = ("withdraw_rows", "assign_rows")


def open_steps(progress: WaveProgress) -> Collection[str]:
    """The exceptions it still has, whichever rows have changed."""
    return () if progress.state.is_final else {point.workplace for point in progress.points}
