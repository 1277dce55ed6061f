"""Whether cases that run now can go on with this version of the code: it replays what they have done so far."""

import math
import time
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from temporalio.client import Client, RPCError

from domain.values import Line, Text, Value
from workflows.answers import PATIENCE, answered, is_unknown
from workflows.engine.replaying import Replay, replaying
from workflows.runner import REGISTERED

LONGEST_CAUSE = 300
TRIES_WHEN_SLOW = 3
_DEADLOCK = "[TMPRL1101]"


class Unreplayed(Value):
    """A case that would stand still under this version, and what the replay says."""

    case: Line
    cause: Text


class Replays(Value):
    """`open` are all cases that run; `replayed` those that were tried and are still there."""

    namespace: Line
    open: int
    replayed: int
    broken: tuple[Unreplayed, ...]


class Attempted(NamedTuple):
    """`left_out` are those that nobody came to in time."""

    replayed: int
    broken: tuple[Unreplayed, ...]
    left_out: tuple[str, ...]


async def replay_open(client: Client, of_each_kind: int | None, workflows: Sequence[type] = REGISTERED) -> Replays:
    """Of each kind so many, spread from the youngest to the oldest; all without a number."""
    running = await _running(client)
    tried = await replay_cases(client, tuple(_sample(running, of_each_kind)), workflows)
    return Replays(
        namespace=client.namespace,
        open=sum(map(len, running.values())),
        replayed=tried.replayed,
        broken=tried.broken,
    )


async def replay_cases(
    client: Client, cases: Sequence[str], workflows: Sequence[type] = REGISTERED, *, until: float = math.inf
) -> Attempted:
    """`until` is of the monotonic clock."""
    replayed = 0
    broken: list[Unreplayed] = []
    async with replaying(client, workflows) as replay:
        for place, case in enumerate(cases):
            if time.monotonic() > until:
                return Attempted(replayed, tuple(broken), tuple(cases[place:]))
            cause = await _cause(client, replay, case)
            replayed += cause is not _GONE
            if cause is not None and cause is not _GONE:
                broken.append(Unreplayed(case=case, cause=cause))
    return Attempted(replayed, tuple(broken), ())


_GONE = ""


async def _cause(client: Client, replay: Replay, case: str) -> str | None:
    """None when it can go on; nothing said of one that has ended meanwhile and is kept no longer."""
    async with answered():
        try:
            history = await client.get_workflow_handle(case).fetch_history(rpc_timeout=PATIENCE)
        except RPCError as error:
            if is_unknown(error):
                return _GONE
            raise
    for _ in range(TRIES_WHEN_SLOW):
        failure = await replay(history)
        # Two seconds without a word are taken for a deadlock; on a busy machine they are none.
        if failure is None or _DEADLOCK not in str(failure):
            break
    if failure is None:
        return None
    said = " ".join(str(failure).split())[:LONGEST_CAUSE]
    return f"{type(failure).__name__}: {said}" if said else type(failure).__name__


async def _running(client: Client) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    async with answered():
        async for run in client.list_workflows("ExecutionStatus = 'Running'", rpc_timeout=PATIENCE):
            # What the server runs for itself is no workflow of ours.
            if not run.id.startswith("temporal-sys-"):
                found.setdefault(run.workflow_type, []).append(run.id)
    return found


def _sample(running: dict[str, list[str]], of_each_kind: int | None) -> Iterable[str]:
    for cases in running.values():
        if of_each_kind is None or len(cases) <= of_each_kind:
            yield from cases
        else:
            yield from (cases[place * len(cases) // of_each_kind] for place in range(of_each_kind))
