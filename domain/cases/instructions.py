"""A command with who gave it, when and under which name, whatever case it is for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field, model_validator

from domain.cases.incident_commands import IncidentOnly
from domain.cases.lookups import LookedUp, parted
from domain.cases.move_commands import MoveOnly
from domain.cases.order_commands import Command
from domain.cases.page_commands import PageCommand
from domain.people import Actor
from domain.refusals import Problem, Unacceptable
from domain.times import Instant
from domain.values import Slug, Value

AnyCommand = Annotated[Command | IncidentOnly | PageCommand | MoveOnly, Field(discriminator="type")]


class Instruction(Value):
    """`given_at` is when the API received it; a repeat is recognised by `request_id`.

    `looked_up` is what the registers say of what the command names.
    """

    command: AnyCommand
    actor: Actor
    given_at: Instant
    request_id: Slug
    looked_up: LookedUp | None = None

    @model_validator(mode="before")
    @classmethod
    def _as_recorded_before(cls, data: object) -> object:
        if not isinstance(data, dict) or data.get("looked_up") is not None:
            return data
        command, found = parted(data.get("command"))
        return data | {"command": command, "looked_up": found}


def clamped(instruction: Instruction, earliest: datetime, latest: datetime) -> Instruction:
    """The instruction at an instant the case can have heard it: clocks of callers may be off."""
    return instruction.but(given_at=min(max(instruction.given_at, earliest), latest))


def heard_before(given: Sequence[Instruction], instruction: Instruction) -> bool:
    """Whether this request was obeyed already. Raises `Unacceptable` when its id was used for something else."""
    for earlier in given:
        if earlier.request_id == instruction.request_id:
            said, says = earlier.command, instruction.command
            told_alike = said.but(step=None) == says.but(step=None) and says.step in (None, said.step)
            if not told_alike or earlier.actor != instruction.actor:
                raise Unacceptable(Problem(code="request_id_reused"))
            return True
    return False
