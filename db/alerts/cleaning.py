"""What is too old to keep: alerts and groups long out of use, in small steps. Spells stay, whatever goes."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, or_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from db.alerts.alert import AlertRow
from db.alerts.groups import GroupRow
from db.alerts.rules import rules_in_force
from db.alerts.spells import SpellOver, append_spells
from db.incidents import IncidentRow
from db.turns import take_intake_turn
from domain.alerts.alert import fallen_silent
from domain.incidents.progress import OVER

# Whoever sends alerts waits while a step is under way.
AT_ONCE = 500


async def clean_alerts(session: AsyncSession, before: datetime, now: datetime) -> int:
    """Remove some of those last heard of before then that no open incident needs; how many it were."""
    await take_intake_turn(session)
    needed = _needed_groups()
    old = select(AlertRow).where(
        col(AlertRow.last_seen) < before,
        or_(col(AlertRow.group_id).is_(None), col(AlertRow.group_id).not_in(needed)),
    )
    rows = (await session.execute(old.order_by(col(AlertRow.last_seen)).limit(AT_ONCE))).scalars().all()
    await append_spells(session, [over for row in rows for over in _last_spell(row)], now)
    await session.execute(delete(AlertRow).where(col(AlertRow.id).in_([row.id for row in rows])))
    return len(rows)


async def clean_groups(session: AsyncSession, before: datetime) -> int:
    """Remove some without alerts that nothing came for since, and for which nobody waits."""
    await take_intake_turn(session)
    # A group of signs of life is there before there is one.
    watched = [rule.id for rule in await rules_in_force(session, None) if rule.expects_signs_of_life]
    inhabited = select(AlertRow.group_id).where(col(AlertRow.group_id).is_not(None))
    old = select(GroupRow.id).where(
        col(GroupRow.last_seen) < before,
        col(GroupRow.dirty_at).is_(None),
        col(GroupRow.rule).not_in(watched),
        col(GroupRow.id).not_in(inhabited),
        col(GroupRow.id).not_in(_needed_groups()),
    )
    names: Sequence[str] = (await session.execute(old.limit(AT_ONCE))).scalars().all()
    await session.execute(delete(GroupRow).where(col(GroupRow.id).in_(names)))
    return len(names)


def _last_spell(row: AlertRow) -> list[SpellOver]:
    """Of one that fires as far as anybody knows: it is over when it was last heard."""
    record = row.as_record()
    if not record.is_firing:
        return []
    ended = fallen_silent(record).ended
    return [SpellOver(spell, row.id, record.alert, row.customer, row.rule, row.group_id) for spell in ended]


def _needed_groups() -> SelectOfScalar[str]:
    """Those whose incident somebody works on, or could."""
    return (
        select(GroupRow.id)
        .join(IncidentRow, col(IncidentRow.no) == GroupRow.incident)
        .where(col(IncidentRow.state).not_in(OVER))
    )
