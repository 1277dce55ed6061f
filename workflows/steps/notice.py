from domain.chains import Notice
from workflows.order_case import OrderCase


async def perform(case: OrderCase, step: Notice) -> None:
    case.tell(step.template, roles=step.to)
    case.settle(step.id)
