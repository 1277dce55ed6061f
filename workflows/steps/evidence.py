from temporalio import workflow

from activities.calendars import Calendars, WorkingDays
from domain.cases.events import Happening
from domain.contracts.chains import DISPOSAL_PROOF, Evidence
from domain.orders.departures import leaving_step
from workflows.order_case import SAYS_WHAT_LEFT, OrderCase


async def perform(case: OrderCase, step: Evidence) -> None:
    """Wait for the document and chase it every so many working days until it is there."""
    while not case.is_answered(step.id):
        asked = WorkingDays(calendar=case.order.terms.calendar, start=workflow.now(), days=step.chase_after_days)
        due = await case.act(Calendars.after_working_days, asked, summary=f"when to chase the {step.document}")
        if not await case.answered(step.id, until=due, summary=f"chase the {step.document}"):
            case.note(Happening.EVIDENCE_OVERDUE, step=step.id, values={"document": step.document})
            is_away = step.document == DISPOSAL_PROOF and leaving_step(case.order, case.progress) is not None
            if is_away and workflow.patched(SAYS_WHAT_LEFT):
                case.note(Happening.PROOF_OVERDUE, step=step.id, values={"document": step.document})
