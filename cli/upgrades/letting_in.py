"""`imac upgrade allow`: cases go on with this version, all or some of them, if none of them would stand still."""

import asyncio
import sys
import time
from functools import partial
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.text import Text

from cli.asking import ASKING, Asking
from cli.errors import CliError, Exit
from cli.stack.programs import know_the_stack, read_settings
from cli.upgrades.check import Sample, picture
from cli.upgrades.standing import build_of, with_versions
from cli.words import phrase
from domain.values import Line, Value
from workflows.engine.replays import Replays, replay_cases, replay_open
from workflows.engine.versioned_cases import VersionedCases
from workflows.engine.versions import Versions

_LOOK_AGAIN = 0.5
ALL = 100


class LetIn(Value):
    """`released` are cases that had stayed with another version and go on with this one."""

    deployment: Line
    version: Line
    percent: float
    released: int
    replays: Replays | None


async def allow(
    *,
    percent: Annotated[float, Parameter(validator=Number(gt=0, lte=ALL))] = ALL,
    sample: Sample = 50,
    all_cases: bool = False,
    checked: Annotated[bool, Parameter(negative="--unchecked")] = True,
    wait: Annotated[float, Parameter(validator=Number(gte=0, lte=3600))] = 30,
    asking: Asking = ASKING,
) -> None:
    """Let this version in: open cases go on with it from their next task on. Changes nothing if any would stand still.

    Run it where the new version is installed, beside a worker of it that has been started. Ends with 0 if it is let in.

    Parameters
    ----------
    percent
        The share of cases that go on with it; always the same ones, until you say otherwise.
    sample
        How many cases of each kind are replayed before.
    all_cases
        Replay every open case instead of a sample.
    checked
        Replay nothing; cases that cannot go on stand still.
    wait
        Seconds to wait for workers of this version.
    """
    know_the_stack(asking.data_dir)
    settings = read_settings(asking.data_dir)
    build = build_of(settings).id
    let = partial(_let_in, build=build, percent=percent, wait=wait)
    of_each_kind = None if all_cases else sample
    made = await with_versions(settings, partial(let, of_each_kind=of_each_kind, checked=checked))
    if isinstance(made, Replays):
        _show_broken(made, asking)
        sys.exit(Exit.REFUSED)
    if asking.json:
        sys.stdout.write(f"{made.model_dump_json()}\n")
        return
    said = phrase("version_let_in", asking.language, version=build, percent=f"{percent:g}", released=made.released)
    asking.console.print(Text(said, "green"))


async def _let_in(
    versions: Versions, build: str, percent: float, wait: float, of_each_kind: int | None, checked: bool
) -> LetIn | Replays:
    await _until_manned(versions, build, wait)
    replays = await replay_open(versions.client, of_each_kind) if checked else None
    if replays is not None and replays.broken:
        return replays
    seen = await versions.routing()
    if percent < ALL and seen.current != build:
        await versions.put_on_trial(build, percent, seen)
    else:
        await versions.let_in(build, seen)
    released = await _release(versions) if percent == ALL else 0
    return LetIn(deployment=versions.deployment, version=build, percent=percent, released=released, replays=replays)


async def _until_manned(versions: Versions, build: str, wait: float) -> None:
    until = time.monotonic() + wait
    while not (build in (await versions.routing()).versions and await versions.is_manned(build)):
        if time.monotonic() >= until:
            raise CliError("version_unmanned", Exit.REFUSED, version=build)
        await asyncio.sleep(_LOOK_AGAIN)


async def _release(versions: Versions) -> int:
    """Whoever stayed with an earlier version and can go on with this one does so."""
    cases = VersionedCases(versions.client, versions.deployment)
    stay = await cases.that_stay()
    tried = await replay_cases(versions.client, stay)
    cannot = {broken.case for broken in tried.broken}
    free = [case for case in stay if case not in cannot]
    await cases.release(free)
    return len(free)


def _show_broken(replays: Replays, asking: Asking) -> None:
    if asking.json:
        sys.stdout.write(f"{replays.model_dump_json()}\n")
    else:
        asking.console.print(picture(replays, asking.language))
