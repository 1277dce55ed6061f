"""`imac upgrade check`: whether the cases that run now can go on with this version, before any worker of it starts."""

import sys
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Group, RenderableType
from rich.text import Text
from temporalio.client import Client

from cli.asking import ASKING, Asking
from cli.errors import CliError, Exit
from cli.stack.ground import asked_temporal
from cli.tables import filled, table
from cli.words import phrase
from domain.people import Language
from workflows.answers import TemporalAway
from workflows.engine.replays import Replays, replay_open

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
    found: list[Replays] = []

    async def replay(client: Client) -> CliError | None:
        try:
            found.append(await replay_open(client, None if all_cases else sample))
        except TemporalAway as away:
            raise RuntimeError(str(away.__cause__)) from away
        return None

    trouble = await asked_temporal(replay)
    if trouble is not None:
        raise trouble
    (replays,) = found
    if asking.json:
        sys.stdout.write(f"{replays.model_dump_json()}\n")
    else:
        asking.console.print(picture(replays, asking.language))
    if replays.broken:
        sys.exit(Exit.REFUSED)


def picture(replays: Replays, language: Language) -> RenderableType:
    outcome = "upgrade_breaks" if replays.broken else "upgrade_fits"
    counts = {"replayed": replays.replayed, "open": replays.open, "broken": len(replays.broken)}
    parts: list[RenderableType] = [Text(phrase(outcome, language, **counts), "red" if replays.broken else "green")]
    if replays.broken:
        rows = ((one.case, one.cause) for one in replays.broken)
        parts.append(filled(table(language, "case", "cause"), rows))
    return Group(*parts)
