"""Who hears of an order that was placed for them, and what."""

from datetime import datetime

from domain.ids import incident_workflow_id, order_workflow_id, wave_workflow_id
from domain.kinds import OrderState
from domain.orders.order import Order
from domain.orders.progress import Ending, PartStanding, Progress
from domain.refusals import Problem
from domain.times import Instant
from domain.values import Slug, Value


class OrderNews(Value):
    """What others hear of an order that was placed for them. Heard twice it is the same.

    An incident hears when it has ended; a wave as well when a person must act (`stuck`) and when they have. `problem`
    says why it is stuck or was not completed.
    """

    event_id: Slug
    order: Slug
    customer: Slug
    state: OrderState
    at: Instant
    stuck: bool = False
    problem: Problem | None = None


def audience(order: Order, *, ended: bool) -> tuple[str, ...]:
    """The workflows that hear of it: an incident when it has ended, a wave and a bundle all the time."""
    incident, part, bundle = order.request.incident, order.part, order.bundle
    wave = (wave_workflow_id(part.project, part.wave),) if part is not None else ()
    above = (*wave, *((order_workflow_id(bundle.order),) if bundle is not None else ()))
    return (incident_workflow_id(incident), *above) if incident is not None and ended else above


def news_of(order: Order, progress: Progress, at: datetime) -> OrderNews:
    """How it stands with it: ended, waiting for a person's decision, or going on again."""
    step = progress.troubled
    turn = "stuck" if step else "freed"
    news = OrderNews(
        event_id=f"{order.no}-{turn}-{progress.seq}",
        order=order.no,
        customer=order.customer,
        state=progress.state,
        at=at,
        stuck=step is not None,
        problem=step.problem if step else None,
    )
    if not progress.state.is_final:
        return news
    why = _why(progress.ending) if progress.ending else None
    return news.but(event_id=f"{order.no}-{progress.state}", stuck=False, problem=why)


def heard(progress: Progress, news: OrderNews) -> PartStanding | None:
    """How an order of a bundle has ended; None if it has not, or is none of these. Until then its own row tells."""
    known = next((part for part in progress.parts_under_way if part.order == news.order), None)
    return known.but(state=news.state, problem=news.problem) if known and news.state.is_final else None


def _why(ending: Ending) -> Problem:
    values = {"reason": ending.reason}
    match ending.state:
        case OrderState.FAILED:
            return Problem(code="work_failed", values=values)
        case OrderState.CANCELLED:
            return Problem(code="order_cancelled", values=values)
        case OrderState.REJECTED:
            return Problem(code="order_rejected", values=values)
