"""What the order for one leg of a workplace asks for: from where to where, when, and by whom."""

from datetime import datetime

from domain.commands import Book, Window
from domain.kinds import OrderKind
from domain.move_kits import Move
from domain.move_staging import StagedRow
from domain.orders import OrderRequest
from domain.places import Place
from domain.plans import Assignment, Leg
from domain.project_plans import ProjectPlan
from domain.projects import Project
from domain.refusals import Problem, Refused, unknown
from domain.values import Value


class Trip(Value):
    leg: Leg
    source: Place | None
    target: Place | None
    visit: Book


def trip_of(plan: ProjectPlan, move: Move, workplace: str, leg: Leg, at: datetime) -> Trip:
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
    move = row.move
    assert move is not None  # only right rows are planned
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
