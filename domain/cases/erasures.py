"""What a tool has reported of the media that it has erased: one file for many of them."""

from typing import Annotated

from pydantic import Field, StringConstraints

from domain.contracts.chains import ErasureMethod
from domain.times import Instant
from domain.values import Hundreds, Line, Value

MOST_DRIVES = 500
# What stands on labels, and what drives say of themselves. With other letters it is another serial, however it looks.
Serial = Annotated[str, StringConstraints(pattern=r"^[!-~](?:[ -~]{0,62}[!-~])?$", max_length=64)]


class ErasedDrive(Value):
    """One medium. `machine` is the serial of what it was built into.

    `verification` is None where the tool has not looked at what it left behind, `method` where its standard does not
    say. `result` is the tool's own word.
    """

    serial: Serial | None = None
    machine: Serial | None = None
    model: Line | None = None
    standard: Line
    method: ErasureMethod | None = None
    passed: bool
    result: Line
    verification: Line | None = None
    done_at: Instant


class ErasureReport(Value):
    tool: Line
    tool_version: Line | None = None
    drives: Hundreds[ErasedDrive] = Field(min_length=1)
