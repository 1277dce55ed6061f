"""A plan to look at: bars for a Gantt chart, the load of each technician and day, and the waves that decide the end."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from domain.kinds import Leg
from domain.moves.plans.plan import Assignment, Basis, Plan
from domain.moves.plans.waves import LONGEST_DAY, before
from domain.times import Instant, zone
from domain.values import Slug, Value


class Bar(Value):
    """A wave, or with a workplace one of its rows. `critical`: later here is later at the end."""

    wave: Slug
    start: Instant
    end: Instant
    workplace: Slug | None = None
    leg: Leg | None = None
    technician: Slug | None = None
    critical: bool = False


class PlannedLoad(Value):
    """Minutes at workplaces that begin on this day of the technician's own zone; ways are not counted."""

    technician: Slug
    day: date
    minutes: int
    limit: int


def bars(basis: Basis, plan: Plan) -> tuple[Bar, ...]:
    """Each wave in the order in which they begin, followed by its rows."""
    spans, critical = _spans(plan), critical_path(basis, plan)
    found = []
    for wave in sorted(spans, key=lambda wave: (spans[wave], wave)):
        start, end = spans[wave]
        found.append(Bar(wave=wave, start=start, end=end, critical=wave in critical))
        found += [_bar(entry) for entry in plan.assignments if entry.wave == wave]
    return tuple(found)


def _bar(entry: Assignment) -> Bar:
    return Bar(
        wave=entry.wave,
        start=entry.start,
        end=entry.end,
        workplace=entry.workplace,
        leg=entry.leg,
        technician=entry.technician,
    )


def loads(basis: Basis, plan: Plan) -> tuple[PlannedLoad, ...]:
    people = {technician.id: technician for technician in basis.technicians}
    worked: dict[tuple[str, date], int] = defaultdict(int)
    for entry in plan.assignments:
        day = entry.start.astimezone(zone(people[entry.technician].hours.zone)).date()
        worked[entry.technician, day] += int((entry.end - entry.start).total_seconds()) // 60
    return tuple(
        PlannedLoad(technician=name, day=day, minutes=minutes, limit=min(people[name].daily_minutes, LONGEST_DAY))
        for (name, day), minutes in sorted(worked.items())
    )


def critical_path(basis: Basis, plan: Plan) -> tuple[str, ...]:
    """From the wave that ends last back to the first: each waited for the one of its earlier waves that ended last."""
    spans, earlier = _spans(plan), before(basis.waves)
    path: list[str] = []
    waves = list(spans)
    while waves:
        path.append(max(waves, key=lambda wave: (spans[wave][1], wave)))
        waves = [wave for wave in spans if wave in earlier[path[-1]]]
    return tuple(reversed(path))


def _spans(plan: Plan) -> Mapping[str, tuple[Instant, Instant]]:
    """From the first start to the last end; a wave without work has none."""
    spans: dict[str, tuple[Instant, Instant]] = {}
    for entry in plan.assignments:
        start, end = spans.get(entry.wave, (entry.start, entry.end))
        spans[entry.wave] = (min(start, entry.start), max(end, entry.end))
    return spans
