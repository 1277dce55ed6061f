"""Service chains: typed steps with dependencies, the default chain of each kind, and what a contract makes of it."""

from collections.abc import Mapping
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter
from typing import Annotated, Literal

from pydantic import Field

from domain.assets.asset import AssetStatus
from domain.kinds import OrderKind
from domain.people import Language, Role
from domain.refusals import Problem
from domain.values import PER_CHOICE, Few, Line, Slug, Value
from domain.vendors.certificates import CertificateKind

# The status assets must be in, and the one the chain leads them to.
STARTS: dict[OrderKind, frozenset[AssetStatus]] = {
    OrderKind.INSTALL: frozenset({AssetStatus.IN_STOCK}),
    OrderKind.MOVE: frozenset({AssetStatus.DEPLOYED}),
    OrderKind.ADD: frozenset({AssetStatus.DEPLOYED}),
    OrderKind.CHANGE: frozenset({AssetStatus.DEPLOYED}),
    OrderKind.REMOVE: frozenset({AssetStatus.DEPLOYED, AssetStatus.IN_REPAIR}),
    OrderKind.DISPOSE: frozenset({AssetStatus.IN_STOCK, AssetStatus.RETIRED, AssetStatus.WIPED}),
    OrderKind.BREAK_FIX: frozenset({AssetStatus.DEPLOYED, AssetStatus.IN_REPAIR}),
    # They stay what they are: it is only about them.
    OrderKind.ASSIST: frozenset(AssetStatus) - {AssetStatus.DISPOSED},
}


class ErasureMethod(StrEnum):
    """NIST SP 800-88 Rev. 2, weakest first."""

    CLEAR = "clear"
    PURGE = "purge"
    DESTROY = "destroy"

    def covers(self, asked: "ErasureMethod") -> bool:
        ranks = list(ErasureMethod)
        return ranks.index(self) >= ranks.index(asked)


class StepBase(Value):
    """`after` names the steps that must be settled first; `target_minutes` (service minutes) starts a clock.

    `titles` are its names by language; `title` is read in those that have none.
    """

    id: Slug
    after: Few[Slug] = ()
    title: Line | None = None
    titles: Mapping[Language, Line] = Field(default={}, max_length=PER_CHOICE)
    target_minutes: int | None = Field(default=None, gt=0, le=525_600)
    irreversible: bool = False

    def called(self, language: Language) -> str | None:
        """As its contract calls it, if it does."""
        return self.titles.get(language, self.title)


class Approval(StepBase):
    """`quotes`: whoever gives it names a price, which the requester is asked about next."""

    type: Literal["approval"] = "approval"
    role: Role = Role.APPROVER
    four_eyes: bool = False
    quotes: bool = False


class Reservation(StepBase):
    type: Literal["reservation"] = "reservation"


class Appointment(StepBase):
    """`remote`: nobody comes, so the site need not be open."""

    type: Literal["appointment"] = "appointment"
    remote: bool = False


class Work(StepBase):
    """`on_failure` says whether failed work undoes the order or waits for a person's decision."""

    type: Literal["work"] = "work"
    role: Role = Role.TECHNICIAN
    skills: Few[Line] = ()
    on_site: bool = True
    estimate_minutes: int = Field(default=60, gt=0, le=10_000)
    checklist: Few[Line] = ()
    on_failure: Literal["compensate", "ask"] = "compensate"


class Erasure(StepBase):
    type: Literal["erasure"] = "erasure"
    at_least: ErasureMethod = ErasureMethod.CLEAR
    irreversible: bool = True


class Custody(StepBase):
    """Goods change hands; both sides confirm every serial. `leaves_control` forbids it without erasure proof.

    Where a `certificate` is asked for only a vendor of the directory takes them that has one: `vendor`, unless the
    giver names another. `offered`: vendors are asked one after another, `vendor` first, then whom the directory names
    for it, and goods go to the one that has accepted. What becomes questionable about a certificate later is to be
    settled in `settle_minutes` (service time).
    """

    type: Literal["custody"] = "custody"
    giver: Line = "technician"
    taker: Line = "transport"
    leaves_control: bool = False
    certificate: CertificateKind | None = None
    vendor: Slug | None = None
    offered: bool = False
    # Two working days, a proposal.
    settle_minutes: int = Field(default=960, gt=0, le=525_600)


# What a certified recycler owes us; other documents are whatever a contract asks for.
DISPOSAL_PROOF = "disposal_proof"


class Evidence(StepBase):
    type: Literal["evidence"] = "evidence"
    document: Slug = DISPOSAL_PROOF
    chase_after_days: int = Field(default=10, ge=1, le=250)


class VendorDispatch(StepBase):
    """`offered`: it is given to a vendor of the directory, `vendor` first, then whom the directory names for it.

    Otherwise `vendor` is a person of a vendor's, who is told, and people say what comes of it.
    """

    type: Literal["vendor_dispatch"] = "vendor_dispatch"
    vendor: Slug | None = None
    offered: bool = False


class Verification(StepBase):
    """Each item of the order is confirmed at its target, by asset tag."""

    type: Literal["verification"] = "verification"


