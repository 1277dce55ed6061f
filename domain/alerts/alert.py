"""Alerts of monitoring systems: what one says, and what is known of it however often it is sent."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from pydantic import Field

from domain.alerts.labels import Labels
from domain.alerts.spells import Spell, SpellEnd
from domain.refusals import Problem
from domain.times import Instant
from domain.values import Line, Slug, Text, Value

# Whoever sends more at once is better served by several requests.
MOST_ALERTS = 5_000
MOST_CHANGES_KEPT = 50
# So long after the end of an alert a delivery may still be on its way that speaks of before (proposal).
MOMENTS = timedelta(seconds=60)
# Clocks of senders may go ahead of ours by so much.
AHEAD = timedelta(minutes=5)

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
    def facts(self) -> dict[str, str]:
        """What rules look at: the labels, with the severity among them."""
        return ({SEVERITY: self.severity} if self.severity else {}) | self.labels


def spell_problems(alert: Alert, now: datetime) -> list[Problem]:
    """Why its spell cannot be. The end of one that fires is a guess of the sender's."""
    start, end = alert.starts_at, alert.ends_at
    problems = []
    if start is not None and end is not None and end < start:
        problems.append(Problem(code="period_reversed", at="/ends_at"))
    said = {"/starts_at": start, "/ends_at": end if alert.status == AlertStatus.RESOLVED else None}
    ahead = (at for at, instant in said.items() if instant is not None and instant > now + AHEAD)
    return [*problems, *(Problem(code="in_the_future", at=at) for at in ahead)]


class Flapping(Value):
    """An alert that changes so often within so many seconds counts for nothing until it has been calm for a while."""

    changes: int = Field(default=6, ge=3, le=MOST_CHANGES_KEPT)
    within_seconds: int = Field(default=900, ge=10, le=86_400)
    calm_seconds: int = Field(default=900, ge=10, le=86_400)


