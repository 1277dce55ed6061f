"""A wave as it was planned: what its workflow is given before it opens."""

from pydantic import Field

from domain.times import Instant
from domain.values import Slug, Value


class Gate(Value):
    """What opens a wave beside its date: a named person says go, or so much of each wave before has been verified.

    Without a percentage all waves before must have run through.
    """

    by: Slug | None = None
    percent: int | None = Field(default=None, ge=1, le=100)


class WaveBrief(Value):
    """One wave as it was planned; its workplaces are fetched when it opens."""

    id: Slug
    start: Instant
    end: Instant
    after: tuple[Slug, ...] = ()
    gate: Gate = Gate()
    workplaces: int
