"""What people and systems may tell an incident, beside what they tell orders as well: hold, resume, dispatch …"""

from typing import Annotated, Literal

from pydantic import Field

from domain.cases.order_commands import Cancel, CommandBase, Dispatch, Hold, LogWork, Migrate, ReportVendor, Resume

# Steps of orders are handed over as well; whoever speaks of incidents finds it here.
from domain.cases.order_commands import HandOver as HandOver  # noqa: PLC0414
from domain.cases.order_commands import HolderKind as HolderKind  # noqa: PLC0414
from domain.priorities import Grade, Priority
from domain.times import Instant
from domain.values import Line, SaidText, Slug, Text


class Classify(CommandBase):
    """What kind of incident it is and how pressing; impact and urgency give the priority unless it is named."""

    type: Literal["classify"] = "classify"
    category: Slug | None = None
    impact: Grade | None = None
    urgency: Grade | None = None
    priority: Priority | None = None


class ChangePriority(CommandBase):
    type: Literal["change_priority"] = "change_priority"
    priority: Priority
    reason: Line


class Respond(CommandBase):
    """The customer has been answered by somebody who works on it; `message` is sent to the reporter."""

    type: Literal["respond"] = "respond"
    message: Text | None = None


class Inform(CommandBase):
    """Tells the reporter how it stands; the next update is due one interval later."""

    type: Literal["inform"] = "inform"
    message: Text


class Diagnose(CommandBase):
    type: Literal["diagnose"] = "diagnose"
    finding: Text


class SendTechnician(CommandBase):
    """A technician goes there, at an agreed time if there is one."""

    type: Literal["send_technician"] = "send_technician"
    technician: Slug
    at: Instant | None = None


class Promise(CommandBase):
    """A date agreed with the customer, beside the contract's own deadline."""

    type: Literal["promise"] = "promise"
    date: Instant


class Link(CommandBase):
    """Ties it to an order that was placed for it, or to the incident of which it is a part."""

    type: Literal["link"] = "link"
    order: Slug | None = None
    parent: Slug | None = None


class CustomerAnswer(CommandBase):
    """What the customer says to what was asked or told; a wait for the customer ends with it."""

    type: Literal["answer"] = "answer"
    message: SaidText


class Merge(CommandBase):
    """It is the same trouble as another incident's, which goes on alone."""

    type: Literal["merge"] = "merge"
    into: Slug
    reason: Line


class Waive(CommandBase):
    """A clock was missed only by a priority that was a mistake. A second person says the same to make it so."""

    type: Literal["waive"] = "waive"
    clock: Slug
    reason: Line


class Resolve(CommandBase):
    """`with_children` says whether its open parts are solved by the same; left open, their reporters are told."""

    type: Literal["resolve"] = "resolve"
    solution: Text
    cause: Slug | None = None
    with_children: bool | None = None


class Confirm(CommandBase):
    """The customer says that it works again."""

    type: Literal["confirm"] = "confirm"


class Reopen(CommandBase):
    """`with_children` says whether the parts that were solved with it are open again as well."""

    type: Literal["reopen"] = "reopen"
    reason: Line
    with_children: bool | None = None


IncidentOnly = (
    Classify
    | ChangePriority
    | Respond
    | Inform
    | Diagnose
    | SendTechnician
    | Promise
    | Link
    | CustomerAnswer
    | Merge
    | Waive
    | Resolve
    | Confirm
    | Reopen
)
IncidentCommand = Annotated[
    IncidentOnly | HandOver | Dispatch | ReportVendor | LogWork | Hold | Resume | Migrate | Cancel,
    Field(discriminator="type"),
]
