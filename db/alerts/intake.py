"""Taking alerts in: all of a request in one short transaction, each alert once, and who is to be woken by it.

In a storm this is what everybody else waits for: what can be known before the lock is taken is worked out before, and
the statements are built once.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.alerts.alert import AlertRow
from db.alerts.entries import (
    Arrival,
    Home,
    KnownAlert,
    TableRow,
    TakenAlert,
    entered,
    firing,
    news,
    places,
    row_of,
    settled,
    spells_over,
)
from db.alerts.groups import open_groups, touch
from db.alerts.rules import rules_in_force
from db.alerts.spells import append_spells
from db.columns import METADATA
from db.contracts import list_sites
from db.engine import Database
from db.turns import take_intake_turn
from domain.alerts.alert import Alert, AlertReceipt, AlertRecord
from domain.alerts.groups import Waking
from domain.alerts.rules import AlertRule, in_order, rule_for
from domain.ids import alert_id

_ALERTS = METADATA.tables[AlertRow.__tablename__]
_HOME = (_ALERTS.c.group_id, _ALERTS.c.rule, _ALERTS.c.customer, _ALERTS.c.site)
_KNOWN = select(_ALERTS.c.id, *_HOME, _ALERTS.c.record).where(_ALERTS.c.id.in_(bindparam("ids", expanding=True)))
_ADD = _ALERTS.insert()
_CHANGE = (
    _ALERTS.update()
    .where(_ALERTS.c.id == bindparam("known_id"))
    .values({column.name: bindparam(column.name) for column in _ALERTS.c if column.name != "id"})
)


class Taken(NamedTuple):
    receipt: AlertReceipt
    waking: list[Waking]


async def take_in(
    database: Database, alerts: Sequence[Alert], scope: str | None, at: datetime, *, truncated: int = 0
) -> Taken:
    """Keep all of them, each once. `scope` is the customer whose rules alone may have them; None is all.

    `truncated` is how many more there are that their sender has left off.
    """
    arrivals = await _arrivals(database, alerts, scope)
    async with database.writing() as session:
        await take_intake_turn(session)
        before = await _known(session, arrivals)
        found, turned = entered(arrivals, before, scope, at)
        entries = await _settled(session, found)
        await _store(session, [row_of(entry) for entry in entries], before)
        await append_spells(session, spells_over(entries), at)
        waking = await touch(session, places(entries), news(entries), firing(entries), at, truncated=truncated)
    new = sum(entry.was is None for entry in entries)
    receipt = AlertReceipt(
        accepted=len(alerts),
        new=new,
        changed=turned,
        repeated=len(alerts) - new - turned,
        unmatched=sum(entry.home.group is None for entry in entries),
        groups=len({entry.home.group for entry in entries} - {None}),
    )
    return Taken(receipt, waking)


async def _settled(session: AsyncSession, entries: Sequence[TakenAlert]) -> Sequence[TakenAlert]:
    leaving = {entry.left for entry in entries if entry.could_stay and entry.left is not None}
    return settled(entries, await open_groups(session, leaving)) if leaving else entries


async def _arrivals(database: Database, alerts: Sequence[Alert], scope: str | None) -> list[Arrival]:
    async with database.reading() as session:
        rules = in_order(await rules_in_force(session, None if scope is None else (scope,)))
        sites = await _sites(session, rules)
    found = []
    for alert in alerts:
        rule = rule_for(alert, rules)
        site = rule.site_of(alert, sites.get(rule.customer, ())) if rule else None
        found.append(Arrival(alert_id(scope or "", alert.source, alert.key), alert, rule, site))
    return found


async def _sites(session: AsyncSession, rules: Sequence[AlertRule]) -> dict[str, set[str]]:
    """The sites of customers, where a rule lets a label name one."""
    sites: dict[str, set[str]] = {rule.customer: set() for rule in rules if rule.site_label}
    if sites:
        for site in await list_sites(session, tuple(sites)):
            sites[site.customer].add(site.id)
    return sites


async def _known(session: AsyncSession, arrivals: Sequence[Arrival]) -> dict[str, KnownAlert]:
    rows = await session.execute(_KNOWN, {"ids": list({arrival.id for arrival in arrivals})})
    return {name: KnownAlert(Home(*home), AlertRecord.model_validate_json(record)) for name, *home, record in rows}


async def _store(session: AsyncSession, rows: Sequence[TableRow], before: Mapping[str, KnownAlert]) -> None:
    if new := [row for row in rows if row["id"] not in before]:
        await session.execute(_ADD, new)
    if again := [row | {"known_id": row["id"]} for row in rows if row["id"] in before]:
        for row in again:
            del row["id"]
        await session.execute(_CHANGE, again)
