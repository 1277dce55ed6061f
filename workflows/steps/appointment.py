from temporalio import workflow

from domain.cases.events import Happening
from domain.cases.order_commands import Book
from domain.contracts.chains import Appointment
from domain.orders.decisions.appointments import as_planned
from domain.people import Role
from workflows.order_case import OrderCase


async def perform(case: OrderCase, step: Appointment) -> None:
    """The first visit of a project's order is the one of its plan; whatever comes after is for people to agree on."""
    part = case.order.part
    if not case.is_answered(step.id):
        if part is not None and case.progress.step(step.id).round == 1:
            _book(case, step, part.visit)
        else:
            case.tell("appointment_to_book", roles=(Role.COORDINATOR,))
    case.will_undo(step.id)
    await case.answered(step.id)


def _book(case: OrderCase, step: Appointment, visit: Book) -> None:
    case.advance(as_planned(case.order, case.progress, step.id, visit, workflow.now()))
    window = {"from": visit.window.start.isoformat(), "to": visit.window.end.isoformat()}
    case.note(Happening.BOOKED_BY_PLAN, step=step.id, values=window | {"technician": visit.technician or ""})


async def undo(case: OrderCase, step: Appointment) -> None:
    appointment = case.progress.appointment
    if appointment is not None and not _is_planned(case, appointment):
        technicians = (appointment.technician,) if appointment.technician else ()
        case.tell("appointment_cancelled", roles=(Role.REQUESTER,), people=technicians)


def _is_planned(case: OrderCase, appointment: Book) -> bool:
    """Nobody was told of it one by one, so nobody is told that it is off."""
    visit = case.order.part.visit if case.order.part is not None else None
    return visit is not None and (appointment.window, appointment.technician) == (visit.window, visit.technician)
