"""A command made into an instruction: who gives it, when, and with what only the registers know."""

from collections.abc import Mapping
from datetime import datetime

from api.dependencies import Context, request_id
from db.contracts import contract_version, people_by_id
from domain.cases.instructions import AnyCommand, Instruction
from domain.cases.lookups import HoursFound, LookedUp
from domain.cases.order_commands import Migrate
from domain.keys import Key
from domain.people import Actor, leavers
from domain.refusals import Problem, Unacceptable, refuse_if


def instruction(
    command: AnyCommand, caller: Key, idempotency_key: str | None, context: Context, looked_up: LookedUp | None = None
) -> Instruction:
    """The command exactly as it came, and beside it what was looked up for it."""
    return Instruction(
        command=command,
        actor=Actor(person=caller.person, role=caller.role),
        given_at=context.now,
        request_id=request_id(caller, idempotency_key),
        looked_up=looked_up,
    )


async def check_people(
    named: Mapping[str, str | None], customer: str, context: Context, *, by: datetime | None = None
) -> None:
    """Those named, by their place in the command, are the provider's or this customer's own, and still there by then.

    Without a time it is now.
    """
    sought = {at: person for at, person in named.items() if person is not None}
    if not sought:
        return
    async with context.database.reading() as session:
        found = await people_by_id(session, list(sought.values()))
    known = {person.id for person in found if person.acts_for(customer)}
    refuse_if(
        [
            Problem(code="person_unknown", at=at, values={"person": person})
            for at, person in sought.items()
            if person not in known
        ]
        + leavers(sought, found, max(by or context.now, context.now))
    )


async def hours_found(command: Migrate, contract: str, context: Context) -> HoursFound:
    """The service hours of a version are what was agreed under it, never what a caller says."""
    async with context.database.reading() as session:
        found = await contract_version(session, contract, command.version)
    if found is None:
        values = {"contract": contract, "version": str(command.version)}
        raise Unacceptable(Problem(code="version_unknown", at="/version", values=values))
    return HoursFound(calendar=found.calendar)
