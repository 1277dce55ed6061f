"""What may begin in a wave, what stands in its way, and how each workplace stands: all from the legs alone."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType

from domain.kinds import Leg
from domain.moves.launched.wave_progress import (
    LegProgress,
    LegStatus,
    OpenPoint,
    WaveCounts,
    WaveProgress,
    WorkplaceStanding,
    WorkplaceState,
    goes_back,
)
from domain.moves.plans.launches import WaveLaunch, leg_id
from domain.refusals import Problem

_UNDONE = frozenset({LegStatus.REFUSED, LegStatus.FAILED, LegStatus.LOST, LegStatus.WITHDRAWN})
_HALTED = _UNDONE | {LegStatus.STUCK}
_NAMES = {
    WorkplaceState.WAITING: "waiting",
    WorkplaceState.IN_FLIGHT: "in_flight",
    WorkplaceState.OK: "ok",
    WorkplaceState.FAILED: "failed",
    WorkplaceState.EXCEPTION: "exceptions",
    WorkplaceState.SKIPPED: "skipped",
    WorkplaceState.ROLLED_BACK: "rolled_back",
}


def startable(progress: WaveProgress, at_once: int) -> list[LegProgress]:
    """The legs that may begin now, in planned order: whose desks are free, and as many as there is room for."""
    if progress.holds or progress.closing or not progress.loaded:
        return []
    room = at_once - sum(leg.status == LegStatus.PLACED for leg in progress.legs)
    returning = _returning(progress.legs)
    done = {leg.id for leg in progress.legs if leg.status == LegStatus.DONE and not _is_taken_back(leg, returning)}
    known = {leg.id for leg in progress.legs}
    ready = [
        leg
        for leg in progress.legs
        if leg.status == LegStatus.WAITING
        # What stands in another wave was seen to by the gate, and is looked at again when the order is placed.
        if all(earlier in done for earlier in leg.planned.after if earlier in known)
    ]
    if any(leg.planned.leg == Leg.ASIDE for leg in ready):
        vain = waits_in_vain(progress.legs)
        ready = [leg for leg in ready if leg.id not in vain]
    return sorted(ready, key=lambda leg: (leg.planned.start, leg.id))[: max(room, 0)]


def waits_in_vain(legs: Iterable[LegProgress], undone: frozenset[LegStatus] = _UNDONE) -> dict[str, LegProgress]:
    """Waiting legs whose desks are not left, or that nothing could follow, and what keeps each from beginning."""
    by_id = {leg.id: leg for leg in legs}
    followers: dict[str, list[LegProgress]] = defaultdict(list)
    for leg in by_id.values():
        for earlier in leg.planned.after:
            followers[earlier].append(leg)
    found: dict[str, LegProgress] = {}
    returning = _returning(by_id.values())
    causes = [leg for leg in by_id.values() if leg.status in undone or _is_taken_back(leg, returning)]
    while causes:
        cause = causes.pop()
        for leg in followers[cause.id]:
            if leg.status == LegStatus.WAITING and leg.id not in found:
                found[leg.id] = cause
                causes.append(leg)
                # Nobody steps aside who could not go on.
                aside = by_id.get(leg_id(leg.planned.workplace, Leg.ASIDE))
                if aside is not None and aside.status == LegStatus.WAITING and aside.id not in found:
                    found[aside.id] = cause
                    causes.append(aside)
    return found


def _returning(legs: Iterable[LegProgress]) -> set[str]:
    return {leg.planned.workplace for leg in legs if leg.planned.leg == Leg.BACK}


def _is_taken_back(leg: LegProgress, returning: Collection[str]) -> bool:
    """Who goes back to a desk has not left it for anybody."""
    return leg.planned.workplace in returning and leg.planned.leg != Leg.BACK


def is_through(progress: WaveProgress) -> bool:
    """Whether nothing is under way and nothing more can begin by itself."""
    if not progress.loaded or any(leg.status == LegStatus.PLACED or leg.untold for leg in progress.legs):
        return False
    halted = waits_in_vain(progress.legs, _HALTED)
    return all(leg.status != LegStatus.WAITING or leg.id in halted for leg in progress.legs)


def by_workplace(legs: Iterable[LegProgress]) -> dict[str, list[LegProgress]]:
    found: dict[str, list[LegProgress]] = defaultdict(list)
    for leg in legs:
        found[leg.planned.workplace].append(leg)
    return found


def standings(
    launch: WaveLaunch, progress: WaveProgress, known: Mapping[str, WorkplaceStanding] = MappingProxyType({})
) -> dict[str, WorkplaceStanding]:
    """Every workplace of the wave by its key. What is `known` is taken over where nothing can have changed."""
    # When the wave ends, nobody is left for whom those behind a stuck order could wait.
    vain = waits_in_vain(progress.legs, _HALTED if progress.closing else _UNDONE)
    points = {point.workplace: point for point in progress.points}
    found = {}
    for key, legs in by_workplace(progress.legs).items():
        before = known.get(key)
        if before is not None and _stands(before, legs, vain):
            found[key] = before
        else:
            found[key] = _standing(launch.wave.id, legs, vain, points.get(key))
    return found


def _stands(before: WorkplaceStanding, legs: Sequence[LegProgress], vain: Mapping[str, LegProgress]) -> bool:
    """Whether it is judged by the same legs as before, and by nothing else."""
    if before.state.is_open or len(before.legs) != len(legs):
        return False
    same = all(one is other for one, other in zip(before.legs, legs, strict=True))
    return same and not any(leg.status == LegStatus.WAITING and leg.id in vain for leg in legs)


def _standing(
    wave: str, legs: Sequence[LegProgress], vain: Mapping[str, LegProgress], point: OpenPoint | None
) -> WorkplaceStanding:
    state, problem, retryable = _judged(legs, vain)
    ended = max((leg.ended_at for leg in legs if leg.ended_at is not None), default=None)
    return WorkplaceStanding.model_construct(
        workplace=legs[0].planned.workplace,
        row=legs[0].planned.row,
        kind=legs[0].planned.kind,
        wave=wave,
        state=state,
        problem=problem,
        retryable=retryable,
        owner=point.owner if point and state.is_open else None,
        due=None,
        started_at=min((leg.started_at for leg in legs if leg.started_at is not None), default=None),
        ended_at=None if state in (WorkplaceState.WAITING, WorkplaceState.IN_FLIGHT) else ended,
        legs=tuple(legs),
    )


def yet_to_open(wave: str, legs: Iterable[LegProgress]) -> list[WorkplaceStanding]:
    """The workplaces of a wave that has not opened."""
    return [_standing(wave, mine, {}, None) for mine in by_workplace(legs).values()]


def counts(states: Iterable[WorkplaceState]) -> WaveCounts:
    count = Counter(_NAMES[state] for state in states)
    return WaveCounts(workplaces=count.total(), **count)


# Its state, what is wrong with it, and whether trying again can help.
Judged = tuple[WorkplaceState, Problem | None, bool]


def _judged(legs: Sequence[LegProgress], vain: Mapping[str, LegProgress]) -> Judged:
    """Who goes back is judged by the way back alone."""
    counting = [leg for leg in legs if leg.planned.leg == Leg.BACK] if goes_back(tuple(legs)) else legs
    status = {leg.status for leg in counting}
    if LegStatus.PLACED in status:
        return WorkplaceState.IN_FLIGHT, None, False
    for leg in counting:
        if leg.status in (LegStatus.STUCK, LegStatus.REFUSED, LegStatus.LOST):
            return WorkplaceState.EXCEPTION, leg.problem, True
    if status == {LegStatus.DONE}:
        back = counting is not legs
        return (WorkplaceState.ROLLED_BACK if back else WorkplaceState.OK), None, False
    stranded = counting is not legs or LegStatus.DONE in status
    for leg in counting:
        if leg.status == LegStatus.FAILED:
            return (WorkplaceState.EXCEPTION if stranded else WorkplaceState.FAILED), leg.problem, True
    return _not_begun(counting, vain, stranded=stranded)


def _not_begun(legs: Sequence[LegProgress], vain: Mapping[str, LegProgress], *, stranded: bool) -> Judged:
    waiting = [leg for leg in legs if leg.status == LegStatus.WAITING]
    cause = next((vain[leg.id] for leg in waiting if leg.id in vain), None)
    if cause is not None:
        not_free = Problem(code="desk_not_free", values={"row": str(cause.planned.row)})
        return WorkplaceState.EXCEPTION, not_free, False
    if waiting:
        return (WorkplaceState.IN_FLIGHT if stranded else WorkplaceState.WAITING), None, False
    problem = next((leg.problem for leg in legs if leg.problem is not None), None)
    if stranded:
        # It stands in its interim place, and nobody takes it any further.
        return WorkplaceState.EXCEPTION, problem or Problem(code="stranded"), True
    return WorkplaceState.SKIPPED, problem, False


def takers(legs: Iterable[LegProgress]) -> dict[str, set[str]]:
    """For each workplace those others that move to the desk it leaves."""
    found: dict[str, set[str]] = defaultdict(set)
    by_id = {leg.id: leg for leg in legs}
    for leg in by_id.values():
        for earlier in leg.planned.after:
            left = by_id.get(earlier)
            if left is not None and left.planned.workplace != leg.planned.workplace:
                found[left.planned.workplace].add(leg.planned.workplace)
    return found
