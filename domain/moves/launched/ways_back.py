"""Bringing workplaces back to where they stood: who can go back, and in which order."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.cases.move_commands import WhenDone, WhenInFlight
from domain.kinds import Leg, OrderKind
from domain.moves.launched.wave_course import by_workplace, takers, waits_in_vain
from domain.moves.launched.wave_progress import LegProgress, LegStatus, WaveProgress, goes_back
from domain.moves.plans.launches import leg_id

Legs = Mapping[str, list[LegProgress]]
_TAKING = frozenset({LegStatus.PLACED, LegStatus.STUCK, LegStatus.LOST, LegStatus.DONE})


def with_ways_back(progress: WaveProgress, at: datetime) -> WaveProgress:
    """The progress with a way back for each workplace that is to have one and can; the others go on or stay.

    A desk that somebody else has taken is left first; a ring of desks, all of them taken, stays as it is.
    """
    if progress.called_off is None and not any(map(_is_withdrawn, progress.legs)):
        return progress
    progress = _without_second_legs(progress)
    legs = by_workplace(progress.legs)
    wanted = [key for key, mine in legs.items() if _should_go_back(progress, mine)]
    if not wanted:
        return progress
    after = _possible(wanted, legs, takers(progress.legs))
    changed = progress
    for key, others in after.items():
        last = legs[key][-1].planned
        back = tuple(leg_id(other, Leg.BACK) for other in sorted(others))
        planned = last.model_copy(update={"leg": Leg.BACK, "start": at, "after": back})
        withdrawn = tuple(
            leg.but(status=LegStatus.WITHDRAWN)
            if leg.planned.workplace == key and not leg.has_order and leg.status != LegStatus.DONE
            else leg
            for leg in changed.legs
        )
        changed = changed.but(legs=(*withdrawn, LegProgress(planned=planned)))
    return changed


def _without_second_legs(progress: WaveProgress) -> WaveProgress:
    """Who has not stepped aside when a project is called off has nowhere to go on from."""
    if progress.called_off is None:
        return progress
    legs = by_workplace(progress.legs).values()
    stays = {mine[0].planned.workplace for mine in legs if not any(leg.status in _TAKING for leg in mine)}
    return progress.but(
        legs=tuple(
            leg.but(status=LegStatus.WITHDRAWN)
            if leg.status == LegStatus.WAITING and leg.planned.workplace in stays
            else leg
            for leg in progress.legs
        )
    )


def _should_go_back(progress: WaveProgress, legs: list[LegProgress]) -> bool:
    status = [leg.status for leg in legs]
    if goes_back(tuple(legs)) or legs[0].planned.kind != OrderKind.MOVE or LegStatus.DONE not in status:
        return False
    if any(leg.has_order for leg in legs):
        return False
    called_off = progress.called_off
    if all(one == LegStatus.DONE for one in status):
        return called_off is not None and called_off.done == WhenDone.ROLL_BACK
    if any(map(_is_withdrawn, legs)):
        return True
    if called_off is None:
        return False
    vain = waits_in_vain(progress.legs)
    return called_off.in_flight == WhenInFlight.ROLL_BACK or any(leg.id in vain for leg in legs)


def _is_withdrawn(leg: LegProgress) -> bool:
    return leg.withdrawn or leg.status == LegStatus.WITHDRAWN


def _possible(wanted: Sequence[str], legs: Legs, taken_by: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Those that can go back, each with those that must have gone back before.

    In planned order: what their orders are told follows it, and a replay elsewhere must find it alike.
    """
    after: dict[str, set[str]] = {}
    waiting = list(wanted)
    while waiting:
        for key in waiting:
            sitting = {other for other in taken_by.get(key, ()) if any(leg.status in _TAKING for leg in legs[other])}
            gone = {other for other in sitting if _is_back(legs[other])}
            if sitting - gone <= after.keys():
                after[key] = sitting - gone
        left = [key for key in waiting if key not in after]
        if left == waiting:
            break
        waiting = left
    return after


def _is_back(legs: list[LegProgress]) -> bool:
    return any(leg.planned.leg == Leg.BACK and leg.status == LegStatus.DONE for leg in legs)
