"""`imac upgrade show`: which versions of workers there are, and which is given cases."""

import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

from rich.console import Group, RenderableType
from rich.text import Text
from temporalio.client import Client

from cli.asking import ASKING, Asking
from cli.errors import CliError, Exit
from cli.stack.programs import know_the_stack, read_settings
from cli.tables import filled, table
from cli.upgrades.check import answer_of
from cli.words import phrase
from domain.people import Language
from domain.values import Line, Value
from settings import Settings
from workflows.engine.build import Build, this_build
from workflows.engine.versioned_cases import VersionedCases
from workflows.engine.versions import ChangedMeanwhile, Routing, Versions, VersionsUnknown

T = TypeVar("T")


class OneVersion(Value):
    """`percent` is the share of cases it is given; `cases` those that are at it now."""

    version: Line
    percent: float
    workers: int
    cases: int


class ShownVersions(Value):
    deployment: Line
    this: Line
    versions: tuple[OneVersion, ...]


async def show(*, asking: Asking = ASKING) -> None:
    """Show the versions of workers that Temporal knows: their share of cases, their workers, the cases at them."""
    know_the_stack(asking.data_dir)
    settings = read_settings(asking.data_dir)
    build = build_of(settings)

    async def look(versions: Versions) -> ShownVersions:
        standing, workers = await versions.routing(), [version for _, version in await versions.workers()]
        cases = VersionedCases(versions.client, versions.deployment)
        found = [
            OneVersion(
                version=one, percent=share(standing, one), workers=workers.count(one), cases=await cases.count_with(one)
            )
            for one in standing.versions
        ]
        return ShownVersions(deployment=versions.deployment, this=build.id, versions=tuple(found))

    shown = await with_versions(settings, look)
    if asking.json:
        sys.stdout.write(f"{shown.model_dump_json()}\n")
    else:
        asking.console.print(picture(shown, asking.language))


def build_of(settings: Settings) -> Build:
    return this_build(settings.build_id)


async def with_versions(settings: Settings, ask: Callable[[Versions], Awaitable[T]]) -> T:
    """Raises `CliError` for a server that is away, that knows no versions, or was told something else meanwhile."""

    async def asked(client: Client) -> T:
        return await ask(Versions(client, settings.deployment, settings.task_queue))

    try:
        return await answer_of(asked)
    except VersionsUnknown:
        raise CliError("versions_unknown", Exit.REFUSED) from None
    except ChangedMeanwhile:
        raise CliError("versions_changed", Exit.REFUSED) from None


def share(standing: Routing, version: str) -> float:
    if version == standing.trial:
        return standing.percent
    if version == standing.current:
        return 100 - (standing.percent if standing.trial else 0)
    return 0


def picture(shown: ShownVersions, language: Language) -> RenderableType:
    if not shown.versions:
        return Text(phrase("versions_none", language, deployment=shown.deployment), "yellow")
    rows = (
        (one.version, f"{one.percent:g} %", one.workers, one.cases, "←" if one.version == shown.this else "")
        for one in shown.versions
    )
    made = filled(table(language, "worker_version", ">share", ">workers", ">cases_there", "this_version"), rows)
    return Group(Text(phrase("versions_of", language, deployment=shown.deployment)), made)
