"""Signs of life of monitoring itself: while they come nothing is wrong, and their absence is an alert of its own."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.alerts.alert import Alert, AlertRecord, AlertStatus
from domain.alerts.rules import AlertRule
from domain.people import MACHINE

ABSENT = "HeartbeatMissing"


class Pulse(NamedTuple):
    """`due` is until when the next sign of life must have come; `is_heard` says that one has come in time."""

    due: datetime
    is_heard: bool

    def is_missing_at(self, at: datetime) -> bool:
        return at >= self.due


def pulse(rule: AlertRule, beats: Sequence[AlertRecord], since: datetime) -> Pulse:
    """`since` is from when they are expected. One whose sender says that it is over was a sign of life until then."""
    last = [beat.last_seen if beat.until is None or beat.silent else beat.until for beat in beats]
    is_heard = any(beat.is_firing for beat in beats)
    return Pulse(max(last, default=since) + timedelta(minutes=rule.expect_every_minutes or 0), is_heard)


def says_absent(record: AlertRecord) -> bool:
    return record.alert.source == MACHINE.person and record.alert.key.startswith(f"{ABSENT}/")


def absence(rule: AlertRule, *, is_missing: bool) -> Alert:
    """Named as monitoring names its alerts; whatever else is said of it are the rule's own words."""
    return Alert(
        source=MACHINE.person,
        key=f"{ABSENT}/{rule.id}",
        status=AlertStatus.FIRING if is_missing else AlertStatus.RESOLVED,
        title=f"{ABSENT}: {rule.name}"[:200],
        labels={"alertname": ABSENT, "rule": rule.id, "minutes": str(rule.expect_every_minutes or 0)},
    )
