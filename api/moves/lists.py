"""How a list comes into a project: held against all the customer has, then stored in one transaction."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from api.jobs import MoveGround, staged_moves
from api.workshop import Maker
from connectors.holidays import with_holidays
from db.assets.asset import written_assets
from db.contracts import list_people, list_sites
from db.engine import Database
from db.list_words import list_words
from db.moves.approvals import await_approval
from db.moves.launches import workplaces_of
from db.moves.projects import column_mapping, newest_list, project_to_change, staged_rows, store_list
from domain.moves.lists.staging import StagedList, StagedRow, counted
from domain.moves.project import Project
from domain.people import Actor
from domain.places import Site


async def bring_in(
    database: Database, workshop: Maker, project: Project, parcel: bytes, *, actor: Actor, at: datetime
) -> StagedList:
    """The list as it is kept now. Raises `Unacceptable` when its columns cannot be read."""
    customers = (project.customer,)
    async with database.reading() as session:
        sites = await list_sites(session, customers)
        people = await list_people(session, customers)
        assets = await written_assets(session, project.customer)
        mapping = await column_mapping(session, project.customer)
        begun = await _begun(session, project)
        words = await list_words(session, project.customer)
    dated = [site.but(access=with_holidays(site.access, at)) for site in sites]
    ground = MoveGround(project, dated, people, assets, mapping, _today(sites, project, at), words, tuple(begun))
    file_name, digest, staged = await workshop.make(staged_moves, parcel, ground)
    rows = tuple(row.as_begun(begun[row.key]) if row.key in begun else row for row in staged.rows)
    staged = staged._replace(rows=rows)
    new = StagedList(
        project=project.id,
        version=1,
        file_name=file_name,
        digest=digest,
        at=at,
        actor=actor,
        headings=staged.headings,
        left_out=staged.left_out,
        unknown_columns=staged.unknown_columns,
        ignored_columns=staged.ignored,
        unread_sheets=staged.unread_sheets,
        hidden_columns=staged.hidden_columns,
        further_headings=staged.further_headings,
        **counted(rows),
    )
    async with database.writing() as session:
        await project_to_change(session, project.id)
        saved = await store_list(session, await newest_list(session, project.id), staged, new)
        # A plan of an older list is approved no more.
        await await_approval(session, project)
    return saved


def _today(sites: Sequence[Site], project: Project, at: datetime) -> date:
    zones = [site.access.zone for site in sites if site.id in project.sites]
    return at.astimezone(ZoneInfo(zones[0]) if zones else at.tzinfo).date()


async def _begun(session: AsyncSession, project: Project) -> Mapping[str, StagedRow]:
    """Rows of the last list that are being moved already, by key: what they say was true when they began."""
    last = await newest_list(session, project.id)
    begun = {one.workplace for one in await workplaces_of(session, project.id) if one.is_begun}
    rows = await staged_rows(session, last) if last and begun else ()
    numbers = {row.row for row in rows if row.key in begun}
    return {row.key: row for row in rows if row.key in begun or row.part_of in numbers}
