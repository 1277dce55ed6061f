from domain.chains import Appointment
from domain.people import Role
from workflows.case import HUMAN, OrderCase


async def perform(case: OrderCase, step: Appointment) -> None:
    if case.status(step.id) in HUMAN:
        case.tell("appointment_to_book", roles=(Role.COORDINATOR,))
    if step.id not in case.undoable:
        case.undoable.append(step.id)
    await case.answered(step.id)


async def undo(case: OrderCase, step: Appointment) -> None:
    appointment = case.progress.appointment
    if appointment is not None:
        technicians = (appointment.technician,) if appointment.technician else ()
        case.tell("appointment_cancelled", roles=(Role.REQUESTER,), people=technicians)
