"""How any case decides what it is told.

A decision is asked for twice: by the update's validator, which drops the answer, and by its handler, which keeps it.
So a refusal leaves no trace, and every rule stands in one place.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from domain.cases.case import CaseProgress
from domain.cases.instructions import AnyCommand, Instruction, heard_before
from domain.cases.lookups import LookedUp
from domain.cases.order_commands import CommandBase
from domain.people import Actor
from domain.refusals import Problem, Unacceptable, conflict

# Far above what a case can need, far below what one workflow run may take (2,000 updates).
MOST_COMMANDS = 1000

T = TypeVar("T")
P = TypeVar("P", bound=CaseProgress)


@dataclass(frozen=True)
class Asked(Generic[T, P]):
    """What every rule gets to see: the case as it began, how far it has come, and what it is told."""

    case: T
    progress: P
    instruction: Instruction

    @property
    def command(self) -> AnyCommand:
        return self.instruction.command

    @property
    def actor(self) -> Actor:
        return self.instruction.actor

    @property
    def at(self) -> datetime:
        return self.instruction.given_at

    @property
    def looked_up(self) -> LookedUp | None:
        return self.instruction.looked_up


A = TypeVar("A", bound=Asked[Any, Any])


def at_no_step(asked: A) -> A:
    """What has no steps cannot be told anything at one."""
    step = asked.command.step
    if step is not None:
        raise Unacceptable(Problem(code="step_unknown", at="/step", values={"step": step}))
    return asked


@dataclass(frozen=True)
class CaseRules(Generic[A, P]):
    """What a kind of case can be told, and which rule decides it.

    `case` is what sentences call it, `not_for` the code of refusing what is for other cases. `check` raises `Refused`
    when the case is over or its state forbids the command, `aim` says what exactly a command is about, `follow` what
    follows from a decision. Beyond `most` commands only those that are its `ends` are heard.
    """

    case: str
    decides: Mapping[type[CommandBase], Callable[..., P]]
    not_for: str
    check: Callable[[A], None]
    ends: Callable[[A], bool]
    follow: Callable[[A, P], P]
    aim: Callable[[A], A] = at_no_step
    most: int = MOST_COMMANDS


def decide_by(rules: CaseRules[A, P], asked: A) -> P:
    """The progress after a command; a request id that was heard before changes nothing.

    Raises `Refused` when the case is over or its state forbids the command, `NotAllowed` when the actor may not,
    `Unacceptable` when the command itself is wrong.
    """
    progress: P = asked.progress
    if heard_before(progress.given, asked.instruction):
        return progress
    decides = rules.decides.get(type(asked.command))
    if decides is None:
        raise Unacceptable(Problem(code=rules.not_for, at="/type", values={"command": asked.command.type}))
    rules.check(asked)
    if len(progress.given) >= rules.most and not rules.ends(asked):
        raise conflict("too_many_commands", case=rules.case, most=str(rules.most))
    aimed = rules.aim(asked)
    decided = decides(aimed, aimed.command)
    return rules.follow(aimed, decided.but(given=(*decided.given, aimed.instruction)))
