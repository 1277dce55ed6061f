"""What the API looks up for a command: it travels beside the command, for no caller may say it."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from domain.cases.erasures import ErasureReport
from domain.cases.recycler_lists import RecyclerList
from domain.cases.wave_briefs import WaveBrief
from domain.clocks.calendars import Calendar
from domain.papers import KeptPaper
from domain.values import Line, Slug, Value
from domain.vendors.certificates import MOST_CERTIFICATES, DatedCertificate


class HoursFound(Value):
    """The service hours of the contract's version that a migration names."""

    type: Literal["hours"] = "hours"
    calendar: Calendar


class PlanFound(Value):
    """The waves of the plan to follow; `relisted` when it was made from a newer list than the one followed so far."""

    type: Literal["plan"] = "plan"
    waves: tuple[WaveBrief, ...] = ()
    relisted: bool = False


class WaitingRow(Value):
    """A row of a wave that has not opened."""

    row: int
    wave: Slug
    workplace: Slug


class RowsFound(Value):
    """The rows to withdraw, all of waves that have not opened."""

    type: Literal["rows"] = "rows"
    waiting: tuple[WaitingRow, ...]


class ChildrenFound(Value):
    """The parts of an incident, and theirs, to which its end or return matters."""

    type: Literal["children"] = "children"
    children: tuple[Slug, ...]


class PaperFound(Value):
    """What is known of the paper that is added."""

    type: Literal["paper"] = "paper"
    paper: KeptPaper


class ErasureReportFound(Value):
    """What a report says that is added, and what is known of its file."""

    type: Literal["erasure_report"] = "erasure_report"
    paper: KeptPaper
    report: ErasureReport


class RecyclerListFound(Value):
    """What a recycler's list comes to, held against what has left, and what is known of its file."""

    type: Literal["recycler_list"] = "recycler_list"
    paper: KeptPaper
    said: RecyclerList


class CustodianFound(Value):
    """Who takes goods, in the version of that moment, with its certificates of the kind that is asked for.

    `people` may sign for it; None where that was not looked up yet.
    """

    type: Literal["custodian"] = "custodian"
    vendor: Slug
    name: Line
    version: int
    people: tuple[Slug, ...] | None = None
    certificates: tuple[DatedCertificate, ...] = Field(default=(), max_length=MOST_CERTIFICATES)


LookedUp = Annotated[
    HoursFound
    | PlanFound
    | RowsFound
    | ChildrenFound
    | PaperFound
    | ErasureReportFound
    | RecyclerListFound
    | CustodianFound,
    Field(discriminator="type"),
]

# Commands once bore themselves what is looked up for them: under these names. Histories and journals hold such ones.
_BORNE: dict[str, tuple[str, tuple[str, ...]]] = {
    "migrate": ("hours", ("calendar",)),
    "adopt": ("plan", ("waves", "relisted")),
    "withdraw_rows": ("rows", ("waiting",)),
}


def parted(command: JsonValue) -> tuple[JsonValue, JsonValue]:
    """A recorded command without what was looked up for it, and that by itself; None where it bears nothing."""
    kind, names = _BORNE.get(str(command.get("type")), ("", ())) if isinstance(command, dict) else ("", ())
    if not isinstance(command, dict) or not command.keys() & set(names):
        return command, None
    found = {name: command[name] for name in names if command.get(name) is not None}
    kept: JsonValue = {name: value for name, value in command.items() if name not in names}
    return kept, {"type": kind, **found} if found else None
