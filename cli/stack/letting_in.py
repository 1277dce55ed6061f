"""Under `imac up` the server is ours alone: a worker that it starts is let in, if open cases can go on with it."""

from collections.abc import Mapping

from temporalio.service import RPCError

from cli.errors import CliError, Exit
from cli.stack.own_version import versions_of
from cli.stack.temporal_server import connect, worker_polls
from settings import Settings
from workflows.engine.build import Build
from workflows.engine.replays import replay_open
from workflows.engine.versions import ChangedMeanwhile, VersionsUnknown

# Of each kind, from the youngest to the oldest: as `imac upgrade check` does.
REPLAYED = 50
NAMED = 5


async def check_cases(environment: Mapping[str, str], settings: Settings, build: Build) -> None:
    """Before the first worker of another version starts. Raises `CliError` when open cases would stand still."""
    client = await connect(environment)
    try:
        is_in = (await versions_of(client, settings).routing()).current == build.id
    except VersionsUnknown:
        is_in = False
    if is_in:
        return
    replays = await replay_open(client, REPLAYED)
    if replays.broken:
        cases = "\n".join(f"{one.case}: {one.cause}" for one in replays.broken[:NAMED])
        values = {"broken": len(replays.broken), "replayed": replays.replayed, "cases": cases}
        raise CliError("upgrade_refused", Exit.REFUSED, **values)


async def works(environment: Mapping[str, str], settings: Settings, pid: int) -> bool:
    """Whether this worker polls and is given cases. If it is not yet, it is now."""
    if not await worker_polls(environment, settings.task_queue, pid):
        return False
    try:
        versions = versions_of(await connect(environment), settings)
        workers = await versions.workers()
        build = next((version for name, version in workers if name.endswith(f"/{pid}")), "")
        standing = await versions.routing()
        if build and standing.current != build:
            await versions.let_in(build, standing)
    except VersionsUnknown:
        return True
    except (ChangedMeanwhile, RPCError, RuntimeError):
        return False
    return True
