"""The communications matrix: for each priority, in and out of office hours, who is reached how and what is promised."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Literal, NamedTuple

from pydantic import Field

from domain.people import Language, Role
from domain.priorities import Priority
from domain.values import PER_CHOICE, Few, Line, Text, Value

WhoeverIsOnCall = Literal["on_call"]
ON_CALL: WhoeverIsOnCall = "on_call"


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


class OfficeHours(StrEnum):
    """The two columns of the matrix; a row's fields bear these names."""

    IN = "in_hours"
    OUT = "out_of_hours"


class Cell(Value):
    """One field of the matrix. Targets are minutes, counted as `counting` says; `first` on call means a page.

    `monitoring` is whom alerts call, by day and night: if nothing is said, the on-call people with their backup.
    """

    report_by: Few[Way] = Field(min_length=1)
    first: Role | WhoeverIsOnCall
    fallback: Role | WhoeverIsOnCall | None = None
    response_minutes: int = Field(gt=0, le=525_600)
    resolution_minutes: int = Field(gt=0, le=525_600)
    update_minutes: int | None = Field(default=None, gt=0, le=525_600)
    counting: Counting = Counting.SERVICE
    monitoring: Role | WhoeverIsOnCall | None = None

    @property
    def pages(self) -> bool:
        """By what it says itself: that alerts call the on-call people unless it says otherwise, nobody has promised."""
        return ON_CALL in (self.first, self.fallback, self.monitoring)

    def called_by_monitoring(self, *, has_rota: bool) -> Role | WhoeverIsOnCall:
        """Where nobody is on call, it is whoever is called first."""
        return self.monitoring or (ON_CALL if has_rota else self.first)


class MatrixRow(Value):
    """`examples` help the customer judge; without a field of its own, out of hours is as in hours."""

    name: dict[Language, Line] = Field(default={}, max_length=PER_CHOICE)
    examples: dict[Language, Few[Text]] = Field(default={}, max_length=PER_CHOICE)
    in_hours: Cell
    out_of_hours: Cell | None = None


class PlacedCell(NamedTuple):
    """A cell and where it stands; `at` points to it in the contract."""

    priority: Priority
    hours: OfficeHours
    cell: Cell

    @property
    def at(self) -> str:
        return f"/matrix/rows/{self.priority}/{self.hours}"


class CommunicationsMatrix(Value):
    """`phone`, `portal` and `mail` are what the printed matrix tells the customer to use."""

    rows: dict[Priority, MatrixRow] = Field(max_length=PER_CHOICE)
    phone: Line | None = None
    on_call_phone: Line | None = None
    portal: Line | None = None
    mail: Line | None = None

    def cell(self, priority: Priority, *, in_hours: bool) -> Cell:
        row = self.rows[priority]
        return row.in_hours if in_hours or row.out_of_hours is None else row.out_of_hours

    def places(self) -> Iterator[PlacedCell]:
        """The cells that are written, most pressing first."""
        for priority in Priority:
            if (row := self.rows.get(priority)) is not None:
                yield PlacedCell(priority, OfficeHours.IN, row.in_hours)
                if row.out_of_hours is not None:
                    yield PlacedCell(priority, OfficeHours.OUT, row.out_of_hours)

    def spelt_out(self, *, has_rota: bool) -> "CommunicationsMatrix":
        """With what its cells leave unsaid."""

        def spelt(cell: Cell) -> Cell:
            return cell.but(monitoring=cell.called_by_monitoring(has_rota=has_rota))

        return self.but(
            rows={
                priority: row.but(
                    in_hours=spelt(row.in_hours), out_of_hours=row.out_of_hours and spelt(row.out_of_hours)
                )
                for priority, row in self.rows.items()
            }
        )

    def address(self, way: Way, hours: OfficeHours) -> str | None:
        """What the customer is to use; out of hours there may be another number to call."""
        out_of_hours = self.on_call_phone if hours == OfficeHours.OUT else None
        return {Way.PHONE: out_of_hours or self.phone, Way.PORTAL: self.portal, Way.MAIL: self.mail}.get(way)
