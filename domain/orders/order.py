"""Orders: what is asked for, whether the contract grants it, and what was promised when it was accepted."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from pydantic import Field

from domain.assets.asset import MOST_ASSETS, Asset, Wanted
from domain.cases.order_commands import Book
from domain.clocks.calendars import Calendar
from domain.clocks.ladders import LadderRow, rows_for
from domain.clocks.sla import ClockKind
from domain.contracts.bundles import fields_of_parts, left_as, needless, questions_of
from domain.contracts.catalogue import Item, ItemPart, ItemQuestion, ItemWords, OfferedItem, Pricing, asks_customer
from domain.contracts.chains import STARTS, Chain, Erasure
from domain.contracts.contract import Contract
from domain.contracts.offers import chain_of, offer_of
from domain.contracts.prices import Money, PriceList
from domain.contracts.tailoring import for_project, with_change_approval, without
from domain.ids import part_order_no
from domain.kinds import Leg, OrderKind
from domain.orders.answers import answer_problems
from domain.people import Role
from domain.places import Place, Site
from domain.refusals import Problem, Unacceptable, refuse_if
from domain.times import Instant
from domain.values import PER_CHOICE, AssetTag, Line, SaidText, Slug, Text, Value


class Requested(Value):
    """What is asked for, whatever its kind. `assets` are tags; for an Add they are what gets the new part.

    `incident` is the number of the incident that the order is to end: it is told how the order ends. `answers` are
    those to the questions of the `item`, by their ids.
    """

    contract: Slug
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
    item: Slug | None = None
    answers: dict[Slug, SaidText] = Field(default={}, max_length=PER_CHOICE)

    @property
    def site_ids(self) -> tuple[Slug, ...]:
        return (self.site, self.target.site) if self.target else (self.site,)


class OrderRequest(Requested):
    """What an order was placed with."""

    kind: OrderKind


class OrderWish(Requested):
    """The body of POST /orders: an `item` of the contract's catalogue, or a kind of order."""

    kind: OrderKind | None = None

    def of_kind(self, kind: OrderKind) -> OrderRequest:
        """As it is asked for when its item is of this kind; a kind of its own stays."""
        return OrderRequest.model_construct(**dict(self) | {"kind": self.kind or kind})


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
    contact_holds: bool = False


class ProjectPart(Value):
    """Which workplace of a move project an order moves; `approver` has approved the plan, `visit` is from it."""

    project: Slug
    wave: Slug
    workplace: Slug
    leg: Leg
    attempt: int
    approver: Slug
    visit: Book


class OrderedItem(Value):
    """What of an item an order was placed for, at which price; later versions of the catalogue do not touch it."""

    id: Slug
    name: ItemWords
    estimate_minutes: int | None = None
    pricing: Pricing
    price: Money | None = None
    questions: tuple[ItemQuestion, ...] = ()


class BundlePart(Value):
    """As which step of which bundle an order was placed."""

    order: Slug
    step: Slug


class Order(Value):
    """An accepted order: the workflow's input. `received_at` is when the API got it: the clock starts there.

    The `parts` of a bundle are orders of their own; their numbers and times they get when they are placed.
    """

    no: Slug
    customer: Slug
    received_at: Instant
    placed_by: Slug
    request: OrderRequest
    terms: Terms
    chain: Chain
    assets: tuple[Asset, ...] = ()
    part: ProjectPart | None = None
    item: OrderedItem | None = None
    bundle: BundlePart | None = None
    parts: tuple["Order", ...] = ()

    def part_placed(self, step: Slug, attempt: int, at: datetime) -> "Order":
        """The order of a bundle's step as it is placed: its time runs from then, each attempt has its own number."""
        part = next(part for part in self.parts if part.bundle is not None and part.bundle.step == step)
        return part.but(no=part_order_no(self.no, step, attempt), placed_by=self.placed_by, received_at=at)

    def people(self, role: Role) -> tuple[Slug, ...]:
        named = {Role.REQUESTER: (self.request.requester,), Role.APPROVER: self.terms.approvers}
        return named.get(role) or self.terms.team.get(role, ())


@dataclass(frozen=True)
class Registers:
    """What is known of the names in a request, for this customer only. `people` and `tags` are named by answers."""

    sites: tuple[Site, ...] = ()
    assets: tuple[Asset, ...] = ()
    incidents: frozenset[Slug] = frozenset()
    people: frozenset[Slug] = frozenset()
    tags: frozenset[AssetTag] = frozenset()


