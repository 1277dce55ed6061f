"""`imac upgrade check`: whether the cases that run now can go on with this version, before any worker of it starts."""

import sys
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, TypeVar

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Group, RenderableType
from rich.text import Text
from temporalio.client import Client

from cli.asking import ASKING, Asking
from cli.errors import Exit
from cli.stack.ground import asked_temporal, temporal_address
from cli.stack.programs import know_the_stack
from cli.tables import filled, table
from cli.words import phrase
from domain.people import Language
from workflows.answers import TemporalAway
from workflows.engine.replays import Replays, replay_open

T = TypeVar("T")
Sample = Annotated[int, Parameter(validator=Number(gte=1))]


async def check(*, sample: Sample = 50, all_cases: bool = False, asking: Asking = ASKING) -> None:
    """Replay open cases with this version's code and name those that would stand still. Changes nothing.

    Run it with the new version installed and before its first worker starts. Ends with 0 if all can go on, else with 1.

    Parameters
    ----------
    sample
        How many cases of each kind, from the youngest to the oldest.
    all_cases
        Replay every open case instead of a sample.
    """
    know_the_stack(asking.data_dir)
    replays = await answer_of(partial(replay_open, of_each_kind=None if all_cases else sample))
    if asking.json:
        sys.stdout.write(f"{replays.model_dump_json()}\n")
    else:
        asking.console.print(picture(replays, asking.language))
    if replays.broken:
        sys.exit(Exit.REFUSED)


async def answer_of(ask: Callable[[Client], Awaitable[T]]) -> T:
    """What a server answers; raises `CliError` when it does not, and what `ask` raises."""
    found: list[T] = []

    async def asked(client: Client) -> None:
        try:
            found.append(await ask(client))
        except TemporalAway as away:
            raise RuntimeError(str(away.__cause__)) from away

    trouble = await asked_temporal(asked)
    if trouble is not None:
        raise trouble
    (answer,) = found
    return answer


def picture(replays: Replays, language: Language) -> RenderableType:
    if not replays.open:
        # Another namespace than the workers' would look as if all were well.
        nothing = phrase("upgrade_nothing", language, namespace=replays.namespace, address=temporal_address())
        return Text(nothing, "yellow")
    outcome = "upgrade_breaks" if replays.broken else "upgrade_fits"
    counts = {"replayed": replays.replayed, "open": replays.open, "broken": len(replays.broken)}
    parts: list[RenderableType] = [Text(phrase(outcome, language, **counts), "red" if replays.broken else "green")]
    if replays.broken:
        rows = ((one.case, one.cause) for one in replays.broken)
        parts.append(filled(table(language, "case", "cause"), rows))
    return Group(*parts)
