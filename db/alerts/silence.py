"""What has fallen silent: alerts not named for longer than their rule allows, and signs of life that are missing."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from db.alerts.alert import AlertRow
from db.alerts.rules import rule_since
from db.alerts.spells import SpellOver, append_spells
from db.columns import METADATA
from db.turns import take_intake_turn
from domain.alerts.alert import Alert, AlertRecord, AlertStatus, Heard, fallen_silent, heard
from domain.alerts.rules import AlertRule
from domain.alerts.signs_of_life import Pulse, absence, pulse
from domain.ids import absence_id

_TABLE = METADATA.tables[AlertRow.__tablename__]
_FALLEN = (
    _TABLE.update()
    .where(_TABLE.c.id == bindparam("known_id"))
    .values(silent=True, flapping_until=None, record=bindparam("written"))
)


# Whoever sends alerts waits while a step is under way.
AT_ONCE = 500


class Heartbeat(NamedTuple):
    """The signs of life of a rule, and what is known of the alert that says they are missing."""

    pulse: Pulse
    missing: AlertRecord | None

    @property
    def says_so(self) -> bool:
        return self.missing is not None and self.missing.is_firing

    def is_due_at(self, at: datetime) -> bool:
        """Whether that alert is to begin, or to end: it ends with a sign of life and with nothing else."""
        if not self.says_so:
            return self.pulse.is_missing_at(at)
        return self.pulse.is_heard and not self.pulse.is_missing_at(at)

    def due_after(self, at: datetime) -> datetime | None:
        """When somebody must look again; while they are missing, the next one is news by itself."""
        return None if self.pulse.is_missing_at(at) or self.says_so else self.pulse.due


async def heartbeat(session: AsyncSession, rule: AlertRule, group: str) -> Heartbeat | None:
    """None for a rule that expects no signs of life."""
    if not rule.expects_signs_of_life:
        return None
    own = absence_id(rule.id)
    query = select(AlertRow.id, AlertRow.record).where(col(AlertRow.group_id) == group)
    known = {name: AlertRecord.model_validate_json(record) for name, record in await session.execute(query)}
    missing = known.pop(own, None)
    since = await rule_since(session, rule.id)
    return Heartbeat(pulse(rule, tuple(known.values()), since), missing)


async def note_silence(session: AsyncSession, rule: AlertRule, group: str, at: datetime) -> None:
    """Write down what has fallen silent by then, and the alert that says so of signs of life."""
    await take_intake_turn(session)
    allowed = rule.allowed_silence
    if allowed is not None:
        stale = select(AlertRow).where(
            col(AlertRow.group_id) == group,
            col(AlertRow.status) == AlertStatus.FIRING,
            col(AlertRow.silent).is_(False),
            col(AlertRow.last_seen) <= at - allowed,
            col(AlertRow.id) != absence_id(rule.id),
        )
        await _fall_silent(session, (await session.execute(stale)).scalars().all(), at)
    known = await session.get(AlertRow, absence_id(rule.id))
    beating = await heartbeat(session, rule, group)
    if beating is not None and beating.is_due_at(at):
        await _say(session, rule, group, absence(rule, is_missing=beating.pulse.is_missing_at(at)), at)
    elif beating is None and known is not None and known.as_record().is_firing:
        # Nobody expects them any more.
        await _say(session, rule, group, absence(rule, is_missing=False), at)


async def note_unmatched_silence(session: AsyncSession, before: datetime, at: datetime) -> int:
    """Write down some of those that no rule has and that were last named before; how many it were."""
    await take_intake_turn(session)
    stale = select(AlertRow).where(
        col(AlertRow.group_id).is_(None),
        col(AlertRow.status) == AlertStatus.FIRING,
        col(AlertRow.silent).is_(False),
        col(AlertRow.last_seen) <= before,
    )
    rows = (await session.execute(stale.order_by(col(AlertRow.last_seen)).limit(AT_ONCE))).scalars().all()
    await _fall_silent(session, rows, at)
    return len(rows)


async def _fall_silent(session: AsyncSession, rows: Sequence[AlertRow], at: datetime) -> None:
    found = [(row, fallen_silent(row.as_record())) for row in rows]
    if found:
        changes = [{"known_id": row.id, "written": now.record.model_dump_json()} for row, now in found]
        await session.execute(_FALLEN, changes)
    await append_spells(session, [over for row, now in found for over in _over(row, now)], at)


async def _say(session: AsyncSession, rule: AlertRule, group: str, alert: Alert, at: datetime) -> None:
    row = await session.get(AlertRow, absence_id(rule.id))
    now = heard(row.as_record() if row else None, alert, at, rule.flapping)
    said = await session.merge(
        AlertRow(
            id=absence_id(rule.id),
            customer=rule.customer,
            rule=rule.id,
            group_id=group,
            site=rule.site,
            source=alert.source,
            status=alert.status,
            last_seen=now.record.last_seen,
            changed_at=now.record.changed_at,
            flapping_until=now.record.flapping_until,
            silent=False,
            record=now.record.model_dump_json(),
        )
    )
    await append_spells(session, _over(said, now), at)


def _over(row: AlertRow, now: Heard) -> list[SpellOver]:
    said = now.record.alert
    return [SpellOver(spell, row.id, said, row.customer, row.rule, row.group_id) for spell in now.ended]
