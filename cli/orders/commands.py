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
from domain.clocks.holds import HoldReason
from domain.contracts.chains import ErasureMethod
from domain.orders.sheets import OrderSheet

StepOption = Annotated[str | None, Parameter(help="The step that is meant; needed only where several could be.")]
Serials = Annotated[tuple[str, ...], Several, Parameter(name="--serial", help="Serial, or tag of what has none.")]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Remark:
    step: StepOption = None
    reason: Why = None


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class VisitOptions:
    start: Annotated[str, Parameter(name="--from")]
    'Begin: "2026-11-24 09:00" on the clock at the site.'
    end: Annotated[str, Parameter(name="--to")]
    "End, at most twelve hours later."
    technician: str | None = None
    "Who comes."
    customer_asked: Annotated[bool, Parameter(negative="")] = False
    "The customer wants this date: the clocks rest until it comes."

    def told(self, zone: str) -> dict[str, JsonValue]:
        window: JsonValue = {"start": moment(self.start, zone).isoformat(), "end": moment(self.end, zone).isoformat()}
        return {"window": window, "technician": self.technician, "customer_asked": self.customer_asked}


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class EffortOptions:
    minutes: Annotated[int | None, Parameter(validator=Number(gte=0))] = None
    "Minutes worked."
    started_at: str | None = None
    "When the work began, on the clock at the site; left out, it ended just now."
    parts: Annotated[tuple[str, ...], Several, Parameter(name="--part")] = ()
    "Parts used, as PART or PART:NUMBER."

    def told(self, zone: str) -> dict[str, JsonValue]:
        began = moment(self.started_at, zone).isoformat() if self.started_at else None
        uses: list[JsonValue] = [{"part": part, "quantity": number} for part, number in map(counted, self.parts)]
        return {"minutes": self.minutes, "started_at": began, "parts": uses or None}


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class ErasureOptions:
    serial: str
    "Serial of the data carrier, or its tag if it has none."
    method: ErasureMethod
    "What was done, in the words of NIST SP 800-88."
    tool: str
    "What it was done with."
    tool_version: str | None = None
    standard: str | None = None
    operator: str
    "Who did it."
    verifier: str
    "Who checked it: another person."
    verification: str = "sample read back"
    "How it was checked."
    passed: Annotated[bool, Parameter(negative="--failed")] = True
    "Whether the check was passed."
    place: str = "workshop"
    "Where it was done."
    done_at: str | None = None
    "When it was done, on the clock at the site; left out, now."


NO_EFFORT = EffortOptions()
NO_REMARK = Remark()
NOTHING_FOUND = Kit()


async def approve(no: OrderNo, /, *, step: StepOption = None, reason: Why = None, asking: Asking = ASKING) -> None:
    """Approve what is asked for."""
    await ORDERS.tell(asking, no, "approve", step=step, reason=reason)


async def reject(no: OrderNo, /, *, reason: Reason, step: StepOption = None, asking: Asking = ASKING) -> None:
    """Refuse what is asked for; the order ends."""
    await ORDERS.tell(asking, no, "reject", step=step, reason=reason)


async def book(no: OrderNo, /, *, visit: VisitOptions, step: StepOption = None, asking: Asking = ASKING) -> None:
    """Agree on a time on site, within the site's access hours."""
    async with asking.api() as api:
        await ORDERS.give(asking, api, no, "book", step=step, **visit.told(await ORDERS.zone_of(api, no)))


async def reschedule(
    no: OrderNo, /, *, visit: VisitOptions, reason: Reason, step: StepOption = None, asking: Asking = ASKING
) -> None:
    """Move the agreed time, before work begins. Without --technician the same one comes."""
    async with asking.api() as api:
        await ORDERS.give(
            asking, api, no, "reschedule", step=step, reason=reason, **visit.told(await ORDERS.zone_of(api, no))
        )


async def start(
    no: OrderNo,
    /,
    *,
    ticket: Annotated[str | None, Parameter(help="The vendor's own number, where a vendor does the work.")] = None,
    step: StepOption = None,
    reason: Why = None,
    asking: Asking = ASKING,
) -> None:
    """Begin work, or note that a vendor took the job."""
    await ORDERS.tell(asking, no, "start", step=step, reason=reason, ticket=ticket)


async def complete(
    no: OrderNo,
    /,
    *,
    outcome: Annotated[
        Literal["done", "failed", "wasted_visit"], Parameter(help="A wasted visit leads back to the appointment.")
    ] = "done",
    effort: EffortOptions = NO_EFFORT,
    done: Annotated[
        tuple[str, ...], Several, Parameter(help="Items of the checklist; left out, all of them were done.")
    ] = (),
    remark: Remark = NO_REMARK,
    asking: Asking = ASKING,
) -> None:
    """Say how work ended, with its time and parts."""
    async with asking.api() as api:
        told = effort.told(await ORDERS.zone_of(api, no)) | {"outcome": outcome, "checklist": list(done) or None}
        await ORDERS.give(asking, api, no, "complete", step=remark.step, reason=remark.reason, **told)


