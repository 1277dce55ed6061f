"""Where a case stands: from the tables, or from Temporal as long as no worker has written it down."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from api.dependencies import Context
from connectors.holidays import with_holidays
from db.engine import Glance
from db.incidents import IncidentRow, has_incident, incident_row
from db.orders import OrderRow, has_order, order_row
from domain.cases.case import HoursOf
from domain.cases.faults import CaseFault
from domain.clocks.calendars import Calendar
from domain.clocks.sla import ALWAYS, SERVICE, SlaClock
from domain.incidents.incident import Incident
from domain.incidents.progress import IncidentProgress
from domain.incidents.promises import begun as incident_begun
from domain.incidents.sheets import IncidentSheet, for_customers, sheet
from domain.keys import CUSTOMERS_OWN, Key, must_see
from domain.orders.order import Order
from domain.orders.promises import order_clock
from domain.orders.standing import OrderStanding
from domain.orders.standing import begun as order_begun
from domain.refusals import Unacceptable, Unknown, unknown
from domain.times import utc
from workflows.client import CaseExists, Temporal


class Standing(Protocol):
    @property
    def customer(self) -> str: ...


T = TypeVar("T")
S = TypeVar("S", bound=Standing)


@dataclass(frozen=True)
class Standings(Generic[T, S]):
    """One kind of case as the API finds it.

    `written` reads it from the tables, where `is_written` sees sooner whether there is anything; `started` reads what
    it was started with from its history, and `begun` says how it stood then.
    """

    unknown: Callable[[str], Unknown]
    written: Callable[[AsyncSession, str], Awaitable[S | None]]
    started: Callable[[Temporal, str], Awaitable[T | None]]
    begun: Callable[[T], S]
    is_written: Callable[[Glance, str], Awaitable[bool]] | None = None

    async def find(self, no: str, context: Context) -> S | None:
        return await self._written(no, context) or await self._at_start(no, context)

    async def seen(self, no: str, caller: Key, context: Context) -> S:
        """Raises `Unknown` when there is no such case, or none the caller may see."""
        found = await self.find(no, context)
        if found is None:
            raise self.unknown(no)
        must_see(caller, found.customer, self.unknown(no))
        return found

    async def of_customer(self, customer: str, named: Iterable[str], context: Context) -> frozenset[str]:
        """The customer's own cases among these."""
        found = {no: await self.find(no, context) for no in named}
        return frozenset(no for no, standing in found.items() if standing and standing.customer == customer)

    async def once(self, key: str | None, no: str, context: Context, begin: Callable[[], Awaitable[T]]) -> S:
        """The case that a request begins, however often it is sent under one key."""
        if key is None:
            return self.begun(await begin())
        try:
            return await self._written_before(no, context) or self.begun(await begin())
        except (Unacceptable, CaseExists):
            # Begun before and not written yet; what it names may have moved on since.
            begun = await self._at_start(no, context)
            if begun is None:
                raise
            return begun

    async def _written_before(self, no: str, context: Context) -> S | None:
        """Most of what comes under a key is new."""
        if self.is_written is not None:
            async with context.database.glancing() as session:
                if not await self.is_written(session, no):
                    return None
        return await self._written(no, context)

    async def _written(self, no: str, context: Context) -> S | None:
        async with context.database.reading() as session:
            return await self.written(session, no)

    async def _at_start(self, no: str, context: Context) -> S | None:
        started = await self.started(context.temporal, no)
        return self.begun(started) if started else None


def just_begun(order: Order) -> OrderStanding:
    hours = with_holidays(order.terms.calendar, order.received_at)
    deadline = hours.add(order.received_at, order_clock(order).target)
    return OrderStanding(order, order_begun(order, order.received_at), deadline)


def order_as_written(row: OrderRow) -> OrderStanding:
    return OrderStanding(row.as_order(), row.as_progress(), row.promised, row.as_faults())


async def _written_order(session: AsyncSession, no: str) -> OrderStanding | None:
    row = await order_row(session, no)
    return order_as_written(row) if row else None


KNOWN_ORDERS = Standings(
    lambda no: unknown("order", no), _written_order, Temporal.order_at_start, just_begun, has_order
)


@dataclass(frozen=True)
class IncidentStanding:
    """`deadlines` are those of the running clocks, by name."""

    incident: Incident
    progress: IncidentProgress
    deadlines: Mapping[str, datetime]
    faults: tuple[CaseFault, ...] = ()

    @property
    def customer(self) -> str:
        return self.incident.customer

    @property
    def reporter(self) -> str | None:
        return self.incident.request.reporter

    def speakers(self, command: str) -> tuple[str | None, ...]:
        """Whoever has reported it, and to its solution all who have."""
        others = self.progress.other_reporters if command in ("confirm", "reopen") else ()
        return (self.reporter, *others)

    def sheet(self, caller: Key, now: datetime) -> IncidentSheet:
        """As far as the caller may see it."""
        hours_of = _hours_of(self.incident, self.progress)
        whole = sheet(self.incident, self.progress, deadlines=self.deadlines, hours_of=hours_of, now=now)
        whole = whole.but(faults=self.faults)
        return for_customers(whole) if caller.role in CUSTOMERS_OWN else whole


def _hours_of(incident: Incident, progress: IncidentProgress) -> HoursOf:
    calendar = incident.terms.calendar
    named = {SERVICE: calendar, ALWAYS: Calendar(zone=calendar.zone, always=True), **progress.calendars}

    def hours_of(clock: SlaClock) -> Calendar:
        return with_holidays(named[clock.hours], incident.received_at)

    return hours_of


def just_reported(incident: Incident) -> IncidentStanding:
    progress = incident_begun(incident)
    hours_of = _hours_of(incident, progress)
    deadlines = {clock.name: hours_of(clock).add(incident.received_at, clock.target) for clock in progress.clocks}
    return IncidentStanding(incident, progress, deadlines)


def incident_as_written(row: IncidentRow) -> IncidentStanding:
    deadlines = {name: utc(datetime.fromisoformat(due)) for name, due in row.deadlines.items()}
    return IncidentStanding(row.as_incident(), row.as_progress(), deadlines, row.as_faults())


async def _written_incident(session: AsyncSession, no: str) -> IncidentStanding | None:
    row = await incident_row(session, no)
    return incident_as_written(row) if row else None


KNOWN_INCIDENTS = Standings(
    lambda no: unknown("incident", no),
    _written_incident,
    Temporal.incident_at_start,
    just_reported,
    has_incident,
)
