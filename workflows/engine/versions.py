"""Which versions of workers the server knows, and which of them it gives cases to.

To the server the workers of one task queue are a deployment, and each build of the code is a version of it. A worker
is given nothing until its version is let in; cases go on with the version that is current at their next task.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from temporalio.api.common.v1 import Payload
from temporalio.api.deployment.v1 import WorkerDeploymentInfo, WorkerDeploymentVersionInfo
from temporalio.api.deployment.v1 import WorkerDeploymentVersion as WireVersion
from temporalio.api.enums.v1 import RoutingConfigUpdateState, TaskQueueType
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeWorkerDeploymentRequest,
    DescribeWorkerDeploymentResponse,
    DescribeWorkerDeploymentVersionRequest,
    SetWorkerDeploymentCurrentVersionRequest,
    SetWorkerDeploymentRampingVersionRequest,
    UpdateWorkerDeploymentVersionMetadataRequest,
)
from temporalio.client import Client, RPCError
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCStatusCode
from temporalio.worker import WorkerDeploymentConfig

from workflows.engine.build import Build
from workflows.starting import paging_queue

ANSWER_WITHIN = timedelta(seconds=10)
# Those that have gone stand in the server's list for some minutes more.
SEEN_WITHIN = timedelta(minutes=1, seconds=30)
KNOWN_WITHIN = 10.0
_LOOK_AGAIN = 0.25
_DIGEST = "code"
# Where a server is too old it does not know the question; where this is switched off, it denies it.
_KNOWS_NONE = (RPCStatusCode.UNIMPLEMENTED, RPCStatusCode.PERMISSION_DENIED)


class VersionsUnknown(Exception):
    """The server knows no versions of workers: it is too old, or they are switched off."""


class ChangedMeanwhile(Exception):
    """Somebody else has let in a version, or taken one back, since we looked."""


class Routing(NamedTuple):
    """`versions` from the newest to the oldest; `percent` of all cases begin with, or go on with, the one on trial."""

    current: str | None
    trial: str | None
    percent: float
    versions: tuple[str, ...]
    previous: str | None
    token: bytes

    @classmethod
    def none(cls) -> "Routing":
        return cls(None, None, 0, (), None, b"")

    def lets_in(self, build: str) -> bool:
        return build in (self.current, self.trial)


class Versions:
    """Raises `RPCError` when the server does not answer."""

    def __init__(self, client: Client, deployment: str, task_queue: str) -> None:
        self.client = client
        self._service = client.workflow_service
        self.deployment = deployment
        self.task_queue = task_queue

    async def are_known(self) -> bool:
        try:
            await self.routing()
        except VersionsUnknown:
            return False
        return True

    async def routing(self) -> Routing:
        """Raises `VersionsUnknown`."""
        found = await self._described()
        return Routing.none() if found is None else _routing_of(found.worker_deployment_info, found.conflict_token)

    async def _described(self) -> DescribeWorkerDeploymentResponse | None:
        request = DescribeWorkerDeploymentRequest(namespace=self.client.namespace, deployment_name=self.deployment)
        try:
            return await self._service.describe_worker_deployment(request, retry=True, timeout=ANSWER_WITHIN)
        except RPCError as error:
            if error.status in _KNOWS_NONE:
                raise VersionsUnknown from error
            if error.status == RPCStatusCode.NOT_FOUND and not error.message.lower().startswith("namespace"):
                return None
            raise

    async def _until_known_everywhere(self) -> None:
        """The parts of a server that hand out tasks learn of it one after the other; it is said already."""
        with suppress(TimeoutError):
            async with asyncio.timeout(KNOWN_WITHIN):
                while not _is_known(await self._described()):  # noqa: ASYNC110  # the server sets no event
                    await asyncio.sleep(_LOOK_AGAIN)

    async def arrive(self, build: Build) -> bool:
        """Once the server has seen a worker of it: whether it is given cases. The first version of all lets itself in.

        Raises `VersionsUnknown`.
        """
        while build.id not in (standing := await self.routing()).versions:  # noqa: ASYNC110  # the server sets no event
            await asyncio.sleep(_LOOK_AGAIN)
        if await self.code_of(build.id) is None:
            await self._remember_code(build)
        if standing.current is None and standing.trial is None:
            with suppress(ChangedMeanwhile):
                await self.let_in(build.id, standing)
            standing = await self.routing()
        return standing.lets_in(build.id)

    async def let_in(self, build: str, seen: Routing) -> None:
        """All cases go on with it from their next task on, once this returns. Raises `ChangedMeanwhile`."""
        request = SetWorkerDeploymentCurrentVersionRequest(
            namespace=self.client.namespace,
            deployment_name=self.deployment,
            build_id=build,
            conflict_token=seen.token,
        )
        async with self._unless_changed(build):
            await self._service.set_worker_deployment_current_version(request, retry=True, timeout=ANSWER_WITHIN)
        await self._until_known_everywhere()

    async def put_on_trial(self, build: str, percent: float, seen: Routing) -> None:
        """So many of the cases go on with it, always the same ones. Raises `ChangedMeanwhile`."""
        request = SetWorkerDeploymentRampingVersionRequest(
            namespace=self.client.namespace,
            deployment_name=self.deployment,
            build_id=build,
            percentage=percent,
            conflict_token=seen.token,
        )
        async with self._unless_changed(build):
            await self._service.set_worker_deployment_ramping_version(request, retry=True, timeout=ANSWER_WITHIN)
        await self._until_known_everywhere()

    async def end_trial(self, seen: Routing) -> None:
        await self.put_on_trial("", 0, seen)

    async def code_of(self, build: str) -> str | None:
        """The digest of the code that its first worker had; None for a version the server has not seen."""
        found = await self._version(build)
        kept = found.metadata.entries.get(_DIGEST) if found else None
        return kept.data.decode() if kept else None

    async def _version(self, build: str) -> WorkerDeploymentVersionInfo | None:
        request = DescribeWorkerDeploymentVersionRequest(
            namespace=self.client.namespace,
            deployment_version=WireVersion(deployment_name=self.deployment, build_id=build),
        )
        try:
            found = await self._service.describe_worker_deployment_version(request, retry=True, timeout=ANSWER_WITHIN)
        except RPCError as error:
            if error.status in (RPCStatusCode.NOT_FOUND, *_KNOWS_NONE):
                return None
            raise
        return found.worker_deployment_version_info

    async def workers(self) -> list[tuple[str, str]]:
        """Identity and version of each worker of cases that polls now; "" for one that carries none."""
        pollers = await self._pollers(self.task_queue, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW)
        return [(poller.identity, version_of(poller)) for poller in pollers]

    async def is_manned(self, build: str) -> bool:
        """Whether somebody of this version works on cases and does what they ask, and somebody calls people.

        Before all of them are written down at the version, too, the server does not let it in.
        """
        cases, acts = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY
        places = {(self.task_queue, cases), (self.task_queue, acts), (paging_queue(self.task_queue), acts)}
        polled = await asyncio.gather(*(self._pollers(queue, kind) for queue, kind in places))
        if not all(build in map(version_of, pollers) for pollers in polled):
            return False
        found = await self._version(build)
        return found is not None and places <= {(queue.name, queue.type) for queue in found.task_queue_infos}

    @asynccontextmanager
    async def _unless_changed(self, build: str) -> AsyncIterator[None]:
        try:
            yield
        except RPCError as error:
            if error.status != RPCStatusCode.FAILED_PRECONDITION or "token" not in error.message:
                raise
            # It may be our own question that was heard before, and its answer lost.
            if build not in ((found := await self.routing()).current, found.trial or ""):
                raise ChangedMeanwhile from error

    async def _remember_code(self, build: Build) -> None:
        request = UpdateWorkerDeploymentVersionMetadataRequest(
            namespace=self.client.namespace,
            deployment_version=WireVersion(deployment_name=self.deployment, build_id=build.id),
            upsert_entries={_DIGEST: Payload(metadata={"encoding": b"binary/plain"}, data=build.digest.encode())},
        )
        await self._service.update_worker_deployment_version_metadata(request, retry=True, timeout=ANSWER_WITHIN)

    async def _pollers(self, queue: str, kind: TaskQueueType.ValueType) -> list[PollerInfo]:
        request = DescribeTaskQueueRequest(
            namespace=self.client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind
        )
        found = await self._service.describe_task_queue(request, retry=True, timeout=ANSWER_WITHIN)
        return [poller for poller in found.pollers if _is_there(poller)]


def carried(deployment: str, build: Build) -> WorkerDeploymentConfig:
    """What a worker says of itself. No case is bound to the version it began with (docs/decisions/0033)."""
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(deployment, build.id),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
    )


def _is_known(found: DescribeWorkerDeploymentResponse | None) -> bool:
    spreads = RoutingConfigUpdateState.ROUTING_CONFIG_UPDATE_STATE_IN_PROGRESS
    return found is None or found.worker_deployment_info.routing_config_update_state != spreads


def version_of(poller: PollerInfo) -> str:
    return poller.deployment_options.build_id


def _is_there(poller: PollerInfo) -> bool:
    return datetime.now(UTC) - poller.last_access_time.ToDatetime(UTC) < SEEN_WITHIN


def _routing_of(found: WorkerDeploymentInfo, token: bytes) -> Routing:
    versions = sorted(found.version_summaries, key=lambda one: one.create_time.ToDatetime(), reverse=True)
    routing = found.routing_config
    current = routing.current_deployment_version.build_id or None
    begun = {one.deployment_version.build_id: one.create_time.ToDatetime() for one in versions}
    # A version that was taken back is newer than the one that is current now: there is no way back to it.
    earlier = [
        one
        for one in versions
        if current in begun and one.HasField("last_current_time") and one.create_time.ToDatetime() < begun[current]
    ]
    last = max(earlier, key=lambda one: one.last_current_time.ToDatetime(), default=None)
    return Routing(
        current=current,
        trial=routing.ramping_deployment_version.build_id or None,
        percent=routing.ramping_version_percentage,
        versions=tuple(begun),
        previous=last.deployment_version.build_id if last else None,
        token=token,
    )