async def log(
    no: OrderNo, /, *, effort: EffortOptions = NO_EFFORT, remark: Remark = NO_REMARK, asking: Asking = ASKING
) -> None:
    """Log time and parts without ending the work."""
    async with asking.api() as api:
        fields = effort.told(await ORDERS.zone_of(api, no))
        await ORDERS.give(asking, api, no, "log_work", step=remark.step, reason=remark.reason, **fields)


async def erase(no: OrderNo, /, *, erasure: ErasureOptions, step: StepOption = None, asking: Asking = ASKING) -> None:
    """Record that one data carrier was erased."""
    async with asking.api() as api:
        done_at = moment(erasure.done_at, await ORDERS.zone_of(api, no)) if erasure.done_at else now()
        await ORDERS.give(
            asking, api, no, "record_erasure", step=step, **asdict(erasure) | {"done_at": done_at.isoformat()}
        )


async def custody(
    no: OrderNo,
    /,
    *,
    side: Annotated[Literal["giver", "taker"], Parameter(help="Which side confirms.")],
    serials: Serials,
    step: StepOption = None,
    asking: Asking = ASKING,
) -> None:
    """Confirm, as one side, what changed hands: every serial is named."""
    await ORDERS.tell(asking, no, "confirm_custody", step=step, side=side, serials=list(serials))


async def evidence(
    no: OrderNo,
    /,
    *,
    document_no: Annotated[str, Parameter(help="Number on the document.")],
    serials: Serials,
    document: Annotated[str, Parameter(help="Kind of document.")] = "disposal_proof",
    step: StepOption = None,
    asking: Asking = ASKING,
) -> None:
    """Add a document that proves what was done with the named serials."""
    fields: dict[str, JsonValue] = {"document": document, "document_no": document_no, "serials": list(serials)}
    await ORDERS.tell(asking, no, "add_evidence", step=step, **fields)


async def verify(no: OrderNo, /, *, kit: Kit = NOTHING_FOUND, step: StepOption = None, asking: Asking = ASKING) -> None:
    """Say what stands at the target. What is not named is missing, and then a person has to decide."""
    async with asking.api() as api:
        found = kit.found(await api.read(OrderSheet, path("orders", no)))
        told: list[JsonValue] = [one.model_dump(mode="json", exclude_none=True) for one in found]
        await ORDERS.give(asking, api, no, "verify", step=step, found=told)


async def accept(no: OrderNo, /, *, step: StepOption = None, reason: Why = None, asking: Asking = ASKING) -> None:
    """Sign for the work. Signing for the customer needs a reason, such as a paper protocol."""
    await ORDERS.tell(asking, no, "accept", step=step, reason=reason)


async def decline(no: OrderNo, /, *, reason: Reason, step: StepOption = None, asking: Asking = ASKING) -> None:
    """Send the work back instead of signing."""
    await ORDERS.tell(asking, no, "decline_acceptance", step=step, reason=reason)


async def hold(
    no: OrderNo,
    /,
    *,
    code: Annotated[HoldReason, Parameter(help="What is waited for.")],
    until: Annotated[str, Parameter(help="The hold ends by itself then, on the clock at the site.")],
    reason: Reason,
    asking: Asking = ASKING,
) -> None:
    """Pause the order and its clocks."""
    async with asking.api() as api:
        max_until = await ORDERS.instant(api, no, until)
        await ORDERS.give(asking, api, no, "hold", code=code, max_until=max_until, reason=reason)


async def resume(
    no: OrderNo,
    /,
    *,
    code: Annotated[HoldReason | None, Parameter(help="Which hold to end; left out, all.")] = None,
    reason: Why = None,
    asking: Asking = ASKING,
) -> None:
    """End a pause."""
    await ORDERS.tell(asking, no, "resume", code=code, reason=reason)


async def cancel(no: OrderNo, /, *, reason: Reason, asking: Asking = ASKING) -> None:
    """Cancel the order; what was done is undone."""
    await ORDERS.tell(asking, no, "cancel", reason=reason)


async def retry(no: OrderNo, /, *, step: StepOption = None, reason: Why = None, asking: Asking = ASKING) -> None:
    """Try a failed or stuck step again."""
    await ORDERS.tell(asking, no, "retry", step=step, reason=reason)


async def skip(no: OrderNo, /, *, reason: Reason, step: StepOption = None, asking: Asking = ASKING) -> None:
    """Leave a step out; a second person confirms it with the same command."""
    await ORDERS.tell(asking, no, "skip", step=step, reason=reason)


async def migrate(
    no: OrderNo,
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
        Version of the contract.
    """
    await ORDERS.tell(asking, no, "migrate", version=version, reason=reason)
