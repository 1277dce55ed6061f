from domain.chains import Approval
from workflows.case import HUMAN, OrderCase


async def perform(case: OrderCase, step: Approval) -> None:
    if case.status(step.id) in HUMAN:
        case.tell("approval_asked", roles=(step.role,))
    await case.answered(step.id)
