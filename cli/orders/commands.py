"""`imac order approve`, `book`, `complete` …: one command line for each thing that can be told an order."""

from dataclasses import asdict, dataclass
from typing import Annotated, Literal

from cyclopts import Parameter
from cyclopts.validators import Number
from pydantic import JsonValue

from cli.asking import ASKING, Asking
from cli.cases import Reason, Several, Why
from cli.http import path
from cli.moments import moment, now
from cli.orders.kits import Kit
from cli.orders.order import ORDERS, OrderNo, counted
from domain.cases.order_commands import HolderKind
from domain.clocks.holds import HoldReason
from domain.contracts.chains import ErasureMethod
from domain.orders.sheets import OrderSheet
from domain.people import Role

StepOption = Annotated[str | None, Parameter(help="Step id; needed only if several steps could be meant.")]
Serials = Annotated[tuple[str, ...], Several, Parameter(name="--serial", help="Serial number, or tag if none.")]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Remark:
    step: StepOption = None
    reason: Why = None


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class VisitOptions:
    start: Annotated[str, Parameter(name="--from")]
    'Start, in local time at the site: "2026-11-24 09:00".'
    end: Annotated[str, Parameter(name="--to")]
    "End, at most 12 hours later."
    technician: str | None = None
    "Technician assigned to the visit."
    customer_asked: Annotated[bool, Parameter(negative="")] = False
    "The customer asked for this date; the clocks are on hold until then."

    def told(self, zone: str) -> dict[str, JsonValue]:
        window: JsonValue = {"start": moment(self.start, zone).isoformat(), "end": moment(self.end, zone).isoformat()}
        return {"window": window, "technician": self.technician, "customer_asked": self.customer_asked}


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class EffortOptions:
    minutes: Annotated[int | None, Parameter(validator=Number(gte=0))] = None
    "Minutes worked."
    started_at: str | None = None
    "Start of work, in local time at the site; if omitted, work has just ended."
    parts: Annotated[tuple[str, ...], Several, Parameter(name="--part")] = ()
    "Parts used, as PART or PART:QUANTITY."

    def told(self, zone: str) -> dict[str, JsonValue]:
        began = moment(self.started_at, zone).isoformat() if self.started_at else None
        uses: list[JsonValue] = [{"part": part, "quantity": number} for part, number in map(counted, self.parts)]
        return {"minutes": self.minutes, "started_at": began, "parts": uses or None}


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ErasureOptions:
    serial: str
    "Serial number of the storage device, or its tag if there is none."
    method: ErasureMethod
    "Erasure method as defined in NIST SP 800-88."
    tool: str
    "Tool used."
    tool_version: str | None = None
    "Version of the tool."
    standard: str | None = None
    "Standard it follows; defaults to NIST SP 800-88 Rev. 2."
    operator: str
    "Person who carried out the erasure."
    verifier: str
    "Person who verified it; must be someone else."
    verification: str = "sample read back"
    "How it was verified."
    passed: Annotated[bool, Parameter(negative="--failed")] = True
    "Whether verification passed."
    place: str = "workshop"
    "Where the erasure took place."
    done_at: str | None = None
    "Time of the erasure, in local time at the site; defaults to now."


NO_EFFORT = EffortOptions()
NO_REMARK = Remark()
NOTHING_FOUND = Kit()


async def approve(
    no: OrderNo,
    /,
    *,
    price: str | None = None,
    at_most: Annotated[bool, Parameter(negative="")] = False,
    step: StepOption = None,
    reason: Why = None,
    asking: Asking = ASKING,
) -> None:
    """Approve an order, or quote a price for it.

    Parameters
    ----------
    price
        Where a price is asked for: EUR net, such as 450.00.
    at_most
        It may cost less than that.
    """
    await ORDERS.tell(asking, no, "approve", step=step, reason=reason, price=price, at_most=at_most or None)


async def reject(no: OrderNo, /, *, reason: Reason, step: StepOption = None, asking: Asking = ASKING) -> None:
    """Reject an order; this closes it."""
    await ORDERS.tell(asking, no, "reject", step=step, reason=reason)


async def book(no: OrderNo, /, *, visit: VisitOptions, step: StepOption = None, asking: Asking = ASKING) -> None:
    """Book an on-site appointment within the site's access hours."""
    async with asking.api() as api:
        await ORDERS.give(asking, api, no, "book", step=step, **visit.told(await ORDERS.zone_of(api, no)))


