"""Where an incident stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.cases.standing import Standings
from connectors.holidays import with_holidays
from db.incidents import IncidentRow, incident_row
from domain.cases.case import HoursOf
from domain.clocks.calendars import Calendar
from domain.clocks.sla import ALWAYS, SERVICE, SlaClock
from domain.incidents.incident import Incident
from domain.incidents.progress import IncidentProgress
from domain.incidents.promises import begun
from domain.incidents.sheets import IncidentSheet, for_customers, sheet
from domain.keys import CUSTOMERS_OWN, Key
from domain.times import utc
from workflows.client import Temporal


@dataclass(frozen=True)
class IncidentStanding:
    """`deadlines` are those of the running clocks, by name."""

    incident: Incident
    progress: IncidentProgress
    deadlines: Mapping[str, datetime]

    @property
    def customer(self) -> str:
        return self.incident.customer

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
    progress = begun(incident)
    hours_of = _hours_of(incident, progress)
    deadlines = {clock.name: hours_of(clock).add(incident.received_at, clock.target) for clock in progress.clocks}
    return IncidentStanding(incident, progress, deadlines)


def as_written(row: IncidentRow) -> IncidentStanding:
    deadlines = {name: utc(datetime.fromisoformat(due)) for name, due in row.deadlines.items()}
    return IncidentStanding(row.as_incident(), row.as_progress(), deadlines)


async def _written(session: AsyncSession, no: str) -> IncidentStanding | None:
    row = await incident_row(session, no)
    return as_written(row) if row else None


KNOWN_INCIDENTS = Standings("incident", _written, Temporal.incident_at_start, just_reported)
