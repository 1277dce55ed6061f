"""What many rehearsals say together: when waves end, whom it asks too much of, and which rows hurt most often."""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Protocol, Self, TypeVar

from pydantic import Field

from domain.moves.plans.waves import LONGEST_DAY
from domain.moves.rehearsals.rehearsal import LegRun, Missed, RehearsalPack, RowTrouble, RunOutcome
from domain.times import Instant
from domain.values import PER_CHOICE, Hundreds, Slug, Thousands, Value

# A visit that ends so much later than planned has upset somebody's day.
LATE = timedelta(minutes=60)
MOST_PATHS = 3
MOST_ROWS = 20


Amount = Annotated[Decimal, Field(max_digits=20, decimal_places=6)]


class Comparable(Protocol):
    def __lt__(self, other: Self, /) -> bool: ...


C = TypeVar("C", bound=Comparable)


def quantile(values: Iterable[C], share: float) -> C:
    """The smallest value that so large a share of all does not exceed."""
    ranked = sorted(values)
    return ranked[max(math.ceil(share * len(ranked)) - 1, 0)]


class WaveForecast(Value):
    """When a wave is through. Only runs in which it got so far are counted: `ended` says how many."""

    wave: Slug
    planned_end: Instant
    p50: Instant | None
    p90: Instant | None
    ended: int


class MissedForecast(Value):
    """A promise that broke in so many runs."""

    row: int
    clock: Slug
    runs: int


class LoadForecast(Value):
    """A technician's day in minutes of work; `over` counts the runs in which it was longer than the law allows."""

    technician: Slug
    day: date
    p50: int
    p90: int
    over: int


class PathForecast(Value):
    """Rows that kept each other waiting until the end of a run, first to last, and in how many runs they did."""

    rows: Thousands[int]
    runs: int


class RowForecast(Value):
    """In how many runs what befell a row, worst first."""

    row: int
    workplace: Slug
    wave: Slug
    troubles: dict[RowTrouble, int] = Field(max_length=PER_CHOICE)


class Rehearsal(Value):
    """What to expect of a plan: p50 is exceeded in half of all runs, p90 in one of ten.

    Quantiles of few runs are rough: ten runs have one that is worse than p90.
    """

    project: Slug
    plan: int
    runs: int
    seed: int
    finished: int
    planned_end: Instant
    p50: Instant
    p90: Instant
    waves: Hundreds[WaveForecast]
    missed: Thousands[MissedForecast]
    loads: tuple[LoadForecast, ...] = Field(max_length=20_000, fail_fast=True)
    paths: Hundreds[PathForecast]
    rows: Thousands[RowForecast]
    exceptions_p90: int
    messages_p50: int
    minutes_p50: int
    minutes_p90: int
    amount_p50: Amount
    amount_p90: Amount


def forecast(pack: RehearsalPack, seed: int, runs: Sequence[RunOutcome]) -> Rehearsal:
    ends = [run.ended for run in runs]
    return Rehearsal(
        project=pack.launch.project,
        plan=pack.plan.version,
        runs=len(runs),
        seed=seed,
        finished=sum(run.finished for run in runs),
        planned_end=max(wave.end for wave in pack.launch.waves),
        p50=quantile(ends, 0.5),
        p90=quantile(ends, 0.9),
        waves=tuple(_wave(wave.id, wave.end, runs) for wave in pack.launch.waves),
        missed=_missed(runs),
        loads=_loads(runs),
        paths=_paths(runs),
        rows=_rows(runs),
        exceptions_p90=quantile((run.exceptions for run in runs), 0.9),
        messages_p50=quantile((run.messages for run in runs), 0.5),
        minutes_p50=quantile((run.minutes for run in runs), 0.5),
        minutes_p90=quantile((run.minutes for run in runs), 0.9),
        amount_p50=quantile((run.amount for run in runs), 0.5),
        amount_p90=quantile((run.amount for run in runs), 0.9),
    )


