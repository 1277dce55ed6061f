from domain.contracts.chains import Notice
from workflows.order_case import OrderCase


async def perform(case: OrderCase, step: Notice) -> None:
    """A project tells its people itself, not once for each of hundreds of workplaces."""
    if case.order.part is None:
        case.tell(step.template, roles=step.to)
    case.settle(step.id)
