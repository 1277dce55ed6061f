"""The waves of a move project: which workplaces they take, when, with whom, and after which others."""

from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter
from typing import Annotated

from pydantic import Field

from domain.cases.wave_briefs import Gate
from domain.kinds import OrderKind
from domain.places import Place
from domain.refusals import Problem
from domain.times import Instant
from domain.values import Hundreds, Line, Slug, Value

# What the law allows one person on one day, and between two days (ArbZG §§ 3 and 5).
LONGEST_DAY = 600
LEAST_REST = 660
# A wave's history stays within the engine's limits with so many workplaces.
LARGEST_WAVE = 250
LONGEST_WAVE = timedelta(days=100)


class Workplace(Value):
    """One row of the project, at `row` of its list. `group` is what the column says by which waves are cut, if any.

    It is not begun before `hour`, if the day is given. What is taken down or disposed of has its own place as target.
    """

    key: Slug
    row: int = 0
    kind: OrderKind = OrderKind.MOVE
    source: Place
    target: Place
    kit: int = Field(default=1, ge=1, le=100)
    minutes: int = Field(default=75, gt=0, le=LONGEST_DAY)
    skills: tuple[Line, ...] = ()
    vendor: Slug | None = None
    wave: Slug | None = None
    day: date | None = None
    hour: time | None = None
    group: Line | None = None


# It stands in the name of its workflow beside that of its project, and tables take 128 signs of that.
WaveId = Annotated[Slug, Field(max_length=40)]


class Wave(Value):
    """A named wave takes what asks for it; any other workplace goes where site, floor and group of its target fit.

    No crew means all technicians. `daily_minutes` is what one of them works for this wave on one day. Only a wave with
    a reason works on Sundays and public holidays. It begins when the waves in `after` have ended.
    """

    id: WaveId
    start: Instant
    end: Instant
    site: Slug | None = None
    floor: Line | None = None
    group: Line | None = None
    crew: Hundreds[Slug] = ()
    capacity: int | None = Field(default=None, gt=0)
    daily_minutes: int = Field(default=480, gt=0, le=1440)
    after: Hundreds[Slug] = ()
    reason: Line | None = None
    gate: Gate = Gate()

    def takes(self, workplace: Workplace) -> bool:
        if workplace.wave is not None:
            return workplace.wave == self.id
        target = workplace.target
        fits = ((self.site, target.site), (self.floor, target.floor), (self.group, workplace.group))
        return all(asked is None or asked == given for asked, given in fits)


class Freeze(Value):
    """When the customer wants nothing moved, at one site or at all of them."""

    start: Instant
    end: Instant
    why: Line
    site: Slug | None = None


class CutBy(StrEnum):
    DATE = "date"
    SITE = "site"
    FLOOR = "floor"
    COLUMN = "column"


def cut(workplaces: Iterable[Workplace], by: CutBy) -> dict[tuple[str, ...], list[str]]:
    """The keys of the workplaces that belong into one wave, under what they have in common."""
    found: dict[tuple[str, ...], list[str]] = {}
    for workplace in workplaces:
        found.setdefault(_mark(workplace, by), []).append(workplace.key)
    return dict(sorted(found.items()))


def _mark(workplace: Workplace, by: CutBy) -> tuple[str, ...]:
    target = workplace.target
    match by:
        case CutBy.DATE:
            return (workplace.day.isoformat() if workplace.day else "",)
        case CutBy.SITE:
            return (target.site,)
        case CutBy.FLOOR:
            return (target.site, target.building or "", target.floor or "")
        case CutBy.COLUMN:
            return (workplace.group or "",)


def before(waves: Iterable[Wave]) -> dict[str, frozenset[str]]:
    """All waves that must have ended before each, in an order in which they may run."""
    after = {wave.id: wave.after for wave in waves}
    found: dict[str, frozenset[str]] = {}
    for wave_id in TopologicalSorter(after).static_order():
        found[wave_id] = frozenset(after[wave_id]).union(*(found[earlier] for earlier in after[wave_id]))
    return found


def problems_of(waves: tuple[Wave, ...]) -> list[Problem]:
    problems = []
    known = {wave.id for wave in waves}
    for number, wave in enumerate(waves):
        if wave.end <= wave.start:
            problems.append(Problem(code="period_reversed", at=f"/waves/{number}/end"))
        if wave.end - wave.start > LONGEST_WAVE:
            limit = {"wave": wave.id, "days": str(LONGEST_WAVE.days)}
            problems.append(Problem(code="wave_too_long", at=f"/waves/{number}/end", values=limit))
        if wave.daily_minutes > LONGEST_DAY:
            longest = {"wave": wave.id, "hours": hours(wave.daily_minutes), "limit": hours(LONGEST_DAY)}
            problems.append(Problem(code="wave_day_too_long", at=f"/waves/{number}/daily_minutes", values=longest))
        problems += [
            Problem(code="wave_unknown", at=f"/waves/{number}/after", values={"wave": earlier})
            for earlier in wave.after
            if earlier not in known
        ]
    return problems or _cycle({wave.id: wave.after for wave in waves})


def _cycle(after: Mapping[str, tuple[str, ...]]) -> list[Problem]:
    try:
        TopologicalSorter(after).prepare()
    except CycleError as error:
        return [Problem(code="wave_cycle", at="/waves", values={"waves": " → ".join(error.args[1])})]
    return []


def hours(minutes: int) -> str:
    """As people write working time in every language: 5:30."""
    return f"{minutes // 60}:{minutes % 60:02}"
