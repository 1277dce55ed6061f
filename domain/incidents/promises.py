"""The clocks of an incident: started, stopped and set anew as its facts ask for."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from domain.cases.case import HoursOf
from domain.clocks.ladders import LadderRow, rows_for
from domain.clocks.sla import ALWAYS, ClockKind, ClockType, SlaClock
from domain.clocks.thresholds import Threshold
from domain.contracts.matrix import ON_CALL, Cell, Counting
from domain.incidents.incident import Incident
from domain.incidents.progress import IncidentProgress, PromisedDate
from domain.priorities import Priority
from domain.vendors.jobs import JobStatus, VendorJob

RESPONSE, RESOLUTION, UPDATE = "response", "resolution", "update"
HALF_WAY = Threshold(percent=50)


def first_clocks(incident: Incident, progress: IncidentProgress) -> tuple[SlaClock, ...]:
    """Response and resolution start together, when the report was received."""
    cell = incident.cell(progress.priority)
    hours = _hours(cell, progress)
    version = str(incident.terms.calendar.version)
    fresh = (
        SlaClock(name=RESPONSE, kind=ClockKind.RESPONSE, target=cell.response, hours=hours, calendar_version=version),
        SlaClock(
            name=RESOLUTION, kind=ClockKind.RESOLUTION, target=cell.resolution, hours=hours, calendar_version=version
        ),
    )
    return tuple(clock.start(incident.received_at) for clock in fresh)


def timed(incident: Incident, progress: IncidentProgress, hours_of: HoursOf, at: datetime) -> IncidentProgress:
    """The progress with the clocks that its facts make. `at` is when the news came that may change a target."""
    clocks = {clock.name: clock for clock in progress.clocks}
    cell = incident.cell(progress.priority)
    for name, target in ((RESPONSE, cell.response), (RESOLUTION, cell.resolution)):
        clock = _targeted(incident, progress, clocks[name], target, hours_of, at)
        done_at = progress.responded_at if name == RESPONSE else progress.resolved_at
        clocks[name] = _followed(clock, progress, done_at)
    clocks |= _update_clock(progress, clocks.get(UPDATE), cell)
    clocks |= {
        name: _followed(clocks.get(name) or _promise_clock(name, promised), progress, _over(progress, n))
        for n, promised in enumerate(progress.promises)
        for name in (f"promised-{n + 1}",)
    }
    for job in progress.jobs:
        clocks |= _vendor_clocks(job, clocks)
    if progress.withdrawal is not None:
        gone = progress.withdrawal.at
        clocks = {name: clock.cancel(max(gone, clock.started_at or gone)) for name, clock in clocks.items()}
    return progress.but(clocks=tuple(clocks.values()))


def ladder_of(incident: Incident, priority: Priority, clock: SlaClock) -> tuple[LadderRow, ...]:
    """The pinned ladder; half-way to the response the matrix's fallback stands in for whoever was called first."""
    rows = rows_for(clock.kind, incident.terms.ladder)
    fallback = incident.cell(priority).fallback
    if clock.kind != ClockKind.RESPONSE or fallback is None:
        return rows
    is_paged = fallback == ON_CALL
    tell = () if fallback == ON_CALL else (fallback,)
    return (*rows, LadderRow(clock=ClockKind.RESPONSE, at=HALF_WAY, tell=tell, page=is_paged))


def _hours(cell: Cell, progress: IncidentProgress) -> str:
    return progress.hours if cell.counting == Counting.SERVICE else ALWAYS


def _targeted(
    incident: Incident, progress: IncidentProgress, clock: SlaClock, target: timedelta, hours_of: HoursOf, at: datetime
) -> SlaClock:
    """Under a new priority the target counts from the original start; what is already past is not told again."""
    hours = _hours(incident.cell(progress.priority), progress)
    is_same = clock.target == target and clock.hours.startswith(ALWAYS) == hours.startswith(ALWAYS)
    if is_same or clock.ended_at is not None:
        return clock
    changed = clock.change_target(hours_of(clock), target, at).model_copy(update={"hours": hours})
    points = [point for row in ladder_of(incident, progress.priority, clock) for point in row.points()]
    # A threshold of the old target that lies ahead again under the new one is told when it comes.
    attached = changed.model_copy(update={"reached": ()}).attach(hours_of(changed), points, at)
    told = {past.threshold: past for past in clock.reached}
    reached = tuple(told.get(past.threshold, past) for past in attached.reached)
    return attached.model_copy(update={"reached": reached}).record_breach(hours_of(changed), at)


def _followed(clock: SlaClock, progress: IncidentProgress, done_at: datetime | None) -> SlaClock:
    if done_at is not None:
        return clock.stop(max(done_at, clock.started_at or done_at))
    if clock.stopped_at is not None and progress.reopened_at is not None and clock.kind != ClockKind.RESPONSE:
        return clock.reopen(progress.reopened_at)
    return clock


def _update_clock(progress: IncidentProgress, clock: SlaClock | None, cell: Cell) -> dict[str, SlaClock]:
    """From the first answer on the customer hears of us at intervals, until it is solved."""
    heard = progress.updated_at
    if heard is None or cell.update_minutes is None:
        return {UPDATE: clock} if clock else {}
    if clock is None:
        target = timedelta(minutes=cell.update_minutes)
        hours = _hours(cell, progress)
        fresh = SlaClock(name=UPDATE, kind=ClockKind.UPDATE, type=ClockType.OLA, target=target, hours=hours)
        clock = fresh.start(heard)
        for hold in progress.holds:
            clock = clock.hold(hold)
    elif clock.started_at is not None and clock.started_at < heard:
        clock = clock.reset(heard)
    return {UPDATE: clock.stop(max(progress.resolved_at, heard)) if progress.resolved_at else clock}


def _promise_clock(name: str, promised: PromisedDate) -> SlaClock:
    """A date is a date: it is counted round the clock, and nothing holds it."""
    target = promised.date - promised.given_at
    return SlaClock(name=name, kind=ClockKind.PROMISED, target=target, hours=ALWAYS).start(promised.given_at)


def _vendor_clocks(job: VendorJob, clocks: Mapping[str, SlaClock]) -> dict[str, SlaClock]:
    """The vendor's own promises, in its own hours, from when it was asked."""
    if job.terms is None or job.terms.uc is None or job.offered_at is None:
        return {}
    found = {}
    promised = {"response": (job.terms.uc.response, job.accepted_at), "resolution": (job.terms.uc.resolution, None)}
    for what, (target, kept_at) in promised.items():
        name = f"{job.hours}-{what}"
        fresh = SlaClock(name=name, kind=ClockKind.VENDOR, type=ClockType.UC, target=target, hours=job.hours)
        clock = clocks.get(name) or fresh.start(job.offered_at)
        if clock.cancelled_at is not None and job.is_open:
            clock = clock.reset(job.offered_at)
        ended_at = kept_at or job.ended_at
        if ended_at is not None:
            # What was said before we had asked counts from then.
            ended_at = max(ended_at, clock.started_at or ended_at)
            clock = clock.stop(ended_at) if job.status == JobStatus.DONE or kept_at else clock.cancel(ended_at)
        found[name] = clock
    return found


def _over(progress: IncidentProgress, n: int) -> datetime | None:
    """A promise ends with the solution, or with the promise that took its place."""
    newer = progress.promises[n + 1].given_at if n + 1 < len(progress.promises) else None
    return newer or progress.resolved_at
