"""Incidents to measure with: of a contract by which nothing is told but that the response was missed."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlmodel import col, func, select

from bench.ground.stand import QUEUE, Stand, until
from db.cases.notices import NoticeRow
from domain.cases.notices import DeliveryOutcome
from domain.clocks.calendars import Calendar
from domain.clocks.ladders import LadderRow
from domain.clocks.sla import ClockKind
from domain.clocks.thresholds import DEADLINE
from domain.contracts.matrix import Cell, CommunicationsMatrix, MatrixRow, Way
from domain.incidents.incident import Incident
from domain.people import Role
from domain.priorities import Priority
from domain.times import zone
from tests.world import CONTRACT, incident, trouble
from workflows.client import Temporal

ZONE = "Europe/Berlin"
RESPONSE = {Priority.MAJOR: timedelta(hours=6), Priority.MINOR: timedelta(days=20)}
RESOLUTION = timedelta(days=40)
# More at once are not faster, and the timer of each is set at the end of a task that waits for the others.
AT_ONCE = 8
AT_FIRST = ("incident_received", "incident_reported")


def always_open_now(now: datetime) -> Calendar:
    """Closed for an hour a day, half a day away from now: as many windows as ordinary service hours have."""
    is_day = 6 <= now.astimezone(zone(ZONE)).hour < 18
    day = [["01:00", "24:00"]] if is_day else [["00:00", "12:00"], ["13:00", "24:00"]]
    weekly = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), day)
    return Calendar.model_validate({"zone": ZONE, "weekly": weekly})


def _row(response: timedelta) -> MatrixRow:
    minutes = timedelta(minutes=1)
    cell = Cell(
        report_by=(Way.PORTAL,),
        first=Role.SERVICE_DESK,
        response_minutes=response // minutes,
        resolution_minutes=RESOLUTION // minutes,
    )
    return MatrixRow(in_hours=cell)


CONTRACT_OF_ONE_ROW = CONTRACT.but(
    calendar=always_open_now(datetime.now(UTC)),
    matrix=CommunicationsMatrix(rows={priority: _row(response) for priority, response in RESPONSE.items()}),
    ladder=(
        LadderRow(clock=ClockKind.RESPONSE, at=DEADLINE, tell=(Role.SDM,)),
        LadderRow(clock=ClockKind.RESOLUTION, at=DEADLINE),
    ),
)


def due_at(due: datetime) -> Incident:
    """Reported when its response falls due then."""
    at = due - RESPONSE[Priority.MAJOR]
    return _incident(Priority.MAJOR, at)


def far_from_due() -> Incident:
    return _incident(Priority.MINOR, datetime.now(UTC))


def _incident(priority: Priority, at: datetime) -> Incident:
    return incident(trouble(priority=priority, received_at=at), datetime.now(UTC), CONTRACT_OF_ONE_ROW)


async def report_all(stand: Stand, incidents: Sequence[Incident]) -> None:
    """Return when everybody has been told of every one of them and all they still do is to wait."""
    temporal = Temporal(stand.client, QUEUE)
    told = await _told(stand)
    for begin in range(0, len(incidents), AT_ONCE):
        some = incidents[begin : begin + AT_ONCE]
        await asyncio.gather(*(temporal.start_incident(one) for one in some))
        told += len(AT_FIRST) * len(some)
        await until(partial(_have_been_told, stand, told))


async def _have_been_told(stand: Stand, letters: int) -> bool:
    return await _told(stand) >= letters


async def _told(stand: Stand) -> int:
    sent = (col(NoticeRow.template).in_(AT_FIRST), col(NoticeRow.outcome) == DeliveryOutcome.SENT)
    async with stand.database.reading() as session:
        return (await session.execute(select(func.count(col(NoticeRow.id))).where(*sent))).scalar_one()
