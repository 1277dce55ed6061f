"""What `imac doctor` looks at in Temporal."""

from datetime import timedelta

from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import Client

from cli.errors import CliError, Exit
from cli.setup.finding import Finding
from cli.stack.ground import (
    asked_temporal,
    attributes_missing,
    namespace_missing,
    retention_short,
    temporal_address,
)
from cli.upgrades.standing import share
from settings import Settings
from workflows.engine.versions import Routing, Versions, VersionsUnknown
from workflows.namespace import ANSWER_WITHIN, look


async def temporal_checks(settings: Settings) -> list[Finding]:
    found: list[Finding] = []

    async def ask(client: Client) -> None:
        found[:] = await _checks(client, settings)

    trouble = await asked_temporal(ask)
    return found if trouble is None else [Finding("check_temporal", wrong=trouble)]


async def _checks(client: Client, settings: Settings) -> list[Finding]:
    system = await client.workflow_service.get_system_info(GetSystemInfoRequest(), timeout=ANSWER_WITHIN)
    server = Finding("check_temporal", f"{system.server_version}, {temporal_address()}")
    namespace = await look(client)
    if namespace.retention is None:
        return [server, Finding("check_namespace", wrong=namespace_missing(client))]
    wanted = timedelta(days=settings.retention_days)
    return [
        server,
        Finding("check_namespace", client.namespace),
        Finding("check_retention", f"{namespace.retention.days} d", retention_short(client, namespace, wanted)),
        Finding("check_attributes", wrong=attributes_missing(client, namespace)),
        await _workers(client, settings),
    ]


async def _workers(client: Client, settings: Settings) -> Finding:
    versions = Versions(client, settings.deployment, settings.task_queue)
    workers = [version for _, version in await versions.workers()]
    if not workers:
        return Finding("check_workers", wrong=CliError("no_worker_polls", Exit.REFUSED, queue=settings.task_queue))
    try:
        standing = await versions.routing()
    except VersionsUnknown:
        return Finding("check_workers", f"{len(workers)}")
    counted = ", ".join(f"{workers.count(one)} × {one or '–'}{_mark(standing, one)}" for one in sorted(set(workers)))
    if standing.current is not None and standing.current not in workers:
        wrong = CliError("current_unmanned", Exit.REFUSED, version=standing.current)
        return Finding("check_workers", counted, wrong)
    return Finding("check_workers", counted)


def _mark(standing: Routing, version: str) -> str:
    """What share of cases it is given."""
    return f" ({share(standing, version):g} %)" if standing.current is not None else ""