def accept(contract: Contract, wish: OrderWish | OrderRequest, known: Registers, *, no: str, at: datetime) -> Order:
    """The order under this contract, its chain resolved and its terms pinned.

    Raises `Unacceptable` naming every problem; nothing has happened then.
    """
    item = contract.item(wish.item) if wish.item is not None else None
    kind = wish.kind or (item.kind if item else None)
    problems = _contract_problems(contract, at) + _kind_problems(contract, kind, item)
    problems += _item_problems(contract, wish, item, known) + _requester_problems(contract, wish, item)
    if kind is None:
        # Without a kind it is not known what it needs; where it is can be looked at all the same.
        refuse_if(problems + _site_problems(contract, wish, known))
        raise Unacceptable(Problem(code="kind_missing", at="/item"))
    request = wish.of_kind(kind) if isinstance(wish, OrderWish) else wish
    refuse_if(problems + _request_problems(contract, request, item, known))
    order = _order(contract, request, item, known, no=no, at=at)
    if item is not None and item.items:
        order = order.but(parts=_parts(contract, request, item, known, no=no, at=at))
    return order.but(chain=with_change_approval(order.chain)) if request.risk == "high" else order


def accept_part(
    contract: Contract, request: OrderRequest, known: Registers, part: ProjectPart, *, no: str, at: datetime
) -> Order:
    """The order for one workplace of a project; whoever has launched that may order it, named or not.

    Raises `Unacceptable` naming every problem; nothing has happened then.
    """
    wrong = _contract_problems(contract, at) + _kind_problems(contract, request.kind, None)
    refuse_if(wrong + _request_problems(contract, request, None, known))
    order = _order(contract, request, None, known, no=no, at=at)
    return order.but(chain=for_project(order.chain), part=part)


def _parts(
    contract: Contract, request: OrderRequest, bundle: Item, known: Registers, *, no: str, at: datetime
) -> tuple[Order, ...]:
    """Approved as a whole, each asks for no approval of the customer's again."""
    parts = []
    for part, item, fields in fields_of_parts(contract, bundle, dict(request)):
        asked = OrderRequest.model_validate(fields)
        assets = _assets_of_part(contract, bundle, part, asked, known)
        order = _order(contract, asked, item, replace(known, assets=assets), no=no, at=at)
        chain = without(order.chain, *(one.id for one in order.chain.approvals if asks_customer(one)))
        parts.append(order.but(chain=chain, bundle=BundlePart(order=no, step=part.called)))
    return tuple(parts)


def _assets_of_part(
    contract: Contract, bundle: Item, part: ItemPart, asked: OrderRequest, known: Registers
) -> tuple[Asset, ...]:
    """As they are when it is placed: what comes before it in the bundle may have taken them away from their desks."""
    assets = tuple(asset for asset in known.assets if asset.tag in asked.assets)
    status = left_as(contract, bundle, part)
    if status is None:
        return assets
    return tuple(asset.but(status=status, place=None, holder=None, part_of=None) for asset in assets)


def _part_problems(contract: Contract, request: OrderRequest, bundle: Item, known: Registers) -> list[Problem]:
    """What is wrong with what its items ask for; what several of them need is said once."""
    found = [
        Problem(code="not_of_bundle", at=f"/{name}", values={"item": bundle.id})
        for name in needless(contract, bundle)
        if getattr(request, name)
    ]
    for part, item, fields in fields_of_parts(contract, bundle, dict(request)):
        asked = OrderRequest.model_validate(fields)
        assets = _assets_of_part(contract, bundle, part, asked, known)
        found += _requester_problems(contract, asked, item) if asked.requester in contract.requesters else []
        found += _request_problems(contract, asked, item, replace(known, assets=assets))
    return list({(one.code, one.at): one for one in found}.values())


def _item_problems(
    contract: Contract, wish: OrderWish | OrderRequest, item: Item | None, known: Registers
) -> list[Problem]:
    if wish.item is None:
        at = "/answers"
        return [Problem(code="answer_without_item", at=at)] if wish.answers else []
    if item is None:
        return [Problem(code="item_unknown", at="/item", values={"item": wish.item})]
    problems = []
    if item.withdrawn:
        problems.append(Problem(code="item_withdrawn", at="/item", values={"item": item.id}))
    if wish.kind not in (None, item.kind):
        problems.append(Problem(code="item_of_other_kind", at="/kind", values={"item": item.id, "kind": item.kind}))
    questions = questions_of(contract, item)
    if questions or wish.answers:
        problems += answer_problems(
            questions,
            wish.answers,
            sites=frozenset(site.id for site in known.sites if site.customer == contract.customer),
            people=known.people,
            tags=known.tags,
        )
    return problems


def _request_problems(contract: Contract, request: OrderRequest, item: Item | None, known: Registers) -> list[Problem]:
    if item is not None and item.items:
        return _part_problems(contract, request, item, known)
    problems = _place_problems(contract, request, known.sites) + _need_problems(request)
    problems += _asset_problems(contract, request, item, known.assets)
    if request.incident is not None and request.incident not in known.incidents:
        problems.append(Problem(code="incident_not_theirs", at="/incident", values={"incident": request.incident}))
    return problems


