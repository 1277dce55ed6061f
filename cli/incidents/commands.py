"""`imac incident respond`, `hold`, `resolve` …: one command line for each thing that can be told an incident."""

import uuid
from dataclasses import dataclass
from typing import Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number
from pydantic import JsonValue

from cli.asking import ASKING, Asking
from cli.cases import Reason, Why
from cli.errors import CliError, Exit
from cli.http import path
from cli.incidents.incident import INCIDENTS, IncidentNo
from cli.orders.commands import NO_EFFORT, EffortOptions
from cli.orders.order import NOTHING_SAID, Wish, show_order
from domain.cases.incident_commands import HolderKind
from domain.clocks.holds import HoldReason
from domain.incidents.sheets import IncidentSheet
from domain.kinds import OrderKind
from domain.priorities import Grade, Priority


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Taker:
    """Exactly one of them."""

    to: str | None = None
    "Person who works on it from now on."
    team: str | None = None
    "A team: one of the roles the contract names people for."
    vendor: str | None = None
    "A vendor that works on it without being asked first; `dispatch` asks."

    def told(self) -> dict[str, JsonValue]:
        named = {HolderKind.PERSON: self.to, HolderKind.TEAM: self.team, HolderKind.VENDOR: self.vendor}
        given = [(kind, name) for kind, name in named.items() if name is not None]
        if len(given) != 1:
            raise CliError("taker_not_named", Exit.USAGE)
        ((kind, name),) = given
        return {"kind": kind, "to": name}


NOBODY = Taker()


async def classify(
    no: IncidentNo,
    /,
    *,
    category: Annotated[str | None, Parameter(help="What kind of trouble it is.")] = None,
    impact: Annotated[Grade | None, Parameter(help="How far it reaches.")] = None,
    urgency: Annotated[Grade | None, Parameter(help="How soon it hurts.")] = None,
    reason: Why = None,
    asking: Asking = ASKING,
) -> None:
    """Say what kind of incident it is and how pressing; judging it again needs a reason."""
    fields = {"category": category, "impact": impact, "urgency": urgency}
    await INCIDENTS.tell(asking, no, "classify", reason=reason, **fields)


async def prioritise(no: IncidentNo, priority: Priority, /, *, reason: Reason, asking: Asking = ASKING) -> None:
    """Change the priority; its targets count from the original start.

    Parameters
    ----------
    priority
        The new one.
    """
    await INCIDENTS.tell(asking, no, "change_priority", priority=priority, reason=reason)


async def respond(
    no: IncidentNo,
    /,
    *,
    message: Annotated[str | None, Parameter(help="Is sent to the reporter.")] = None,
    asking: Asking = ASKING,
) -> None:
    """Take it up: somebody works on it, and the response time ends."""
    await INCIDENTS.tell(asking, no, "respond", message=message)


async def inform(
    no: IncidentNo,
    /,
    *,
    message: Annotated[str, Parameter(help="Is sent to the reporter.")],
    asking: Asking = ASKING,
) -> None:
    """Tell the reporter how it stands."""
    await INCIDENTS.tell(asking, no, "inform", message=message)


async def diagnose(
    no: IncidentNo,
    /,
    *,
    finding: Annotated[str, Parameter(help="What was found; kept in the incident's file.")],
    asking: Asking = ASKING,
) -> None:
    """Record a finding."""
    await INCIDENTS.tell(asking, no, "diagnose", finding=finding)


async def hand_over(no: IncidentNo, /, *, taker: Taker = NOBODY, reason: Why = None, asking: Asking = ASKING) -> None:
    """Give it to somebody else, whoever had it before."""
    await INCIDENTS.tell(asking, no, "hand_over", reason=reason, **taker.told())


async def send(
    no: IncidentNo,
    /,
    *,
    technician: Annotated[str, Parameter(help="Who goes there.")],
    at: Annotated[str | None, Parameter(help="When, on the clock at the site; left out, at once.")] = None,
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
    vendor: Annotated[str | None, Parameter(help="Left out, whoever is responsible by the directory.")] = None,
    reason: Why = None,
    asking: Asking = ASKING,
) -> None:
    """Ask a vendor to look after it; the customer's clock runs on."""
    await INCIDENTS.tell(asking, no, "dispatch", vendor=vendor, reason=reason)


