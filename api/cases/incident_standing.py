"""Where an incident stands: from the tables, or from Temporal as long as no worker has written it down."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from api.dependencies import Context, must_see
from connectors.holidays import with_holidays
from db.incidents import IncidentRow, incident_row
from domain.cases.case import HoursOf
from domain.clocks.calendars import Calendar
from domain.clocks.sla import ALWAYS, SERVICE, SlaClock
from domain.incidents.incident import Incident
from domain.incidents.progress import IncidentProgress, begin
from domain.incidents.promises import first_clocks
from domain.incidents.sheets import IncidentSheet, for_customers, sheet
from domain.keys import CUSTOMERS_OWN, Key
from domain.refusals import unknown
from domain.times import utc


@dataclass(frozen=True)
class IncidentStanding:
    """`deadlines` are those of the running clocks, by name."""

    incident: Incident
    progress: IncidentProgress
    deadlines: Mapping[str, datetime]

    def sheet(self, caller: Key, now: datetime) -> IncidentSheet:
        """As far as the caller may see it."""
        hours_of = _hours_of(self.incident, self.progress)
        whole = sheet(self.incident, self.progress, deadlines=self.deadlines, hours_of=hours_of, now=now)
        return for_customers(whole) if caller.role in CUSTOMERS_OWN else whole


def _hours_of(incident: Incident, progress: IncidentProgress) -> HoursOf:
    calendar = incident.terms.calendar
    named = {SERVICE: calendar, ALWAYS: Calendar(zone=calendar.zone, always=True), **progress.calendars}

    def hours_of(clock: SlaClock) -> Calendar:
        return with_holidays(named[clock.hours], incident.received_at)

    return hours_of


def just_reported(incident: Incident) -> IncidentStanding:
    progress = begin(incident, SERVICE)
    clocks = first_clocks(incident, progress)
    hours_of = _hours_of(incident, progress)
    deadlines = {clock.name: hours_of(clock).add(incident.received_at, clock.target) for clock in clocks}
    return IncidentStanding(incident, progress.but(clocks=clocks), deadlines)


def as_written(row: IncidentRow) -> IncidentStanding:
    deadlines = {name: utc(datetime.fromisoformat(due)) for name, due in row.deadlines.items()}
    return IncidentStanding(row.as_incident(), row.as_progress(), deadlines)


async def written(no: str, context: Context) -> IncidentStanding | None:
    async with context.database.reading() as session:
        row = await incident_row(session, no)
    return as_written(row) if row else None


async def at_start(no: str, context: Context) -> IncidentStanding | None:
    incident = await context.temporal.incident_at_start(no)
    return just_reported(incident) if incident else None


async def standing_of(no: str, caller: Key, context: Context) -> IncidentStanding:
    """Raises `Unknown` when there is no such incident, or none the caller may see."""
    standing = await written(no, context) or await at_start(no, context)
    if standing is None:
        raise unknown("incident", no)
    must_see(caller, standing.incident.customer, unknown("incident", no))
    return standing


async def those_of(customer: str, named: Iterable[str], context: Context) -> frozenset[str]:
    """The customer's own incidents among these."""
    found = [await written(no, context) or await at_start(no, context) for no in named]
    return frozenset(one.incident.no for one in found if one and one.incident.customer == customer)
