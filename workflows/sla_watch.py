"""Watching an order's clocks and holds: one timer for whatever falls due next, none while nothing can."""

from datetime import datetime, timedelta

from temporalio import workflow

from domain.events import Happening
from domain.promises import ladder_of
from domain.sla import SlaClock
from domain.thresholds import DEADLINE, Due, Threshold
from domain.windows import BeyondHorizon, Windows
from workflows.case import OrderCase
from workflows.hours import FURTHER

# Done exactly when it is due is in time: so a threshold is looked at just after its instant, never at it.
TICK = timedelta(milliseconds=1)


class SlaWatch:
    def __init__(self, case: OrderCase) -> None:
        self._case = case

    async def run(self) -> None:
        """Fire thresholds and end holds as they fall due, until cancelled. A clock on hold costs no events."""
        hours = await self._case.hours.until(workflow.now())
        while True:
            try:
                self._catch_up(hours)
                due = self._next(hours)
            except BeyondHorizon:
                hours = await self._case.hours.until(max(hours.end, workflow.now()) + FURTHER)
                continue
            await self._wait(hours, due)

    async def _wait(self, hours: Windows, due: datetime | None) -> None:
        watched = (self._case.progress.clocks, self._case.progress.holds)

        def turned() -> bool:
            nonlocal watched
            now = (self._case.progress.clocks, self._case.progress.holds)
            if now == watched:
                return False
            watched = now
            return self._turned(hours, due)

        left = None if due is None else max(due - workflow.now(), TICK)
        summary = f"next deadline step at {due:%Y-%m-%d %H:%M}Z" if due else None
        try:
            await workflow.wait_condition(turned, timeout=left, timeout_summary=summary)
        except TimeoutError:
            return

    def _turned(self, hours: Windows, due: datetime | None) -> bool:
        try:
            return self._next(hours) != due
        except BeyondHorizon:
            return True

    def _next(self, hours: Windows) -> datetime | None:
        """When something falls due next."""
        now = workflow.now()
        progress = self._case.progress
        turns = [hold.end for hold in progress.holds if hold.max_until is not None]
        for clock in progress.clocks:
            turns += [hold.end for hold in clock.held_by(now)]
            dues = clock.dues(hours, self._thresholds(clock), now)
            turns += [dues[0].at + TICK] if dues else []
        return min(turns, default=None)

    def _catch_up(self, hours: Windows) -> None:
        now = workflow.now()
        self._end_holds(now)
        for clock in self._case.progress.clocks:
            dues = [due for due in clock.dues(hours, self._thresholds(clock), now) if due.at < now]
            if dues:
                self._fire(clock, dues, hours, now)

    def _end_holds(self, now: datetime) -> None:
        ended = [hold for hold in self._case.progress.holds if hold.end <= now]
        if ended:
            kept = tuple(hold for hold in self._case.progress.holds if hold not in ended)
            self._case.advance(self._case.progress.but(holds=kept))
            for hold in ended:
                self._case.note(Happening.HOLD_ENDED, values={"code": hold.reason})

    def _fire(self, clock: SlaClock, dues: list[Due], hours: Windows, now: datetime) -> None:
        """Of several that fell due while nobody watched only the highest is told, the rest are recorded."""
        told = dues[-1]
        end = clock.threshold_due(hours, DEADLINE, now)
        reached = clock
        for due in dues:
            reached = reached.reach(due, now)
        reached = reached.record_breach(hours, now)
        clocks = tuple(reached if other is clock else other for other in self._case.progress.clocks)
        self._case.progress = self._case.progress.but(clocks=clocks)
        missed = reached.breached_at is not None and clock.breached_at is None
        for due in dues:
            what = Happening.DEADLINE_MISSED if due.threshold == DEADLINE else Happening.THRESHOLD_REACHED
            self._case.note(what, values=_facts(clock, due, now, collapsed=due is not told))
        template = "deadline_missed" if missed else "deadline_near"
        facts = {"clock": clock.name, "percent": str(told.threshold.percent), "due": told.at.isoformat()}
        facts |= {"clock_due": end.isoformat()} if end else {}
        rows = [row for row in ladder_of(self._case.order, clock) if row.at == told.threshold]
        roles = tuple(dict.fromkeys(role for row in rows for role in row.tell))
        if roles:
            self._case.tell(template, roles=roles, values=facts)

    def _thresholds(self, clock: SlaClock) -> list[Threshold]:
        return list(dict.fromkeys(row.at for row in ladder_of(self._case.order, clock)))


def _facts(clock: SlaClock, due: Due, now: datetime, *, collapsed: bool) -> dict[str, str]:
    late = (now - due.at).total_seconds()
    return {
        "clock": clock.name,
        "percent": str(due.threshold.percent),
        "due": due.at.isoformat(),
        "late_seconds": f"{late:.3f}",
        "collapsed": "yes" if collapsed else "no",
    }
