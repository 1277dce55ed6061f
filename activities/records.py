"""Writing down what a workflow has decided: projection and journal in one transaction."""

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from activities.ranks import rank_again
from db.awaited import nothing_awaited, write_awaited
from db.cases.case import CaseRow
from db.cases.journal import withdraw, write_events
from db.engine import Database
from db.incidents import IncidentRow, incident_row
from db.moves.launches import LaunchRow, WaveRow, launch_row, store_workplaces, wave_row
from db.moves.projects import project_to_change
from db.oncall.pages import PageRow, page_row
from db.orders import OrderRow, order_row
from db.search import Thing, find_by, order_thing
from db.turns import take_journal_turn
from domain.cases.case import CaseProgress
from domain.cases.events import Event
from domain.cases.ranks import rank_by
from domain.ids import incident_workflow_id, plan_case_id
from domain.incidents import awaited as incident_awaits
from domain.incidents.incident import Incident
from domain.incidents.progress import IncidentProgress
from domain.incidents.search import words_of as incident_words
from domain.moves.launched import awaited as move_awaits
from domain.moves.launched.project_progress import ProjectProgress
from domain.moves.launched.wave_progress import WaveCounts, WaveProgress, WorkplaceStanding
from domain.moves.plans.launches import Launch, WaveLaunch
from domain.oncall import awaited as page_awaits
from domain.oncall.page import Page, PageProgress
from domain.orders import awaited as order_awaits
from domain.orders.order import Order
from domain.orders.progress import Progress
from domain.orders.search import has_other_assets
from domain.orders.search import words_of as order_words
from domain.priorities import Priority
from domain.search import FoundKind
from domain.times import Instant
from domain.values import Slug, Value


class CaseEntry(Value):
    """Events since the last entry, and when it was written.

    `whole` says that this is all that ever happened: whatever the tables hold beyond it was written in a workflow task
    that was lost before it was durable.
    """

    progress: CaseProgress
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


class MergedAsked(Value):
    incident: Slug


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
            await take_journal_turn(session)
            row = await order_row(session, order.no) or OrderRow.made(order, progress)
            is_new = not row.progress
            if await _write(session, row, entry, lambda: row.follow(progress, entry.deadline)):
                waits = order_awaits.waits(order, progress, entry.deadline)
                await write_awaited(session, order_awaits.waiting(order), waits, entry.at)
                if is_new or has_other_assets(order, progress.assets):
                    thing = order_thing(order.no, order.customer)
                    await find_by(session, [(thing, order_words(order, progress.assets))])
        return progress.seq

    @activity.defn
    async def record_incident(self, entry: IncidentEntry) -> int:
        """As `record` does for orders."""
        incident, progress = entry.incident, entry.progress
        async with self._database.writing() as session:
            await take_journal_turn(session)
            row = await incident_row(session, incident.no) or IncidentRow.made(incident, progress)
            is_new = not row.progress
            rank = rank_by(Priority(row.priority))
            if await _write(session, row, entry, lambda: row.follow(progress, entry.deadlines)):
                waits = incident_awaits.waits(incident, progress, entry.deadlines)
                await write_awaited(session, incident_awaits.waiting(incident, progress), waits, entry.at)
                if is_new:
                    thing = Thing(FoundKind.INCIDENT, incident.customer, incident.no)
                    await find_by(session, [(thing, incident_words(incident))])
        if rank_by(progress.priority) != rank:
            await rank_again(incident_workflow_id(incident.no), rank_by(progress.priority))
        return progress.seq

    @activity.defn
    async def goes_on_in(self, asked: MergedAsked) -> Slug | None:
        """The incident in which one that was merged goes on, through however many mergers; None if it was not."""
        passed = [asked.incident]
        async with self._database.reading() as session:
            while (row := await incident_row(session, passed[-1])) is not None:
                merger = row.as_progress().merger
                if merger is None or merger.into in passed:
                    break
                passed.append(merger.into)
        return passed[-1] if len(passed) > 1 else None

    @activity.defn
    async def record_page(self, entry: PageEntry) -> int:
        """As `record` does for orders."""
        page, progress = entry.page, entry.progress
        async with self._database.writing() as session:
            await take_journal_turn(session)
            row = await page_row(session, page.incident, page.no) or PageRow.made(page)
            if await _write(session, row, entry, lambda: row.follow(progress)):
                waits = page_awaits.waits(page, progress)
                await write_awaited(session, page_awaits.waiting(page), waits, entry.at)
        return progress.seq

    @activity.defn
    async def record_project(self, entry: ProjectEntry) -> int:
        """As `record` does for orders."""
        launch, progress = entry.launch, entry.progress
        async with self._database.writing() as session:
            await take_journal_turn(session)
            row = await launch_row(session, launch.project) or LaunchRow.made(launch)
            if await _write(session, row, entry, lambda: row.follow(progress, entry.deadline)):
                waits = move_awaits.waits(launch, progress)
                await write_awaited(session, move_awaits.waiting(launch), waits, entry.at)
                if progress.state.is_final:
                    await project_to_change(session, launch.project)
                    await nothing_awaited(session, plan_case_id(launch.project))
        return progress.seq

    @activity.defn
    async def record_wave(self, entry: WaveEntry) -> int:
        """As `record` does for orders."""
        launch, progress = entry.launch, entry.progress
        async with self._database.writing() as session:
            await take_journal_turn(session)
            row = await wave_row(session, launch.project, launch.wave.id) or await _first_of_wave(session, launch)
            is_newest = entry.whole or progress.seq >= row.seq
            await _write(session, row, entry, lambda: row.follow(progress, entry.counts, entry.deadline))
            if is_newest:
                await store_workplaces(session, launch.project, launch.customer, entry.rows, entry.at)
                waits, open_ = move_awaits.wave_waits(progress, entry.rows), move_awaits.open_steps(progress)
                await write_awaited(session, move_awaits.waiting(launch), waits, entry.at, besides=open_)
        return progress.seq


async def _write(session: AsyncSession, row: CaseRow, entry: CaseEntry, follow: Callable[[], None]) -> bool:
    """Whether the case now stands as the entry says."""
    seq = entry.progress.seq
    as_known = await write_events(session, row.workflow_id, row.customer, entry.events)
    if entry.whole:
        await withdraw(session, row.workflow_id, seq + 1)
    follows = entry.whole or not as_known or seq >= row.seq
    if follows:
        row.seq, row.updated_at = seq, entry.at
        follow()
        session.add(row)
    return follows


async def _first_of_wave(session: AsyncSession, launch: WaveLaunch) -> WaveRow:
    # The project may be showing the rows of this wave as those to come: one after the other.
    await project_to_change(session, launch.project)
    return WaveRow.made(launch)
