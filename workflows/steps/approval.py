from domain.contracts.chains import Approval
from domain.orders.sheets import expected_minutes
from domain.people import Role
from workflows.order_case import OrderCase


async def perform(case: OrderCase, step: Approval) -> None:
    if not case.is_answered(step.id):
        case.tell(_template(step), roles=(step.role,), values=_asked(case, step))
    await case.answered(step.id)


def _template(step: Approval) -> str:
    if step.quotes:
        return "quote_asked"
    return "consent_asked" if step.role == Role.REQUESTER else "approval_asked"


def _asked(case: OrderCase, step: Approval) -> dict[str, str]:
    """Whoever is to say yes learns what it will take and cost, as far as that is known."""
    if step.role != Role.REQUESTER:
        return {}
    quote = case.progress.quote
    told = {"minutes": f"{expected_minutes(case.order)}"}
    return told if quote is None else told | {"price": f"{quote.price:.2f}", "at_most": "yes" if quote.at_most else ""}
