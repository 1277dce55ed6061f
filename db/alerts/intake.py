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
from db.alerts.groups import GroupPlace, touch
from db.alerts.rules import rules_in_force
from db.columns import METADATA
from db.contracts import list_sites
from db.engine import Database
from db.turns import take_intake_turn
from domain.alerts.alert import Alert, AlertReceipt, AlertRecord, Flapping, heard
from domain.alerts.groups import Waking
from domain.alerts.rules import AlertRule, in_order, rule_for
from domain.ids import alert_group_id, alert_id

_CALM = Flapping()

_ALERTS = METADATA.tables[AlertRow.__tablename__]
_KNOWN = select(_ALERTS.c.id, _ALERTS.c.group_id, _ALERTS.c.record).where(
    _ALERTS.c.id.in_(bindparam("ids", expanding=True))
)
_ADD = _ALERTS.insert()
_CHANGE = (
    _ALERTS.update()
    .where(_ALERTS.c.id == bindparam("known_id"))
    .values({column.name: bindparam(column.name) for column in _ALERTS.c if column.name != "id"})
)
TableRow = dict[str, str | datetime | None]


class Taken(NamedTuple):
    receipt: AlertReceipt
    waking: list[Waking]


class Arrival(NamedTuple):
    """An alert that has come, with its rule and its site."""

    id: str
    alert: Alert
    rule: AlertRule | None
    site: str | None


class KnownAlert(NamedTuple):
    group: str | None
    record: AlertRecord


class TakenAlert(NamedTuple):
    """An alert of the request with what is known of it now. `was` is the group it was in before, if it was in one."""

    arrival: Arrival
    record: AlertRecord
    group: str | None
    was: str | None
    has_changed: bool

    @property
    def is_news(self) -> bool:
        return self.has_changed or self.group != self.was


async def take_in(database: Database, alerts: Sequence[Alert], scope: str | None, at: datetime) -> Taken:
    """Keep all of them, each once. `scope` is the customer whose rules alone may have them; None is all."""
    arrivals = await _arrivals(database, alerts, scope)
    async with database.writing() as session:
        await take_intake_turn(session)
        before = await _known(session, arrivals)
        entries, turned = _entered(arrivals, before, at)
        await _store(session, [_row(entry, scope) for entry in entries.values()], before)
        waking = await touch(session, _places(entries), _news(entries), _firing(entries), at)
    new = len(entries.keys() - before.keys())
    receipt = AlertReceipt(
        accepted=len(alerts),
        new=new,
        changed=turned,
        repeated=len(alerts) - new - turned,
        unmatched=sum(entry.group is None for entry in entries.values()),
        groups=len({entry.group for entry in entries.values()} - {None}),
    )
    return Taken(receipt, waking)


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
    return {name: KnownAlert(group, AlertRecord.model_validate_json(record)) for name, group, record in rows}


def _entered(
    arrivals: Sequence[Arrival], before: Mapping[str, KnownAlert], at: datetime
) -> tuple[dict[str, TakenAlert], int]:
    """One entry for each alert, also where it stands in the request several times, and how often one turned."""
    entries: dict[str, TakenAlert] = {}
    turned = 0
    for arrival in arrivals:
        known, earlier = before.get(arrival.id), entries.get(arrival.id)
        last = earlier.record if earlier else known.record if known else None
        now = heard(last, arrival.alert, at, arrival.rule.flapping if arrival.rule else _CALM)
        turned += now.has_changed and not now.is_new
        entries[arrival.id] = TakenAlert(
            arrival=arrival,
            record=now.record,
            group=_group(arrival.rule, now.record.alert),
            was=known.group if known else None,
            has_changed=now.has_changed or (earlier is not None and earlier.has_changed),
        )
    return entries, turned


def _group(rule: AlertRule | None, alert: Alert) -> str | None:
    return alert_group_id(rule.id, rule.group_labels(alert)) if rule else None


def _row(entry: TakenAlert, scope: str | None) -> TableRow:
    record, rule = entry.record, entry.arrival.rule
    return {
        "id": entry.arrival.id,
        "customer": rule.customer if rule else scope,
        "rule": rule.id if rule else None,
        "group_id": entry.group,
        "site": entry.arrival.site,
        "source": record.alert.source,
        "status": record.alert.status,
        "last_seen": record.last_seen,
        "changed_at": record.changed_at,
        "flapping_until": record.flapping_until,
        "record": record.model_dump_json(),
    }


async def _store(session: AsyncSession, rows: Sequence[TableRow], before: Mapping[str, KnownAlert]) -> None:
    if new := [row for row in rows if row["id"] not in before]:
        await session.execute(_ADD, new)
    if again := [row | {"known_id": row["id"]} for row in rows if row["id"] in before]:
        for row in again:
            del row["id"]
        await session.execute(_CHANGE, again)


def _places(entries: Mapping[str, TakenAlert]) -> dict[str, GroupPlace]:
    return {
        entry.group: GroupPlace(rule.id, rule.customer, rule.group_labels(entry.record.alert))
        for entry in entries.values()
        if entry.group is not None and (rule := entry.arrival.rule) is not None
    }


def _news(entries: Mapping[str, TakenAlert]) -> set[str]:
    """Groups in which an alert turned, to which one came, or which one left."""
    news = {group for entry in entries.values() if entry.is_news for group in (entry.group, entry.was)}
    return {group for group in news if group is not None}


def _firing(entries: Mapping[str, TakenAlert]) -> set[str]:
    return {entry.group for entry in entries.values() if entry.group is not None and entry.record.is_firing}
