"""Maintenance windows as they are planned now; what they held back stands with the alerts."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, Text, delete
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select

from db.columns import UtcDateTime
from db.versions import next_version
from domain.alerts.maintenance import MaintenanceWindow


class MaintenanceRow(SQLModel, table=True):
    __tablename__ = "maintenance_windows"
    __table_args__ = (Index("ix_maintenance_windows_customer_end", "customer", "end_at"),)

    id: str = Field(primary_key=True, max_length=64)
    customer: str = Field(max_length=64, foreign_key="customers.id")
    start_at: datetime = Field(sa_type=UtcDateTime)
    end_at: datetime = Field(sa_type=UtcDateTime)
    saved_by: str = Field(max_length=64)
    planned: str = Field(sa_type=Text)

    def as_window(self) -> MaintenanceWindow:
        return MaintenanceWindow.model_validate_json(self.planned)


async def maintenance_window(session: AsyncSession, window_id: str) -> MaintenanceWindow | None:
    row = await session.get(MaintenanceRow, window_id)
    return row.as_window() if row else None


async def windows_at(session: AsyncSession, customer: str, at: datetime) -> Sequence[MaintenanceWindow]:
    query = select(MaintenanceRow).where(
        col(MaintenanceRow.customer) == customer, col(MaintenanceRow.end_at) > at, col(MaintenanceRow.start_at) <= at
    )
    return [row.as_window() for row in (await session.execute(query)).scalars()]


async def list_windows(
    session: AsyncSession, customers: tuple[str, ...] | None, *, since: datetime
) -> Sequence[MaintenanceWindow]:
    """Those that are not over then, by their beginning."""
    query = select(MaintenanceRow).where(col(MaintenanceRow.end_at) > since)
    if customers is not None:
        query = query.where(col(MaintenanceRow.customer).in_(customers))
    query = query.order_by(col(MaintenanceRow.start_at), col(MaintenanceRow.id))
    return [row.as_window() for row in (await session.execute(query)).scalars()]


async def save_window(session: AsyncSession, window: MaintenanceWindow, *, by: str) -> MaintenanceWindow:
    """The window under the next version; unchanged, it stays the version it is."""
    kept = await maintenance_window(session, window.id)
    saved = next_version(window, kept)
    if saved is not kept:
        row = MaintenanceRow(
            id=saved.id,
            customer=saved.customer,
            start_at=saved.start,
            end_at=saved.end,
            saved_by=by,
            planned=saved.model_dump_json(),
        )
        await session.merge(row)
    return saved


async def drop_window(session: AsyncSession, window_id: str) -> None:
    await session.execute(delete(MaintenanceRow).where(col(MaintenanceRow.id) == window_id))
