"""Vendors by version: a job that was given under one must be explained by it years later, so none is ever changed."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Text, func, or_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select

from db.columns import UtcDateTime
from db.contracts import people_by_id
from db.versions import next_version
from domain.vendors.vendor import Vendor


class VendorRow(SQLModel, table=True):
    """A version holds from `since` until the next one's. Without a customer the vendor serves all of them."""

    __tablename__ = "vendors"

    id: str = Field(primary_key=True, max_length=64)
    version: int = Field(primary_key=True)
    customer: str | None = Field(default=None, max_length=64, foreign_key="customers.id", index=True)
    since: datetime = Field(sa_type=UtcDateTime)
    saved_by: str = Field(max_length=64)
    vendor: str = Field(sa_type=Text)

    def as_vendor(self) -> Vendor:
        return _vendor(self.vendor)


# A calendar that stays in memory also stays compiled.
@lru_cache(maxsize=1024)
def _vendor(text: str) -> Vendor:
    return Vendor.model_validate_json(text)


async def vendor_in_force(session: AsyncSession, vendor_id: str) -> Vendor | None:
    query = select(VendorRow).where(col(VendorRow.id) == vendor_id).order_by(col(VendorRow.version).desc()).limit(1)
    row = (await session.execute(query)).scalar_one_or_none()
    return row.as_vendor() if row else None


async def vendor_version(session: AsyncSession, vendor_id: str, version: int) -> Vendor | None:
    row = await session.get(VendorRow, (vendor_id, version))
    return row.as_vendor() if row else None


async def list_vendors(session: AsyncSession, customers: tuple[str, ...] | None) -> Sequence[Vendor]:
    """Those of the customers, and those that serve all."""
    newest = select(VendorRow.id, func.max(VendorRow.version).label("version")).group_by(col(VendorRow.id)).subquery()
    query = (
        select(VendorRow)
        .join(newest, (col(VendorRow.id) == newest.c.id) & (col(VendorRow.version) == newest.c.version))
        .order_by(col(VendorRow.id))
    )
    if customers is not None:
        query = query.where(or_(col(VendorRow.customer).in_(customers), col(VendorRow.customer).is_(None)))
    return [row.as_vendor() for row in (await session.execute(query)).scalars()]


async def save_vendor(session: AsyncSession, vendor: Vendor, *, by: str, at: datetime) -> Vendor:
    """The vendor under the next version, in force at once; unchanged, it stays the version it is."""
    kept = await vendor_in_force(session, vendor.id)
    saved = next_version(vendor, kept)
    if saved is kept:
        return saved
    session.add(
        VendorRow(
            id=saved.id,
            version=saved.version,
            customer=saved.customer,
            since=at,
            saved_by=by,
            vendor=saved.model_dump_json(),
        )
    )
    return saved


async def known_people(session: AsyncSession, vendor: Vendor) -> frozenset[str]:
    """Of those it names, whom we can reach: people of nobody's, and its customer's own."""
    found = await people_by_id(session, vendor.people)
    return frozenset(person.id for person in found if person.customer in (None, vendor.customer))
