"""Groups of alerts: when one opens an incident, when that is told more, and when its resolution is proposed."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from pydantic import Field

from domain.alerts.alert import AlertRecord
from domain.ids import incident_no
from domain.priorities import Priority
from domain.refusals import Problem
from domain.times import Instant
from domain.values import Line, Slug, Value

# However many alerts a storm brings, an incident is told of them once in a while.
TELL_EVERY = timedelta(minutes=1)
# What keeps a group from opening its incident may be put right meanwhile.
TRY_AGAIN = timedelta(minutes=15)
MOST_TITLES = 5


class GroupState(StrEnum):
    COLLECTING = "collecting"
    QUIET = "quiet"
    OPEN = "open"
    CLEARED = "cleared"
    FLAPPING = "flapping"
    MAINTENANCE = "maintenance"
    STUCK = "stuck"


class Waking(NamedTuple):
    """A group whose workflow is to be told that there is something to look at."""

    group: str
    customer: str


class Counts(Value):
    """The alerts of a group at an instant: those that fire and count, those that flap, those under maintenance.

    `fired_at` is when we heard of the last of those that count, `changed_at` when any alert last changed.
    `titles` are of those that count, the most pressing first.
    """

    total: int = 0
    firing: int = 0
    flapping: int = 0
    covered: int = 0
    fired_at: Instant | None = None
    changed_at: Instant | None = None
    flapping_until: Instant | None = None
    covered_until: Instant | None = None
    titles: tuple[Line, ...] = Field(default=(), max_length=MOST_TITLES)


class Member(NamedTuple):
    """An alert of a group that fires or flaps. `covered_until` is the end of the maintenance that it falls under."""

    record: AlertRecord
    site: str
    priority: Priority
    covered_until: datetime | None = None


def counting(members: Iterable[Member], at: datetime) -> list[Member]:
    """Those that fire, do not flap and are under no maintenance, the most pressing first."""
    found = [member for member in members if _is_calm(member, at) and member.covered_until is None]
    return sorted(found, key=lambda member: (list(Priority).index(member.priority), member.record.changed_at))


def _is_calm(member: Member, at: datetime) -> bool:
    return member.record.is_firing and not member.record.is_flapping_at(at)


def counted(members: Sequence[Member], total: int, changed_at: datetime | None, at: datetime) -> Counts:
    firing = counting(members, at)
    flapping = [member for member in members if member.record.is_flapping_at(at)]
    covered = [member for member in members if _is_calm(member, at) and member.covered_until is not None]
    return Counts(
        total=total,
        firing=len(firing),
        flapping=len(flapping),
        covered=len(covered),
        fired_at=max((member.record.changed_at for member in firing), default=None),
        changed_at=changed_at,
        flapping_until=_earliest(member.record.flapping_until for member in flapping),
        covered_until=_earliest(member.covered_until for member in covered),
        titles=tuple(dict.fromkeys(member.record.alert.title for member in firing))[:MOST_TITLES],
    )


def _earliest(instants: Iterable[datetime | None]) -> datetime | None:
    return min((at for at in instants if at is not None), default=None)


class Done(Value):
    """What the group has done so far. Each episode has an incident of its own; the next begins when that is over.

    `gone` says that the incident's workflow has ended, whatever the tables say.
    """

    episode: int = 0
    incident: Slug | None = None
    told_at: Instant | None = None
    fired_at: Instant | None = None
    proposed: bool = False
    flapping: bool = False
    gone: bool = False


class GroupStanding(Value):
    """A group as the tables show it."""

    group: Slug
    quiet_seconds: int
    counts: Counts
    done: Done
    incident_is_over: bool = False


class GroupSheet(Value):
    """A group as people and systems read it. `look_at` is when it will be looked at again if nothing happens before."""

    id: Slug
    rule: Slug
    customer: Slug
    labels: dict[str, str]
    state: GroupState
    incident: Slug | None
    episode: int
    firing: int
    total: int
    first_seen: Instant
    last_seen: Instant
    look_at: Instant | None
    waiting: bool
    problem: Problem | None


class News(StrEnum):
    """What an incident is told of the alerts it came from, named as its journal names it."""

    MORE = "alerts_added"
    AGAIN = "alerts_again"
    FLAPPING = "alerts_flapping"
    CLEARED = "resolution_proposed"


class AlertNews(Value):
    """All that has happened since the last time, in one. `event_id` recognises a repeat."""

    event_id: Slug
    what: News
    group: Slug
    counts: Counts
    at: Instant


class GroupMove(NamedTuple):
    """What a group does now: open an incident, tell it something, or nothing; and when it looks again."""

    state: GroupState
    done: Done
    look_at: datetime | None = None
    opens: bool = False
    tells: News | None = None


class GroupNote(Value):
    """What the tables are to show of a group after a move."""

    group: Slug
    state: GroupState
    done: Done
    look_at: Instant | None = None
    problem: Problem | None = None


def next_move(standing: GroupStanding, now: datetime) -> GroupMove:
    done = standing.done
    is_over = done.incident is None or done.gone or standing.incident_is_over
    return _while_closed(standing, now) if is_over else _while_open(standing, now)


def _while_closed(standing: GroupStanding, now: datetime) -> GroupMove:
    counts, done = standing.counts, standing.done
    if counts.firing:
        episode = done.episode + 1
        no = incident_no(f"{standing.group}/{episode}")
        opened = Done(episode=episode, incident=no, told_at=now, fired_at=counts.fired_at)
        return GroupMove(GroupState.OPEN, opened, opens=True, look_at=_calm_at(counts))
    if counts.flapping:
        return GroupMove(GroupState.FLAPPING, done, look_at=_calm_at(counts))
    if counts.covered:
        return GroupMove(GroupState.MAINTENANCE, done, look_at=_calm_at(counts))
    return GroupMove(GroupState.QUIET, done)


def _while_open(standing: GroupStanding, now: datetime) -> GroupMove:
    counts, done = standing.counts, standing.done
    if not counts.firing and not counts.flapping:
        return _while_silent(standing, now)
    if counts.flapping and not done.flapping:
        said = done.but(flapping=True, told_at=now, fired_at=counts.fired_at or done.fired_at, proposed=False)
        return GroupMove(GroupState.OPEN, said, tells=News.FLAPPING, look_at=_calm_at(counts))
    calm = done if counts.flapping else done.but(flapping=False)
    if not _is_news(counts, done):
        return GroupMove(GroupState.OPEN, calm, look_at=_calm_at(counts))
    due = (done.told_at or now) + TELL_EVERY
    if now < due:
        return GroupMove(GroupState.OPEN, calm, look_at=due)
    what = News.AGAIN if done.proposed else News.MORE
    told = calm.but(told_at=now, fired_at=counts.fired_at, proposed=False)
    return GroupMove(GroupState.OPEN, told, tells=what, look_at=_calm_at(counts))


def _while_silent(standing: GroupStanding, now: datetime) -> GroupMove:
    """Nothing fires any more, or only what is under maintenance: of that nobody can say that it is all right."""
    counts, done = standing.counts, standing.done.but(flapping=False)
    if counts.covered:
        return GroupMove(GroupState.OPEN, done, look_at=counts.covered_until)
    if done.proposed:
        return GroupMove(GroupState.CLEARED, done)
    due = (counts.changed_at or now) + timedelta(seconds=standing.quiet_seconds)
    if now < due:
        return GroupMove(GroupState.OPEN, done, look_at=due)
    return GroupMove(GroupState.CLEARED, done.but(proposed=True, told_at=now), tells=News.CLEARED)


def _is_news(counts: Counts, done: Done) -> bool:
    return counts.fired_at is not None and (done.fired_at is None or counts.fired_at > done.fired_at)


def _calm_at(counts: Counts) -> datetime | None:
    """When those that flap, or are covered, will count again if they still fire."""
    return _earliest((counts.flapping_until, counts.covered_until))
