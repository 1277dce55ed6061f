from domain.chains import Appointment
from domain.people import Role
from workflows.order_case import OrderCase


async def perform(case: OrderCase, step: Appointment) -> None:
    if not case.is_answered(step.id):
        case.tell("appointment_to_book", roles=(Role.COORDINATOR,))
    case.will_undo(step.id)
    await case.answered(step.id)


async def undo(case: OrderCase, step: Appointment) -> None:
    appointment = case.progress.appointment
    if appointment is not None:
        technicians = (appointment.technician,) if appointment.technician else ()
        case.tell("appointment_cancelled", roles=(Role.REQUESTER,), people=technicians)
