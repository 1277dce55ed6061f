"""Incidents that a workflow opens, for as long as they then take."""

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

from domain.ids import incident_workflow_id
from domain.incidents.incident import Incident
from workflows.incident import IncidentWorkflow
from workflows.starting import TASK_TIMEOUT, priority, rank_of, search_attributes


async def open_incident(incident: Incident) -> None:
    """Opening the same one twice is impossible, whoever does it."""
    try:
        await workflow.start_child_workflow(
            IncidentWorkflow.run,
            incident,
            id=incident_workflow_id(incident.no),
            parent_close_policy=ParentClosePolicy.ABANDON,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            task_timeout=TASK_TIMEOUT,
            search_attributes=search_attributes("incident", incident.customer, incident.request.site),
            static_summary=f"incident at {incident.request.site}",
            priority=priority(incident.customer, rank_of(incident)),
        )
    except WorkflowAlreadyStartedError:
        return