def _wave(wave: str, planned_end: datetime, runs: Sequence[RunOutcome]) -> WaveForecast:
    ends = [run.waves[wave] for run in runs if wave in run.waves]
    p50, p90 = (quantile(ends, share) if ends else None for share in (0.5, 0.9))
    return WaveForecast(wave=wave, planned_end=planned_end, p50=p50, p90=p90, ended=len(ends))


def _missed(runs: Sequence[RunOutcome]) -> tuple[MissedForecast, ...]:
    times: Counter[Missed] = Counter(missed for run in runs for missed in set(run.missed))
    ranked = sorted(times.items(), key=lambda item: (-item[1], item[0].row, item[0].clock))
    return tuple(MissedForecast(row=missed.row, clock=missed.clock, runs=number) for missed, number in ranked)


def _loads(runs: Sequence[RunOutcome]) -> tuple[LoadForecast, ...]:
    found: dict[tuple[date, str], list[int]] = defaultdict(list)
    for run in runs:
        for load in run.loads:
            found[load.day, load.technician].append(load.minutes)
    return tuple(
        LoadForecast(
            technician=technician,
            day=day,
            p50=quantile(_with_idle(minutes, len(runs)), 0.5),
            p90=quantile(_with_idle(minutes, len(runs)), 0.9),
            over=sum(one > LONGEST_DAY for one in minutes),
        )
        for (day, technician), minutes in sorted(found.items())
    )


def _with_idle(minutes: list[int], runs: int) -> list[int]:
    """A run in which somebody did not work on a day counts as a day without work."""
    return [*minutes, *([0] * (runs - len(minutes)))]


def _paths(runs: Sequence[RunOutcome]) -> tuple[PathForecast, ...]:
    times = Counter(critical_path(run.legs) for run in runs)
    ranked = sorted(times.items(), key=lambda item: (-item[1], item[0]))
    return tuple(PathForecast(rows=rows, runs=number) for rows, number in ranked[:MOST_PATHS])


def critical_path(legs: Iterable[LegRun]) -> tuple[int, ...]:
    """The rows that decided when the run ended: from the last one back to one that began as planned."""
    by_id = {leg.leg: leg for leg in legs}
    ended = [leg for leg in by_id.values() if leg.ended is not None]
    if not ended:
        return ()
    leg: LegRun | None = max(ended, key=lambda leg: (leg.ended, leg.leg))
    way: list[LegRun] = []
    while leg is not None and leg not in way:
        way.append(leg)
        leg = by_id.get(leg.bound_by) if leg.bound_by is not None else None
    return tuple(dict.fromkeys(leg.row for leg in reversed(way)))


def _hurt(leg: LegRun, waited_for: Collection[str | None]) -> set[RowTrouble]:
    """With what only shows in the end: that it was late, and that others waited for it."""
    found = set(leg.troubles)
    if leg.ended is not None and leg.ended > leg.planned_end + LATE:
        found.add(RowTrouble.LATE)
    if leg.leg in waited_for:
        found.add(RowTrouble.WAITED_FOR)
    return found


def _rows(runs: Sequence[RunOutcome]) -> tuple[RowForecast, ...]:
    times: dict[tuple[int, str, str], Counter[RowTrouble]] = defaultdict(Counter)
    for run in runs:
        hurt: dict[tuple[int, str, str], set[RowTrouble]] = defaultdict(set)
        waited_for = {leg.bound_by for leg in run.legs}
        for leg in run.legs:
            hurt[leg.row, leg.workplace, leg.wave] |= _hurt(leg, waited_for)
        for row, troubles in hurt.items():
            times[row].update(troubles)
    ranked = sorted(((sum(found.values()), row) for row, found in times.items()), key=lambda one: (-one[0], one[1]))
    return tuple(
        RowForecast(row=row[0], workplace=row[1], wave=row[2], troubles=dict(sorted(times[row].items())))
        for hurts, row in ranked[:MOST_ROWS]
        if hurts
    )
