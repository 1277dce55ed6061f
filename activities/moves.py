"""What a wave of a move project has done for it: legs looked up, orders placed for them, orders told something."""

from domain.instructions import Instruction
from domain.plans import Leg
from domain.refusals import Problem
from domain.times import Instant
from domain.values import Slug, Value


class LegsAsked(Value):
    project: Slug
    plan: int
    wave: Slug


class PlaceLeg(Value):
    """The order for one leg of a workplace. Its number is drawn from project, workplace, leg and attempt."""

    project: Slug
    plan: int
    wave: Slug
    workplace: Slug
    leg: Leg
    attempt: int
    approver: Slug
    placed_by: Slug
    at: Instant


class Placed(Value):
    order: Slug


class Tell(Value):
    order: Slug
    instruction: Instruction


class Told(Value):
    """What an order made of an instruction; `problem` is why it was refused."""

    state: Slug | None = None
    problem: Problem | None = None
