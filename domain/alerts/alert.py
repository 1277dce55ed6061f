"""Alerts of monitoring systems: what one says, and what is known of it however often it is sent."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from pydantic import Field

from domain.alerts.labels import Labels
from domain.times import Instant
from domain.values import Line, Slug, Text, Value

# Whoever sends more at once is better served by several requests.
MOST_ALERTS = 5_000
MOST_CHANGES_KEPT = 50

SEVERITY = "severity"


class AlertStatus(StrEnum):
    FIRING = "firing"
    RESOLVED = "resolved"


class Alert(Value):
    """What a monitoring system says. With the same source and key it is the same alert, however often it comes.

    Without `starts_at` and `ends_at` it began, or ended, when it was received.
    """

    source: Slug
    key: Line
    status: AlertStatus = AlertStatus.FIRING
    severity: Line | None = None
    title: Line
    description: Text = ""
    labels: Labels = {}
    starts_at: Instant | None = None
    ends_at: Instant | None = None

    @property
    def ends_before_it_begins(self) -> bool:
        return self.starts_at is not None and self.ends_at is not None and self.ends_at < self.starts_at

    @property
    def facts(self) -> dict[str, str]:
        """What rules look at: the labels, with the severity among them."""
        return ({SEVERITY: self.severity} if self.severity else {}) | self.labels


class Flapping(Value):
    """An alert that changes so often within so many seconds counts for nothing until it has been calm for a while."""

    changes: int = Field(default=6, ge=3, le=MOST_CHANGES_KEPT)
    within_seconds: int = Field(default=900, ge=10, le=86_400)
    calm_seconds: int = Field(default=900, ge=10, le=86_400)


class AlertRecord(Value):
    """What is known of an alert: what was heard last, how often it came and how often it changed.

    `recent` are the last changes, `flapping_until` is when it will have been calm for long enough.
    """

    alert: Alert
    since: Instant
    until: Instant | None = None
    count: int = 1
    changes: int = 1
    recent: tuple[Instant, ...]
    first_seen: Instant
    last_seen: Instant
    changed_at: Instant
    flapping_until: Instant | None = None

    @property
    def is_firing(self) -> bool:
        return self.alert.status == AlertStatus.FIRING

    def is_flapping_at(self, at: datetime) -> bool:
        return self.flapping_until is not None and at < self.flapping_until


class Heard(NamedTuple):
    record: AlertRecord
    is_new: bool
    has_changed: bool


def heard(known: AlertRecord | None, alert: Alert, at: datetime, flapping: Flapping) -> Heard:
    """What is known after an alert has come in: for the first time, with news, or once more."""
    began = min(alert.starts_at or at, at)
    if known is None:
        until = None if alert.status == AlertStatus.FIRING else min(alert.ends_at or at, at)
        seen = AlertRecord(
            alert=alert, since=began, until=until, recent=(at,), first_seen=at, last_seen=at, changed_at=at
        )
        return Heard(seen, is_new=True, has_changed=True)
    again = known.but(count=known.count + 1, last_seen=max(at, known.last_seen))
    if _is_late(known, alert, at):
        return Heard(again, is_new=False, has_changed=False)
    if alert.status == known.alert.status:
        return Heard(again.but(alert=alert), is_new=False, has_changed=False)
    if alert.status == AlertStatus.FIRING:
        turned = again.but(alert=alert, since=began, until=None)
    else:
        turned = again.but(alert=alert, until=min(alert.ends_at or at, at))
    return Heard(_changed(turned, at, flapping), is_new=False, has_changed=True)


def _is_late(known: AlertRecord, alert: Alert, at: datetime) -> bool:
    """Deliveries overtake each other: whether this one speaks of a spell that is over, or was over before this one."""
    if alert.status == AlertStatus.FIRING:
        return known.until is not None and alert.starts_at is not None and alert.starts_at < known.until
    return known.is_firing and (alert.ends_at or at) < known.since


def _changed(record: AlertRecord, at: datetime, flapping: Flapping) -> AlertRecord:
    within = timedelta(seconds=flapping.within_seconds)
    recent = (*(change for change in record.recent if at - change < within), at)[-MOST_CHANGES_KEPT:]
    restless = len(recent) >= flapping.changes or record.is_flapping_at(at)
    return record.but(
        changes=record.changes + 1,
        recent=recent,
        changed_at=at,
        flapping_until=at + timedelta(seconds=flapping.calm_seconds) if restless else None,
    )


class AlertReceipt(Value):
    """What became of the alerts of one request: how many came, were new, turned, or only came again.

    `unmatched` ones are kept, but no rule makes an incident of them. `groups` is how many groups the others are in.
    """

    accepted: int
    new: int
    changed: int
    repeated: int
    unmatched: int
    groups: int


class AlertSheet(AlertRecord):
    """An alert as people and systems read it. Without a rule nothing comes of it."""

    id: Slug
    customer: Slug | None
    rule: Slug | None
    group: Slug | None
    site: Line | None
