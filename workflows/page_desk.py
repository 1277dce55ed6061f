"""Starting the pages an incident asks for, and stopping those it no longer needs."""

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from domain.ids import page_workflow_id
from domain.incidents.progress import IncidentPage
from domain.oncall.page import StopPage
from workflows.incident_case import IncidentCase
from workflows.paging import start_page


async def call_people(case: IncidentCase) -> None:
    """Look after the pages of an incident, until cancelled."""
    while True:
        await workflow.wait_condition(lambda: bool(case.to_page or case.needless_pages()))
        case.is_paging = True
        while case.to_page:
            await start_page(case.to_page.pop(0))
        for page in case.needless_pages():
            await _stop(case, page)
        case.is_paging = False


async def _stop(case: IncidentCase, page: IncidentPage) -> None:
    case.called_off(page)
    paging = workflow.get_external_workflow_handle(page_workflow_id(case.workflow_id, page.no))
    why = case.why_needless(page)
    try:
        await paging.signal("stop", StopPage(event_id=f"{page.no}-{why}", why=why))
    except ApplicationError as error:
        # It has ended by itself.
        workflow.logger.info("page is over", extra={"page": page.no, "why": error.message})
