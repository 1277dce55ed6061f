from domain.contracts.chains import VendorDispatch
from domain.orders.progress import StepStatus
from domain.people import Role
from workflows.order_case import OrderCase
from workflows.steps.offering import have_taken


async def perform(case: OrderCase, step: VendorDispatch) -> None:
    if step.offered:
        case.will_undo(step.id)
        await have_taken(case, step)
        return
    if step.vendor is not None and not case.is_answered(step.id):
        case.tell("vendor_asked", roles=(Role.COORDINATOR,), people=(step.vendor,), values={"vendor": step.vendor})
    case.will_undo(step.id)
    await case.answered(step.id)


async def undo(case: OrderCase, step: VendorDispatch) -> None:
    """A vendor of the directory that has not done yet was called off with the order; what is done is put back by us."""
    if step.offered:
        if case.status(step.id) == StepStatus.DONE:
            case.tell("put_back", roles=(Role.COORDINATOR,), values={"step": case.name_of(step.id)})
        return
    if step.vendor is not None:
        people = (step.vendor,)
        case.tell("vendor_called_off", roles=(Role.COORDINATOR,), people=people, values={"vendor": step.vendor})
