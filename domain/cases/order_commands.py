"""What people and systems may tell an order. Each is a body of POST /orders/{no}/commands and an update's input."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from domain.assets.waste import Battery, WasteCode
from domain.clocks.holds import HoldReason
from domain.contracts.chains import ErasureMethod
from domain.contracts.prices import Money
from domain.papers import Digest, PaperKind
from domain.people import Role
from domain.places import Place
from domain.times import Instant
from domain.values import AssetTag, Few, Line, Slug, Text, Value

Minutes = Annotated[int, Field(ge=0, le=1440)]
Rest = Literal["cancel", "keep"]


class CommandBase(Value):
    """`step` may be left out when only one open step can be meant."""

    step: Slug | None = None
    reason: Text | None = None


class Approve(CommandBase):
    """`price` is what is quoted where a step asks for that, EUR net; `at_most` says that it may cost less."""

    type: Literal["approve"] = "approve"
    price: Money | None = None
    at_most: bool = False


class Reject(CommandBase):
    type: Literal["reject"] = "reject"
    reason: Line


class Window(Value):
    """An agreed time on site, up to twelve hours long."""

    start: Instant
    end: Instant

    @model_validator(mode="after")
    def _runs_forward(self) -> "Window":
        if not 0 < (self.end - self.start).total_seconds() <= 12 * 3600:
            raise PydanticCustomError(
                "window_impossible", "a window ends after it starts and is at most twelve hours long"
            )
        return self


class Book(CommandBase):
    """`customer_asked` says the customer wants this date: the clock rests until it comes."""

    type: Literal["book"] = "book"
    window: Window
    technician: Slug | None = None
    customer_asked: bool = False


class Reschedule(Book):
    type: Literal["reschedule"] = "reschedule"  # type: ignore[assignment]  # same fields, another command
    reason: Line


class Start(CommandBase):
    """Work begins, or a vendor takes the job under a number of its own."""

    type: Literal["start"] = "start"
    ticket: Line | None = None


class PartUse(Value):
    part: Slug
    quantity: int = Field(default=1, ge=1, le=1000)
    unit_price: Decimal | None = Field(default=None, ge=0, le=100_000, max_digits=9, decimal_places=2)


class LogWork(CommandBase):
    """Minutes worked and parts used; `started_at` decides which minutes were after hours."""

    type: Literal["log_work"] = "log_work"
    minutes: Minutes = 0
    started_at: Instant | None = None
    parts: tuple[PartUse, ...] = Field(default=(), max_length=50)


class Complete(CommandBase):
    """A step is over: done, failed, or the technician came for nothing. No `checklist` means all of it was done."""

    type: Literal["complete"] = "complete"
    outcome: Literal["done", "failed", "wasted_visit"] = "done"
    minutes: Minutes = 0
    started_at: Instant | None = None
    parts: tuple[PartUse, ...] = Field(default=(), max_length=50)
    checklist: Few[Line] | None = None


class RecordErasure(CommandBase):
    """One erasure record, typed: the verifier is another person than the operator.

    `verification` is how this medium was looked at, `validation` how people know that the whole has worked.
    """

    type: Literal["record_erasure"] = "record_erasure"
    serial: Line
    standard: Line = "NIST SP 800-88 Rev. 2"
    method: ErasureMethod
    tool: Line
    tool_version: Line | None = None
    passed: bool
    verification: Line
    validation: Line | None = None
    operator: Slug
    verifier: Slug
    place: Line
    done_at: Instant


class AddErasureReport(CommandBase):
    """A report of a tool that was handed in for this order, by its digest (SHA-256); what it says is read from it."""

    type: Literal["add_erasure_report"] = "add_erasure_report"
    digest: Digest
    validation: Line
    operator: Slug
    verifier: Slug
    place: Line


class ConfirmCustody(CommandBase):
    """One side confirms what changed hands, serial by serial (tag where there is no serial).

    `vendor` of the directory takes it, if that is another one than the step names or it names none.
    """

    type: Literal["confirm_custody"] = "confirm_custody"
    side: Literal["giver", "taker"]
    serials: tuple[Line, ...] = Field(max_length=500)
    vendor: Slug | None = None


class WasteItem(Value):
    """One thing that leaves as waste, by its serial (tag where there is none).

    `grams` were `weighed`, or are what its model weighs.
    """

    serial: Line
    code: WasteCode
    grams: int = Field(gt=0, le=1_000_000)
    weighed: bool = True
    battery: Battery


class DeclareWaste(CommandBase):
    """Says for each item as what it leaves. A code other than the proposed one needs a reason. The last word counts."""

    type: Literal["declare_waste"] = "declare_waste"
    items: tuple[WasteItem, ...] = Field(max_length=500)


class AddRecyclerList(CommandBase):
    """The recycler's own list, handed in as a file. What it comes to is looked up for it."""

    type: Literal["add_recycler_list"] = "add_recycler_list"
    digest: Digest


