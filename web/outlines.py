"""Plans as far as boards need them, kept while they are looked at."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from api.dependencies import Context
from db.moves.plans import plan_of
from domain.kinds import Leg
from domain.moves.plans.plan import Assignment
from domain.moves.plans.versions import PlanHeader
from domain.places import Place

_KEPT_OUTLINES = 8


@dataclass(frozen=True)
class Outline:
    """A plan as far as a board needs it: who works where and when, and to which place each workplace goes."""

    by_wave: Mapping[str, tuple[Assignment, ...]]
    by_workplace: Mapping[str, tuple[Assignment, ...]]
    targets: Mapping[str, Place]


class Outlines:
    """Plans never change and can be large: the last ones are kept."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int, datetime], Outline] = OrderedDict()

    async def of(self, header: PlanHeader, context: Context) -> Outline:
        key = (header.project, header.version, header.at)
        if key not in self._kept:
            async with context.database.reading() as session:
                plan = await plan_of(session, header.project, header.version)
            assert plan is not None
            self._kept[key] = await asyncio.to_thread(_outlined, plan.plan.assignments)
            while len(self._kept) > _KEPT_OUTLINES:
                self._kept.popitem(last=False)
        return self._kept[key]


def _outlined(assignments: Iterable[Assignment]) -> Outline:
    by_wave: dict[str, list[Assignment]] = {}
    by_workplace: dict[str, list[Assignment]] = {}
    for entry in sorted(assignments, key=lambda entry: entry.start):
        by_wave.setdefault(entry.wave, []).append(entry)
        by_workplace.setdefault(entry.workplace, []).append(entry)
    return Outline(
        {wave: tuple(entries) for wave, entries in by_wave.items()},
        {key: tuple(entries) for key, entries in by_workplace.items()},
        # Whoever steps aside first arrives with the last leg.
        {key: entries[-1].target for key, entries in by_workplace.items() if entries[-1].leg is not Leg.ASIDE},
    )