async def reschedule(
    no: OrderNo, /, *, visit: VisitOptions, reason: Reason, step: StepOption = None, asking: Asking = ASKING
) -> None:
    """Reschedule the appointment before work starts. Without --technician the technician stays the same."""
    async with asking.api() as api:
        await ORDERS.give(
            asking, api, no, "reschedule", step=step, reason=reason, **visit.told(await ORDERS.zone_of(api, no))
        )


async def start(
    no: OrderNo,
    /,
    *,
    ticket: Annotated[str | None, Parameter(help="Vendor's ticket number, if a vendor does the work.")] = None,
    step: StepOption = None,
    reason: Why = None,
    asking: Asking = ASKING,
) -> None:
    """Start work, or record that a vendor accepted the job."""
    await ORDERS.tell(asking, no, "start", step=step, reason=reason, ticket=ticket)


async def complete(
    no: OrderNo,
    /,
    *,
    outcome: Annotated[
        Literal["done", "failed", "wasted_visit"], Parameter(help="A wasted visit requires a new appointment.")
    ] = "done",
    effort: EffortOptions = NO_EFFORT,
    done: Annotated[tuple[str, ...], Several, Parameter(help="Completed checklist items; defaults to all.")] = (),
    remark: Remark = NO_REMARK,
    asking: Asking = ASKING,
) -> None:
    """Complete work, with time and parts."""
    async with asking.api() as api:
        told = effort.told(await ORDERS.zone_of(api, no)) | {"outcome": outcome, "checklist": list(done) or None}
        await ORDERS.give(asking, api, no, "complete", step=remark.step, reason=remark.reason, **told)


async def log(
    no: OrderNo, /, *, effort: EffortOptions = NO_EFFORT, remark: Remark = NO_REMARK, asking: Asking = ASKING
) -> None:
    """Log time and parts without completing the work."""
    async with asking.api() as api:
        fields = effort.told(await ORDERS.zone_of(api, no))
        await ORDERS.give(asking, api, no, "log_work", step=remark.step, reason=remark.reason, **fields)


async def erase(no: OrderNo, /, *, erasure: ErasureOptions, step: StepOption = None, asking: Asking = ASKING) -> None:
    """Record the erasure of a storage device."""
    async with asking.api() as api:
        done_at = moment(erasure.done_at, await ORDERS.zone_of(api, no)) if erasure.done_at else now()
        await ORDERS.give(
            asking, api, no, "record_erasure", step=step, **asdict(erasure) | {"done_at": done_at.isoformat()}
        )


async def custody(
    no: OrderNo,
    /,
    *,
    side: Annotated[Literal["giver", "taker"], Parameter(help="Side confirming the handover.")],
    serials: Serials,
    vendor: Annotated[str | None, Parameter(help="Vendor taking it; defaults to the one in the chain.")] = None,
    step: StepOption = None,
    asking: Asking = ASKING,
) -> None:
    """Confirm a handover for one side; list every serial number."""
    await ORDERS.tell(asking, no, "confirm_custody", step=step, side=side, serials=list(serials), vendor=vendor)


async def dispatch(
    no: OrderNo,
    /,
    *,
    vendor: Annotated[str | None, Parameter(help="Defaults to the responsible vendor in the directory.")] = None,
    reason: Why = None,
    step: StepOption = None,
    asking: Asking = ASKING,
) -> None:
    """Offer a step to a vendor, after the ones before have declined or did not answer."""
    await ORDERS.tell(asking, no, "dispatch", step=step, vendor=vendor, reason=reason)


async def vendor(
    no: OrderNo,
    /,
    *,
    status: Annotated[
        Literal["accepted", "declined", "on_the_way", "on_site", "done"], Parameter(help="Vendor status.")
    ],
    name: Annotated[str | None, Parameter(help="Vendor; needed only for a late response.")] = None,
    ticket: Annotated[str | None, Parameter(help="Vendor's ticket number.")] = None,
    step: StepOption = None,
    asking: Asking = ASKING,
) -> None:
    """Record the vendor's status."""
    await ORDERS.tell(asking, no, "report_vendor", step=step, status=status, vendor=name, ticket=ticket)


async def doubt_certificate(
    no: OrderNo, /, *, reason: Reason, step: StepOption = None, asking: Asking = ASKING
) -> None:
    """Say what was found wrong with the certificate of whoever has the goods."""
    await ORDERS.tell(asking, no, "doubt_certificate", step=step, reason=reason)


