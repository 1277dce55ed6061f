"""A layer's time among its rotations: whose turn it is, and during which hours."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import NamedTuple

from domain.oncall.rotations import DutyTurn, Rotation

# Of nobody's time it is known at least for so long when it ends: a weekend comes within it.
LOOKED_FURTHER = timedelta(days=8)


class OnWatch(NamedTuple):
    """A stretch of a turn within the hours of its rotation; `place` is the rotation's in its layer."""

    start: datetime
    place: int
    end: datetime
    turn: DutyTurn


def watches(rotations: Sequence[Rotation], zone_name: str, start: datetime, end: datetime) -> Iterator[OnWatch]:
    """All of [start, end) without gaps, at its edges as long as they last. Nobody's time has a turn of nobody.

    Where hours overlap, whoever is on call goes on.
    """
    if len(rotations) == 1 and rotations[0].hours is None:
        turns = takewhile(lambda turn: turn.start < end, rotations[0].turns(start, zone_name))
        yield from (OnWatch(turn.start, 0, turn.end, turn) for turn in turns)
        return
    until = end + LOOKED_FURTHER
    since, found = start, _by_start(rotations, zone_name, start, until)
    for watch in found:
        if watch.end <= since:
            continue
        if since < watch.start:
            yield _nobodys(since, watch.start)
            since = watch.start
        # What began before is as long as it lasts, but never runs into whoever was on call until then.
        yield watch if since == start else watch._replace(start=since)
        since = watch.end
    if since < until:
        yield _nobodys(since, until)


def _by_start(rotations: Sequence[Rotation], zone_name: str, start: datetime, end: datetime) -> list[OnWatch]:
    return sorted(
        watch for place, rotation in enumerate(rotations) for watch in _of_one(rotation, place, zone_name, start, end)
    )


def _of_one(rotation: Rotation, place: int, zone_name: str, start: datetime, end: datetime) -> Iterator[OnWatch]:
    turns = list(takewhile(lambda turn: turn.start < end, rotation.turns(start, rotation.zone_in(zone_name))))
    duty = iter(rotation.duty(turns[0].start, turns[-1].end))
    since, until = next(duty, (end, end))
    for turn in turns:
        while since < turn.end:
            if turn.person is not None and max(since, turn.start) < min(until, turn.end):
                yield OnWatch(max(since, turn.start), place, min(until, turn.end), turn)
            if until > turn.end:
                break
            since, until = next(duty, (turns[-1].end, turns[-1].end))


def _nobodys(start: datetime, end: datetime) -> OnWatch:
    return OnWatch(start, 0, end, DutyTurn(None, start, end))
