"""Spells that are over: appended once, never changed and never removed, whatever becomes of their alert's row."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, Text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select

from db.columns import METADATA, UtcDateTime
from domain.alerts.alert import Alert
from domain.alerts.spells import Spell, SpellEnd, SpellSheet, sound

_NUMBER = BigInteger().with_variant(Integer, "sqlite")


class SpellRow(SQLModel, table=True):
    """`said` is the alert as it was then: its row may be gone when this is measured."""

    __tablename__ = "alert_spells"
    __table_args__ = (
        CheckConstraint("start_at <= end_at", name="in_order"),
        Index("ix_alert_spells_alert", "alert", "id"),
        Index("ix_alert_spells_customer_end", "customer", "end_at"),
        Index("ix_alert_spells_group", "group_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=_NUMBER)
    alert: str = Field(max_length=32)
    customer: str | None = Field(default=None, max_length=64)
    rule: str | None = Field(default=None, max_length=64)
    group_id: str | None = Field(default=None, max_length=64)
    source: str = Field(max_length=64)
    severity: str | None = Field(default=None, max_length=200)
    start_at: datetime = Field(sa_type=UtcDateTime)
    end_at: datetime = Field(sa_type=UtcDateTime)
    ended: str = Field(max_length=16)
    said: str = Field(sa_type=Text)

    def as_sheet(self) -> SpellSheet:
        said = Alert.model_validate_json(self.said)
        return SpellSheet(
            alert=self.alert,
            source=self.source,
            key=said.key,
            title=said.title,
            customer=self.customer,
            group=self.group_id,
            severity=self.severity,
            start=self.start_at,
            end=self.end_at,
            ended=SpellEnd(self.ended),
        )


# Asked with every delivery: built once.
_ADD = METADATA.tables[SpellRow.__tablename__].insert()


class SpellOver(NamedTuple):
    """A spell with the alert whose it was, and where that stood."""

    spell: Spell
    alert_id: str
    said: Alert
    customer: str | None
    rule: str | None
    group: str | None


async def append_spells(session: AsyncSession, over: Iterable[SpellOver], now: datetime) -> None:
    if rows := [_row(spell, now) for spell in over]:
        await session.execute(_ADD, rows)


async def list_spells(
    session: AsyncSession, alert: str, customers: tuple[str, ...] | None, *, before: int | None, limit: int
) -> Sequence[SpellRow]:
    """The last one first; one more than the limit. An alert may have been another customer's once."""
    query = select(SpellRow).where(col(SpellRow.alert) == alert)
    if customers is not None:
        query = query.where(col(SpellRow.customer).in_(customers))
    if before is not None:
        query = query.where(col(SpellRow.id) < before)
    return (await session.execute(query.order_by(col(SpellRow.id).desc()).limit(limit + 1))).scalars().all()


def _row(over: SpellOver, now: datetime) -> dict[str, str | datetime | None]:
    spell = sound(over.spell, now)
    return {
        "alert": over.alert_id,
        "customer": over.customer,
        "rule": over.rule,
        "group_id": over.group,
        "source": over.said.source,
        "severity": spell.severity,
        "start_at": spell.start,
        "end_at": spell.end,
        "ended": spell.ended,
        "said": over.said.model_dump_json(),
    }
