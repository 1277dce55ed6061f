"""Orders: what is asked for, whether the contract grants it, and what was promised when it was accepted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import Field

from domain.assets.asset import MOST_ASSETS, Asset
from domain.cases.order_commands import Book
from domain.clocks.calendars import Calendar
from domain.clocks.ladders import LadderRow, rows_for
from domain.clocks.sla import ClockKind
from domain.contracts.chains import STARTS, Chain, Erasure, Step
from domain.contracts.contract import Contract
from domain.contracts.prices import PriceList
from domain.contracts.tailoring import for_project, with_change_approval
from domain.kinds import Leg, OrderKind, OrderState
from domain.people import Role
from domain.places import Place, Site
from domain.refusals import Problem, refuse_if
from domain.times import Instant
from domain.values import AssetTag, Line, Slug, Text, Value


class Wanted(Value):
    """So many of a model, to be taken from the customer's stock."""

    model: Line
    quantity: int = Field(default=1, ge=1, le=100)


class OrderRequest(Value):
    """The body of POST /orders. `assets` are tags; for an Add they are what gets the new part.

    `incident` is the number of the incident that the order is to end: it is told how the order ends.
    """

    contract: Slug
    kind: OrderKind
    requester: Slug
    site: Slug
    target: Place | None = None
    holder: Line | None = None
    assets: tuple[AssetTag, ...] = Field(default=(), max_length=MOST_ASSETS)
    wanted: tuple[Wanted, ...] = Field(default=(), max_length=20)
    new_model: Line | None = None
    risk: Literal["low", "high"] = "low"
    reference: Line | None = None
    note: Text | None = None
    incident: Slug | None = None

    @property
    def site_ids(self) -> tuple[Slug, ...]:
        return (self.site, self.target.site) if self.target else (self.site,)


class Terms(Value):
    """What of the contract this order was promised under; later versions do not touch it."""

    contract: Slug
    version: int
    calendar: Calendar
    target_minutes: int
    access: Calendar
    prices: PriceList
    ladder: tuple[LadderRow, ...]
    approvers: tuple[Slug, ...]
    team: dict[Role, tuple[Slug, ...]]


class ProjectPart(Value):
    """Which workplace of a move project an order moves; `approver` has approved the plan, `visit` is from it."""

    project: Slug
    wave: Slug
    workplace: Slug
    leg: Leg
    attempt: int
    approver: Slug
    visit: Book


class Order(Value):
    """An accepted order: the workflow's input. `received_at` is when the API got it: the clock starts there."""

    no: Slug
    customer: Slug
    received_at: Instant
    placed_by: Slug
    request: OrderRequest
    terms: Terms
    chain: Chain
    assets: tuple[Asset, ...] = ()
    part: ProjectPart | None = None

    def people(self, role: Role) -> tuple[Slug, ...]:
        named = {Role.REQUESTER: (self.request.requester,), Role.APPROVER: self.terms.approvers}
        return named.get(role) or self.terms.team.get(role, ())


class OrderNews(Value):
    """What others hear of an order that was placed for them. Heard twice it is the same.

    An incident hears when it has ended; a wave as well when a person must act (`stuck`) and when they have. `problem`
    says why it is stuck or was not completed.
    """

    event_id: Slug
    order: Slug
    customer: Slug
    state: OrderState
    at: Instant
    stuck: bool = False
    problem: Problem | None = None


@dataclass(frozen=True)
class Registers:
    """What is known of the names in a request, for this customer only."""

    sites: tuple[Site, ...] = ()
    assets: tuple[Asset, ...] = ()
    incidents: frozenset[Slug] = frozenset()


def accept(contract: Contract, request: OrderRequest, known: Registers, *, no: str, at: datetime) -> Order:
    """The order under this contract, its chain resolved and its terms pinned.

    Raises `Unacceptable` naming every problem; nothing has happened then.
    """
    ungranted = _contract_problems(contract, request, at) + _requester_problems(contract, request)
    refuse_if(ungranted + _request_problems(contract, request, known))
    chain = contract.chain(request.kind)
    return _order(contract, request, known, no=no, at=at).but(
        chain=with_change_approval(chain) if request.risk == "high" else chain
    )


def accept_part(
    contract: Contract, request: OrderRequest, known: Registers, part: ProjectPart, *, no: str, at: datetime
) -> Order:
    """The order for one workplace of a project; whoever has launched that may order it, named or not.

    Raises `Unacceptable` naming every problem; nothing has happened then.
    """
    refuse_if(_contract_problems(contract, request, at) + _request_problems(contract, request, known))
    return _order(contract, request, known, no=no, at=at).but(
        chain=for_project(contract.chain(request.kind)), part=part
    )


