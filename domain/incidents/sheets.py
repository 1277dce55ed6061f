"""The incident as people and systems read it: what was reported and promised, who holds it, how it stands."""

from collections.abc import Mapping
from datetime import datetime

from domain.assets.asset import Asset
from domain.cases.case import HoursOf
from domain.cases.faults import CaseFault
from domain.cases.holders import Broken, Burnt, Stint, broken
from domain.clocks.holds import ClockHold
from domain.contracts.matrix import Cell
from domain.incidents.decisions import RULES
from domain.incidents.incident import Incident, IncidentRequest
from domain.incidents.progress import (
    IncidentPage,
    IncidentProgress,
    IncidentState,
    Merger,
    PromisedDate,
    Waiver,
    Withdrawal,
)
from domain.incidents.promises import RESOLUTION
from domain.incidents.relatives import LinkedOrder, MergedIn
from domain.incidents.reports import burnt
from domain.orders.sheets import ClockFace, faces
from domain.priorities import Grade, Priority
from domain.times import Instant
from domain.values import AssetTag, Line, Slug, Text, Value
from domain.vendors.jobs import VendorJob
from domain.vendors.jobs import for_customers as jobs_for_customers


class IncidentSheet(Value):
    """`deadline` is the promise to the customer that runs out next; None while it is held or kept.

    `red` says that everybody was paged and nobody took it. `burnt` says whose minutes went so far, `commands` are those
    its state allows, `faults` those of what runs it. `answerable` is its owner; while red, whoever answers for it.
    `answered_at` is since when an answer to its solution waits to be looked at, `alerts_firing` how many of its alerts
    fire although it is solved.
    """

    no: Slug
    customer: Slug
    contract: Slug
    contract_version: int
    state: IncidentState
    priority: Priority
    category: Slug | None
    impact: Grade | None
    urgency: Grade | None
    title: Line
    site: Slug
    received_at: Instant
    in_hours: bool
    deadline: Instant | None
    missed: bool
    red: bool
    owner: Slug | None
    holder: Stint
    stints: tuple[Stint, ...]
    burnt: tuple[Burnt, ...]
    broken: tuple[Broken, ...]
    clocks: tuple[ClockFace, ...]
    holds: tuple[ClockHold, ...]
    promises: tuple[PromisedDate, ...]
    orders: tuple[LinkedOrder, ...]
    jobs: tuple[VendorJob, ...]
    pages: tuple[IncidentPage, ...]
    parent: Slug | None
    responded_at: Instant | None
    resolved_at: Instant | None
    reopen_until: Instant | None
    answered_at: Instant | None
    proposed_at: Instant | None
    solution: Text | None
    cause: Slug | None
    withdrawal: Withdrawal | None
    merger: Merger | None
    merged: tuple[MergedIn, ...]
    waivers: tuple[Waiver, ...]
    solved_with: Slug | None
    answerable: Slug | None
    request: IncidentRequest
    asset: Asset | None
    cell: Cell
    commands: tuple[Slug, ...]
    seq: int
    faults: tuple[CaseFault, ...] = ()
    alerts_firing: int = 0


class IncidentLine(Value):
    """One incident in a list."""

    no: Slug
    customer: Slug
    contract: Slug
    state: IncidentState
    priority: Priority
    title: Line
    category: Slug | None = None
    site: Slug
    asset: AssetTag | None
    reporter: Slug | None
    owner: Slug | None
    holder: Slug
    parent: Slug | None
    reference: Line | None
    received_at: Instant
    updated_at: Instant
    deadline: Instant | None
    missed: bool
    stuck: bool
    faults: tuple[CaseFault, ...] = ()


# What the progress and the sheet call alike.
_ALIKE = (
    *("state", "priority", "category", "impact", "urgency", "red", "owner", "holder", "stints", "holds"),
    *(
        "promises",
        "orders",
        "jobs",
        "pages",
        "parent",
        "responded_at",
        "resolved_at",
        "reopen_until",
        "answered_at",
        "proposed_at",
    ),
    *("solution", "cause", "withdrawal", "merger", "merged", "waivers", "solved_with", "answerable", "seq"),
)


def sheet(
    incident: Incident,
    progress: IncidentProgress,
    *,
    deadlines: Mapping[str, datetime],
    hours_of: HoursOf,
    now: datetime,
) -> IncidentSheet:
    """`deadlines` are those of the running clocks, by name."""
    resolution = next(clock for clock in progress.clocks if clock.name == RESOLUTION)
    clocks = zip(faces(progress, now, deadlines), progress.clocks, strict=True)
    return IncidentSheet(
        **{name: getattr(progress, name) for name in _ALIKE},
        no=incident.no,
        customer=incident.customer,
        contract=incident.terms.contract,
        contract_version=incident.terms.version,
        title=incident.request.title,
        site=incident.request.site,
        received_at=incident.received_at,
        in_hours=incident.in_hours,
        deadline=next_deadline(progress, deadlines),
        missed=progress.is_missed,
        burnt=burnt(progress, hours_of(resolution), now),
        broken=broken(progress.clocks),
        clocks=tuple(face.but(used=clock.used(hours_of(clock), now)) for face, clock in clocks),
        request=incident.request,
        asset=incident.asset,
        cell=incident.cell(progress.priority),
        commands=tuple(
            command.model_fields["type"].default for command, rule in RULES.items() if progress.state in rule.states
        ),
    )


def for_customers(whole: IncidentSheet) -> IncidentSheet:
    """As their journal has it: whom we call at night, and which vendors we ask in vain, is not their affair."""
    return whole.but(
        red=False,
        faults=(),
        alerts_firing=0,
        clocks=tuple(face for face in whole.clocks if face.type.is_for_customers),
        broken=tuple(one for one in whole.broken if one.type.is_for_customers),
        pages=(),
        jobs=jobs_for_customers(whole.jobs),
    )


def line_for_customers(line: IncidentLine) -> IncidentLine:
    return line.but(stuck=False, faults=())


def next_deadline(progress: IncidentProgress, deadlines: Mapping[str, datetime]) -> datetime | None:
    promised = (deadlines.get(clock.name) for clock in progress.clocks if clock.type.is_for_customers)
    return min((due for due in promised if due is not None), default=None)
