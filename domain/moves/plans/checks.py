"""What a plan breaks that people have changed by hand: conflicts, each of which somebody may accept with a reason."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from domain.moves.plans.desk_sequence import leaving
from domain.moves.plans.plan import Assignment, Basis, Plan, Technician
from domain.moves.plans.waves import LEAST_REST, LONGEST_DAY, Wave, Workplace, before, hours
from domain.place_names import spot
from domain.refusals import Problem
from domain.times import DAY, MINUTE, zone

SUNDAY = 6


def conflicts_of(basis: Basis, plan: Plan) -> list[Problem]:
    """Everything at once. Whoever and whatever the assignments name must be in the basis."""
    waves = {wave.id: wave for wave in basis.waves}
    rows = {row.key: row for row in basis.workplaces}
    found = [problem for entry in plan.assignments for problem in _misplaced(basis, waves[entry.wave], entry)]
    for entry in plan.assignments:
        found += _unfit(basis, waves[entry.wave], rows[entry.workplace], entry)
    for person in basis.technicians:
        mine = [entry for entry in plan.assignments if entry.technician == person.id]
        found += _working_time(person, sorted(mine, key=lambda entry: entry.start), basis.travel_minutes * MINUTE)
    return [*found, *_over_capacity(basis, plan), *_out_of_order(basis, plan), *_early_waves(basis, plan)]


def _unfit(basis: Basis, wave: Wave, row: Workplace, entry: Assignment) -> Iterator[Problem]:
    at = f"/assignments/{entry.workplace}"
    names = {"technician": entry.technician, "workplace": entry.workplace}
    person = next(technician for technician in basis.technicians if technician.id == entry.technician)
    if not set(row.skills) <= set(person.skills):
        yield Problem(code="technician_unfit", at=at, values=names)
    if wave.crew and person.id not in wave.crew:
        values = {"technician": entry.technician, "workplace": entry.workplace, "wave": wave.id}
        yield Problem(code="not_in_crew", at=at, values=values)


def _misplaced(basis: Basis, wave: Wave, entry: Assignment) -> Iterator[Problem]:
    at = f"/assignments/{entry.workplace}"
    names = {"workplace": entry.workplace, "wave": wave.id}
    if entry.start < wave.start or wave.end < entry.end:
        yield Problem(code="outside_window", at=at, values=names)
    sites = [site for site in basis.sites if site.id in (entry.source.site, entry.target.site)]
    for freeze in basis.freezes:
        is_here = freeze.site is None or freeze.site in {site.id for site in sites}
        if is_here and entry.start < freeze.end and freeze.start < entry.end:
            yield Problem(code="during_freeze", at=at, values={"workplace": entry.workplace, "why": freeze.why})
    for site in sites:
        days = _days(entry, site.access.zone)
        holidays = {holiday.day for holiday in site.access.holidays}
        shut = [day for day in days if day.weekday() == SUNDAY or day in holidays]
        access = site.access.model_copy(update={"holidays": ()})
        if shut and wave.reason is None:
            values = {"wave": wave.id, "day": shut[0].isoformat()}
            yield Problem(code="holiday_without_reason", at=at, values=values)
        if access.elapsed(entry.start, entry.end) < entry.end - entry.start:
            values = {"workplace": entry.workplace, "site": site.name}
            yield Problem(code="visit_outside_access", at=at, values=values)


def _days(entry: Assignment, zone_name: str) -> list[date]:
    first, last = (at.astimezone(zone(zone_name)).date() for at in (entry.start, entry.end - MINUTE))
    return [first + n * DAY for n in range((last - first).days + 1)]


def _working_time(person: Technician, entries: list[Assignment], travel: timedelta) -> Iterator[Problem]:
    """Work belongs to the spell in which it lies: it ends with the first rest of eleven hours."""
    at, spell = f"/technicians/{person.id}", list[Assignment]()
    for one, two in pairwise(entries):
        values = {"technician": person.id, "workplaces": f"{one.workplace}, {two.workplace}"}
        if two.start < one.end:
            yield Problem(code="two_at_once", at=at, values=values)
        elif one.target.site != two.source.site and two.start - one.end < travel:
            yield Problem(code="way_too_short", at=at, values=values)
    for entry in entries:
        if spell and entry.start - spell[-1].end >= LEAST_REST * MINUTE:
            yield from _too_long(person, spell)
            spell = []
        spell.append(entry)
    if spell:
        yield from _too_long(person, spell)


def _too_long(person: Technician, spell: list[Assignment]) -> Iterator[Problem]:
    """A day of 24 hours holds the rest as well: a spell over thirteen hours has left too little of it."""
    at, day = f"/technicians/{person.id}", spell[0].start.astimezone(zone(person.hours.zone)).date().isoformat()
    worked = sum(_length(entry) for entry in spell)
    values = {"technician": person.id, "day": day, "hours": hours(worked)}
    if worked > LONGEST_DAY and spell[-1].end - spell[0].start <= DAY:
        yield Problem(code="worked_too_long", at=at, values=values)
    elif worked > person.daily_minutes and spell[-1].end - spell[0].start <= DAY:
        yield Problem(code="technician_over_capacity", at=at, values=values)
    if spell[-1].end - spell[0].start > DAY - LEAST_REST * MINUTE:
        least = {"technician": person.id, "day": day, "limit": hours(LEAST_REST)}
        yield Problem(code="rest_too_short", at=at, values=least)


def _length(entry: Assignment) -> int:
    return (entry.end - entry.start) // MINUTE


def _over_capacity(basis: Basis, plan: Plan) -> Iterator[Problem]:
    rows = {row.key: row for row in basis.workplaces}
    zones = {site.id: site.access.zone for site in basis.sites}
    carried: dict[tuple[str, date], int] = defaultdict(int)
    for entry in plan.assignments:
        if (vendor := rows[entry.workplace].vendor) is not None:
            day = entry.start.astimezone(zone(zones[entry.target.site])).date()
            carried[vendor, day] += rows[entry.workplace].kit
    limits = {capacity.vendor: capacity.pieces_per_day for capacity in basis.vendors}
    for (vendor, day), pieces in carried.items():
        if pieces > limits.get(vendor, 0):
            values = {"vendor": vendor, "day": day.isoformat(), "pieces": str(pieces)}
            yield Problem(code="carrier_overloaded", at=f"/vendors/{vendor}", values=values)
    for wave in basis.waves:
        number = len({entry.workplace for entry in plan.assignments if entry.wave == wave.id})
        if wave.capacity is not None and number > wave.capacity:
            values = {"wave": wave.id, "workplaces": str(number), "capacity": str(wave.capacity)}
            yield Problem(code="wave_overfull", at=f"/waves/{wave.id}", values=values)


def _out_of_order(basis: Basis, plan: Plan) -> Iterator[Problem]:
    """Nobody comes to a desk before whoever sits there has left it."""
    leaves: dict[str, Assignment] = {}
    for entry in sorted(plan.assignments, key=lambda entry: entry.start):
        leaves.setdefault(entry.workplace, entry)
    sitting = leaving(basis.workplaces)
    for entry in plan.assignments:
        for other in (row.key for row in sitting.get(spot(entry.target), ()) if row.key != entry.workplace):
            if other not in leaves or leaves[other].end > entry.start:
                values = {"workplace": entry.workplace, "other": other, "desk": str(entry.target)}
                yield Problem(code="desk_still_taken", at=f"/assignments/{entry.workplace}", values=values)


def _early_waves(basis: Basis, plan: Plan) -> Iterator[Problem]:
    for wave, earlier in before(basis.waves).items():
        starts = [entry.start for entry in plan.assignments if entry.wave == wave]
        late = sorted({e.wave for e in plan.assignments if e.wave in earlier and starts and e.end > min(starts)})
        if late:
            values = {"wave": wave, "waves": ", ".join(late)}
            yield Problem(code="wave_too_early", at=f"/waves/{wave}", values=values)