async def vendor(
    no: IncidentNo,
    /,
    *,
    status: Annotated[
        Literal["accepted", "declined", "on_the_way", "on_site", "done"], Parameter(help="What it says or does.")
    ],
    name: Annotated[str | None, Parameter(help="Needed only for one that answers after it was passed over.")] = None,
    ticket: Annotated[str | None, Parameter(help="The vendor's own number.")] = None,
    asking: Asking = ASKING,
) -> None:
    """Note what the vendor says or does."""
    await INCIDENTS.tell(asking, no, "report_vendor", status=status, vendor=name, ticket=ticket)


async def hold(
    no: IncidentNo,
    /,
    *,
    code: Annotated[HoldReason, Parameter(help="What is waited for.")],
    until: Annotated[str, Parameter(help="The hold ends by itself then, on the clock at the site.")],
    reason: Reason,
    asking: Asking = ASKING,
) -> None:
    """Pause the time to the solution; the reporter is told."""
    async with asking.api() as api:
        max_until = await INCIDENTS.instant(api, no, until)
        await INCIDENTS.give(asking, api, no, "hold", code=code, max_until=max_until, reason=reason)


async def resume(
    no: IncidentNo,
    /,
    *,
    code: Annotated[HoldReason | None, Parameter(help="Which hold to end; left out, all.")] = None,
    reason: Why = None,
    asking: Asking = ASKING,
) -> None:
    """End a pause."""
    await INCIDENTS.tell(asking, no, "resume", code=code, reason=reason)


async def promise(
    no: IncidentNo,
    date: str,
    /,
    *,
    reason: Why = None,
    asking: Asking = ASKING,
) -> None:
    """Note a date agreed with the customer; the contract's own deadline stays.

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
    order: Annotated[str | None, Parameter(help="An order that was placed for it.")] = None,
    parent: Annotated[str | None, Parameter(help="The incident of which it is a part.")] = None,
    asking: Asking = ASKING,
) -> None:
    """Tie it to an order or to a greater incident."""
    await INCIDENTS.tell(asking, no, "link", order=order, parent=parent)


async def order(
    no: IncidentNo, /, *, wish: Wish = NOTHING_SAID, key: str | None = None, asking: Asking = ASKING
) -> None:
    """Place an order for it and print that. What is left out is taken from the incident; the kind is break-fix.

    Parameters
    ----------
    key
        Idempotency key: sent again with the same one, nothing is placed twice.
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
    solution: Annotated[str, Parameter(help="What was done; is sent to the reporter.")],
    cause: Annotated[str | None, Parameter(help="What it was, in one word.")] = None,
    asking: Asking = ASKING,
) -> None:
    """Say that it is solved; it can be reopened for some working days."""
    await INCIDENTS.tell(asking, no, "resolve", solution=solution, cause=cause)


async def confirm(no: IncidentNo, /, *, reason: Why = None, asking: Asking = ASKING) -> None:
    """Say, as the customer, that it works again."""
    await INCIDENTS.tell(asking, no, "confirm", reason=reason)


async def reopen(no: IncidentNo, /, *, reason: Reason, asking: Asking = ASKING) -> None:
    """Say that it does not work after all; the time it counted as solved is not used."""
    await INCIDENTS.tell(asking, no, "reopen", reason=reason)


async def cancel(no: IncidentNo, /, *, reason: Reason, asking: Asking = ASKING) -> None:
    """Withdraw it: it was none, or is looked after elsewhere."""
    await INCIDENTS.tell(asking, no, "cancel", reason=reason)


async def migrate(
    no: IncidentNo,
    version: Annotated[int, Parameter(validator=Number(gte=1))],
    /,
    *,
    reason: Reason,
    asking: Asking = ASKING,
) -> None:
    """Have its clocks count by the service hours of another version of the contract from now on.

    Parameters
    ----------
    version
        Version of the contract; `imac sla preview` shows what it would move.
    """
    await INCIDENTS.tell(asking, no, "migrate", version=version, reason=reason)
