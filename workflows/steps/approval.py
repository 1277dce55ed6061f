from domain.contracts.chains import Approval
from workflows.order_case import OrderCase


async def perform(case: OrderCase, step: Approval) -> None:
    if not case.is_answered(step.id):
        case.tell("approval_asked", roles=(step.role,))
    await case.answered(step.id)