class AlertRecord(Value):
    """What is known of an alert: what was heard last, how often it came and how often it changed.

    `since` and `until` are those of its current spell; `began` is when it began to fire, in whatever severity, and
    `ended_before` when the spell before had ended. `recent` are the last changes, `flapping_until` is when it will have
    been calm for long enough. `silent` says that its sender has not named it for longer than the rule allows.
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
    began: Instant | None = None
    ended_before: Instant | None = None
    silent: bool = False

    @property
    def is_firing(self) -> bool:
        return self.alert.status == AlertStatus.FIRING and not self.silent

    def is_flapping_at(self, at: datetime) -> bool:
        return self.flapping_until is not None and at < self.flapping_until


class Heard(NamedTuple):
    """`ended` are the spells that are over with it."""

    record: AlertRecord
    is_new: bool
    has_changed: bool
    ended: tuple[Spell, ...] = ()


def heard(known: AlertRecord | None, alert: Alert, at: datetime, flapping: Flapping) -> Heard:
    """What is known after an alert has come in: for the first time, with news, or once more."""
    if known is None:
        return _first(alert, at)
    again = known.but(count=known.count + 1, last_seen=max(at, known.last_seen))
    if _is_late(known, alert, at):
        return Heard(again, is_new=False, has_changed=False)
    if alert.status == AlertStatus.RESOLVED:
        return _resolved(known, again.but(alert=alert), at, flapping)
    if not known.is_firing:
        since = _next_start(known, alert, at)
        fires = again.but(alert=alert, since=since, began=since, until=None, ended_before=known.until, silent=False)
        return Heard(_changed(fires, at, flapping), is_new=False, has_changed=True)
    return _fires_still(known, again.but(alert=alert), at)


def _first(alert: Alert, at: datetime) -> Heard:
    began = min(alert.starts_at or at, at)
    until = None if alert.status == AlertStatus.FIRING else max(began, min(alert.ends_at or at, at))
    seen = AlertRecord(
        alert=alert, since=began, until=until, recent=(at,), first_seen=at, last_seen=at, changed_at=at, began=began
    )
    ended = _spell(seen, until, SpellEnd.RESOLVED) if until else ()
    return Heard(seen, is_new=True, has_changed=True, ended=ended)


def _next_start(known: AlertRecord, alert: Alert, at: datetime) -> datetime:
    """A sender may name the beginning it named before: what lies before the end of a spell is no part of the next."""
    began = min(alert.starts_at or at, at)
    return at if known.until is not None and began < known.until else began


def _resolved(known: AlertRecord, again: AlertRecord, at: datetime, flapping: Flapping) -> Heard:
    alert = again.alert
    until = min(alert.ends_at or at, at)
    if known.is_firing:
        over = again.but(until=max(until, known.since))
        ended = _spell(known, over.until, SpellEnd.RESOLVED)
        return Heard(_changed(over, at, flapping), is_new=False, has_changed=True, ended=ended)
    if known.silent:
        # From when it was last heard until now nobody has measured anything.
        return Heard(_changed(again.but(silent=False), at, flapping), is_new=False, has_changed=True)
    began = alert.starts_at
    if began is None or known.until is None or not known.until <= began < until:
        return Heard(again, is_new=False, has_changed=False)
    # It fired and ended, and only the end was heard.
    missed = again.but(since=began, began=began, until=until, ended_before=known.until)
    ended = _spell(missed, until, SpellEnd.RESOLVED)
    return Heard(_changed(missed, at, flapping), is_new=False, has_changed=True, ended=ended)


def _fires_still(known: AlertRecord, again: AlertRecord, at: datetime) -> Heard:
    """Once more, unless it has ended and begun anew unheard, or is as grave no longer."""
    alert, before = again.alert, known.alert
    began = min(alert.starts_at or at, at)
    if alert.starts_at != before.starts_at and began > known.last_seen:
        anew = again.but(
            since=began, began=began, ended_before=known.last_seen, changes=known.changes + 1, changed_at=at
        )
        ended = _spell(known, known.last_seen, SpellEnd.BEGAN_ANEW)
        return Heard(anew, is_new=False, has_changed=True, ended=ended)
    if alert.severity != before.severity:
        regraded = again.but(since=max(at, known.since), began=known.began or known.since)
        return Heard(regraded, is_new=False, has_changed=True, ended=_spell(known, at, SpellEnd.REGRADED))
    return Heard(again, is_new=False, has_changed=False)


def fallen_silent(record: AlertRecord) -> Heard:
    """It fires as far as anybody knows, but nothing was heard of it for longer than its rule allows."""
    silent = record.but(silent=True, until=record.last_seen)
    ended = _spell(record, record.last_seen, SpellEnd.SILENT)
    return Heard(silent, is_new=False, has_changed=True, ended=ended)


def _spell(record: AlertRecord, end: datetime | None, how: SpellEnd) -> tuple[Spell, ...]:
    """None where it would last no time at all; that one was heard once, and never again, is kept all the same."""
    if end is None or end < record.since or (end == record.since and how != SpellEnd.SILENT):
        return ()
    return (Spell(record.since, end, record.alert.severity, how),)


def _is_late(known: AlertRecord, alert: Alert, at: datetime) -> bool:
    """Deliveries overtake each other: whether this one speaks of a spell that is over, or was over before this one.

    After moments there is nothing left to overtake: whoever names an old beginning then says that it fires again.
    """
    if alert.status == AlertStatus.FIRING:
        is_old = known.until is not None and alert.starts_at is not None and alert.starts_at < known.until
        return is_old and not known.silent and at - known.changed_at <= MOMENTS
    began = known.began or known.since
    if not known.is_firing or alert.ends_at is None or alert.ends_at >= began:
        return False
    if known.ended_before is not None:
        return alert.ends_at <= known.ended_before
    return alert.starts_at is not None and alert.starts_at < began


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
