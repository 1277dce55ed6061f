"""Back to the version before: at once for all cases that can, and those that cannot stay with the one they are at.

What a case has done under the newer version its older code may not know. Such a case would stand still under it.
"""

import asyncio
import time
from collections.abc import Sequence

from domain.values import Line, Value
from workflows.engine.replays import replay_cases
from workflows.engine.versioned_cases import VersionedCases
from workflows.engine.versions import Routing, Versions

# Whoever goes back is in a hurry: what could not be looked at by then stays.
LOOK_WITHIN = 15.0
# What the server lists of cases is a moment behind what they do.
_SETTLES_WITHIN = 1.0


class WentBack(Value):
    """From which version to which; `back` are the cases that had done something under it and go on with the older."""

    deployment: Line
    left: Line
    version: Line
    back: int
    stay: tuple[Line, ...]
    seconds: float


async def go_back(versions: Versions, seen: Routing, *, left: str, to: str, ours: str) -> WentBack:
    """Only with the code of the version that is gone back to can be said which cases can; else all that moved stay.

    Raises `ChangedMeanwhile`, `RPCError`, `TemporalAway`.
    """
    began = time.monotonic()
    cases = VersionedCases(versions.client, versions.deployment)
    looked_at: set[str] = set()
    stay: list[str] = []

    async def look() -> None:
        moved = [case for case in await cases.that_used(left) if case not in looked_at]
        looked_at.update(moved)
        found = await _cannot(versions, moved, began) if ours == to else moved
        await cases.have_stay(found, left)
        stay.extend(found)

    await look()
    if seen.trial == left:
        await versions.end_trial(seen)
    else:
        await versions.let_in(to, seen)
    # Those that moved on meanwhile.
    await asyncio.sleep(_SETTLES_WITHIN)
    await look()
    seconds = round(time.monotonic() - began, 1)
    back = len(looked_at) - len(stay)
    return WentBack(
        deployment=versions.deployment, left=left, version=to, back=back, stay=tuple(sorted(stay)), seconds=seconds
    )


async def _cannot(versions: Versions, moved: Sequence[str], began: float) -> list[str]:
    replays = await replay_cases(versions.client, moved, until=began + LOOK_WITHIN)
    return [*(broken.case for broken in replays.broken), *replays.left_out]
