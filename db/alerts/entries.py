"""What the alerts of one request make of what was known: worked out without asking the tables once more."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from db.alerts.groups import GroupPlace
from db.alerts.spells import SpellOver
from domain.alerts.alert import Alert, AlertRecord, Flapping, heard
from domain.alerts.rules import AlertRule
from domain.alerts.spells import Spell
from domain.ids import alert_group_id

_CALM = Flapping()
TableRow = dict[str, str | bool | datetime | None]


class Home(NamedTuple):
    """Where an alert belongs. Without a group no rule makes anything of it."""

    group: str | None
    rule: str | None
    customer: str | None
    site: str | None


class Arrival(NamedTuple):
    """An alert that has come, with the rule that suits it and its site."""

    id: str
    alert: Alert
    rule: AlertRule | None
    site: str | None

    def home(self, scope: str | None) -> Home:
        rule = self.rule
        if rule is None:
            return Home(None, None, scope, None)
        group = alert_group_id(rule.id, rule.group_labels(self.alert))
        return Home(group, rule.id, rule.customer, self.site)


class KnownAlert(NamedTuple):
    home: Home
    record: AlertRecord


class TakenAlert(NamedTuple):
    """An alert of the request with what is known of it now. `was` is what was known before.

    `ended` are its spells that are over, each with the alert as it was then.
    """

    arrival: Arrival
    record: AlertRecord
    home: Home
    was: KnownAlert | None
    has_changed: bool
    ended: tuple[tuple[Spell, Alert], ...]

    @property
    def group_before(self) -> str | None:
        return self.was.home.group if self.was else None

    @property
    def left(self) -> str | None:
        """The group it was in before, if that is another one."""
        return None if self.group_before == self.home.group else self.group_before

    @property
    def is_news(self) -> bool:
        return self.has_changed or self.home.group != self.group_before

    @property
    def could_stay(self) -> bool:
        """It fires as it did before, or has only ended now, while its rule would have it elsewhere."""
        if self.left is None or self.was is None or not self.was.record.is_firing:
            return False
        before = self.was.record
        return self.record.began == (before.began or before.since) or self.record.began is None

    def staying(self) -> "TakenAlert":
        return self if self.was is None else self._replace(home=self.was.home)


def entered(
    arrivals: Sequence[Arrival], before: Mapping[str, KnownAlert], scope: str | None, at: datetime
) -> tuple[list[TakenAlert], int]:
    """One entry for each alert, also where it stands in the request several times, and how often one turned."""
    entries: dict[str, TakenAlert] = {}
    turned = 0
    for arrival in arrivals:
        known, earlier = before.get(arrival.id), entries.get(arrival.id)
        last = earlier.record if earlier else known.record if known else None
        now = heard(last, arrival.alert, at, arrival.rule.flapping if arrival.rule else _CALM)
        turned += now.has_changed and not now.is_new
        said = last.alert if last is not None and last.is_firing else arrival.alert
        over = tuple((spell, said) for spell in now.ended)
        entries[arrival.id] = TakenAlert(
            arrival=arrival,
            record=now.record,
            home=arrival.home(scope),
            was=known,
            has_changed=now.has_changed or (earlier is not None and earlier.has_changed),
            ended=(*(earlier.ended if earlier else ()), *over),
        )
    return list(entries.values()), turned


def settled(entries: Sequence[TakenAlert], open_groups: Collection[str]) -> list[TakenAlert]:
    """Until its spell ends an alert stays with a group that has an incident, whatever rules say meanwhile."""
    return [entry.staying() if entry.could_stay and entry.left in open_groups else entry for entry in entries]


def spells_over(entries: Sequence[TakenAlert]) -> list[SpellOver]:
    """Each as its alert stood when it was on."""
    over = []
    for entry in entries:
        home = entry.was.home if entry.was and entry.was.home.group else entry.home
        over += [
            SpellOver(spell, entry.arrival.id, said, home.customer, home.rule, home.group)
            for spell, said in entry.ended
        ]
    return over


def row_of(entry: TakenAlert) -> TableRow:
    record, home = entry.record, entry.home
    return {
        "id": entry.arrival.id,
        "customer": home.customer,
        "rule": home.rule,
        "group_id": home.group,
        "site": home.site,
        "source": record.alert.source,
        "status": record.alert.status,
        "last_seen": record.last_seen,
        "changed_at": record.changed_at,
        "flapping_until": record.flapping_until,
        "silent": record.silent,
        "record": record.model_dump_json(),
    }


def places(entries: Sequence[TakenAlert]) -> dict[str, GroupPlace | None]:
    """The groups alerts have come for; of one that an alert stays with it is known where it is."""
    found: dict[str, GroupPlace | None] = {}
    for entry in entries:
        group, rule = entry.home.group, entry.arrival.rule
        if group is None:
            continue
        if rule is None or rule.id != entry.home.rule or group != entry.arrival.home(None).group:
            found.setdefault(group, None)
        else:
            found[group] = GroupPlace(rule.id, rule.customer, rule.group_labels(entry.record.alert))
    return found


def news(entries: Sequence[TakenAlert]) -> set[str]:
    """Groups in which an alert turned, to which one came, or which one left."""
    found = {group for entry in entries if entry.is_news for group in (entry.home.group, entry.group_before)}
    return {group for group in found if group is not None}


def firing(entries: Sequence[TakenAlert]) -> set[str]:
    return {entry.home.group for entry in entries if entry.home.group is not None and entry.record.is_firing}
