"""Alerts: one row for each, however often it comes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Index, Text, false, func, or_, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select

from db.columns import UtcDateTime
from domain.alerts.alert import AlertRecord, AlertSheet, AlertStatus
from domain.alerts.spells import SpellSheet


class AlertRow(SQLModel, table=True):
    """`group_id` None is an alert that no rule makes anything of."""

    __tablename__ = "alerts"
    __table_args__ = (
        Index("ix_alerts_group_status", "group_id", "status"),
        Index("ix_alerts_group_last_seen", "group_id", "last_seen", "id"),
        Index("ix_alerts_customer_last_seen", "customer", "last_seen", "id"),
        Index("ix_alerts_last_seen", "last_seen", "id"),
    )

    id: str = Field(primary_key=True, max_length=32)
    customer: str | None = Field(default=None, max_length=64)
    rule: str | None = Field(default=None, max_length=64)
    group_id: str | None = Field(default=None, max_length=64)
    site: str | None = Field(default=None, max_length=64)
    source: str = Field(max_length=64)
    status: str = Field(max_length=16)
    last_seen: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    flapping_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    silent: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    record: str = Field(sa_type=Text)

    def as_record(self) -> AlertRecord:
        return AlertRecord.model_validate_json(self.record)

    def as_sheet(self) -> AlertSheet:
        record = self.as_record()
        return AlertSheet(
            id=self.id,
            customer=self.customer,
            rule=self.rule,
            group=self.group_id,
            site=self.site,
            **{name: getattr(record, name) for name in AlertRecord.model_fields},
        )

    def current_spell(self) -> SpellSheet | None:
        record = self.as_record()
        if not record.is_firing:
            return None
        return SpellSheet(
            alert=self.id,
            source=self.source,
            key=record.alert.key,
            title=record.alert.title,
            customer=self.customer,
            group=self.group_id,
            severity=record.alert.severity,
            start=record.since,
            end=None,
            ended=None,
        )


@dataclass(frozen=True)
class AlertFilter:
    """`unmatched` are those that no rule makes anything of."""

    customers: tuple[str, ...] | None = None
    status: AlertStatus | None = None
    group: str | None = None
    source: str | None = None
    unmatched: bool = False


async def list_alerts(
    session: AsyncSession, wanted: AlertFilter, *, after: tuple[datetime, str] | None, limit: int
) -> Sequence[AlertRow]:
    """Those that came last come first; one more than the limit."""
    query = select(AlertRow)
    if wanted.customers is not None:
        query = query.where(col(AlertRow.customer).in_(wanted.customers))
    for column, value in (("status", wanted.status), ("group_id", wanted.group), ("source", wanted.source)):
        if value is not None:
            query = query.where(getattr(AlertRow, column) == value)
    if wanted.unmatched:
        query = query.where(col(AlertRow.group_id).is_(None))
    if after is not None:
        query = query.where(tuple_(col(AlertRow.last_seen), col(AlertRow.id)) < after)
    query = query.order_by(col(AlertRow.last_seen).desc(), col(AlertRow.id).desc()).limit(limit + 1)
    return (await session.execute(query)).scalars().all()


async def restless(
    session: AsyncSession, group: str, at: datetime, *, only: str | None = None
) -> list[tuple[AlertRecord, str | None]]:
    """The alerts of a group that fire, or have not been calm for long enough, each with its site."""
    counts = or_(col(AlertRow.status) == AlertStatus.FIRING, col(AlertRow.flapping_until) > at)
    query = select(AlertRow.record, AlertRow.site).where(col(AlertRow.group_id) == group, counts)
    if only is not None:
        query = query.where(col(AlertRow.id) == only)
    rows = await session.execute(query.order_by(col(AlertRow.id)))
    return [(AlertRecord.model_validate_json(record), site) for record, site in rows]


async def total_of(session: AsyncSession, group: str) -> tuple[int, datetime | None]:
    """How many alerts a group has, and when one of them last turned."""
    query = select(func.count(), func.max(AlertRow.changed_at)).where(col(AlertRow.group_id) == group)
    total, changed_at = (await session.execute(query)).one()
    return total, changed_at


async def counts_of(session: AsyncSession, groups: Collection[str]) -> dict[str, tuple[int, int]]:
    """How many alerts of each group fire, and how many there are."""
    query = (
        select(AlertRow.group_id, AlertRow.status, AlertRow.silent, func.count())
        .where(col(AlertRow.group_id).in_(groups))
        .group_by(col(AlertRow.group_id), col(AlertRow.status), col(AlertRow.silent))
    )
    counts: dict[str, tuple[int, int]] = {}
    for group, status, silent, number in await session.execute(query):
        firing, total = counts.get(group, (0, 0))
        counts[group] = (firing + (number if status == AlertStatus.FIRING and not silent else 0), total + number)
    return counts
