"""What if: promises worked out again under other rules, and what new service hours would do to running ones.

Nothing is touched: a clock under other rules is another clock.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Annotated, NamedTuple

from pydantic import Field, StringConstraints

from domain.cases import order_commands as commands
from domain.cases.instructions import Instruction
from domain.clocks.calendars import Calendar
from domain.clocks.events import ClockEvent, ResumeClock, play
from domain.clocks.holds import ClockHold, HoldReason
from domain.clocks.reports import ClockReport, due_of, report
from domain.clocks.sla import ClockKind, ClockType, SlaClock
from domain.clocks.windows import ServiceHours
from domain.times import ZERO, Instant, SignedDuration
from domain.values import Few, Line, Slug, Value

LONGEST_TARGET = timedelta(days=365)
CaseId = Annotated[str, StringConstraints(pattern=r"^(order|incident)/[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", max_length=80)]


class WhatIf(Value):
    """Other rules; what is left out stays as it was agreed.

    A calendar counts from the clock's start. `holding` are the only reasons that then hold it, whatever its kind.
    """

    calendar: Calendar | None = None
    target_minutes: int | None = Field(default=None, gt=0, le=525_600)
    holding: Few[HoldReason] | None = None


class WhatIfAsked(WhatIf):
    """The body of POST /sla/whatif: for one clock of a case or for all of them."""

    case: CaseId
    clock: Line | None = None
    contract_version: int | None = Field(default=None, ge=1)


class Comparison(Value):
    agreed: ClockReport
    supposed: ClockReport


def compare(
    clock: SlaClock, calendar: Calendar, what_if: WhatIf, now: datetime, *, holds: Iterable[ClockHold] = ()
) -> Comparison:
    """The clock as it is and as it would be. `holds` are those of its case, also what this clock does not heed."""
    return Comparison(
        agreed=report(clock, calendar, now),
        supposed=report(supposed(clock, what_if, holds), what_if.calendar or calendar, now),
    )


def supposed(clock: SlaClock, what_if: WhatIf, holds: Iterable[ClockHold] = ()) -> SlaClock:
    """Whatever the agreed rules made of it (a breach, people told) is left behind."""
    facts: dict[str, object] = {"breached_at": None, "reached": ()}
    if what_if.calendar is not None:
        facts |= {"settled": ZERO, "settled_at": None, "calendar_version": str(what_if.calendar.version)}
    if what_if.target_minutes is not None:
        facts["target"] = timedelta(minutes=what_if.target_minutes)
    if what_if.holding is not None:
        facts["holds"] = tuple(hold for hold in (*clock.holds, *holds) if hold.reason in what_if.holding)
    return clock.model_copy(update=facts)


def holds_of(given: Iterable[Instruction]) -> tuple[ClockHold, ...]:
    """Every hold a case was told, also those for reasons that some of its clocks do not heed."""
    heeding_all = SlaClock(name="case", kind=ClockKind.STEP, type=ClockType.OLA, target=LONGEST_TARGET)
    return play(heeding_all, _holding_and_resuming(given)).holds


def _holding_and_resuming(given: Iterable[Instruction]) -> Iterator[ClockEvent]:
    for instruction in given:
        told, at = instruction.command, instruction.given_at
        if isinstance(told, commands.Hold):
            yield ClockHold(reason=told.code, actor=instruction.actor.person, at=at, max_until=told.max_until)
        elif isinstance(told, commands.Resume):
            yield from (ResumeClock(at, reason) for reason in ([told.code] if told.code else HoldReason))


class Running(NamedTuple):
    """A clock under way in its case, the hours it runs on, and those it would run on."""

    case: str
    clock: SlaClock
    old: ServiceHours
    new: ServiceHours


class MovedDeadline(Value):
    """What new service hours do to one clock. Without deadlines it is held: then only what remains changes."""

    case: CaseId
    clock: Line
    deadline: Instant | None
    new_deadline: Instant | None
    remaining: SignedDuration
    new_remaining: SignedDuration
    becomes_overdue: bool


class MigrationAsked(Value):
    """The body of POST /sla/migrations/preview; without `since` the new hours count from now on."""

    contract: Slug
    since: Instant | None = None


class MigrationPreview(Value):
    """`running` clocks were looked at; those that nothing happens to are not among `moves`."""

    contract: Slug
    contract_version: int
    calendar_version: str
    since: Instant
    running: int
    become_overdue: int
    moves: tuple[MovedDeadline, ...]


def migrated(clock: SlaClock, old: ServiceHours, calendar_version: str, since: datetime) -> SlaClock:
    """On other service hours since then, or since the clock last changed its hours if that was later."""
    earliest = clock.settled_at or clock.started_at or since
    return clock.migrate(old, calendar_version, max(since, earliest))


def moves(clocks: Iterable[Running], since: datetime, now: datetime) -> tuple[MovedDeadline, ...]:
    """What migrating them all would do; those with the least left come first."""
    moved = (move(running, since, now) for running in clocks)
    changed = (one for one in moved if (one.deadline, one.remaining) != (one.new_deadline, one.new_remaining))
    return tuple(sorted(changed, key=lambda one: (one.new_remaining, one.case, one.clock)))


def move(running: Running, since: datetime, now: datetime) -> MovedDeadline:
    clock, old, new = running.clock, running.old, running.new
    after = migrated(clock, old, clock.calendar_version, since)
    return MovedDeadline(
        case=running.case,
        clock=clock.name,
        deadline=due_of(clock, old, now),
        new_deadline=due_of(after, new, now),
        remaining=clock.remaining(old, now),
        new_remaining=after.remaining(new, now),
        becomes_overdue=clock.breach(old, now) is None and after.breach(new, now) is not None,
    )
