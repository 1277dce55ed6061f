"""The alerts of a group at an instant: which of them count, and what they come to."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from pydantic import Field

from domain.alerts.alert import AlertRecord
from domain.priorities import Priority
from domain.times import Instant
from domain.values import Line, Value

MOST_TITLES = 5


class Counts(Value):
    """The alerts of a group at an instant: those that fire and count, those that flap, those under maintenance.

    `fired_at` is when the last of those that count began to fire, `heard_at` when one of them was last named,
    `changed_at` when any alert last changed.
    `titles` are of those that count, the most pressing first, and `priority` is that of the first. `silent` ones have
    not been named for longer than their rule allows, the next one falls silent at `silent_at`. `truncated` is how many
    more there are that the sender left off.
    """

    total: int = 0
    firing: int = 0
    flapping: int = 0
    covered: int = 0
    fired_at: Instant | None = None
    heard_at: Instant | None = None
    changed_at: Instant | None = None
    flapping_until: Instant | None = None
    covered_until: Instant | None = None
    titles: tuple[Line, ...] = Field(default=(), max_length=MOST_TITLES)
    priority: Priority | None = None
    silent: int = 0
    silent_at: Instant | None = None
    truncated: int = 0

    @property
    def is_at_rest(self) -> bool:
        """Nothing fires, and nothing could that is only held back."""
        return not (self.firing or self.flapping or self.covered)


class Member(NamedTuple):
    """An alert of a group that fires or flaps. `covered_until` is the end of the maintenance that it falls under.

    If it is not heard of before, it falls silent at `silent_at`.
    """

    record: AlertRecord
    site: str
    priority: Priority
    covered_until: datetime | None = None
    silent_at: datetime | None = None

    def has_fallen_silent_at(self, at: datetime) -> bool:
        return self.silent_at is not None and self.silent_at <= at


def counting(members: Iterable[Member], at: datetime) -> list[Member]:
    """Those that fire, do not flap and are under no maintenance, the most pressing first."""
    found = [member for member in members if _is_calm(member, at) and member.covered_until is None]
    return sorted(found, key=lambda member: (list(Priority).index(member.priority), member.record.changed_at))


def _is_calm(member: Member, at: datetime) -> bool:
    return member.record.is_firing and not member.record.is_flapping_at(at)


def counted(
    members: Sequence[Member], total: int, changed_at: datetime | None, at: datetime, *, truncated: int = 0
) -> Counts:
    firing = counting(members, at)
    flapping = [member for member in members if member.record.is_flapping_at(at)]
    covered = [member for member in members if _is_calm(member, at) and member.covered_until is not None]
    return Counts(
        total=total,
        firing=len(firing),
        flapping=len(flapping),
        covered=len(covered),
        fired_at=max((member.record.changed_at for member in firing), default=None),
        heard_at=max((member.record.last_seen for member in firing), default=None),
        changed_at=changed_at,
        flapping_until=earliest(member.record.flapping_until for member in flapping),
        covered_until=earliest(member.covered_until for member in covered),
        titles=tuple(dict.fromkeys(member.record.alert.title for member in firing))[:MOST_TITLES],
        priority=firing[0].priority if firing else None,
        silent=sum(member.record.silent for member in members),
        silent_at=earliest(member.silent_at for member in members if member.record.is_firing),
        truncated=truncated,
    )


def earliest(instants: Iterable[datetime | None]) -> datetime | None:
    return min((at for at in instants if at is not None), default=None)
