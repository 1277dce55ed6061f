from domain.cases.order_commands import Complete
from domain.contracts.chains import Work
from domain.orders.progress import StepStatus
from domain.people import Role
from workflows.order_case import OrderCase


async def perform(case: OrderCase, step: Work) -> None:
    case.will_undo(step.id)
    await case.answered(step.id)


async def undo(case: OrderCase, step: Work) -> None:
    """What hands have done only hands can undo: the coordinator is asked once a piece of work has begun."""
    if _has_begun(case, step):
        case.tell("put_back", roles=(Role.COORDINATOR,), values={"step": case.name_of(step.id)})


def _has_begun(case: OrderCase, step: Work) -> bool:
    """Work that waits to be done again was done before, unless the visit was wasted."""
    done = (
        given.command.outcome != "wasted_visit"
        for given in case.progress.given
        if isinstance(given.command, Complete) and given.command.step == step.id
    )
    return case.status(step.id) == StepStatus.STARTED or any(done)
