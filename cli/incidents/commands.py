"""`imac incident respond`, `hold`, `resolve` …: one command line for each thing that can be told an incident."""

import sys
import uuid
from dataclasses import dataclass
from typing import Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number
from pydantic import JsonValue

from cli.answers import AnsweredPage
from cli.asking import ASKING, Asking
from cli.cases import LARGEST_PAGE, Reason, Why
from cli.errors import CliError, Exit
from cli.http import Api, path
from cli.incidents.incident import INCIDENTS, IncidentNo
from cli.moves.previews import agrees
from cli.orders.commands import NO_EFFORT, EffortOptions
from cli.orders.order import NOTHING_SAID, Wish, show_order
from cli.words import phrase
from domain.cases.incident_commands import HolderKind
from domain.clocks.holds import HoldReason
from domain.incidents.sheets import IncidentLine, IncidentSheet
from domain.kinds import OrderKind
from domain.people import Role
from domain.priorities import Grade, Priority


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Taker:
    """Exactly one of them."""

    to: str | None = None
    "Person to assign it to."
    team: str | None = None
    "Team to assign it to: a role named in the contract."
    vendor: str | None = None
    "Vendor to assign it to without asking first; use `dispatch` to ask."
    customer: Annotated[bool, Parameter(negative="")] = False
    "Give it to the customer's own IT: the contacts of the contract."

    def told(self) -> dict[str, JsonValue]:
        named: dict[HolderKind, str | None] = {HolderKind.PERSON: self.to, HolderKind.TEAM: self.team}
        named |= {HolderKind.VENDOR: self.vendor, HolderKind.CUSTOMER: Role.CONTACT if self.customer else None}
        given = [(kind, name) for kind, name in named.items() if name is not None]
        if len(given) != 1:
            raise CliError("taker_not_named", Exit.USAGE)
        ((kind, name),) = given
        return {"kind": kind, "to": name}


NOBODY = Taker()
Children = Annotated[
    bool | None, Parameter(help="Include its parts, or leave them as they are; asked for where it has any.")
]


async def classify(
    no: IncidentNo,
    /,
    *,
    category: Annotated[str | None, Parameter(help="Category.")] = None,
    impact: Annotated[Grade | None, Parameter(help="Impact.")] = None,
    urgency: Annotated[Grade | None, Parameter(help="Urgency.")] = None,
    reason: Why = None,
    asking: Asking = ASKING,
) -> None:
    """Set category and priority; changing them later needs a reason."""
    fields = {"category": category, "impact": impact, "urgency": urgency}
    await INCIDENTS.tell(asking, no, "classify", reason=reason, **fields)


async def prioritise(no: IncidentNo, priority: Priority, /, *, reason: Reason, asking: Asking = ASKING) -> None:
    """Change the priority; new targets count from the original start.

    Parameters
    ----------
    priority
        New priority.
    """
    await INCIDENTS.tell(asking, no, "change_priority", priority=priority, reason=reason)


async def respond(
    no: IncidentNo,
    /,
    *,
    message: Annotated[str | None, Parameter(help="Message to the reporter.")] = None,
    asking: Asking = ASKING,
) -> None:
    """Respond to it; stops the response clock."""
    await INCIDENTS.tell(asking, no, "respond", message=message)


async def inform(
    no: IncidentNo,
    /,
    *,
    message: Annotated[str, Parameter(help="Message to the reporter.")],
    asking: Asking = ASKING,
) -> None:
    """Send the reporter an update."""
    await INCIDENTS.tell(asking, no, "inform", message=message)


async def diagnose(
    no: IncidentNo,
    /,
    *,
    finding: Annotated[str, Parameter(help="Diagnosis, kept in the history of the incident.")],
    asking: Asking = ASKING,
) -> None:
    """Record a diagnosis."""
    await INCIDENTS.tell(asking, no, "diagnose", finding=finding)


async def hand_over(no: IncidentNo, /, *, taker: Taker = NOBODY, reason: Why = None, asking: Asking = ASKING) -> None:
    """Assign it to another person, team or vendor."""
    await INCIDENTS.tell(asking, no, "hand_over", reason=reason, **taker.told())


