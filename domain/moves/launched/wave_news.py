"""What becomes of a wave by what it hears: the legs of its plan, and how its orders fare."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from domain.kinds import Leg, OrderState
from domain.moves.launched.wave_progress import LegProgress, LegStatus, WaveProgress
from domain.moves.plans.launches import PlannedLeg
from domain.orders.news import OrderNews
from domain.refusals import Problem
from domain.values import Slug, Value


class WaveLegs(Value):
    """The legs of a wave in a plan; `elsewhere` are those asked about that the plan has in another wave."""

    legs: tuple[PlannedLeg, ...]
    elsewhere: tuple[Slug, ...] = ()


def with_plan(progress: WaveProgress, found: WaveLegs) -> WaveProgress:
    """What has begun goes on as it began, in whatever row it stands now; the rest is as the plan says now."""
    planned = {leg.id: leg for leg in found.legs}
    kept = [
        leg.but(planned=leg.planned.but(row=planned[leg.id].row) if leg.id in planned else leg.planned)
        if _goes_on(leg)
        else new_leg(planned[leg.id], progress.withdrawn)
        for leg in progress.legs
        if _goes_on(leg) or leg.id in planned
    ]
    known = {leg.id for leg in progress.legs}
    begun = {leg.planned.workplace for leg in progress.legs if leg.attempt}
    new = [leg for leg in found.legs if leg.id not in known and leg.workplace not in begun]
    added = [new_leg(leg, progress.withdrawn) for leg in new]
    if progress.called_off is not None:
        # It was called off before it knew them.
        added = [leg.dropped("row_called_off", progress.called_off.reason) for leg in added]
    gone = _gone(progress, planned.keys(), found.elsewhere)
    return progress.but(legs=(*kept, *gone, *added), loaded=True)


def _goes_on(leg: LegProgress) -> bool:
    """Whatever is planned: ways back are in no plan."""
    return leg.attempt > 0 or leg.planned.leg == Leg.BACK


def new_leg(planned: PlannedLeg, withdrawn: Mapping[str, str]) -> LegProgress:
    leg, reason = LegProgress(planned=planned), withdrawn.get(planned.workplace)
    return leg if reason is None else leg.dropped("row_withdrawn", reason)


def _gone(progress: WaveProgress, planned: Collection[str], elsewhere: Collection[str]) -> list[LegProgress]:
    """Not begun and no longer wanted; what another wave does now is that wave's affair."""
    return [
        leg.but(status=LegStatus.WITHDRAWN, problem=Problem(code="not_in_plan", values={"plan": str(progress.plan)}))
        for leg in progress.legs
        if not _goes_on(leg) and leg.id not in planned and leg.planned.workplace not in elsewhere
    ]


def placing(leg: LegProgress, order: str, plan: int, at: datetime) -> LegProgress:
    return leg.but(
        status=LegStatus.PLACED,
        attempt=leg.attempt + 1,
        order=order,
        plan=plan,
        problem=None,
        started_at=at,
        ended_at=None,
    )


def refused(progress: WaveProgress, order: str, problem: Problem) -> WaveProgress:
    """After there could be no such order; who was withdrawn meanwhile has nobody to look after it."""
    leg = next((leg for leg in progress.legs if leg.order == order and leg.status == LegStatus.PLACED), None)
    if leg is None:
        return progress
    status = LegStatus.WITHDRAWN if leg.withdrawn else LegStatus.REFUSED
    return progress.with_leg(leg.but(status=status, problem=problem, untold=()))


def without_lost(progress: WaveProgress, orders: Iterable[str], at: datetime) -> WaveProgress:
    """After these orders have turned out to be over without a word."""
    lost = set(orders)
    problem = Problem(code="order_lost")
    return progress.but(
        legs=tuple(
            leg.but(status=LegStatus.LOST, problem=problem, ended_at=at, untold=())
            if leg.order in lost and leg.has_order
            else leg
            for leg in progress.legs
        )
    )


def heard(progress: WaveProgress, news: OrderNews) -> WaveProgress:
    """The progress after news of one of its orders; the same one when they concern none that is under way.

    One that ended while it was looked for was taken for lost before its news were heard.
    """
    leg = next((leg for leg in progress.legs if leg.order == news.order and _is_awaited(leg, news)), None)
    if leg is None:
        return progress
    if not news.state.is_final:
        status = LegStatus.STUCK if news.stuck else LegStatus.PLACED
        return progress.with_leg(leg.but(status=status, problem=news.problem if news.stuck else None))
    ended = leg.but(ended_at=news.at, untold=(), problem=news.problem)
    if news.state == OrderState.COMPLETED:
        return progress.with_leg(ended.but(status=LegStatus.DONE, problem=None))
    return progress.with_leg(ended.but(status=LegStatus.WITHDRAWN if leg.withdrawn else LegStatus.FAILED))


def _is_awaited(leg: LegProgress, news: OrderNews) -> bool:
    return leg.has_order or (leg.status == LegStatus.LOST and news.state.is_final)
