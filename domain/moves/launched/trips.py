"""What the order for one leg of a workplace asks for: from where to where, when, and by whom."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from domain.assets.asset import MOST_ASSETS, Asset
from domain.cases.order_commands import Book, Window
from domain.contracts.contract import Contract
from domain.ids import leg_order_no
from domain.kinds import Leg, OrderKind
from domain.moves.lists.kits import KitMove
from domain.moves.lists.staging import StagedRow
from domain.moves.plans.plan import Assignment
from domain.moves.plans.versions import ProjectPlan
from domain.moves.project import Project
from domain.orders.order import Order, OrderRequest, ProjectPart, Registers, accept_part
from domain.places import Place
from domain.refusals import Problem, Refused, unknown
from domain.times import Instant
from domain.values import Slug, Value


class PlaceLeg(Value):
    """The order for one leg of a workplace. Its number is drawn from project, workplace, leg and attempt."""

    project: Slug
    plan: int
    wave: Slug
    workplace: Slug
    leg: Leg
    attempt: int
    approver: Slug
    placed_by: Slug
    at: Instant

    @property
    def order_no(self) -> str:
        return leg_order_no(self.project, self.workplace, self.leg, self.attempt)


class Trip(Value):
    leg: Leg
    source: Place | None
    target: Place | None
    visit: Book

    @property
    def desk(self) -> Place | None:
        """Where there is room for one only."""
        return self.target if self.target is not None and self.target.desk is not None else None


class LegGround(NamedTuple):
    """What is known of the names in a request, and what stands at the target."""

    known: Registers
    there: Sequence[Asset] = ()


def trip_of(plan: ProjectPlan, move: KitMove, workplace: str, leg: Leg, at: datetime) -> Trip:
    """As planned; the way back is nobody's plan: it is done at once, by whoever was to do the way there.

    Raises `Refused` when the plan knows of no such leg, or nobody knows where the way back leads.
    """
    mine = [entry for entry in plan.plan.assignments if entry.workplace == workplace]
    if not mine:
        raise unknown("workplace", workplace)
    if leg == Leg.BACK:
        last = mine[-1]
        if move.source is None:
            raise Refused(Problem(code="way_back_unknown"))
        window = Window(start=at, end=at + (last.end - last.start))
        return Trip(leg=leg, source=last.target, target=move.source, visit=_visit(last, window))
    entry = next((entry for entry in mine if entry.leg == leg), None)
    if entry is None:
        raise unknown("workplace", f"{workplace}/{leg}")
    target = entry.target if move.kind in (OrderKind.MOVE, OrderKind.INSTALL) else None
    window = Window(start=entry.start, end=entry.end)
    return Trip(leg=leg, source=move.source, target=target, visit=_visit(entry, window))


def _visit(entry: Assignment, window: Window) -> Book:
    return Book(window=window, technician=entry.technician, customer_asked=True)


def request_for(project: Project, row: StagedRow, trip: Trip, requester: str) -> OrderRequest:
    """Raises `Refused` when the row holds more than one order takes."""
    move = row.move
    assert move is not None  # only right rows are planned
    if len(move.assets) > MOST_ASSETS:
        values = {"assets": str(len(move.assets)), "most": str(MOST_ASSETS)}
        raise Refused(Problem(code="too_many_assets", values=values))
    place = trip.source or trip.target
    return OrderRequest(
        contract=project.contract,
        kind=move.kind,
        requester=requester,
        site=place.site if place else project.sites[0],
        target=trip.target,
        holder=move.holder,
        assets=move.assets,
        reference=f"{project.id}/{row.row}",
    )


def order_for(
    asked: PlaceLeg, row: StagedRow, trip: Trip, request: OrderRequest, contract: Contract, ground: LegGround
) -> Order:
    """Raises `Refused` as the contract or the registers refuse it, or when somebody else is still at the desk."""
    _check_desk(row, ground.there)
    part = ProjectPart(
        project=asked.project,
        wave=asked.wave,
        workplace=asked.workplace,
        leg=asked.leg,
        attempt=asked.attempt,
        approver=asked.approver,
        visit=trip.visit,
    )
    return accept_part(contract, request, ground.known, part, no=asked.order_no, at=asked.at)


def _check_desk(row: StagedRow, there: Sequence[Asset]) -> None:
    """Nobody is moved to a desk at which somebody else still has their things, unless it was said to be wanted."""
    move = row.move
    if move is None or any(one.code == "target_occupied" and one.accepted is not None for one in row.conflicts):
        return
    for asset in there:
        if asset.tag not in move.assets and asset.holder and asset.holder != move.holder:
            values = {"place": str(asset.place), "holder": asset.holder, "tags": asset.tag}
            raise Refused(Problem(code="target_occupied", values=values))