class Acceptance(StepBase):
    """`deemed_after_days` counts working days (proposal 3)."""

    type: Literal["acceptance"] = "acceptance"
    deemed_after_days: int = Field(default=3, ge=1, le=250)


class AssetUpdate(StepBase):
    """`vacate` clears place and holder; otherwise the order's target and holder are written."""

    type: Literal["asset_update"] = "asset_update"
    goal: AssetStatus | None = None
    vacate: bool = False


class PartOrder(StepBase):
    """An order of its own, placed when what comes before is done and settled when it has been completed."""

    type: Literal["part_order"] = "part_order"
    item: Slug


class Charge(StepBase):
    type: Literal["charge"] = "charge"


class Notice(StepBase):
    type: Literal["notice"] = "notice"
    template: Slug
    to: Few[Role] = (Role.REQUESTER,)


Step = Annotated[
    Approval
    | Reservation
    | Appointment
    | Work
    | Erasure
    | Custody
    | Evidence
    | VendorDispatch
    | Verification
    | Acceptance
    | AssetUpdate
    | PartOrder
    | Charge
    | Notice,
    Field(discriminator="type"),
]


def is_offered(step: StepBase) -> bool:
    """Whether vendors of the directory are asked to take it."""
    return isinstance(step, Custody | VendorDispatch) and step.offered


# Steps at which time is spent and logged; only work says by which role, the others are a technician's.
LABOUR = (Work, Erasure, Custody, VendorDispatch)


class Chain(Value):
    """The resolved chain of one order. `cutoff` names the step after which the order can no longer be cancelled."""

    kind: OrderKind
    steps: tuple[Step, ...]
    cutoff: Slug | None = None

    @property
    def approvals(self) -> tuple[Approval, ...]:
        return tuple(step for step in self.steps if isinstance(step, Approval))

    def step(self, step_id: str) -> Step:
        return next(step for step in self.steps if step.id == step_id)

    def before(self, step_id: str) -> frozenset[str]:
        """Ids of all steps that are settled before this one can open."""
        after = {step.id: step.after for step in self.steps}
        found: set[str] = set()
        waiting = [step_id]
        while waiting:
            for earlier in after.get(waiting.pop(), ()):
                if earlier not in found:
                    found.add(earlier)
                    waiting.append(earlier)
        return frozenset(found)

    def in_order(self) -> tuple[Step, ...]:
        """Steps in an order in which they may run; ties keep the order in which they were written."""
        graph = TopologicalSorter({step.id: step.after for step in self.steps})
        return tuple(self.step(step_id) for step_id in graph.static_order())


def problems_of(chain: Chain) -> list[Problem]:
    """Every cycle, unknown step, doubled id, missing mandatory step and late erasure: a chain without can run."""
    ids = [step.id for step in chain.steps]
    doubled = sorted({step_id for step_id in ids if ids.count(step_id) > 1})
    problems = [Problem(code="step_twice", values={"step": step_id}) for step_id in doubled]
    problems += [
        Problem(code="step_unknown", at=f"/chains/{chain.kind}/{step.id}/after", values={"step": earlier})
        for step in chain.steps
        for earlier in step.after
        if earlier not in ids
    ]
    if chain.cutoff is not None and chain.cutoff not in ids:
        problems.append(Problem(code="step_unknown", at=f"/chains/{chain.kind}/cutoff", values={"step": chain.cutoff}))
    return problems + _missing(chain) + _cycle(chain) + _unsafe(chain) + _unasked(chain) + _unnamed(chain)


def _cycle(chain: Chain) -> list[Problem]:
    try:
        tuple(TopologicalSorter({step.id: step.after for step in chain.steps}).static_order())
    except CycleError as error:
        return [Problem(code="chain_cycle", values={"steps": " → ".join(error.args[1])})]
    return []


def _missing(chain: Chain) -> list[Problem]:
    mandatory = ["asset_update"] * chain.kind.concerns_assets + ["erasure"] * (chain.kind == OrderKind.DISPOSE)
    present = {step.type for step in chain.steps}
    return [
        Problem(code="step_missing", values={"type": kind, "kind": chain.kind})
        for kind in mandatory
        if kind not in present
    ]


_ERASED = (AssetStatus.IN_STOCK, AssetStatus.WIPED, AssetStatus.DISPOSED)


def _unsafe(chain: Chain) -> list[Problem]:
    """Data-bearing assets neither leave our control nor count as disposed or as stock before they are erased."""
    erasures = {step.id for step in chain.steps if isinstance(step, Erasure)}
    return [
        Problem(code="erasure_too_late", values={"step": step.id})
        for step in chain.steps
        if (isinstance(step, Custody) and step.leaves_control)
        or (isinstance(step, AssetUpdate) and step.goal in _ERASED)
        if not erasures & chain.before(step.id)
    ]


def _unasked(chain: Chain) -> list[Problem]:
    """Nobody is bound by a price that they have not been asked about."""
    asked = [chain.before(one.id) for one in chain.approvals if one.role == Role.REQUESTER]
    return [
        Problem(code="quote_unasked", values={"step": one.id})
        for one in chain.approvals
        if one.quotes and not any(one.id in before for before in asked)
    ]


