"""The clocks of an incident: started, stopped and set anew as its facts ask for."""

from datetime import datetime

from domain.cases.case import HoursOf
from domain.clocks.ladders import LadderRow, rows_for
from domain.clocks.sla import ALWAYS, SERVICE, ClockKind, SlaClock
from domain.clocks.thresholds import DEADLINE, Threshold
from domain.contracts.matrix import ON_CALL, Cell, Counting
from domain.incidents.clocks import CountedBy, Fact, IncidentClock, clocks_of_cells
from domain.incidents.incident import Incident
from domain.incidents.progress import IncidentProgress, PromisedDate, begin
from domain.incidents.waivers import is_agreed, unbroken
from domain.keys import CUSTOMERS_OWN
from domain.people import Role
from domain.priorities import Priority
from domain.vendors.promises import vendor_clocks

RESPONSE, RESOLUTION = str(ClockKind.RESPONSE), str(ClockKind.RESOLUTION)
HALF_WAY = Threshold(percent=50)


def first_clocks(incident: Incident, progress: IncidentProgress) -> tuple[SlaClock, ...]:
    """What the matrix promises from the receipt of the report on."""
    version = str(incident.terms.calendar.version)
    fresh = (_of_cell(row, incident, progress) for row in clocks_of_cells())
    return tuple(clock.model_copy(update={"calendar_version": version}) for clock in fresh if clock is not None)


def answered_anew(incident: Incident, progress: IncidentProgress, *, in_hours: bool) -> IncidentProgress:
    """Reopened it is to be answered like a new one: in a cycle of its own, beside what came of the earlier ones."""
    row = next(row for row in clocks_of_cells() if row.name == RESPONSE)
    progress = progress.but(responded_at=None, answered_in_hours=in_hours)
    cell = _cell(row, incident, progress)
    assert progress.reopened_at is not None
    (old,) = (clock for clock in progress.clocks if clock.name == RESPONSE)
    fresh = {"target": row.target_in(cell), "hours": _hours(row, cell, progress)}
    new = old.reset(progress.reopened_at).model_copy(update=fresh)
    kept = old.model_copy(update={"name": f"{RESPONSE}-{old.cycle}"})
    others = (clock for clock in progress.clocks if clock is not old)
    return progress.but(clocks=(new, kept, *others))


def waived(
    incident: Incident, progress: IncidentProgress, name: str, hours_of: HoursOf, at: datetime
) -> IncidentProgress:
    """Once two people have waived its breach, a clock shows what its present promise makes of it.

    Raises `Refused` where that is broken too, or came of no priority: there is nothing to be waived then.
    """
    (clock,) = (clock for clock in progress.clocks if clock.name == name)
    row = next((row for row in clocks_of_cells() if row.kind == clock.kind and not row.repeats), None)
    cell = incident.cell(progress.priority, in_hours=progress.answered_in_hours if name == RESPONSE else None)
    target = row.target_in(cell) if row else None
    promised = None
    if row is not None and target is not None:
        promised = clock.model_copy(update={"target": target, "hours": _hours(row, cell, progress)})
    fresh = unbroken(clock, promised, hours_of, at)
    if not is_agreed(progress, clock):
        return progress
    return progress.but(clocks=tuple(fresh if other is clock else other for other in progress.clocks))


def begun(incident: Incident) -> IncidentProgress:
    """The incident right after its start: reported, its first promises running."""
    progress = begin(incident, SERVICE)
    return progress.but(clocks=first_clocks(incident, progress))


def timed(incident: Incident, progress: IncidentProgress, hours_of: HoursOf, at: datetime) -> IncidentProgress:
    """The progress with the clocks that its facts make. `at` is when the news came that may change a target."""
    clocks = {clock.name: clock for clock in progress.clocks}
    for row in clocks_of_cells():
        known = clocks.get(row.name) or _of_cell(row, incident, progress)
        if known is not None and row.repeats:
            clocks[row.name] = _repeated(row, known, incident, progress)
        elif known is not None:
            clock = _targeted(row, known, incident, progress, hours_of, at)
            clocks[row.name] = _followed(clock, progress, _fact(row.stops_on, incident, progress), final=row.final)
    clocks |= {
        name: _followed(clocks.get(name) or _promise_clock(name, promised), progress, _over(progress, n))
        for n, promised in enumerate(progress.promises)
        for name in (f"promised-{n + 1}",)
    }
    for job in progress.jobs:
        clocks |= vendor_clocks(job, clocks)
    ending = progress.withdrawal or progress.merger
    if ending is not None:
        gone = ending.at
        clocks = {name: clock.cancel(max(gone, clock.started_at or gone)) for name, clock in clocks.items()}
    return progress.but(clocks=tuple(clocks.values()))


def _of_cell(row: IncidentClock, incident: Incident, progress: IncidentProgress) -> SlaClock | None:
    """None as long as it has not begun, or where the matrix promises nothing of the kind."""
    cell = _cell(row, incident, progress)
    target, since = row.target_in(cell), _fact(row.starts_on, incident, progress)
    if target is None or since is None:
        return None
    fresh = SlaClock(name=row.name, kind=row.kind, type=row.type, target=target, hours=_hours(row, cell, progress))
    clock = fresh.start(since)
    for hold in progress.holds:
        clock = clock.hold(hold)
    return clock


