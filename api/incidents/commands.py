"""Telling an incident something: respond, hold, hand over, resolve and all the rest."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Response

from api.cases.instructions import check_people, hours_found, instruction
from api.cases.standing import KNOWN_INCIDENTS, KNOWN_ORDERS
from api.dependencies import Context, IdempotencyKey, InContext, May
from api.examples import INCIDENT_COMMANDS
from api.gate.routes import BoundedRoute
from api.orders.commands import UNDER_WAY
from api.policy import Operation, check_incident_command
from db.vendors.vendor import vendor_in_force
from domain.cases.incident_commands import Dispatch, HandOver, HolderKind, IncidentCommand, Link, SendTechnician
from domain.cases.lookups import LookedUp
from domain.cases.order_commands import Migrate
from domain.ids import incident_workflow_id
from domain.incidents.incident import Incident
from domain.incidents.sheets import IncidentSheet
from domain.keys import Key
from domain.refusals import Problem, Unacceptable, refuse_if
from domain.values import Slug

router = APIRouter(route_class=BoundedRoute, prefix="/incidents", tags=["incidents"])

# Nobody nests incidents deeper.
MOST_PARENTS = 20


@router.post(
    "/{no}/commands",
    operation_id="commandIncident",
    responses={202: {"model": IncidentSheet, "description": UNDER_WAY}},
)
async def command_incident(
    no: Slug,
    command: Annotated[IncidentCommand, Body(openapi_examples=INCIDENT_COMMANDS)],
    caller: Annotated[Key, Depends(May(Operation.COMMAND_INCIDENTS))],
    context: InContext,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> IncidentSheet:
    """Send a command to an incident. A refusal gives the reasons and changes nothing."""
    incident = (await KNOWN_INCIDENTS.seen(no, caller, context)).incident
    check_incident_command(caller, command, incident.request.reporter)
    found = await _looked_up(command, incident, context)
    given = instruction(command, caller, idempotency_key, context, found)
    receipt = await context.temporal.command(incident_workflow_id(no), given)
    response.status_code = 202 if receipt is None else 200
    return (await KNOWN_INCIDENTS.seen(no, caller, context)).sheet(caller, context.now)


async def _looked_up(command: IncidentCommand, incident: Incident, context: Context) -> LookedUp | None:
    """What the registers say of what the command names. Raises `Unacceptable` when they do not know it."""
    match command:
        case Migrate():
            return await hours_found(command, incident.terms.contract, context)
        case HandOver(kind=HolderKind.PERSON):
            await check_people({"/to": command.to}, incident.customer, context)
        case HandOver(kind=HolderKind.TEAM):
            _check_team(command, incident)
        case HandOver(kind=HolderKind.VENDOR):
            await _check_vendor("/to", command.to, incident, context)
        case Dispatch():
            await _check_vendor("/vendor", command.vendor, incident, context)
        case SendTechnician():
            await check_people({"/technician": command.technician}, incident.customer, context)
        case Link():
            refuse_if(await _link_problems(command, incident, context))
    return None


def _check_team(command: HandOver, incident: Incident) -> None:
    """Teams are the roles for which the contract names people."""
    teams = [role for role, people in incident.terms.team.items() if people]
    if command.to not in teams:
        values = {"team": command.to, "teams": ", ".join(teams)}
        raise Unacceptable(Problem(code="team_unknown", at="/to", values=values))


async def _check_vendor(at: str, vendor: str | None, incident: Incident, context: Context) -> None:
    """One of this customer's, or one that serves all."""
    if vendor is None:
        return
    async with context.database.reading() as session:
        found = await vendor_in_force(session, vendor)
    if found is None or not found.serves(incident.customer):
        raise Unacceptable(Problem(code="vendor_unknown", at=at, values={"vendor": vendor}))


async def _link_problems(command: Link, incident: Incident, context: Context) -> list[Problem]:
    problems = []
    if command.order is not None:
        found = await KNOWN_ORDERS.find(command.order, context)
        if found is None or found.customer != incident.customer:
            problems.append(Problem(code="order_unknown", at="/order", values={"order": command.order}))
    if command.parent is not None:
        if command.parent not in await KNOWN_INCIDENTS.of_customer(incident.customer, [command.parent], context):
            problems.append(Problem(code="incident_not_theirs", at="/parent", values={"incident": command.parent}))
        elif await _is_above(incident.no, command.parent, context):
            problems.append(Problem(code="part_of_itself", at="/parent"))
    return problems


async def _is_above(no: str, other: str, context: Context) -> bool:
    """Whether the other one is a part of this, however many lie between."""
    above: str | None = other
    for _ in range(MOST_PARENTS):
        found = await KNOWN_INCIDENTS.find(above, context) if above is not None else None
        above = found.progress.parent if found else None
        if above == no:
            return True
    return False
