"""What people may tell a launched move project and its waves, beside what they tell every case: hold and resume."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from domain.cases.order_commands import CommandBase, Hold, Resume
from domain.values import Line, Slug

RowNumber = Annotated[int, Field(ge=1, le=10**9)]


class Go(CommandBase):
    """The named person opens a wave's gate; opened, the wave begins at once."""

    type: Literal["go"] = "go"
    wave: Slug


class RefuseGo(CommandBase):
    """Not yet: the gate stays shut until somebody says go."""

    type: Literal["refuse_go"] = "refuse_go"
    wave: Slug
    reason: Line


class Adopt(CommandBase):
    """Follow another approved plan: rows are added, withdrawn or moved to another time as it says.

    What has begun goes on as it began. What was withdrawn stays so, unless the plan was made from a newer list, which
    has the row still.
    """

    type: Literal["adopt"] = "adopt"
    plan: int = Field(ge=1, le=10**9)


class WhenInFlight(StrEnum):
    FINISH = "finish"
    ROLL_BACK = "roll_back"


class WhenDone(StrEnum):
    KEEP = "keep"
    ROLL_BACK = "roll_back"


class CallOff(CommandBase):
    """Nothing more is begun. What is in flight is finished or rolled back, what is done is kept or rolled back."""

    type: Literal["call_off"] = "call_off"
    in_flight: WhenInFlight = WhenInFlight.FINISH
    done: WhenDone = WhenDone.KEEP
    reason: Line


class Close(CommandBase):
    """End it with the exceptions that are left: they stay on record, with the orders that are still open."""

    type: Literal["close"] = "close"
    reason: Line


class RetryRows(CommandBase):
    """Try again what has failed or could not begin: these rows, or all of the wave. What went well is not touched."""

    type: Literal["retry_rows"] = "retry_rows"
    rows: tuple[RowNumber, ...] = Field(default=(), max_length=500)


class WithdrawRows(CommandBase):
    """These rows are not moved after all. What has begun is rolled back.

    A wave is told of its rows; of waves that have not opened, the project. A newer list that has the row still wants
    it again.
    """

    type: Literal["withdraw_rows"] = "withdraw_rows"
    rows: tuple[RowNumber, ...] = Field(min_length=1, max_length=500)
    reason: Line


class AssignRows(CommandBase):
    """Somebody else looks after these exceptions."""

    type: Literal["assign_rows"] = "assign_rows"
    rows: tuple[RowNumber, ...] = Field(min_length=1, max_length=500)
    to: Slug


MoveOnly = Go | RefuseGo | Adopt | CallOff | Close | RetryRows | WithdrawRows | AssignRows
ProjectCommand = Annotated[
    Go | RefuseGo | Hold | Resume | Adopt | WithdrawRows | CallOff | Close, Field(discriminator="type")
]
WaveCommand = Annotated[RetryRows | WithdrawRows | AssignRows | Hold | Resume, Field(discriminator="type")]
