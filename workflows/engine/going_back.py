"""Back to the version before: at once for all cases that can, and those that cannot stay with the one they are at.

What a case has done under the newer version its older code may not know: it would stand still under that. So whatever
has got on stays where it is first of all, the older version is let in, and then whatever can go back is released.
"""

import asyncio
import time
from collections.abc import Sequence

from domain.values import Line, Value
from workflows.answers import TemporalAway, answered
from workflows.engine.replays import replay_cases
from workflows.engine.versioned_cases import VersionedCases
from workflows.engine.versions import Routing, Versions

# Whoever goes back is in a hurry: what could not be looked at by then stays.
LOOK_WITHIN = 15.0
# Released together: if it is broken off, these and those after them stay.
_TOGETHER = 50
# What the server lists of cases is a moment behind what they do.
_SETTLES_WITHIN = 1.0


class WentBack(Value):
    """From which version to which; `back` are the cases that had done something under it and go on with the older.

    `switched` are the seconds until nothing new was given to the newer one, `seconds` those until the end.
    """

    deployment: Line
    left: Line
    version: Line
    back: int
    stay: tuple[Line, ...]
    switched: float
    seconds: float


async def go_back(versions: Versions, seen: Routing, *, left: str, to: str, ours: str) -> WentBack:
    """Only with the code of the version that is gone back to can be said which cases can; else all that moved stay.

    Raises `ChangedMeanwhile`, `RPCError`, `TemporalAway`.
    """
    began = time.monotonic()
    cases = VersionedCases(versions.client, versions.deployment)
    moved = await cases.that_used(left)
    await cases.have_stay(moved, left)
    if seen.trial == left:
        await versions.end_trial(seen)
    else:
        await versions.let_in(to, seen)
    switched = time.monotonic() - began
    # Those that moved on meanwhile.
    await asyncio.sleep(_SETTLES_WITHIN)
    late = sorted({*await cases.that_used(left)} - {*moved})
    await cases.have_stay(late, left)

    stay = [*moved, *late] if ours != to else await _released(versions, [*moved, *late], until=began + LOOK_WITHIN)
    return WentBack(
        deployment=versions.deployment,
        left=left,
        version=to,
        back=len(moved) + len(late) - len(stay),
        stay=tuple(sorted(stay)),
        switched=round(switched, 1),
        seconds=round(time.monotonic() - began, 1),
    )


async def _released(versions: Versions, moved: Sequence[str], *, until: float) -> list[str]:
    """Let go of whatever this code can go on with; returns the others. `until` is of the monotonic clock."""
    cases = VersionedCases(versions.client, versions.deployment)
    stay: list[str] = []
    for first in range(0, len(moved), _TOGETHER):
        some = moved[first : first + _TOGETHER]
        try:
            async with answered():
                replays = await replay_cases(versions.client, some, until=until)
                cannot = [*(broken.case for broken in replays.broken), *replays.left_out]
                await cases.release([case for case in some if case not in cannot])
        except TemporalAway:
            # All the others have gone back; to say that it has failed would be wrong.
            return [*stay, *moved[first:]]
        stay += cannot
    return stay
