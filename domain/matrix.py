"""The communications matrix: for each priority, in and out of office hours, who is reached how and what is promised."""

from datetime import timedelta
from enum import StrEnum
from typing import Literal

from pydantic import Field

from domain.people import Language, Role
from domain.priorities import Priority
from domain.values import Line, Text, Value

OnCall = Literal["on_call"]
ON_CALL: OnCall = "on_call"


class Way(StrEnum):
    """How an incident of this priority is to be reported."""

    PHONE = "phone"
    PORTAL = "portal"
    MAIL = "mail"
    MONITORING = "monitoring"


class Counting(StrEnum):
    """In which hours a target is counted: the contract's service hours, or round the clock."""

    SERVICE = "service"
    ALWAYS = "always"


class Cell(Value):
    """One field of the matrix. Targets are minutes, counted as `counting` says; `first` on call means a page."""

    report_by: tuple[Way, ...] = Field(min_length=1)
    first: Role | OnCall
    fallback: Role | OnCall | None = None
    response_minutes: int = Field(gt=0, le=525_600)
    resolution_minutes: int = Field(gt=0, le=525_600)
    update_minutes: int | None = Field(default=None, gt=0, le=525_600)
    counting: Counting = Counting.SERVICE

    @property
    def response(self) -> timedelta:
        return timedelta(minutes=self.response_minutes)

    @property
    def resolution(self) -> timedelta:
        return timedelta(minutes=self.resolution_minutes)


class MatrixRow(Value):
    """`examples` help the customer judge; without a field of its own, out of hours is as in hours."""

    name: dict[Language, Line] = {}
    examples: dict[Language, tuple[Text, ...]] = {}
    in_hours: Cell
    out_of_hours: Cell | None = None


class Matrix(Value):
    """`phone`, `portal` and `mail` are what the printed matrix tells the customer to use."""

    rows: dict[Priority, MatrixRow]
    phone: Line | None = None
    on_call_phone: Line | None = None
    portal: Line | None = None
    mail: Line | None = None

    def cell(self, priority: Priority, *, in_hours: bool) -> Cell:
        row = self.rows[priority]
        return row.in_hours if in_hours or row.out_of_hours is None else row.out_of_hours