async def send(
    no: IncidentNo,
    /,
    *,
    technician: Annotated[str, Parameter(help="Technician to send.")],
    at: Annotated[str | None, Parameter(help="Time of the visit, in local time at the site; defaults to now.")] = None,
    asking: Asking = ASKING,
) -> None:
    """Send a technician."""
    async with asking.api() as api:
        there = await INCIDENTS.instant(api, no, at)
        await INCIDENTS.give(asking, api, no, "send_technician", technician=technician, at=there)


async def dispatch(
    no: IncidentNo,
    /,
    *,
    vendor: Annotated[str | None, Parameter(help="Defaults to the responsible vendor in the directory.")] = None,
    reason: Why = None,
    asking: Asking = ASKING,
) -> None:
    """Dispatch it to a vendor; the customer's clock keeps running."""
    await INCIDENTS.tell(asking, no, "dispatch", vendor=vendor, reason=reason)


async def vendor(
    no: IncidentNo,
    /,
    *,
    status: Annotated[
        Literal["accepted", "declined", "on_the_way", "on_site", "done"], Parameter(help="Vendor status.")
    ],
    name: Annotated[str | None, Parameter(help="Vendor; needed only for a late response.")] = None,
    ticket: Annotated[str | None, Parameter(help="Vendor's ticket number.")] = None,
    asking: Asking = ASKING,
) -> None:
    """Record the vendor's status."""
    await INCIDENTS.tell(asking, no, "report_vendor", status=status, vendor=name, ticket=ticket)


async def hold(
    no: IncidentNo,
    /,
    *,
    code: Annotated[HoldReason, Parameter(help="Reason code.")],
    until: Annotated[str, Parameter(help="End of the hold, in local time at the site.")],
    reason: Reason,
    asking: Asking = ASKING,
) -> None:
    """Pause the resolution clock and notify the reporter."""
    async with asking.api() as api:
        max_until = await INCIDENTS.instant(api, no, until)
        await INCIDENTS.give(asking, api, no, "hold", code=code, max_until=max_until, reason=reason)


async def resume(
    no: IncidentNo,
    /,
    *,
    code: Annotated[HoldReason | None, Parameter(help="Hold to end; defaults to all.")] = None,
    reason: Why = None,
    asking: Asking = ASKING,
) -> None:
    """Resume from hold."""
    await INCIDENTS.tell(asking, no, "resume", code=code, reason=reason)


async def promise(
    no: IncidentNo,
    date: str,
    /,
    *,
    reason: Why = None,
    asking: Asking = ASKING,
) -> None:
    """Record a date agreed with the customer; the contractual deadline still applies.

    Parameters
    ----------
    date
        "2026-11-24 09:00" on the clock at the site.
    """
    async with asking.api() as api:
        agreed = await INCIDENTS.instant(api, no, date)
        await INCIDENTS.give(asking, api, no, "promise", date=agreed, reason=reason)


async def link(
    no: IncidentNo,
    /,
    *,
    order: Annotated[str | None, Parameter(help="Order placed for it.")] = None,
    parent: Annotated[str | None, Parameter(help="Parent incident.")] = None,
    asking: Asking = ASKING,
) -> None:
    """Link it to an order or a parent incident."""
    await INCIDENTS.tell(asking, no, "link", order=order, parent=parent)


async def order(
    no: IncidentNo, /, *, wish: Wish = NOTHING_SAID, key: str | None = None, asking: Asking = ASKING
) -> None:
    """Place an order for it and show the order. Defaults come from the incident; the type is break/fix.

    Parameters
    ----------
    key
        Idempotency key: repeating a request with the same key places only one order.
    """
    async with asking.api() as api:
        sheet = await api.read(IncidentSheet, path("incidents", no))
        body = wish.over(usual_order(sheet))
        answer = await api.post(path("incidents", no, "orders"), body, key=key or uuid.uuid4().hex)
        await show_order(asking, api, answer)


