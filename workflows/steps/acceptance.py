from temporalio import workflow

from activities.calendars import Calendars, WorkingDays
from domain.cases.events import Happening
from domain.contracts.chains import Acceptance
from domain.people import Role
from workflows.order_case import OrderCase


async def perform(case: OrderCase, step: Acceptance) -> None:
    """Wait for the user's signature; after the agreed working days the work counts as accepted."""
    if case.is_answered(step.id):
        return
    asked = WorkingDays(calendar=case.order.terms.calendar, start=workflow.now(), days=step.deemed_after_days)
    due = await case.act(Calendars.after_working_days, asked, summary="until when the work can be accepted")
    case.tell("acceptance_asked", roles=(Role.REQUESTER,), values={"until": due.isoformat()})
    if not await case.answered(step.id, until=due, summary="deemed accepted"):
        case.note(Happening.DEEMED_ACCEPTED, step=step.id)
        case.settle(step.id)
