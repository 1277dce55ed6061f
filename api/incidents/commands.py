"""Telling an incident something: respond, hold, hand over, resolve and all the rest."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Response

from api.cases.instructions import check_people, hours_found, instruction
from api.cases.standing import KNOWN_INCIDENTS, KNOWN_ORDERS, IncidentStanding
from api.dependencies import Context, IdempotencyKey, InContext, May
from api.examples import INCIDENT_COMMANDS
from api.gate.routes import BoundedRoute
from api.incidents.relations import children_found, tied, way_on
from api.orders.commands import UNDER_WAY
from api.policy import Operation, check_incident_command
from db.alerts.groups import firing_for
from db.contracts import contract_in_force, people_by_id
from db.vendors.vendor import vendor_in_force
from domain.cases.incident_commands import (
    CustomerAnswer,
    HandOver,
    HolderKind,
    IncidentCommand,
    Link,
    Merge,
    Reopen,
    Resolve,
    SendTechnician,
)
from domain.cases.lookups import LookedUp
from domain.cases.order_commands import Dispatch, Migrate
from domain.ids import incident_workflow_id
from domain.incidents.incident import Incident
from domain.incidents.sheets import IncidentSheet
from domain.keys import CUSTOMERS_OWN, Key
from domain.people import Role
from domain.refusals import NotAllowed, Problem, Refused, Unacceptable, refuse_if
from domain.values import Slug
from workflows.receipts import Receipt

router = APIRouter(route_class=BoundedRoute, prefix="/incidents", tags=["incidents"])


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
    standing = await KNOWN_INCIDENTS.seen(no, caller, context)
    receipt = await told(standing, command, caller, idempotency_key, context)
    response.status_code = 202 if receipt is None else 200
    return await sheet_now(no, caller, context)


async def sheet_now(no: str, caller: Key, context: Context) -> IncidentSheet:
    """With what monitoring says of it, once people have solved it."""
    standing = await KNOWN_INCIDENTS.seen(no, caller, context)
    whole = standing.sheet(caller, context.now)
    if standing.progress.resolved_at is None or caller.role in CUSTOMERS_OWN:
        return whole
    async with context.database.reading() as session:
        nos = (no, *(other.incident for other in standing.progress.merged))
        return whole.but(alerts_firing=await firing_for(session, nos))


async def told(
    standing: IncidentStanding, command: IncidentCommand, caller: Key, key: str | None, context: Context
) -> Receipt | None:
    """As `Temporal.command`, once it is sure that the caller may and that what is named is known."""
    incident = standing.incident
    await check_caller(caller, command, standing, context)
    given = instruction(command, caller, key, context, await looked_up(command, incident, context))
    async with way_on(incident.no, context), tied(command, incident, context):
        receipt = await context.temporal.command(incident_workflow_id(incident.no), given)
    if isinstance(command, HandOver) and command.kind == HolderKind.PERSON:
        await _not_left_with(command.to, incident.no, caller, context)
    return receipt


async def _not_left_with(person: str, no: str, caller: Key, context: Context) -> None:
    """Whoever has left since it was looked whether they are there does not keep what they were given meanwhile."""
    async with context.database.reading() as session:
        found = await people_by_id(session, [person])
    if any(one.is_gone_by(datetime.now(UTC)) for one in found):
        back = HandOver(kind=HolderKind.TEAM, to=Role.SERVICE_DESK, instead_of=person)
        with suppress(Refused):
            await context.temporal.command(incident_workflow_id(no), instruction(back, caller, None, context))


async def check_caller(caller: Key, command: IncidentCommand, standing: IncidentStanding, context: Context) -> None:
    """Raises `NotAllowed`. Whoever the contract names may answer for whoever has reported it.

    The customer's own IT may give back what it has, whoever has reported that.
    """
    if isinstance(command, HandOver) and gives_back(caller, standing):
        if not command.is_back_to_desk:
            raise NotAllowed(Problem(code="only_back_to_desk", at="/to"))
        return
    if isinstance(command, HandOver) and command.is_back_to_desk and is_own_it(caller, standing):
        # Given back a moment ago, by them or by whoever has taken it: their role may do that, and has nothing to give.
        raise NotAllowed(Problem(code="not_with_you"))
    answers = isinstance(command, CustomerAnswer)
    contacts = await contacts_of(standing, context) if answers else standing.speakers(command.type)
    check_incident_command(caller, command, contacts)


def gives_back(caller: Key, standing: IncidentStanding) -> bool:
    """Whether the incident is with the customer's own people and the caller is one of them."""
    return standing.progress.holder.kind == HolderKind.CUSTOMER and is_own_it(caller, standing)


def is_own_it(caller: Key, standing: IncidentStanding) -> bool:
    return caller.role in CUSTOMERS_OWN and caller.person in standing.incident.people(Role.CONTACT)


async def contacts_of(standing: IncidentStanding, context: Context) -> tuple[str | None, ...]:
    """Whose answer counts: whoever has reported it, or what was merged into it, and whom the contract names."""
    async with context.database.reading() as session:
        contract = await contract_in_force(session, standing.incident.terms.contract)
    named = (*contract.requesters, *contract.approvers, *contract.people(Role.CONTACT)) if contract else ()
    return (standing.reporter, *standing.progress.other_reporters, *named)


async def looked_up(command: IncidentCommand, incident: Incident, context: Context) -> LookedUp | None:
    """What the registers say of what the command names. Raises `Unacceptable` when they do not know it."""
    match command:
        case Migrate():
            return await hours_found(command, incident.terms.contract, context)
        case HandOver(kind=HolderKind.PERSON):
            await _check_ours({"/to": command.to}, incident, context)
        case HandOver(kind=HolderKind.TEAM):
            _check_team(command, incident)
        case HandOver(kind=HolderKind.VENDOR):
            await _check_vendor("/to", command.to, incident, context)
        case Dispatch():
            await _check_vendor("/vendor", command.vendor, incident, context)
        case SendTechnician():
            await _check_ours({"/technician": command.technician}, incident, context, by=command.at)
        case Link():
            refuse_if(await _link_problems(command, incident, context))
        case Resolve() | Reopen() | Merge():
            return await children_found(command, incident, context)
    return None


async def _check_ours(
    named: Mapping[str, str], incident: Incident, context: Context, *, by: datetime | None = None
) -> None:
    """Who works on it works for us: a customer's own people are told, and vendors have their own way."""
    await check_people(named, incident.customer, context, by=by)
    async with context.database.reading() as session:
        found = await people_by_id(session, list(named.values()))
    theirs = {person.id for person in found if person.customer is not None}
    refuse_if(
        [
            Problem(code="holder_not_ours", at=at, values={"person": person})
            for at, person in named.items()
            if person in theirs
        ]
    )


def _check_team(command: HandOver, incident: Incident) -> None:
    """Teams are the roles for which the contract names people of ours."""
    teams = [role for role, people in incident.terms.team.items() if people and role not in CUSTOMERS_OWN]
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
        known = await KNOWN_INCIDENTS.of_customer(incident.customer, [command.parent], context)
        if command.parent not in known:
            problems.append(Problem(code="incident_not_theirs", at="/parent", values={"incident": command.parent}))
    return problems
