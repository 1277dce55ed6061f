"""What an incident costs where its contract does not include the work on it: time and parts, as break/fix."""

from collections.abc import Iterator
from datetime import datetime

from domain.cases.instructions import Instruction
from domain.cases.order_commands import LogWork
from domain.clocks.windows import ServiceHours
from domain.contracts.prices import ChargeLine, PriceList
from domain.incidents.incident import Incident
from domain.incidents.progress import IncidentProgress
from domain.kinds import OrderKind
from domain.orders.charges import WorkLog, began, part_lines, time_lines
from domain.people import Role
from domain.refusals import Problem, refuse_if


def logged_work(incident: Incident, progress: IncidentProgress) -> list[WorkLog]:
    """Every log that is to be paid for, in the order in which it was given; none where the contract includes them."""
    prices = incident.terms.prices
    return list(_logs(incident, progress, prices)) if prices is not None else []


def _logs(incident: Incident, progress: IncidentProgress, prices: PriceList) -> Iterator[WorkLog]:
    """Who has no hour of their own costs a technician's."""
    for given in progress.given:
        told, role = given.command, given.actor.role
        if not isinstance(told, LogWork):
            continue
        yield WorkLog(
            step=OrderKind.BREAK_FIX,
            role=role if role in prices.hourly else Role.TECHNICIAN,
            minutes=told.minutes,
            started_at=began(told.started_at, told.minutes, told_at=given.given_at, received_at=incident.received_at),
            parts=told.parts,
        )


def worked_until(logs: list[WorkLog], now: datetime) -> datetime:
    return max((now, *(log.ended_at for log in logs)))


def incident_lines(incident: Incident, logs: list[WorkLog], hours: ServiceHours) -> tuple[ChargeLine, ...]:
    """`hours` is the contract's service time: work outside it costs the factor."""
    prices = incident.terms.prices
    if prices is None:
        return ()
    return (*time_lines(prices, logs, hours), *part_lines(prices, logs))


def check_log(incident: Incident, asked: Instruction) -> None:
    """What is to be paid for lies between the report and now, and has a price. Raises `Unacceptable`."""
    told, prices = asked.command, incident.terms.prices
    if not isinstance(told, LogWork) or prices is None:
        return
    problems = [
        Problem(code="part_unknown", at=f"/parts/{position}", values={"part": use.part})
        for position, use in enumerate(told.parts)
        if use.unit_price is None and use.part not in prices.parts
    ]
    if told.started_at is not None and not incident.received_at <= told.started_at <= asked.given_at:
        problems.append(Problem(code="not_within_incident", at="/started_at"))
    refuse_if(problems)
