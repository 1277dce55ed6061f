"""Directories by version: who was responsible for what, for one customer or for all."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Text, func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select

from db.columns import UtcDateTime
from db.versions import next_version
from domain.vendors.directories import Directory

# No customer has this id.
ALL = ""


class DirectoryRow(SQLModel, table=True):
    """`scope` is a customer, or empty for what holds for all of them."""

    __tablename__ = "directories"

    scope: str = Field(primary_key=True, max_length=64)
    version: int = Field(primary_key=True)
    since: datetime = Field(sa_type=UtcDateTime)
    saved_by: str = Field(max_length=64)
    directory: str = Field(sa_type=Text)

    def as_directory(self) -> Directory:
        return Directory.model_validate_json(self.directory)


async def directory_of(session: AsyncSession, customer: str | None) -> Directory:
    """The version in force; empty where none was ever saved."""
    of = col(DirectoryRow.scope) == (customer or ALL)
    query = select(DirectoryRow).where(of).order_by(col(DirectoryRow.version).desc()).limit(1)
    row = (await session.execute(query)).scalar_one_or_none()
    return row.as_directory() if row else Directory(customer=customer)


async def directories_for(session: AsyncSession, customer: str | None) -> Sequence[Directory]:
    """Those that are asked for a customer, its own first."""
    own = [await directory_of(session, customer)] if customer is not None else []
    return [*own, await directory_of(session, None)]


async def directories_naming(session: AsyncSession, vendor: str) -> Sequence[Directory]:
    """Every directory in force in which the vendor stands."""
    newest = select(DirectoryRow.scope, func.max(DirectoryRow.version).label("version"))
    last = newest.group_by(col(DirectoryRow.scope)).subquery()
    query = select(DirectoryRow).join(
        last, (col(DirectoryRow.scope) == last.c.scope) & (col(DirectoryRow.version) == last.c.version)
    )
    found = [row.as_directory() for row in (await session.execute(query)).scalars()]
    return [directory for directory in found if any(row.vendor == vendor for row in directory.rows)]


async def save_directory(session: AsyncSession, directory: Directory, *, by: str, at: datetime) -> Directory:
    """The directory under the next version, in force at once; unchanged, it stays the version it is."""
    kept = await directory_of(session, directory.customer)
    saved = next_version(directory, kept if kept.version else None)
    if saved is kept:
        return saved
    session.add(
        DirectoryRow(
            scope=saved.customer or ALL,
            version=saved.version,
            since=at,
            saved_by=by,
            directory=saved.model_dump_json(),
        )
    )
    return saved