def _order(
    contract: Contract, request: OrderRequest, item: Item | None, known: Registers, *, no: str, at: datetime
) -> Order:
    site = next(site for site in known.sites if site.id == request.site)
    order = Order(
        no=no,
        customer=contract.customer,
        received_at=at,
        placed_by=request.requester,
        request=request,
        terms=_terms(contract, request, site),
        chain=contract.chain(request.kind),
        assets=known.assets,
    )
    # Where kinds are what can be ordered, their items say nothing more.
    return order if item is None or not contract.catalogue else _of_item(order, offer_of(contract, item))


def _of_item(order: Order, offer: OfferedItem) -> Order:
    terms = order.terms.but(target_minutes=offer.target_minutes)
    if offer.approvers:
        terms = terms.but(approvers=offer.approvers)
    ordered = OrderedItem(
        id=offer.id,
        name=offer.name,
        estimate_minutes=offer.estimate_minutes,
        pricing=offer.pricing,
        price=offer.price,
        questions=offer.questions,
    )
    return order.but(chain=offer.chain, terms=terms, item=ordered)


def _terms(contract: Contract, request: OrderRequest, site: Site) -> Terms:
    return Terms(
        contract=contract.id,
        version=contract.version,
        calendar=contract.calendar,
        target_minutes=contract.targets.get(request.kind, 0),
        access=site.access,
        prices=contract.prices,
        ladder=rows_for(ClockKind.FULFILMENT, contract.ladder),
        approvers=contract.approvers,
        team=contract.team,
        contact_holds=contract.contact_holds,
    )


def _contract_problems(contract: Contract, at: datetime) -> list[Problem]:
    if contract.is_valid_on(at):
        return []
    return [Problem(code="contract_not_valid", at="/contract", values={"contract": contract.id})]


def _kind_problems(contract: Contract, kind: OrderKind | None, item: Item | None) -> list[Problem]:
    if kind is None or kind in contract.targets or item is not None:
        return []
    return [Problem(code="kind_not_offered", at="/kind", values={"kind": kind})]


def _requester_problems(contract: Contract, wish: Requested, item: Item | None) -> list[Problem]:
    if wish.requester not in contract.requesters:
        return [Problem(code="requester_not_named", at="/requester", values={"requester": wish.requester})]
    if item is not None and item.requesters is not None and wish.requester not in item.requesters:
        values = {"requester": wish.requester, "item": item.id}
        return [Problem(code="requester_not_for_item", at="/requester", values=values)]
    return []


def _site_problems(contract: Contract, wish: Requested, known: Registers) -> list[Problem]:
    if any(site.id == wish.site and site.customer == contract.customer for site in known.sites):
        return []
    return [Problem(code="site_unknown", at="/site", values={"site": wish.site})]


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


_NEEDED: Mapping[OrderKind, tuple[str, ...]] = {
    OrderKind.INSTALL: ("target",),
    OrderKind.MOVE: ("assets", "target"),
    OrderKind.ADD: ("assets", "wanted"),
    OrderKind.CHANGE: ("assets",),
    OrderKind.REMOVE: ("assets",),
    OrderKind.DISPOSE: ("assets",),
    OrderKind.BREAK_FIX: (),
    OrderKind.ASSIST: (),
}


def is_needed(field: str, kind: OrderKind) -> bool:
    """What a kind cannot do without (DOMAIN.md 2). What is broken need not stand in the register."""
    return field in _NEEDED[kind]


def _need_problems(request: OrderRequest) -> list[Problem]:
    kind = request.kind
    missing = [field for field in _NEEDED[kind] if not getattr(request, field)]
    if kind == OrderKind.INSTALL and not (request.wanted or request.assets):
        missing.insert(0, "wanted")
    return [Problem(code="field_needed", at=f"/{field}", values={"kind": kind}) for field in missing]


def _asset_problems(
    contract: Contract, request: OrderRequest, item: Item | None, assets: tuple[Asset, ...]
) -> list[Problem]:
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
            problems += _state_problems(contract, request, item, asset, at)
    return problems


def _state_problems(
    contract: Contract, request: OrderRequest, item: Item | None, asset: Asset, at: str
) -> list[Problem]:
    problems = []
    if asset.status not in STARTS[request.kind]:
        values = {"tag": asset.tag, "status": asset.status, "kind": request.kind}
        problems.append(Problem(code="asset_not_ready", at=at, values=values))
    is_offered = request.kind in contract.targets or item is not None
    if is_offered and asset.serial is None and _erases(contract, request.kind, item, asset):
        problems.append(Problem(code="serial_missing", at=at, values={"tag": asset.tag}))
    if request.kind == OrderKind.MOVE and asset.place is not None and asset.place == request.target:
        problems.append(Problem(code="already_there", at=at, values={"tag": asset.tag}))
    return problems


def _erases(contract: Contract, kind: OrderKind, item: Item | None, asset: Asset) -> bool:
    if not asset.data_bearing or asset.erased_by is not None:
        return False
    chain = contract.chain(kind) if item is None else chain_of(contract, item)
    return any(isinstance(step, Erasure) for step in chain.steps)
