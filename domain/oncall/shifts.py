"""Who is on call when, where nobody is, and what a change of the rota makes of it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, NamedTuple, TypeVar

from pydantic import AwareDatetime, Field

from domain.values import Slug, Value

T = TypeVar("T")
# More than the shortest shifts that a rota can have come to in the weeks that are looked at.
OfEightWeeks = Annotated[tuple[T, ...], Field(max_length=100_000, fail_fast=True)]


class Layer(StrEnum):
    PRIMARY = "primary"
    BACKUP = "backup"


class Shift(Value):
    """One person on call for a stretch. `handed_over` is when the shift began of which this may be a part.

    `instead_of` is whose turn it would be but for a swap or an override.
    """

    layer: Layer
    person: Slug | None
    start: AwareDatetime
    end: AwareDatetime
    handed_over: AwareDatetime | None = None
    instead_of: Slug | None = None


class DutyStretch(NamedTuple):
    """A shift, or nobody's time, as it is worked out by the thousand: `shift` is what is told of it."""

    layer: Layer
    person: Slug | None
    start: datetime
    end: datetime
    handed_over: datetime | None = None
    instead_of: Slug | None = None

    @property
    def shift(self) -> Shift:
        return Shift(**self._asdict())


class OnCall(Value):
    """Who is on call at an instant; nothing changes before `until`. None is nobody: then tell the owner."""

    primary: Slug | None
    backup: Slug | None
    until: AwareDatetime
    owner: Slug
    version: int


class GapReason(StrEnum):
    NOBODY = "nobody"
    SAME_PERSON = "same_person"
    UNREACHABLE = "unreachable"


class Gap(Value):
    start: AwareDatetime
    end: AwareDatetime
    layer: Layer
    why: GapReason
    person: Slug | None = None

    def lies_in(self, other: "Gap") -> bool:
        """Whether the other gap is the same trouble for at least as long."""
        is_alike = (self.layer, self.why, self.person) == (other.layer, other.why, other.person)
        return is_alike and other.start <= self.start and self.end <= other.end


class PersonsChange(Value):
    """What somebody has on call that they had not before, and what they have no more."""

    person: Slug
    gained: OfEightWeeks[Shift] = ()
    lost: OfEightWeeks[Shift] = ()


class RotaChange(Value):
    """What saving a rota did at that moment, and within the eight weeks after it."""

    at: AwareDatetime
    before: OnCall | None
    after: OnCall
    shifts: OfEightWeeks[PersonsChange] = ()
    gaps: OfEightWeeks[Gap] = ()