async def settle_certificate(
    no: OrderNo,
    /,
    *,
    finding: Annotated[str, Parameter(help="What came of it.")],
    step: StepOption = None,
    asking: Asking = ASKING,
) -> None:
    """Settle what is in question about a certificate, such as one that ended while goods were away."""
    await ORDERS.tell(asking, no, "settle_certificate", step=step, finding=finding)


async def evidence(
    no: OrderNo,
    /,
    *,
    document_no: Annotated[str, Parameter(help="Document number.")],
    serials: Serials,
    document: Annotated[str, Parameter(help="Document type.")] = "disposal_proof",
    step: StepOption = None,
    asking: Asking = ASKING,
) -> None:
    """Add a document as evidence for the listed serial numbers."""
    fields: dict[str, JsonValue] = {"document": document, "document_no": document_no, "serials": list(serials)}
    await ORDERS.tell(asking, no, "add_evidence", step=step, **fields)


async def verify(no: OrderNo, /, *, kit: Kit = NOTHING_FOUND, step: StepOption = None, asking: Asking = ASKING) -> None:
    """Verify the assets at the destination. Assets not listed count as missing and need a decision."""
    async with asking.api() as api:
        found = kit.found(await api.read(OrderSheet, path("orders", no)))
        told: list[JsonValue] = [one.model_dump(mode="json", exclude_none=True) for one in found]
        await ORDERS.give(asking, api, no, "verify", step=step, found=told)


async def hand_over(
    no: OrderNo,
    /,
    *,
    back: Annotated[bool, Parameter(negative="")] = False,
    step: StepOption = None,
    reason: Why = None,
    asking: Asking = ASKING,
) -> None:
    """Give a step to the customer's own IT, the contacts of the contract; its minutes are counted and never charged.

    Parameters
    ----------
    back
        Take it back, or give it back if you are one of them.
    """
    kind, to = (HolderKind.TEAM, Role.SERVICE_DESK) if back else (HolderKind.CUSTOMER, Role.CONTACT)
    await ORDERS.tell(asking, no, "hand_over", step=step, kind=kind, to=to, reason=reason)


async def accept(no: OrderNo, /, *, step: StepOption = None, reason: Why = None, asking: Asking = ASKING) -> None:
    """Accept the work. Accepting for the customer needs a reason, such as a signed protocol."""
    await ORDERS.tell(asking, no, "accept", step=step, reason=reason)


async def decline(no: OrderNo, /, *, reason: Reason, step: StepOption = None, asking: Asking = ASKING) -> None:
    """Decline acceptance and return the work."""
    await ORDERS.tell(asking, no, "decline_acceptance", step=step, reason=reason)


async def hold(
    no: OrderNo,
    /,
    *,
    code: Annotated[HoldReason, Parameter(help="Reason code.")],
    until: Annotated[str, Parameter(help="End of the hold, in local time at the site.")],
    reason: Reason,
    asking: Asking = ASKING,
) -> None:
    """Put the order and its clocks on hold."""
    async with asking.api() as api:
        max_until = await ORDERS.instant(api, no, until)
        await ORDERS.give(asking, api, no, "hold", code=code, max_until=max_until, reason=reason)


async def resume(
    no: OrderNo,
    /,
    *,
    code: Annotated[HoldReason | None, Parameter(help="Hold to end; defaults to all.")] = None,
    reason: Why = None,
    asking: Asking = ASKING,
) -> None:
    """Resume from hold."""
    await ORDERS.tell(asking, no, "resume", code=code, reason=reason)


async def cancel(
    no: OrderNo, /, *, reason: Reason, rest: Literal["cancel", "keep"] | None = None, asking: Asking = ASKING
) -> None:
    """Cancel the order and roll back what was done.

    Parameters
    ----------
    rest
        Of a bundle: what becomes of its orders that are under way.
    """
    await ORDERS.tell(asking, no, "cancel", reason=reason, rest=rest)


async def retry(no: OrderNo, /, *, step: StepOption = None, reason: Why = None, asking: Asking = ASKING) -> None:
    """Retry a failed or stuck step."""
    await ORDERS.tell(asking, no, "retry", step=step, reason=reason)


async def skip(no: OrderNo, /, *, reason: Reason, step: StepOption = None, asking: Asking = ASKING) -> None:
    """Skip a step; a second person must confirm with the same command."""
    await ORDERS.tell(asking, no, "skip", step=step, reason=reason)


async def migrate(
    no: OrderNo,
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
        Contract version.
    """
    await ORDERS.tell(asking, no, "migrate", version=version, reason=reason)
