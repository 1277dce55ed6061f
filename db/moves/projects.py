"""Move projects, the versions of their lists with every row as it was staged, and how customers head their columns."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Text, func, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from db.columns import UtcDateTime
from db.search import Thing, find_only_by
from domain.moves.lists.columns import ColumnMapping
from domain.moves.lists.staging import (
    Before,
    Conflict,
    RowChange,
    RowState,
    Staged,
    StagedList,
    StagedRow,
    causes_of,
    counted,
)
from domain.moves.project import Project
from domain.moves.search import words_of
from domain.search import FoundKind


class ProjectRow(SQLModel, table=True):
    __tablename__ = "projects"

    id: str = Field(primary_key=True, max_length=64)
    customer: str = Field(max_length=64, foreign_key="customers.id", index=True)
    project: str = Field(sa_type=Text)

    def as_project(self) -> Project:
        return Project.model_validate_json(self.project)


class MoveListRow(SQLModel, table=True):
    """Versions are never changed but for what is counted when conflicts are accepted; the highest counts."""

    __tablename__ = "move_lists"

    project: str = Field(primary_key=True, max_length=64, foreign_key="projects.id")
    version: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    staged: str = Field(sa_type=Text)

    def as_list(self) -> StagedList:
        return StagedList.model_validate_json(self.staged)


class MoveRow(SQLModel, table=True):
    """`content` is a hash of what the row says, `key` one of who moves where."""

    __tablename__ = "move_rows"

    project: str = Field(primary_key=True, max_length=64)
    version: int = Field(primary_key=True)
    row: int = Field(primary_key=True)
    key: str = Field(max_length=64)
    content: str = Field(max_length=64)
    state: str = Field(max_length=16)
    staged: str = Field(sa_type=Text)


class ColumnMappingRow(SQLModel, table=True):
    __tablename__ = "column_mappings"

    customer: str = Field(primary_key=True, max_length=64, foreign_key="customers.id")
    mapping: str = Field(sa_type=Text)


async def project(session: AsyncSession, project_id: str) -> Project | None:
    row = await session.get(ProjectRow, project_id)
    return row.as_project() if row else None


async def project_to_change(session: AsyncSession, project_id: str) -> Project | None:
    """The project, whose lists nobody else changes before this transaction ends."""
    query = select(ProjectRow).where(col(ProjectRow.id) == project_id).with_for_update()
    row = (await session.execute(query)).scalar_one_or_none()
    return row.as_project() if row else None


async def list_projects(session: AsyncSession, customers: tuple[str, ...] | None) -> Sequence[Project]:
    query = select(ProjectRow).order_by(col(ProjectRow.id))
    if customers is not None:
        query = query.where(col(ProjectRow.customer).in_(customers))
    return [row.as_project() for row in (await session.execute(query)).scalars()]


async def save_project(session: AsyncSession, saved: Project) -> None:
    await session.merge(ProjectRow(id=saved.id, customer=saved.customer, project=saved.model_dump_json()))
    await find_only_by(session, Thing(FoundKind.PROJECT, saved.customer, saved.id), words_of(saved))


async def column_mapping(session: AsyncSession, customer: str) -> ColumnMapping:
    row = await session.get(ColumnMappingRow, customer)
    return ColumnMapping.model_validate_json(row.mapping) if row else ColumnMapping(columns={})


async def save_column_mapping(session: AsyncSession, customer: str, mapping: ColumnMapping) -> None:
    await session.merge(ColumnMappingRow(customer=customer, mapping=mapping.model_dump_json()))


async def newest_list(session: AsyncSession, project_id: str) -> StagedList | None:
    query = (
        select(MoveListRow)
        .where(col(MoveListRow.project) == project_id)
        .order_by(col(MoveListRow.version).desc())
        .limit(1)
    )
    row = (await session.execute(query)).scalar_one_or_none()
    return row.as_list() if row else None


async def list_of(session: AsyncSession, project_id: str, version: int) -> StagedList | None:
    row = await session.get(MoveListRow, (project_id, version))
    return row.as_list() if row else None


async def lists_of(session: AsyncSession, project_id: str) -> Sequence[StagedList]:
    """All versions, newest first."""
    query = select(MoveListRow).where(col(MoveListRow.project) == project_id).order_by(col(MoveListRow.version).desc())
    return [row.as_list() for row in (await session.execute(query)).scalars()]


async def staged_rows(
    session: AsyncSession,
    of: StagedList,
    *,
    states: Sequence[RowState] | None = None,
    after: int = 0,
    limit: int | None = None,
) -> Sequence[StagedRow]:
    """By their place in the file; one more than the limit, so that the caller sees whether there is a next page."""
    query = _in_order(of).where(col(MoveRow.row) > after)
    if states is not None:
        query = query.where(col(MoveRow.state).in_(states))
    if limit is not None:
        query = query.limit(limit + 1)
    return [StagedRow.model_validate_json(text) for text in (await session.execute(query)).scalars()]


async def written_rows(session: AsyncSession, of: StagedList) -> Sequence[str]:
    """All of them as they are kept, for whoever reads them elsewhere."""
    return (await session.execute(_in_order(of))).scalars().all()


def _in_order(of: StagedList) -> SelectOfScalar[str]:
    here = (col(MoveRow.project) == of.project, col(MoveRow.version) == of.version)
    return select(MoveRow.staged).where(*here).order_by(col(MoveRow.row))


async def staged_row(session: AsyncSession, of: StagedList, number: int) -> StagedRow | None:
    row = await session.get(MoveRow, (of.project, of.version, number))
    return StagedRow.model_validate_json(row.staged) if row else None


async def staged_row_by_key(session: AsyncSession, project_id: str, list_version: int, key: str) -> StagedRow | None:
    """The first row of the key: the others were refused."""
    query = (
        select(MoveRow.staged)
        .where(col(MoveRow.project) == project_id, col(MoveRow.version) == list_version, col(MoveRow.key) == key)
        .order_by(col(MoveRow.row))
        .limit(1)
    )
    text = (await session.execute(query)).scalar_one_or_none()
    return StagedRow.model_validate_json(text) if text else None


async def staged_rows_by_key(session: AsyncSession, of: StagedList, keys: Collection[str]) -> dict[str, StagedRow]:
    """The first row of each key: the others were refused."""
    here = (col(MoveRow.project) == of.project, col(MoveRow.version) == of.version, col(MoveRow.key).in_(keys))
    query = select(MoveRow.staged).where(*here).order_by(col(MoveRow.row).desc())
    rows = [StagedRow.model_validate_json(text) for text in (await session.execute(query)).scalars()]
    return {row.key: row for row in rows}


async def store_list(session: AsyncSession, last: StagedList | None, staged: Staged, new: StagedList) -> StagedList:
    """The list as the next version, compared with the last; the same file with the same result makes no version."""
    before = await _before(session, last) if last else Before()
    rows = [row.since(before) for row in staged.rows]
    keys = {row.key for row in rows}
    removed = tuple(sorted(number for key, number in before.rows.items() if key not in keys))
    version = last.version + 1 if last else 1
    saved = new.but(version=version, removed=removed, causes=causes_of(rows), **counted(rows))
    if last is not None and last.digest == saved.digest and await _says_the_same(session, last, rows):
        return last
    session.add(MoveListRow(project=saved.project, version=version, at=saved.at, staged=saved.model_dump_json()))
    await session.flush()
    if rows:
        await session.execute(insert(MoveRow), [_stored(saved, row).model_dump() for row in rows])
    return saved


async def _says_the_same(session: AsyncSession, last: StagedList, rows: Sequence[StagedRow]) -> bool:
    """Whether nothing has changed, neither in the file nor in what it is held against."""
    kept = await staged_rows(session, last)
    return [row.but(change=RowChange.UNCHANGED) for row in kept] == list(rows)


async def replace_row(session: AsyncSession, of: StagedList, row: StagedRow) -> StagedList:
    """A row whose conflicts were accepted, and its list counted anew."""
    await session.merge(_stored(of, row))
    await session.flush()
    states = (
        select(MoveRow.state, func.count())
        .where(col(MoveRow.project) == of.project, col(MoveRow.version) == of.version)
        .group_by(col(MoveRow.state))
    )
    count = {str(state): number for state, number in await session.execute(states)}
    open_ = await staged_rows(session, of, states=(RowState.ISSUE, RowState.CONFLICT))
    again = of.but(
        with_conflicts=count.get(RowState.CONFLICT, 0),
        accepted=count.get(RowState.ACCEPTED, 0),
        staying=count.get(RowState.STAYS, 0),
        causes=causes_of(open_),
    )
    kept = MoveListRow(project=of.project, version=of.version, at=of.at, staged=again.model_dump_json())
    await session.merge(kept)
    return again


async def _before(session: AsyncSession, last: StagedList) -> Before:
    here = (col(MoveRow.project) == last.project, col(MoveRow.version) == last.version)
    # The first row of a key is the right one; the others were refused.
    query = select(MoveRow.key, MoveRow.content, MoveRow.row).where(*here).order_by(col(MoveRow.row).desc())
    said = (await session.execute(query)).all()
    weighed = select(MoveRow.staged).where(*here, col(MoveRow.staged).contains('"accepted":{'))
    accepted: dict[str, Sequence[Conflict]] = {}
    for text in (await session.execute(weighed)).scalars():
        row = StagedRow.model_validate_json(text)
        accepted[row.key] = row.conflicts
    contents: dict[str, set[str]] = defaultdict(set)
    for key, content, _ in said:
        contents[key].add(content)
    return Before(contents, {key: number for key, _, number in said}, accepted)


def _stored(of: StagedList, row: StagedRow) -> MoveRow:
    return MoveRow(
        project=of.project,
        version=of.version,
        row=row.row,
        key=row.key,
        content=row.content,
        state=row.state,
        staged=row.model_dump_json(exclude_defaults=True),
    )