def usual_order(sheet: IncidentSheet) -> dict[str, JsonValue]:
    usual: dict[str, JsonValue] = {"contract": sheet.contract, "site": sheet.site, "kind": OrderKind.BREAK_FIX}
    if sheet.request.reporter is not None:
        usual["requester"] = sheet.request.reporter
    return usual | ({"assets": [sheet.asset.tag]} if sheet.asset else {})


async def log(
    no: IncidentNo, /, *, effort: EffortOptions = NO_EFFORT, reason: Why = None, asking: Asking = ASKING
) -> None:
    """Log time and parts."""
    async with asking.api() as api:
        fields = effort.told(await INCIDENTS.zone_of(api, no))
        await INCIDENTS.give(asking, api, no, "log_work", reason=reason, **fields)


async def resolve(
    no: IncidentNo,
    /,
    *,
    solution: Annotated[str, Parameter(help="Solution, sent to the reporter.")],
    cause: Annotated[str | None, Parameter(help="Cause, in one word.")] = None,
    with_children: Children = None,
    asking: Asking = ASKING,
) -> None:
    """Resolve it; it can be reopened for a few working days."""
    async with asking.api() as api:
        fields = {"solution": solution, "cause": cause, "with_children": with_children}
        if with_children is None:
            fields["with_children"] = await asked_of_children(asking, api, no)
        await INCIDENTS.give(asking, api, no, "resolve", **fields)


async def asked_of_children(asking: Asking, api: Api, no: str) -> bool | None:
    """What whoever sits at the terminal says of open parts; None without any, or where nobody can be asked."""
    query: dict[str, str | int] = {"parent": no, "limit": LARGEST_PAGE}
    lines = (await api.read(AnsweredPage[IncidentLine], path("incidents"), {**query})).items
    parts = [line.no for line in lines if line.state.is_unsolved]
    if not parts or asking.json or not sys.stdin.isatty():
        return None
    return agrees(phrase("with_children", asking.language, parts=", ".join(parts)))


async def answer(
    no: IncidentNo,
    /,
    *,
    message: Annotated[str, Parameter(help="Answer to what was asked.")],
    asking: Asking = ASKING,
) -> None:
    """Answer, as the customer; ends a hold that waits for the customer and notifies whoever has the incident."""
    await INCIDENTS.tell(asking, no, "answer", message=message)


async def merge(no: IncidentNo, into: IncidentNo, /, *, reason: Reason, asking: Asking = ASKING) -> None:
    """Merge it into another incident, which continues alone.

    Parameters
    ----------
    into
        Incident that continues.
    """
    await INCIDENTS.tell(asking, no, "merge", into=into, reason=reason)


async def waive(
    no: IncidentNo,
    /,
    *,
    clock: Annotated[str, Parameter(help="Clock missed because of a wrong priority, such as response.")],
    reason: Reason,
    asking: Asking = ASKING,
) -> None:
    """Waive a breach caused by a wrong priority; a second person must agree with the same command."""
    await INCIDENTS.tell(asking, no, "waive", clock=clock, reason=reason)


async def confirm(no: IncidentNo, /, *, reason: Why = None, asking: Asking = ASKING) -> None:
    """Confirm the resolution, as the customer."""
    await INCIDENTS.tell(asking, no, "confirm", reason=reason)


async def reopen(no: IncidentNo, /, *, reason: Reason, with_children: Children = None, asking: Asking = ASKING) -> None:
    """Reopen it; time spent in resolved does not count."""
    await INCIDENTS.tell(asking, no, "reopen", reason=reason, with_children=with_children)


async def cancel(no: IncidentNo, /, *, reason: Reason, asking: Asking = ASKING) -> None:
    """Cancel it: not an incident, or handled elsewhere."""
    await INCIDENTS.tell(asking, no, "cancel", reason=reason)


async def migrate(
    no: IncidentNo,
    version: Annotated[int, Parameter(validator=Number(gte=1))],
    /,
    *,
    reason: Reason,
    asking: Asking = ASKING,
) -> None:
    """Switch its clocks to the service hours of another contract version from now on.

    Parameters
    ----------
    version
        Contract version; `imac sla preview` shows the effect.
    """
    await INCIDENTS.tell(asking, no, "migrate", version=version, reason=reason)
