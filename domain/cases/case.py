"""What every durable case keeps alike, be it an order, an incident or a page, and what it does alike."""

from collections.abc import Callable
from datetime import datetime
from typing import Self

from domain.cases.instructions import Instruction
from domain.cases.lookups import HoursFound, LookedUp
from domain.cases.order_commands import Hold, HolderKind, Migrate, Resume
from domain.clocks.calendars import Calendar
from domain.clocks.holds import LONGEST_HOLD, ClockHold, HoldReason
from domain.clocks.sla import SERVICE, SlaClock
from domain.clocks.windows import ServiceHours
from domain.people import Actor
from domain.refusals import Problem, Refused, Unacceptable
from domain.values import Slug, Value

HoursOf = Callable[[SlaClock], ServiceHours]


class CaseProgress(Value):
    """`given` keeps every accepted command: the case's own file. `holds` are in force now, `seq` counts events.

    `calendars` are those that its clocks have come to run by since it began.
    """

    state: str
    given: tuple[Instruction, ...] = ()
    holds: tuple[ClockHold, ...] = ()
    clocks: tuple[SlaClock, ...] = ()
    calendars: dict[Slug, Calendar] = {}
    seq: int = 0

    def held(self, command: Hold, actor: Actor, at: datetime) -> Self:
        """Held for this reason already it is held longer; raises `Refused` when it would not be."""
        if command.max_until <= at:
            raise Unacceptable(Problem(code="in_the_past", at="/max_until"))
        if any(held.reason == command.code and held.end >= command.max_until for held in self.holds):
            raise Refused(Problem(code="already_held", values={"code": command.code}))
        others = tuple(held for held in self.holds if held.reason != command.code)
        held = ClockHold(reason=command.code, actor=actor.person, at=at, max_until=command.max_until)
        return self.but(holds=(*others, held), clocks=tuple(clock.hold(held) for clock in self.clocks))

    def resumed(self, command: Resume, at: datetime) -> Self:
        kept = tuple(held for held in self.holds if command.code not in (None, held.reason))
        if kept == self.holds:
            raise Refused(Problem(code="not_on_hold"))
        return self.lifted(tuple(held for held in self.holds if held not in kept), at)

    def lifted(self, holds: tuple[ClockHold, ...], at: datetime) -> Self:
        clocks = self.clocks
        for held in holds:
            clocks = tuple(clock.resume(held.reason, at) for clock in clocks)
        return self.but(holds=tuple(held for held in self.holds if held not in holds), clocks=clocks)

    def waiting_for_own_people(self, actor: Actor, at: datetime) -> Self:
        """Because the customer's own people have something; what waits for the customer anyway goes on waiting."""
        if any(held.reason == HoldReason.WAITING_CUSTOMER for held in self.holds):
            return self
        until = at + LONGEST_HOLD
        waiting = Hold(code=HoldReason.WAITING_CUSTOMER, max_until=until, reason=HolderKind.CUSTOMER)
        return self.held(waiting, actor, at)

    def waiting_no_longer(self, at: datetime) -> Self:
        """The customer's own people have given back what they had."""
        return self.lifted(tuple(held for held in self.holds if held.reason == HoldReason.WAITING_CUSTOMER), at)

    def with_calendar(self, command: Migrate, found: LookedUp | None) -> Self:
        """The calendar its service time is to count by; `migrated` moves the clocks over."""
        if not isinstance(found, HoursFound):
            raise Unacceptable(Problem(code="calendar_needed", at="/version"))
        return self.but(calendars=self.calendars | {service_hours(command.version): found.calendar})

    def migrated(self, command: Migrate, hours_of: HoursOf, at: datetime) -> Self:
        """Every running clock that counts service time goes on by the new calendar; what it used stays used."""
        name = service_hours(command.version)
        return self.but(
            clocks=tuple(
                clock.migrate(hours_of(clock), str(command.version), at, hours=name)
                if clock.hours.startswith(SERVICE) and clock.ended_at is None
                else clock
                for clock in self.clocks
            )
        )


def service_hours(version: int) -> str:
    """The name of a contract version's service hours among a case's calendars."""
    return f"{SERVICE}-{version}"
