"""The paging policy: who is called in which order until somebody takes an incident over."""

from enum import StrEnum

from pydantic import Field

from domain.people import Role
from domain.values import Slug, Value


class OnDuty(StrEnum):
    """Whoever the rota names when the step is due."""

    PRIMARY = "primary"
    BACKUP = "backup"


class PagingStep(Value):
    """`after_minutes` count from the beginning of the page.

    When nobody of a step is left to wait for, the next is called at once and those after it keep their distance.
    """

    to: OnDuty | Role
    after_minutes: int = Field(default=0, ge=0, le=10_080)


# It is always two people, and the second is called half an hour after the first (background 003).
DEFAULT_STEPS = (
    PagingStep(to=OnDuty.PRIMARY),
    PagingStep(to=OnDuty.BACKUP, after_minutes=30),
    PagingStep(to=Role.SDM, after_minutes=40),
    PagingStep(to=Role.BRM, after_minutes=50),
)


class PagingPolicy(Value):
    """`final_owner` answers for a page nobody has acknowledged.

    They do so once the last step has been called for `last_minutes` without an answer. When whoever has acknowledged
    does not respond within `acknowledged_minutes`, people are paged again, from the first step on. So they are every
    `repeat_minutes` for as long as nobody takes it, until `repeat_hours` after the page began.
    """

    rota: Slug | None = None
    steps: tuple[PagingStep, ...] = Field(default=DEFAULT_STEPS, min_length=1, max_length=20)
    last_minutes: int = Field(default=10, ge=0, le=1440)
    final_owner: Role = Role.SDM
    acknowledged_minutes: int | None = Field(default=60, gt=0, le=10_080)
    # Proposals: once an hour, and over a long weekend.
    repeat_minutes: int = Field(default=60, ge=1, le=1440)
    repeat_hours: int = Field(default=72, ge=1, le=168)
