"""Which version a case goes on with: all with the one that is let in, but those that were told to stay."""

import asyncio
from collections.abc import Iterable

from google.protobuf.field_mask_pb2 import FieldMask
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.deployment.v1 import WorkerDeploymentVersion as WireVersion
from temporalio.api.workflow.v1 import VersioningOverride, WorkflowExecutionOptions
from temporalio.api.workflowservice.v1 import UpdateWorkflowExecutionOptionsRequest
from temporalio.client import Client, RPCError
from temporalio.service import RPCStatusCode

from workflows.engine.versions import ANSWER_WITHIN

_AT_ONCE = 16


class VersionedCases:
    """What lists say is a moment behind. Raises `RPCError` when the server does not answer."""

    def __init__(self, client: Client, deployment: str) -> None:
        self._client = client
        self._deployment = deployment

    async def count_with(self, build: str) -> int:
        query = f"TemporalWorkerDeploymentVersion = '{self._deployment}:{build}' AND ExecutionStatus = 'Running'"
        return (await self._client.count_workflows(query, rpc_timeout=ANSWER_WITHIN)).count

    async def that_used(self, build: str) -> list[str]:
        """Whose last tasks, or earlier ones, were done by this version, as far as the server's lists are."""
        used = f"TemporalUsedWorkerDeploymentVersions = '{self._deployment}:{build}'"
        return await self._listed(f"{used} AND ExecutionStatus = 'Running'")

    async def that_stay(self) -> list[str]:
        """Those that were told to stay with a version."""
        ours = f"TemporalWorkerDeployment = '{self._deployment}'"
        stay = "TemporalWorkflowVersioningBehavior = 'Pinned'"
        return await self._listed(f"{ours} AND {stay} AND ExecutionStatus = 'Running'")

    async def have_stay(self, cases: Iterable[str], build: str) -> None:
        """Whatever is let in, these cases go on with the version they are at."""
        version = WireVersion(deployment_name=self._deployment, build_id=build)
        pinned = VersioningOverride.PinnedOverride(
            behavior=VersioningOverride.PINNED_OVERRIDE_BEHAVIOR_PINNED, version=version
        )
        await self._each(cases, WorkflowExecutionOptions(versioning_override=VersioningOverride(pinned=pinned)))

    async def release(self, cases: Iterable[str]) -> None:
        """From their next task on these cases go with what is let in, like all others."""
        await self._each(cases, WorkflowExecutionOptions())

    async def _listed(self, query: str) -> list[str]:
        runs = self._client.list_workflows(query, rpc_timeout=ANSWER_WITHIN)
        # What the server runs for itself is no workflow of ours.
        return [run.id async for run in runs if not run.id.startswith("temporal-sys-")]

    async def _each(self, cases: Iterable[str], options: WorkflowExecutionOptions) -> None:
        places = asyncio.Semaphore(_AT_ONCE)

        async def tell(case: str) -> None:
            request = UpdateWorkflowExecutionOptionsRequest(
                namespace=self._client.namespace,
                workflow_execution=WorkflowExecution(workflow_id=case),
                workflow_execution_options=options,
                update_mask=FieldMask(paths=["versioning_override"]),
            )
            async with places:
                try:
                    await self._client.workflow_service.update_workflow_execution_options(
                        request, retry=True, timeout=ANSWER_WITHIN
                    )
                except RPCError as error:
                    # It has ended meanwhile.
                    if error.status != RPCStatusCode.NOT_FOUND:
                        raise

        await asyncio.gather(*(tell(case) for case in cases))