def _unnamed(chain: Chain) -> list[Problem]:
    """A step for which nobody of the directory is asked says itself to whom it goes."""
    return [
        Problem(code="step_vendor_missing", at=f"/chains/{chain.kind}/{step.id}/vendor", values={"step": step.id})
        for step in chain.steps
        if isinstance(step, VendorDispatch) and step.vendor is None and not step.offered
    ]


def in_line(kind: OrderKind, cutoff: str | None, *steps: Step) -> Chain:
    """A chain in which every step follows the one before."""
    previous: tuple[str, ...] = ()
    linked = []
    for step in steps:
        linked.append(step.but(after=previous))
        previous = (step.id,)
    return Chain(kind=kind, steps=tuple(linked), cutoff=cutoff)


DEFAULTS: dict[OrderKind, Chain] = {
    OrderKind.INSTALL: in_line(
        OrderKind.INSTALL,
        "work",
        Approval(id="approval", target_minutes=960),
        Reservation(id="reservation"),
        Appointment(id="appointment"),
        Work(id="work", checklist=("set up", "configure", "test"), estimate_minutes=90),
        Acceptance(id="acceptance"),
        AssetUpdate(id="asset_update", goal=AssetStatus.DEPLOYED),
        Charge(id="charge"),
    ),
    OrderKind.MOVE: in_line(
        OrderKind.MOVE,
        "set_up",
        Approval(id="approval", target_minutes=960),
        Appointment(id="appointment"),
        Work(id="take_down", checklist=("back up", "take down"), estimate_minutes=30),
        Custody(id="transport", giver="technician", taker="transport"),
        Work(id="set_up", checklist=("set up at target", "function test"), estimate_minutes=45),
        Acceptance(id="acceptance"),
        AssetUpdate(id="asset_update"),
        Charge(id="charge"),
    ),
    OrderKind.ADD: in_line(
        OrderKind.ADD,
        "work",
        Approval(id="approval", target_minutes=960),
        Reservation(id="reservation"),
        Appointment(id="appointment"),
        Work(id="work", checklist=("fit", "test"), estimate_minutes=45),
        Acceptance(id="acceptance"),
        AssetUpdate(id="asset_update", goal=AssetStatus.DEPLOYED),
        Charge(id="charge"),
    ),
    OrderKind.CHANGE: in_line(
        OrderKind.CHANGE,
        "work",
        Approval(id="approval", target_minutes=960),
        Appointment(id="appointment"),
        Work(id="work", checklist=("back up", "change", "test or back out"), estimate_minutes=60),
        Acceptance(id="acceptance"),
        AssetUpdate(id="asset_update"),
        Charge(id="charge"),
    ),
    OrderKind.REMOVE: in_line(
        OrderKind.REMOVE,
        "erasure",
        Approval(id="approval", target_minutes=960),
        Appointment(id="appointment"),
        Work(id="work", checklist=("secure data", "take down"), estimate_minutes=30),
        Erasure(id="erasure"),
        Custody(id="return", giver="technician", taker="stock"),
        AssetUpdate(id="asset_update", goal=AssetStatus.IN_STOCK, vacate=True),
        Charge(id="charge"),
    ),
    OrderKind.DISPOSE: in_line(
        OrderKind.DISPOSE,
        "handover",
        Approval(id="approval", four_eyes=True, target_minutes=960),
        Erasure(id="erasure", at_least=ErasureMethod.PURGE),
        Custody(id="handover", giver="stock", taker="certified recycler", leaves_control=True, irreversible=True),
        Evidence(id="proof", document=DISPOSAL_PROOF),
        AssetUpdate(id="asset_update", goal=AssetStatus.DISPOSED, vacate=True, irreversible=True),
        Charge(id="charge"),
    ),
    # Nobody approves that what is broken be mended, and a repair that fails leaves nothing to put back: it is decided
    # what comes next.
    OrderKind.BREAK_FIX: in_line(
        OrderKind.BREAK_FIX,
        "work",
        Appointment(id="appointment"),
        Work(id="work", checklist=("diagnose", "repair", "test"), estimate_minutes=90, on_failure="ask"),
        Acceptance(id="acceptance"),
        AssetUpdate(id="asset_update", goal=AssetStatus.DEPLOYED),
        Charge(id="charge"),
    ),
    # What was said in a training cannot be put back.
    OrderKind.ASSIST: in_line(
        OrderKind.ASSIST,
        "work",
        Approval(id="approval", target_minutes=960),
        Appointment(id="appointment"),
        Work(id="work", estimate_minutes=120, on_failure="ask"),
        Acceptance(id="acceptance"),
        Charge(id="charge"),
    ),
}
# What it will cost or take, and the customer's yes to it.
QUOTE = Approval(id="quote", role=Role.COORDINATOR, quotes=True, target_minutes=960)
CONSENT = Approval(id="consent", role=Role.REQUESTER, target_minutes=960)
CHANGE_APPROVAL = Approval(id="change_approval", role=Role.SDM, four_eyes=True, target_minutes=960)
