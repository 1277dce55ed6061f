from domain.chains import VendorDispatch
from domain.people import Role
from workflows.case import HUMAN, OrderCase


async def perform(case: OrderCase, step: VendorDispatch) -> None:
    if case.status(step.id) in HUMAN:
        case.tell("vendor_asked", roles=(Role.COORDINATOR,), people=(step.vendor,), values={"vendor": step.vendor})
    if step.id not in case.undoable:
        case.undoable.append(step.id)
    await case.answered(step.id)


async def undo(case: OrderCase, step: VendorDispatch) -> None:
    case.tell("vendor_called_off", roles=(Role.COORDINATOR,), people=(step.vendor,), values={"vendor": step.vendor})