def _request_problems(contract: Contract, request: OrderRequest, known: Registers) -> list[Problem]:
    problems = _place_problems(contract, request, known.sites) + _need_problems(request)
    problems += _asset_problems(contract, request, known.assets)
    if request.incident is not None and request.incident not in known.incidents:
        problems.append(Problem(code="incident_not_theirs", at="/incident", values={"incident": request.incident}))
    return problems


def _order(contract: Contract, request: OrderRequest, known: Registers, *, no: str, at: datetime) -> Order:
    site = next(site for site in known.sites if site.id == request.site)
    return Order(
        no=no,
        customer=contract.customer,
        received_at=at,
        placed_by=request.requester,
        request=request,
        terms=_terms(contract, request, site),
        chain=contract.chain(request.kind),
        assets=known.assets,
    )


def _terms(contract: Contract, request: OrderRequest, site: Site) -> Terms:
    return Terms(
        contract=contract.id,
        version=contract.version,
        calendar=contract.calendar,
        target_minutes=contract.targets[request.kind],
        access=site.access,
        prices=contract.prices,
        ladder=rows_for(ClockKind.FULFILMENT, contract.ladder),
        approvers=contract.approvers,
        team=contract.team,
    )


def _contract_problems(contract: Contract, request: OrderRequest, at: datetime) -> list[Problem]:
    problems = []
    if not contract.is_valid_on(at):
        problems.append(Problem(code="contract_not_valid", at="/contract", values={"contract": contract.id}))
    if request.kind not in contract.targets:
        problems.append(Problem(code="kind_not_offered", at="/kind", values={"kind": request.kind}))
    return problems


def _requester_problems(contract: Contract, request: OrderRequest) -> list[Problem]:
    if request.requester in contract.requesters:
        return []
    return [Problem(code="requester_not_named", at="/requester", values={"requester": request.requester})]


def _place_problems(contract: Contract, request: OrderRequest, sites: tuple[Site, ...]) -> list[Problem]:
    """Where the work is done and where things go: only a Move may lead to another site."""
    known = {site.id for site in sites if site.customer == contract.customer}
    problems = []
    if request.site not in known:
        problems.append(Problem(code="site_unknown", at="/site", values={"site": request.site}))
    if request.target is None or request.target.site == request.site:
        return problems
    if request.kind != OrderKind.MOVE:
        problems.append(Problem(code="target_elsewhere", at="/target/site", values={"site": request.site}))
    elif request.target.site not in known:
        problems.append(Problem(code="site_unknown", at="/target/site", values={"site": request.target.site}))
    return problems


def _need_problems(request: OrderRequest) -> list[Problem]:
    """What each kind cannot do without (DOMAIN.md 2). What is broken need not stand in the register."""
    kind = request.kind
    needs = {
        "/assets": kind not in (OrderKind.INSTALL, OrderKind.BREAK_FIX) and not request.assets,
        "/wanted": (kind == OrderKind.ADD and not request.wanted)
        or (kind == OrderKind.INSTALL and not (request.wanted or request.assets)),
        "/target": kind in (OrderKind.INSTALL, OrderKind.MOVE) and request.target is None,
    }
    return [Problem(code="field_needed", at=at, values={"kind": kind}) for at, missing in needs.items() if missing]


def _asset_problems(contract: Contract, request: OrderRequest, assets: tuple[Asset, ...]) -> list[Problem]:
    known = {asset.tag: asset for asset in assets if asset.customer == contract.customer}
    problems = []
    for position, tag in enumerate(request.assets):
        at = f"/assets/{position}"
        asset = known.get(tag)
        if request.assets.index(tag) != position:
            problems.append(Problem(code="asset_twice", at=at, values={"tag": tag}))
        elif asset is None:
            problems.append(Problem(code="asset_unknown", at=at, values={"tag": tag}))
        else:
            problems += _state_problems(contract, request, asset, at)
    return problems


def _state_problems(contract: Contract, request: OrderRequest, asset: Asset, at: str) -> list[Problem]:
    problems = []
    if asset.status not in STARTS[request.kind]:
        values = {"tag": asset.tag, "status": asset.status, "kind": request.kind}
        problems.append(Problem(code="asset_not_ready", at=at, values=values))
    if request.kind in contract.targets and asset.serial is None and _erases(contract, request.kind, asset):
        problems.append(Problem(code="serial_missing", at=at, values={"tag": asset.tag}))
    if request.kind == OrderKind.MOVE and asset.place is not None and asset.place == request.target:
        problems.append(Problem(code="already_there", at=at, values={"tag": asset.tag}))
    return problems


def _erases(contract: Contract, kind: OrderKind, asset: Asset) -> bool:
    steps: tuple[Step, ...] = contract.chain(kind).steps
    return asset.data_bearing and asset.erased_by is None and any(isinstance(step, Erasure) for step in steps)