class DoubtCertificate(CommandBase):
    """What is found wrong after goods have left: a new entry, nothing that was recorded is changed by it."""

    type: Literal["doubt_certificate"] = "doubt_certificate"
    reason: Line


class SettleCertificate(CommandBase):
    """What came of whatever is in question about a certificate. What the vendor has by now is looked up for it."""

    type: Literal["settle_certificate"] = "settle_certificate"
    finding: Line


class AddEvidence(CommandBase):
    type: Literal["add_evidence"] = "add_evidence"
    document: Slug
    document_no: Line
    serials: tuple[Line, ...] = Field(max_length=500)


class AddPaper(CommandBase):
    """A photo, a signature or a document that was handed in for this order, by its digest (SHA-256)."""

    type: Literal["add_paper"] = "add_paper"
    digest: Digest
    kind: PaperKind = PaperKind.PHOTO


class Found(Value):
    """One thing that was found, by its tag. `place` is where it is, if not at the target."""

    tag: AssetTag
    serial: Line | None = None
    place: Place | None = None


class Verify(CommandBase):
    """What stands at the target. Whatever of the order is not named is missing."""

    type: Literal["verify"] = "verify"
    found: tuple[Found, ...] = Field(max_length=500)


class Accept(CommandBase):
    type: Literal["accept"] = "accept"


class DeclineAcceptance(CommandBase):
    """`step` names the acceptance; the last piece of work before it is done again."""

    type: Literal["decline_acceptance"] = "decline_acceptance"
    reason: Line


class Dispatch(CommandBase):
    """A vendor is asked to look after it: the one named here, or whoever the directory says is responsible.

    `step` is that of an order; an incident is given away as a whole.
    """

    type: Literal["dispatch"] = "dispatch"
    vendor: Slug | None = None


class ReportVendor(CommandBase):
    """What the vendor says or does about its job; `ticket` is its own number for it.

    `vendor` needs naming only when one answers late that was passed over already.
    """

    type: Literal["report_vendor"] = "report_vendor"
    status: Literal["accepted", "declined", "on_the_way", "on_site", "done"]
    vendor: Slug | None = None
    ticket: Line | None = None


class HolderKind(StrEnum):
    """Who can hold an incident: one of our teams, one person, a vendor, or the customer's own people.

    A step of an order is only given to those, and back.
    """

    TEAM = "team"
    PERSON = "person"
    VENDOR = "vendor"
    CUSTOMER = "customer"


class HandOver(CommandBase):
    """From now on these are the ones who work on it, whoever did before.

    Of an order it is one step, which is given to the customer's own people and back to the desk, and to nobody else.
    `instead_of` takes over only what that person has: works on, or answers for. Without it whoever answers for it goes
    on doing so unless another person takes it.
    """

    type: Literal["hand_over"] = "hand_over"
    kind: HolderKind = HolderKind.PERSON
    to: Slug
    instead_of: Slug | None = None

    @property
    def is_back_to_desk(self) -> bool:
        """Given back to us, for whoever of us it is."""
        return (self.kind, self.to, self.instead_of) == (HolderKind.TEAM, Role.SERVICE_DESK, None)


class Hold(CommandBase):
    type: Literal["hold"] = "hold"
    code: HoldReason
    max_until: Instant
    reason: Line


class Resume(CommandBase):
    """Ends the hold with this reason, or all of them."""

    type: Literal["resume"] = "resume"
    code: HoldReason | None = None


class Migrate(CommandBase):
    """From now on the clocks count by the service hours of another version of the contract."""

    type: Literal["migrate"] = "migrate"
    version: int = Field(ge=1)
    reason: Line


class Cancel(CommandBase):
    """`rest` says what becomes of the orders of a bundle that are under way."""

    type: Literal["cancel"] = "cancel"
    reason: Line
    rest: Rest | None = None


class Retry(CommandBase):
    """A failed or stuck step is tried again."""

    type: Literal["retry"] = "retry"


class Skip(CommandBase):
    """Leaves a step out. The first person proposes it, a second one confirms it with the same command."""

    type: Literal["skip"] = "skip"
    reason: Line


Command = Annotated[
    Approve
    | Reject
    | Book
    | Reschedule
    | Start
    | LogWork
    | Complete
    | RecordErasure
    | AddErasureReport
    | ConfirmCustody
    | DeclareWaste
    | AddRecyclerList
    | DoubtCertificate
    | SettleCertificate
    | AddEvidence
    | AddPaper
    | Verify
    | Accept
    | DeclineAcceptance
    | Dispatch
    | ReportVendor
    | HandOver
    | Hold
    | Resume
    | Migrate
    | Cancel
    | Retry
    | Skip,
    Field(discriminator="type"),
]
