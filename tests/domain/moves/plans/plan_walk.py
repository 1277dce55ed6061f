"""What a plan must keep, checked entry by entry and minute by minute, by nothing that the planner uses."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from domain.clocks.calendars import Calendar
from domain.kinds import Leg
from domain.moves.plans.plan import Assignment, Basis, Plan, Technician
from domain.moves.plans.waves import Wave
from domain.places import Place

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = timedelta(minutes=1)


def broken(basis: Basis, plan: Plan) -> list[str]:
    """Every rule that the plan breaks, in words."""
    return [
        *_rows(basis, plan),
        *(found for entry in plan.assignments for found in _entry(basis, entry)),
        *_people(basis, plan),
        *_limits(basis, plan),
        *_order(basis, plan),
    ]


def _rows(basis: Basis, plan: Plan) -> Iterator[str]:
    left = {row.workplace: row.why for row in plan.left_over}
    for row in basis.workplaces:
        entries = [entry for entry in plan.assignments if entry.workplace == row.key]
        legs = [entry.leg for entry in entries]
        if row.key in left and entries:
            yield f"{row.key} is planned and left over"
        if row.key in left and not left[row.key]:
            yield f"{row.key} is left over without a reason"
        if row.key not in left and legs not in ([Leg.WHOLE], [Leg.ASIDE, Leg.ON]):
            yield f"{row.key} is planned as {legs}"
        if entries and (entries[0].source, entries[-1].target) != (row.source, row.target):
            yield f"{row.key} goes elsewhere"
        if entries and sum(_length(entry) for entry in entries) < row.minutes:
            yield f"{row.key} has too little time"


def _entry(basis: Basis, entry: Assignment) -> Iterator[str]:
    row = next(row for row in basis.workplaces if row.key == entry.workplace)
    wave = next(wave for wave in basis.waves if wave.id == entry.wave)
    person = next(one for one in basis.technicians if one.id == entry.technician)
    sites = {site.id: site.access for site in basis.sites}
    name = f"{row.key} at {entry.start:%d.%m. %H:%M}"
    if not wave.takes(row) or (row.day and entry.start.astimezone(BERLIN).date() != row.day):
        yield f"{name} is in the wrong wave or on the wrong day"
    if wave.crew and person.id not in wave.crew:
        yield f"{name}: {person.id} is not of the crew"
    if not set(row.skills) <= set(person.skills):
        yield f"{name}: {person.id} cannot do it"
    for site in {entry.source.site, entry.target.site}:
        if any(f.site in (None, site) and entry.start < f.end and f.start < entry.end for f in basis.freezes):
            yield f"{name} is in a freeze"
        yield from (f"{name}: {found}" for found in _minutes(entry, sites[site], person.hours, wave))


def _minutes(entry: Assignment, access: Calendar, hours: Calendar, wave: Wave) -> Iterator[str]:
    holidays = {holiday.day for holiday in access.holidays}
    allowed = access if wave.reason is None else access.model_copy(update={"holidays": ()})
    at = entry.start
    while at < entry.end:
        day = at.astimezone(BERLIN).date()
        if not wave.start <= at < wave.end:
            yield "outside the window"
        if not allowed.is_open(at) or not hours.is_open(at):
            yield "closed or off duty"
        if wave.reason is None and (day.weekday() == 6 or day in holidays):
            yield "holiday without a reason"
        at += MINUTE


def _people(basis: Basis, plan: Plan) -> Iterator[str]:
    for person in basis.technicians:
        mine = sorted((e for e in plan.assignments if e.technician == person.id), key=lambda e: e.start)
        for one, two in pairwise(mine):
            if one.end + _way(basis, one, two) > two.start:
                yield f"{person.id} is in two places at {two.start}"
        yield from _days(basis, person, mine)


def _days(basis: Basis, person: Technician, mine: list[Assignment]) -> Iterator[str]:
    days: dict[datetime, list[Assignment]] = defaultdict(list)
    for entry in mine:
        days[_on_duty_since(person.hours, entry.start)].append(entry)
    for entries in days.values():
        ways = sum((_way(basis, one, two) for one, two in pairwise(entries)), timedelta())
        if sum(map(_length, entries)) + ways // MINUTE > min(600, person.daily_minutes):
            yield f"{person.id} works too long on {entries[0].start:%d.%m.}"
        if entries[-1].end - entries[0].start > timedelta(hours=13):
            yield f"{person.id} has no rest on {entries[0].start:%d.%m.}"
        for wave in basis.waves:
            if sum(_length(e) for e in entries if e.wave == wave.id) > wave.daily_minutes:
                yield f"{person.id} works too long for {wave.id}"
    for one, two in pairwise(sorted(days)):
        if days[two][0].start - days[one][-1].end < timedelta(hours=11):
            yield f"{person.id} rests too little before {days[two][0].start:%d.%m. %H:%M}"


def _on_duty_since(hours: Calendar, at: datetime) -> datetime:
    """The start of the local day on which this spell of duty began; one who never goes home starts at midnight."""
    begin = at
    while hours.is_open(begin - MINUTE) and at - begin < timedelta(hours=25):
        begin -= MINUTE
    since = at if at - begin >= timedelta(hours=25) or hours.always else begin
    return since.astimezone(BERLIN).replace(hour=0, minute=0).astimezone(UTC)


def _limits(basis: Basis, plan: Plan) -> Iterator[str]:
    rows = {row.key: row for row in basis.workplaces}
    limits = {capacity.vendor: capacity.pieces_per_day for capacity in basis.vendors}
    carried: dict[tuple[str, object], int] = defaultdict(int)
    for entry in plan.assignments:
        if vendor := rows[entry.workplace].vendor:
            carried[vendor, entry.start.astimezone(BERLIN).date()] += rows[entry.workplace].kit
    yield from (f"{vendor} carries {n}" for (vendor, _), n in carried.items() if n > limits.get(vendor, 0))
    for wave in basis.waves:
        number = len({entry.workplace for entry in plan.assignments if entry.wave == wave.id})
        if wave.capacity is not None and number > wave.capacity:
            yield f"{wave.id} has {number} workplaces"


def _order(basis: Basis, plan: Plan) -> Iterator[str]:
    """Play the plan: whoever comes to a desk finds it empty."""
    sitting: dict[Place, set[str]] = defaultdict(set)
    for row in basis.workplaces:
        if row.source.desk is not None:
            sitting[row.source].add(row.key)
    edges = [(e.start, 1, e) for e in plan.assignments] + [(e.end, 0, e) for e in plan.assignments]
    for _, starts, entry in sorted(edges, key=lambda edge: edge[:2]):
        if starts and sitting[entry.target] - {entry.workplace}:
            yield f"{entry.workplace} comes to the desk of {sitting[entry.target]}"
        if not starts:
            sitting[entry.source].discard(entry.workplace)
            if entry.target.desk is not None:
                sitting[entry.target].add(entry.workplace)
    for wave in basis.waves:
        mine = [entry.start for entry in plan.assignments if entry.wave == wave.id]
        early = [entry.end for entry in plan.assignments if entry.wave in wave.after]
        if mine and early and min(mine) < max(early):
            yield f"{wave.id} begins before its turn"


def _way(basis: Basis, one: Assignment, two: Assignment) -> timedelta:
    return MINUTE * (basis.travel_minutes if one.target.site != two.source.site else 0)


def _length(entry: Assignment) -> int:
    return (entry.end - entry.start) // MINUTE