def _cell(row: IncidentClock, incident: Incident, progress: IncidentProgress) -> Cell:
    """What was promised at its report; how soon it is answered, when it was last opened."""
    in_hours = progress.answered_in_hours if row.name == RESPONSE else None
    return incident.cell(progress.priority, in_hours=in_hours)


def _fact(name: Fact | None, incident: Incident, progress: IncidentProgress) -> datetime | None:
    facts: dict[Fact, datetime | None] = {
        "received_at": incident.received_at,
        "responded_at": progress.responded_at,
        "updated_at": progress.updated_at,
        "resolved_at": progress.resolved_at,
    }
    return facts[name] if name else None


def ladder_of(
    incident: Incident, priority: Priority, clock: SlaClock, *, in_hours: bool | None = None
) -> tuple[LadderRow, ...]:
    """The pinned ladder; half-way to the response the matrix's fallback stands in for whoever was called first."""
    rows = rows_for(clock.kind, incident.terms.ladder)
    if not clock.type.is_for_customers:
        rows = tuple(row.but(tell=tuple(role for role in row.tell if role not in CUSTOMERS_OWN)) for row in rows)
    fallback = incident.cell(priority, in_hours=in_hours).fallback
    if clock.kind != ClockKind.RESPONSE or fallback is None:
        return rows
    is_paged = fallback == ON_CALL
    tell = () if fallback == ON_CALL else (fallback,)
    return (*rows, LadderRow(clock=ClockKind.RESPONSE, at=HALF_WAY, tell=tell, page=is_paged))


def answering_for_overdue(incident: Incident) -> tuple[Role, ...]:
    """Whoever of ours the ladder names for a missed solution, and the final owner of what nobody takes."""
    rows = rows_for(ClockKind.RESOLUTION, incident.terms.ladder)
    named = (role for row in rows if DEADLINE in row.points() for role in row.tell)
    ours = (role for role in (incident.terms.paging.final_owner, *named) if role not in CUSTOMERS_OWN)
    return tuple(dict.fromkeys(ours))


def _hours(row: IncidentClock, cell: Cell, progress: IncidentProgress) -> str:
    as_service = row.counted_by == CountedBy.CELL and cell.counting == Counting.SERVICE
    return progress.hours if as_service else ALWAYS


def _targeted(
    row: IncidentClock,
    clock: SlaClock,
    incident: Incident,
    progress: IncidentProgress,
    hours_of: HoursOf,
    at: datetime,
) -> SlaClock:
    """Under a new priority the target counts from the original start; what is already past is not told again."""
    cell = _cell(row, incident, progress)
    target, hours = row.target_in(cell) or clock.target, _hours(row, cell, progress)
    is_same = clock.target == target and clock.hours.startswith(ALWAYS) == hours.startswith(ALWAYS)
    if is_same or clock.ended_at is not None:
        return clock
    changed = clock.change_target(hours_of(clock), target, at).model_copy(update={"hours": hours})
    ladder = ladder_of(incident, progress.priority, clock, in_hours=progress.answered_in_hours)
    points = [point for row in ladder for point in row.points()]
    # A threshold of the old target that lies ahead again under the new one is told when it comes.
    attached = changed.model_copy(update={"reached": ()}).attach(hours_of(changed), points, at)
    told = {past.threshold: past for past in clock.reached}
    reached = tuple(told.get(past.threshold, past) for past in attached.reached)
    return attached.model_copy(update={"reached": reached}).record_breach(hours_of(changed), at)


def _followed(
    clock: SlaClock, progress: IncidentProgress, done_at: datetime | None, *, final: bool = False
) -> SlaClock:
    if done_at is not None:
        return clock.stop(max(done_at, clock.started_at or done_at))
    if clock.stopped_at is not None and progress.reopened_at is not None and not final:
        return clock.reopen(progress.reopened_at)
    return clock


def _repeated(row: IncidentClock, clock: SlaClock, incident: Incident, progress: IncidentProgress) -> SlaClock:
    """At intervals, until what it waits for has come."""
    again, done_at = (_fact(name, incident, progress) for name in (row.starts_on, row.stops_on))
    if again is None or row.target_in(incident.cell(progress.priority)) is None:
        return clock
    if clock.started_at is not None and clock.started_at < again:
        clock = clock.reset(again)
    return clock.stop(max(done_at, again)) if done_at else clock


def _promise_clock(name: str, promised: PromisedDate) -> SlaClock:
    """A date is a date: it is counted round the clock, and nothing holds it."""
    target = promised.date - promised.given_at
    return SlaClock(name=name, kind=ClockKind.PROMISED, target=target, hours=ALWAYS).start(promised.given_at)


def _over(progress: IncidentProgress, n: int) -> datetime | None:
    """A promise ends with the solution, or with the promise that took its place."""
    newer = progress.promises[n + 1].given_at if n + 1 < len(progress.promises) else None
    return newer or progress.resolved_at
