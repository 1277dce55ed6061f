"""The calendars of a case inside its workflow: UTC intervals that an activity made, fetched as far as needed."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from temporalio import workflow

from activities.calendars import Calendars, HoursAsked
from domain.clocks.calendars import Calendar
from domain.clocks.sla import ALWAYS, SlaClock
from domain.clocks.windows import BeyondHorizon, RoundTheClock, ServiceHours, Windows
from domain.times import ZERO
from workflows.effects import Activity, In, Out

FURTHER = timedelta(days=60)
_ROUND_THE_CLOCK = RoundTheClock()


class Act(Protocol):
    async def __call__(self, activity: Activity[In, Out], asked: In, *, summary: str) -> Out: ...


class Timed(Protocol):
    """What has clocks, and the calendars they run by."""

    @property
    def received_at(self) -> datetime: ...

    @property
    def calendars(self) -> Mapping[str, Calendar]: ...

    @property
    def clocks(self) -> Iterable[SlaClock]: ...


class CaseHours:
    def __init__(self, case: Timed, act: Act) -> None:
        self._case = case
        self._act = act
        self._known: dict[str, Windows] = {}

    def of(self, clock: SlaClock) -> ServiceHours:
        """The hours a clock runs by. Raises `BeyondHorizon` when they have not been fetched."""
        return _ROUND_THE_CLOCK if clock.hours == ALWAYS else self.named(clock.hours)

    def named(self, name: str) -> Windows:
        """Raises `BeyondHorizon` when they have not been fetched."""
        if name not in self._known:
            raise BeyondHorizon(f"the hours {name} are not known yet")
        return self._known[name]

    def learn(self, name: str, hours: Windows) -> None:
        """Hours that came with something else need not be fetched."""
        self._known[name] = hours

    async def until(self, name: str, at: datetime) -> Windows:
        """Hours from the case's receipt to `at` and beyond. Fetched again only when they end before."""
        known = self._known.get(name)
        if known is None or known.end < at:
            targets = (clock.target for clock in self._case.clocks if clock.hours == name)
            asked = HoursAsked(
                calendar=self._case.calendars[name],
                start=self._case.received_at,
                until=at,
                span=2 * max(targets, default=ZERO),
            )
            summary = f"{name} hours until {at:%Y-%m-%d}"
            self._known[name] = known = await self._act(Calendars.service_hours, asked, summary=summary)
        return known

    async def all_until(self, at: datetime) -> None:
        """The hours of every clock that has not ended."""
        for name in self._running():
            await self.until(name, at)

    async def further(self, beyond: BeyondHorizon) -> None:
        """What is known does not reach far enough, or a clock runs, or is to run, by a calendar that is new.

        A clock that has ended may be what lacks them: what fell due before its end is still told.
        """
        all_names = dict.fromkeys((*self._known, *self._case.calendars))
        lacking = [name for name in all_names if self._known.get(name) is beyond.windows]
        for name in dict.fromkeys((*self._running(), *lacking)):
            known = self._known.get(name)
            since = workflow.now() if known is None else max(known.end, workflow.now()) + FURTHER
            await self.until(name, since)

    def _running(self) -> Iterable[str]:
        """The hours that count for somebody now; round the clock there is no calendar to be asked."""
        names = dict.fromkeys(clock.hours for clock in self._case.clocks if clock.ended_at is None)
        return [name for name in names if name != ALWAYS]
