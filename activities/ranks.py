"""Which rank a case's tasks have in Temporal once it has become more pressing than it began, or less."""

from datetime import timedelta

import structlog
from google.protobuf.field_mask_pb2 import FieldMask
from temporalio import activity
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import UpdateWorkflowExecutionOptionsRequest
from temporalio.service import RPCError

from domain.cases.ranks import Rank

log = structlog.get_logger()
# What waits for it has two seconds in all.
WITHIN = timedelta(seconds=1)
ONLY_THE_RANK = FieldMask(paths=["priority.priority_key"])


async def rank_again(case: str, rank: Rank) -> None:
    """From its next task on. Where the server cannot, or not now, the case goes on with the rank it has.

    Does nothing outside of an activity.
    """
    if not activity.in_activity():
        return
    client = activity.client()
    asked = UpdateWorkflowExecutionOptionsRequest(
        namespace=client.namespace, workflow_execution=WorkflowExecution(workflow_id=case), update_mask=ONLY_THE_RANK
    )
    asked.workflow_execution_options.priority.priority_key = rank
    try:
        await client.workflow_service.update_workflow_execution_options(asked, timeout=WITHIN)
    except RPCError as error:
        log.warning("rank stays as it was", case=case, rank=rank.name, why=error.message)
