from domain.chains import Work
from domain.people import Role
from domain.progress import StepStatus
from workflows.case import OrderCase


async def perform(case: OrderCase, step: Work) -> None:
    if step.id not in case.undoable:
        case.undoable.append(step.id)
    await case.answered(step.id)


async def undo(case: OrderCase, step: Work) -> None:
    """What hands have done only hands can undo: the coordinator is asked once a piece of work has begun."""
    if case.status(step.id) != StepStatus.OPEN:
        case.tell("put_back", roles=(Role.COORDINATOR,), values={"step": case.name_of(step.id)})
