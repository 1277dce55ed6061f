from domain.contracts.chains import VendorDispatch
from domain.people import Role
from workflows.order_case import OrderCase


async def perform(case: OrderCase, step: VendorDispatch) -> None:
    if not case.is_answered(step.id):
        case.tell("vendor_asked", roles=(Role.COORDINATOR,), people=(step.vendor,), values={"vendor": step.vendor})
    case.will_undo(step.id)
    await case.answered(step.id)


async def undo(case: OrderCase, step: VendorDispatch) -> None:
    case.tell("vendor_called_off", roles=(Role.COORDINATOR,), people=(step.vendor,), values={"vendor": step.vendor})
