"""Who hears of an order that was placed for them, and what."""

from datetime import datetime

from domain.ids import incident_workflow_id, wave_workflow_id
from domain.kinds import OrderState
from domain.orders.order import Order, OrderNews
from domain.orders.progress import Ending, Progress
from domain.refusals import Problem


def audience(order: Order, *, ended: bool) -> tuple[str, ...]:
    """The workflows that hear of it: an incident when it has ended, a wave all the time."""
    incident, part = order.request.incident, order.part
    wave = (wave_workflow_id(part.project, part.wave),) if part is not None else ()
    return (incident_workflow_id(incident), *wave) if incident is not None and ended else wave


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


def _why(ending: Ending) -> Problem:
    values = {"reason": ending.reason}
    match ending.state:
        case OrderState.FAILED:
            return Problem(code="work_failed", values=values)
        case OrderState.CANCELLED:
            return Problem(code="order_cancelled", values=values)
        case OrderState.REJECTED:
            return Problem(code="order_rejected", values=values)
