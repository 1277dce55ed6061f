from domain.contracts.chains import Verification
from workflows.order_case import OrderCase


async def perform(case: OrderCase, step: Verification) -> None:
    await case.answered(step.id)
