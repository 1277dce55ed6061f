"""Writing down what a workflow has decided: projection and journal in one transaction."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from db.cases import NEVER, CaseRow
from db.engine import Database
from db.incidents import IncidentRow, incident_row
from db.journal import withdraw, write_events
from db.launches import LaunchRow, WaveRow, launch_row, store_workplaces, wave_row
from db.orders import OrderRow, order_row
from db.pages import PageRow, page_row
from db.projects import project_to_change
from domain.cases.events import Event
from domain.ids import (
    incident_workflow_id,
    order_workflow_id,
    page_workflow_id,
    project_workflow_id,
    wave_workflow_id,
)
from domain.incidents.incident import Incident
from domain.incidents.progress import IncidentProgress
from domain.incidents.sheets import next_deadline
from domain.moves.launched.project_progress import GateState, ProjectProgress, ProjectState
from domain.moves.launched.wave_progress import WaveCounts, WaveProgress, WaveState, WorkplaceStanding
from domain.moves.plans.launches import Launch, WaveLaunch
from domain.oncall.page import Page, PageProgress, PageState
from domain.orders.order import Order
from domain.orders.progress import Progress, StepStatus
from domain.times import Instant
from domain.values import Slug, Value

R = TypeVar("R", bound=CaseRow)


class CaseEntry(Value):
    """Events since the last entry, and when it was written.

    `whole` says that this is all that ever happened: whatever the tables hold beyond it was written in a workflow task
    that was lost before it was durable.
    """

    events: tuple[Event, ...]
    at: Instant
    whole: bool = False


class OrderEntry(CaseEntry):
    """The order as it stands after these events."""

    order: Order
    progress: Progress
    deadline: Instant | None


class IncidentEntry(CaseEntry):
    """The incident as it stands after these events; `deadlines` are those of its running clocks."""

    incident: Incident
    progress: IncidentProgress
    deadlines: dict[Slug, Instant]


class PageEntry(CaseEntry):
    """The page as it stands after these events."""

    page: Page
    progress: PageProgress


class ProjectEntry(CaseEntry):
    """The launched project as it stands after these events."""

    launch: Launch
    progress: ProjectProgress
    deadline: Instant | None


class WaveEntry(CaseEntry):
    """The wave as it stands after these events, with the rows that stand otherwise than at the last entry."""

    launch: WaveLaunch
    progress: WaveProgress
    counts: WaveCounts
    rows: tuple[WorkplaceStanding, ...]
    deadline: Instant | None


class Records:
    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn
    async def record(self, entry: OrderEntry) -> int:
        """The last sequence number that is now written; a repeat, or an entry that comes late, changes nothing."""
        order, progress = entry.order, entry.progress
        async with self._database.writing() as session:
            row = await order_row(session, order.no) or _new_order(entry)
            workflow_id = order_workflow_id(order.no)
            await _write(session, workflow_id, entry, progress.seq, row, lambda row: _update_order(row, entry))
        return progress.seq

    @activity.defn
    async def record_incident(self, entry: IncidentEntry) -> int:
        """As `record` does for orders."""
        incident, progress = entry.incident, entry.progress
        async with self._database.writing() as session:
            row = await incident_row(session, incident.no) or _new_incident(entry)
            workflow_id = incident_workflow_id(incident.no)
            await _write(session, workflow_id, entry, progress.seq, row, lambda row: _update_incident(row, entry))
        return progress.seq

    @activity.defn
    async def record_page(self, entry: PageEntry) -> int:
        """As `record` does for orders."""
        page, progress = entry.page, entry.progress
        async with self._database.writing() as session:
            row = await page_row(session, page.incident, page.no) or _new_page(page)
            workflow_id = page_workflow_id(page.case, page.no)
            await _write(session, workflow_id, entry, progress.seq, row, lambda row: _update_page(row, progress))
        return progress.seq

    @activity.defn
    async def record_project(self, entry: ProjectEntry) -> int:
        """As `record` does for orders."""
        progress = entry.progress
        async with self._database.writing() as session:
            row = await launch_row(session, entry.launch.project) or _new_launch(entry.launch)
            workflow_id = project_workflow_id(entry.launch.project)
            await _write(session, workflow_id, entry, progress.seq, row, lambda row: _update_launch(row, entry))
        return progress.seq

    @activity.defn
    async def record_wave(self, entry: WaveEntry) -> int:
        """As `record` does for orders."""
        launch, progress = entry.launch, entry.progress
        async with self._database.writing() as session:
            row = await wave_row(session, launch.project, launch.wave.id) or await _first_of_wave(session, launch)
            workflow_id = wave_workflow_id(launch.project, launch.wave.id)
            is_newest = entry.whole or progress.seq >= row.seq
            await _write(session, workflow_id, entry, progress.seq, row, lambda row: _update_wave(row, entry))
            if is_newest:
                await store_workplaces(session, launch.project, launch.customer, entry.rows, entry.at)
        return progress.seq


async def _write(
    session: AsyncSession, workflow_id: str, entry: CaseEntry, seq: int, row: R, update: Callable[[R], None]
) -> None:
    as_known = await write_events(session, workflow_id, row.customer, entry.events)
    if entry.whole:
        await withdraw(session, workflow_id, seq + 1)
    if entry.whole or not as_known or seq >= row.seq:
        row.seq, row.updated_at = seq, entry.at
        update(row)
        session.add(row)


def _new_order(entry: OrderEntry) -> OrderRow:
    order = entry.order
    return OrderRow(
        no=order.no,
        customer=order.customer,
        contract=order.terms.contract,
        kind=order.request.kind,
        state=entry.progress.state,
        site=order.request.site,
        requester=order.request.requester,
        reference=order.request.reference,
        received_at=order.received_at,
        updated_at=order.received_at,
        order=order.model_dump_json(exclude_none=True),
        progress="",
    )


def _update_order(row: OrderRow, entry: OrderEntry) -> None:
    progress = entry.progress
    row.state = progress.state
    row.deadline = entry.deadline or NEVER
    row.missed = progress.is_missed
    row.stuck = any(step.status == StepStatus.STUCK for step in progress.steps)
    row.progress = progress.model_dump_json(exclude_none=True)


def _new_incident(entry: IncidentEntry) -> IncidentRow:
    incident, request = entry.incident, entry.incident.request
    return IncidentRow(
        no=incident.no,
        customer=incident.customer,
        contract=incident.terms.contract,
        state=entry.progress.state,
        priority=entry.progress.priority,
        title=request.title,
        site=request.site,
        reporter=request.reporter,
        asset=request.asset,
        holder=entry.progress.holder.holder,
        reference=request.reference,
        received_at=incident.received_at,
        updated_at=incident.received_at,
        incident=incident.model_dump_json(exclude_none=True),
        progress="",
    )


def _update_incident(row: IncidentRow, entry: IncidentEntry) -> None:
    progress = entry.progress
    row.state, row.priority = progress.state, progress.priority
    row.owner, row.holder, row.parent = progress.owner, progress.holder.holder, progress.parent
    row.deadline = next_deadline(progress, entry.deadlines) or NEVER
    row.deadlines = {name: due.isoformat() for name, due in entry.deadlines.items()}
    row.missed, row.stuck = progress.is_missed, progress.red
    row.progress = progress.model_dump_json(exclude_none=True)


def _new_page(page: Page) -> PageRow:
    return PageRow(
        no=page.name,
        incident=page.incident,
        customer=page.customer,
        contract=page.contract,
        state=PageState.CALLING,
        site=page.values.get("site", ""),
        received_at=page.started_at,
        updated_at=page.started_at,
        page=page.model_dump_json(exclude_none=True),
        progress="",
    )


def _update_page(row: PageRow, progress: PageProgress) -> None:
    row.state, row.owner = progress.state, progress.owner
    row.stuck = progress.state == PageState.UNANSWERED
    row.progress = progress.model_dump_json(exclude_none=True)


def _new_launch(launch: Launch) -> LaunchRow:
    return LaunchRow(
        no=launch.project,
        customer=launch.customer,
        contract=launch.contract,
        state=ProjectState.RUNNING,
        site=launch.site,
        received_at=launch.received_at,
        updated_at=launch.received_at,
        launch=launch.model_dump_json(exclude_none=True),
        progress="",
    )


def _update_launch(row: LaunchRow, entry: ProjectEntry) -> None:
    progress = entry.progress
    row.state, row.deadline = progress.state, entry.deadline or NEVER
    row.stuck = progress.state == ProjectState.SETTLING or any(
        wave.gate in (GateState.ASKED, GateState.REFUSED) for wave in progress.waves
    )
    row.progress = progress.model_dump_json(exclude_none=True)


async def _first_of_wave(session: AsyncSession, launch: WaveLaunch) -> WaveRow:
    # The project may be showing the rows of this wave as those to come: one after the other.
    await project_to_change(session, launch.project)
    return _new_wave(launch)


def _new_wave(launch: WaveLaunch) -> WaveRow:
    return WaveRow(
        no=f"{launch.project}/{launch.wave.id}",
        project=launch.project,
        wave=launch.wave.id,
        customer=launch.customer,
        contract=launch.contract,
        state=WaveState.RUNNING,
        site=launch.site,
        received_at=launch.received_at,
        updated_at=launch.received_at,
        launch=launch.model_dump_json(exclude_none=True),
        counts="",
        progress="",
    )


def _update_wave(row: WaveRow, entry: WaveEntry) -> None:
    progress = entry.progress
    row.state, row.deadline = progress.state, entry.deadline or NEVER
    row.stuck = bool(progress.points)
    row.counts = entry.counts.model_dump_json()
    row.progress = progress.model_dump_json(exclude_none=True)
