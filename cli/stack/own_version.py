"""The version of the workers that this installation starts: whether its name is free."""

from functools import partial

from temporalio.client import Client

from cli.errors import CliError, Exit
from cli.stack.ground import asked_temporal
from settings import Settings
from workflows.engine.build import this_build
from workflows.engine.versions import Versions


async def version_trouble(settings: Settings) -> CliError | None:
    """Whether other code bears this version's name."""
    return await asked_temporal(partial(_is_free, settings))


async def _is_free(settings: Settings, client: Client) -> CliError | None:
    build = this_build(settings.build_id)
    before = await versions_of(client, settings).code_of(build.id)
    return None if before in (None, build.digest) else CliError("build_id_reused", Exit.REFUSED, version=build.id)


def versions_of(client: Client, settings: Settings) -> Versions:
    return Versions(client, settings.deployment, settings.task_queue)
