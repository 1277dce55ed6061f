"""Groups of alerts: when one opens an incident, when that is told more, and when its resolution is proposed."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from domain.alerts.counts import Counts, earliest
from domain.ids import incident_no
from domain.priorities import Priority
from domain.refusals import Problem
from domain.times import Instant
from domain.values import Slug, Value

# However many alerts a storm brings, an incident is told of them once in a while.
TELL_EVERY = timedelta(minutes=1)
# What keeps a group from opening its incident may be put right meanwhile.
TRY_AGAIN = timedelta(minutes=15)


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


class Done(Value):
    """What the group has done so far. Each episode has an incident of its own; the next begins when that is over.

    `gone` says that the incident's workflow has ended, whatever the tables say. `priority`, `silent` and `truncated`
    are what the incident knows of; a group that has no alerts any more is silent since `silent_since`. `since` is when
    it was made: one that comes again after it was removed draws other numbers for its incidents. `still_since` is the
    solution of which was said that alerts go on firing.
    """

    episode: int = 0
    incident: Slug | None = None
    told_at: Instant | None = None
    fired_at: Instant | None = None
    proposed: bool = False
    flapping: bool = False
    gone: bool = False
    priority: Priority | None = None
    silent: int = 0
    truncated: int = 0
    silent_since: Instant | None = None
    since: Instant | None = None
    still_since: Instant | None = None


class GroupStanding(Value):
    """A group as the tables show it. One whose rule is switched off may open no further incident.

    `solved_at` is when people have solved its incident. What goes on firing then may do so for `heal_seconds`.
    """

    group: Slug
    quiet_seconds: int
    counts: Counts
    done: Done
    incident_is_over: bool = False
    solved_at: Instant | None = None
    may_open: bool = True
    heal_seconds: int | None = None

    @property
    def heals_at(self) -> datetime | None:
        """When whatever goes on firing after the solution is taken for a fault that was not solved."""
        if self.solved_at is None or self.heal_seconds is None or not self.may_open:
            return None
        return self.solved_at + timedelta(seconds=self.heal_seconds)


class GroupSheet(Value):
    """A group as people and systems read it. `look_at` is when it will be looked at again if nothing happens before.

    `truncated` is how many alerts the sender has left off that may belong to it.
    """

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
    truncated: int = 0


class News(StrEnum):
    """What an incident is told of the alerts it came from, named as its journal names it."""

    MORE = "alerts_added"
    AGAIN = "alerts_again"
    FLAPPING = "alerts_flapping"
    CLEARED = "resolution_proposed"
    SILENT = "alerts_silent"
    TRUNCATED = "alerts_truncated"
    STILL = "alerts_still"


class AlertNews(Value):
    """All that has happened since the last time, in one. `event_id` recognises a repeat.

    `followed_by` is the incident that has begun because this one is solved already, `follows_at` when one will begin.
    """

    event_id: Slug
    what: News
    group: Slug
    counts: Counts
    at: Instant
    followed_by: Slug | None = None
    follows_at: Instant | None = None


class GroupMove(NamedTuple):
    """What a group does now: open an incident, tell it something, or nothing; and when it looks again.

    One that opens and tells has an incident that is solved: that one hears of it, and the new one follows it.
    """

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
    if not standing.may_open:
        return GroupMove(GroupState.QUIET, done)
    if counts.firing and _may_heal(standing, now) and not _is_heard_again(standing):
        return GroupMove(GroupState.OPEN, done, look_at=earliest((_look_at(counts), standing.heals_at)))
    if counts.firing:
        return _opening(standing, now)
    if counts.flapping:
        return GroupMove(GroupState.FLAPPING, done, look_at=_look_at(counts))
    if counts.covered:
        return GroupMove(GroupState.MAINTENANCE, done, look_at=_look_at(counts))
    return GroupMove(GroupState.QUIET, done, look_at=_look_at(counts))


def _opening(standing: GroupStanding, now: datetime) -> GroupMove:
    counts, episode = standing.counts, standing.done.episode + 1
    since = standing.done.since
    seed = f"{standing.group}/{since.isoformat()}/{episode}" if since else f"{standing.group}/{episode}"
    opened = Done(
        episode=episode,
        incident=incident_no(seed),
        told_at=now,
        fired_at=counts.fired_at,
        priority=counts.priority,
        since=since,
    )
    tells_more_at = now + TELL_EVERY if counts.truncated else None
    look_at = earliest((_look_at(counts), tells_more_at))
    return GroupMove(GroupState.OPEN, opened, opens=True, look_at=look_at)


def _while_open(standing: GroupStanding, now: datetime) -> GroupMove:
    if _is_solved_in_vain(standing, now):
        return _opening(standing, now)._replace(tells=News.AGAIN)
    move = _with_news(standing, now)
    return _while_it_heals(standing, move, now) if standing.counts.firing and standing.heals_at else move


def _while_it_heals(standing: GroupStanding, move: GroupMove, now: datetime) -> GroupMove:
    """Alerts take a while to notice that a fault is gone; whoever has solved it hears once that they have not."""
    assert standing.solved_at is not None
    assert standing.heals_at is not None
    said_at = min(standing.solved_at + timedelta(seconds=standing.quiet_seconds), standing.heals_at)
    if move.tells is not None or standing.done.still_since == standing.solved_at:
        return move._replace(look_at=earliest((move.look_at, standing.heals_at)))
    if now < said_at:
        return move._replace(look_at=earliest((move.look_at, said_at)))
    said = move.done.but(still_since=standing.solved_at, told_at=now)
    return move._replace(done=said, tells=News.STILL, look_at=earliest((move.look_at, standing.heals_at)))


def _with_news(standing: GroupStanding, now: datetime) -> GroupMove:
    counts, done = standing.counts, _forgetting(standing)
    if not counts.firing and not counts.flapping:
        return _while_silent(standing, done, now)
    done = done.but(silent_since=None)
    if counts.flapping and not done.flapping:
        said = done.but(flapping=True, told_at=now, fired_at=counts.fired_at or done.fired_at, proposed=False)
        return GroupMove(GroupState.OPEN, said, tells=News.FLAPPING, look_at=_look_at(counts))
    what = _news(counts, done)
    if what is None:
        return GroupMove(GroupState.OPEN, done, look_at=_look_at(counts))
    due = (done.told_at or now) + TELL_EVERY
    # Whoever was told that all is well must not believe it a minute longer.
    if now < due and what != News.AGAIN:
        return GroupMove(GroupState.OPEN, done, look_at=due)
    told = _having_told(what, counts, done).but(told_at=now)
    tells_more_at = now + TELL_EVERY if _news(counts, told) else None
    return GroupMove(GroupState.OPEN, told, tells=what, look_at=earliest((_look_at(counts), tells_more_at)))


def _is_solved_in_vain(standing: GroupStanding, now: datetime) -> bool:
    """What fires again, worsens or never ends after people have solved its incident is as loud as what is new."""
    counts, solved_at = standing.counts, standing.solved_at
    if solved_at is None or not standing.may_open or counts.fired_at is None:
        return False
    return counts.fired_at > solved_at or _is_graver(counts, standing.done) or not _may_heal(standing, now)


def _is_heard_again(standing: GroupStanding) -> bool:
    """Whether the sender has said after the solution that it fires."""
    heard_at, solved_at = standing.counts.heard_at, standing.solved_at
    return heard_at is not None and solved_at is not None and heard_at > solved_at


def _may_heal(standing: GroupStanding, now: datetime) -> bool:
    """Whether what fires has done so since before the solution, and nobody expects it to have ended yet."""
    solved_at, fired_at, heals_at = standing.solved_at, standing.counts.fired_at, standing.heals_at
    if solved_at is None or fired_at is None or fired_at > solved_at or _is_graver(standing.counts, standing.done):
        return False
    return now < heals_at if heals_at is not None else not standing.incident_is_over


def _forgetting(standing: GroupStanding) -> Done:
    """What is so no longer may be told once more when it is so again."""
    counts, done = standing.counts, standing.done
    return done.but(
        flapping=done.flapping and counts.flapping > 0,
        silent=min(done.silent, counts.silent),
        truncated=min(done.truncated, counts.truncated),
    )


def _while_silent(standing: GroupStanding, done: Done, now: datetime) -> GroupMove:
    """Nothing fires any more, or only what is under maintenance: of that nobody can say that it is all right."""
    counts = standing.counts
    is_told = counts.silent <= done.silent
    if not is_told:
        told = done.but(silent=counts.silent, told_at=now, proposed=counts.is_at_rest)
        state = GroupState.CLEARED if counts.is_at_rest else GroupState.OPEN
        return GroupMove(state, told, tells=News.SILENT, look_at=_look_at(counts))
    if counts.covered:
        return GroupMove(GroupState.OPEN, done, look_at=_look_at(counts))
    if done.proposed:
        return GroupMove(GroupState.CLEARED, done, look_at=_look_at(counts))
    # Without alerts there is nothing that changed: it has been silent since somebody looked.
    since = counts.changed_at or done.silent_since or now
    done = done.but(silent_since=since if counts.changed_at is None else None)
    due = since + timedelta(seconds=standing.quiet_seconds)
    if now < due:
        return GroupMove(GroupState.OPEN, done, look_at=earliest((due, _look_at(counts))))
    told = done.but(proposed=True, told_at=now)
    return GroupMove(GroupState.CLEARED, told, tells=News.CLEARED, look_at=_look_at(counts))


def _news(counts: Counts, done: Done) -> News | None:
    if _is_graver(counts, done) or _has_fired(counts, done):
        return News.AGAIN if done.proposed else News.MORE
    if counts.silent > done.silent:
        return News.SILENT
    return News.TRUNCATED if counts.truncated > done.truncated else None


def _has_fired(counts: Counts, done: Done) -> bool:
    return counts.fired_at is not None and (done.fired_at is None or counts.fired_at > done.fired_at)


def _is_graver(counts: Counts, done: Done) -> bool:
    return counts.priority is not None and done.priority is not None and counts.priority.is_graver_than(done.priority)


def _having_told(what: News, counts: Counts, done: Done) -> Done:
    if what == News.SILENT:
        return done.but(silent=counts.silent)
    if what == News.TRUNCATED:
        return done.but(truncated=counts.truncated)
    priority = counts.priority if done.priority is None or _is_graver(counts, done) else done.priority
    return done.but(fired_at=counts.fired_at, proposed=False, priority=priority)


def _look_at(counts: Counts) -> datetime | None:
    """When those that flap, or are covered, will count again if they still fire, or one will count no more."""
    return earliest((counts.flapping_until, counts.covered_until, counts.silent_at))
