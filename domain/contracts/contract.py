"""Contracts: who may order what, within which hours and times, by which chain and at which price."""

from datetime import date
from zoneinfo import ZoneInfo

from pydantic import Field

from domain.clocks.calendars import Calendar
from domain.clocks.ladders import LadderRow
from domain.contracts.catalogue import MOST_ITEMS, Item
from domain.contracts.chains import DEFAULTS, LABOUR, Chain, Work
from domain.contracts.matrix import CommunicationsMatrix
from domain.contracts.paging import PagingPolicy
from domain.contracts.prices import PriceList
from domain.contracts.tailoring import Tailoring, certified, tailored, unhanded
from domain.kinds import OrderKind
from domain.people import Role
from domain.refusals import Problem, Refused
from domain.times import Day, Instant
from domain.values import PER_CHOICE, Hundreds, Line, Slug, Value
from domain.vendors.certificates import CertificateKind

# A year of service minutes; the clocks of steps have the same limit.
LONGEST_TARGET = 525_600


class Contract(Value):
    """One version of a contract. `targets` are service minutes per kind; a kind without target is not offered.

    Without a `matrix` incidents are not looked after. A clock without rows in `ladder` has the default ones.
    `responder_holds` says that a technician who responds to an incident also takes it. What a customer says to a
    solution is repeated to whoever has the incident each working day, until on the last of `answer_days` those hear of
    it once who answer for what is overdue. Without a `catalogue` what can be ordered are the kinds. Goods leave our
    control only to a vendor with a `certificate` of this kind, if one is asked for. Whom `team` names as contacts are
    the customer's own IT; while they have an incident or a step of an order its clocks go on, unless `contact_holds`
    says otherwise.
    """

    id: Slug
    customer: Slug
    name: Line
    version: int = Field(default=1, ge=1)
    valid_from: Day
    valid_until: date | None = None
    calendar: Calendar
    requesters: Hundreds[Slug]
    approvers: Hundreds[Slug]
    team: dict[Role, Hundreds[Slug]] = Field(default={}, max_length=PER_CHOICE)
    targets: dict[OrderKind, int] = Field(max_length=PER_CHOICE)
    prices: PriceList
    ladder: tuple[LadderRow, ...] = Field(default=(), max_length=40)
    matrix: CommunicationsMatrix | None = None
    paging: PagingPolicy = PagingPolicy()
    responder_holds: bool = True
    contact_holds: bool = False
    # A proposal.
    answer_days: int = Field(default=3, ge=1, le=20)
    certificate: CertificateKind | None = None
    chains: dict[OrderKind, Tailoring] = Field(default={}, max_length=PER_CHOICE)
    catalogue: tuple[Item, ...] = Field(default=(), max_length=MOST_ITEMS)

    def item(self, item_id: str) -> Item | None:
        """What can be ordered, or could be, under this name."""
        return next((one for one in self.items() if one.id == item_id), None)

    def items(self) -> tuple[Item, ...]:
        """Without a list, one for each kind that is offered; their names are the kinds'."""
        return self.catalogue or tuple(Item(id=kind, name={}, kind=kind) for kind in OrderKind if kind in self.targets)

    def chain(self, kind: OrderKind) -> Chain:
        """The chain this contract promises for a kind. Raises `Unacceptable` if its tailoring is wrong."""
        chain = tailored(kind, self.chains[kind]) if kind in self.chains else DEFAULTS[kind]
        return certified(chain, self.certificate)

    def is_valid_on(self, at: Instant) -> bool:
        day = at.astimezone(ZoneInfo(self.calendar.zone)).date()
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)

    def everybody(self) -> frozenset[Slug]:
        """All whom it names, in whatever role."""
        return frozenset((*self.requesters, *self.approvers)).union(*self.team.values())

    def approving_people(self) -> tuple[Slug, ...]:
        """Whose word is an approval, in whatever role they act."""
        return self.people(Role.APPROVER)

    def people(self, role: Role) -> tuple[Slug, ...]:
        named = {Role.REQUESTER: self.requesters, Role.APPROVER: self.approvers}
        return named.get(role) or self.team.get(role, ())


def problems_of(contract: Contract) -> list[Problem]:
    """What keeps a contract from being saved, all of it."""
    problems: list[Problem] = []
    for kind in dict.fromkeys((*contract.chains, *contract.targets)):
        try:
            chain = contract.chain(kind)
        except Refused as refused:
            problems += refused.problems
        else:
            problems += unhanded(chain, f"/chains/{kind}", contract.certificate)
    if contract.valid_until is not None and contract.valid_until < contract.valid_from:
        problems.append(Problem(code="validity_reversed", at="/valid_until"))
    problems += [
        Problem(code="target_wrong", at=f"/targets/{kind}", values={"kind": kind, "minutes": str(minutes)})
        for kind, minutes in contract.targets.items()
        if not 0 < minutes <= LONGEST_TARGET
    ]
    problems += [
        Problem(code="price_missing", at=f"/prices/flat/{kind}", values={"kind": kind})
        for kind in contract.targets
        if kind not in contract.prices.flat and not _is_priced(contract, kind)
    ]
    if contract.prices.incidents == "charge" and Role.TECHNICIAN not in contract.prices.hourly:
        # By this whoever has no hour of their own is charged.
        values = {"role": Role.TECHNICIAN}
        problems.append(Problem(code="hour_unpriced", at=f"/prices/hourly/{Role.TECHNICIAN}", values=values))
    return problems


def _is_priced(contract: Contract, kind: OrderKind) -> bool:
    """By time and material every role that works in the chain needs a rate: its hours would cost nothing."""
    try:
        steps = contract.chain(kind).steps
    except Refused:
        return True  # what is wrong with the chain has been said
    roles = {step.role if isinstance(step, Work) else Role.TECHNICIAN for step in steps if isinstance(step, LABOUR)}
    return roles <= contract.prices.hourly.keys()
