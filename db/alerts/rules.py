"""Alert rules by version: what made an alert an incident stays answerable."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Text, func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select

from db.columns import UtcDateTime
from db.versions import next_version
from domain.alerts.rules import AlertRule


class AlertRuleRow(SQLModel, table=True):
    __tablename__ = "alert_rules"

    id: str = Field(primary_key=True, max_length=64)
    version: int = Field(primary_key=True)
    customer: str = Field(max_length=64, foreign_key="customers.id", index=True)
    since: datetime = Field(sa_type=UtcDateTime)
    saved_by: str = Field(max_length=64)
    rule: str = Field(sa_type=Text)


# What is written is read with every delivery of alerts.
@lru_cache(maxsize=1024)
def _rule(text: str) -> AlertRule:
    return AlertRule.model_validate_json(text)


_NEWEST = (
    select(AlertRuleRow.id, func.max(AlertRuleRow.version).label("version")).group_by(col(AlertRuleRow.id)).subquery()
)
_IN_FORCE = (
    select(AlertRuleRow.rule)
    .join(_NEWEST, (col(AlertRuleRow.id) == _NEWEST.c.id) & (col(AlertRuleRow.version) == _NEWEST.c.version))
    .order_by(col(AlertRuleRow.id))
)


async def rules_in_force(session: AsyncSession, customers: tuple[str, ...] | None) -> Sequence[AlertRule]:
    query = _IN_FORCE if customers is None else _IN_FORCE.where(col(AlertRuleRow.customer).in_(customers))
    return [_rule(text) for text in (await session.execute(query)).scalars()]


async def rule_in_force(session: AsyncSession, rule_id: str) -> AlertRule | None:
    query = (
        select(AlertRuleRow.rule)
        .where(col(AlertRuleRow.id) == rule_id)
        .order_by(col(AlertRuleRow.version).desc())
        .limit(1)
    )
    text = (await session.execute(query)).scalar_one_or_none()
    return _rule(text) if text else None


async def rule_since(session: AsyncSession, rule_id: str) -> datetime:
    """From when on its present version has been in force."""
    query = select(func.max(AlertRuleRow.since)).where(col(AlertRuleRow.id) == rule_id)
    since: datetime = (await session.execute(query)).scalar_one()
    return since


async def save_rule(session: AsyncSession, rule: AlertRule, *, by: str, at: datetime) -> AlertRule:
    """The rule under the next version, in force at once; unchanged, it stays the version it is."""
    kept = await rule_in_force(session, rule.id)
    saved = next_version(rule, kept)
    if saved is kept:
        return saved
    session.add(
        AlertRuleRow(
            id=saved.id,
            version=saved.version,
            customer=saved.customer,
            since=at,
            saved_by=by,
            rule=saved.model_dump_json(),
        )
    )
    return saved
