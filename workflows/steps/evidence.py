from temporalio import workflow

from activities.calendars import Calendars, WorkingDays
from domain.chains import Evidence
from domain.events import Happening
from workflows.case import HUMAN, OrderCase


async def perform(case: OrderCase, step: Evidence) -> None:
    """Wait for the document and chase it every so many working days until it is there."""
    while case.status(step.id) in HUMAN:
        asked = WorkingDays(calendar=case.order.terms.calendar, start=workflow.now(), days=step.chase_after_days)
        due = await case.act(Calendars.after_working_days, asked, summary=f"when to chase the {step.document}")
        try:
            await workflow.wait_condition(
                lambda: case.status(step.id) not in HUMAN,
                timeout=due - workflow.now(),
                timeout_summary=f"chase the {step.document}",
            )
        except TimeoutError:
            case.note(Happening.EVIDENCE_OVERDUE, step=step.id, values={"document": step.document})
