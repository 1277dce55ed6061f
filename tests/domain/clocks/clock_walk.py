"""A clock and its ladder as a minute walk: what counts is a list of minutes, and nothing is worked out in advance.

Written from DOMAIN.md 3 and 4 alone, in whole minutes since the walk's beginning; it shares no code with the clock.
"""

from dataclasses import dataclass, field, replace
from typing import Literal


@dataclass(frozen=True)
class Point:
    """Somebody is told when so many minutes are used: a share of the target and some minutes."""

    percent: int
    minutes: int

    def spent(self, target: int) -> int:
        return max(0, target * self.percent // 100 + self.minutes)


END = Point(100, 0)


@dataclass(frozen=True)
class Firing:
    """What somebody who looks at the clock finds due: only the highest is told, the others are noted with it."""

    points: frozenset[Point]
    told: Point | None


@dataclass
class ClockWalk:
    opens: list[bool]
    target: int
    heeded: frozenset[str]
    now: int
    start: int
    state: Literal["running", "stopped", "cancelled"] = "running"
    ended: int | None = None
    # Reasons that hold the clock, each with the minute in which it ends by itself.
    holding: dict[str, int | None] = field(default_factory=dict)
    counted: list[int] = field(default_factory=list)
    # How many minutes had counted when the service hours last changed, and when that was.
    kept: int = 0
    since: int = 0
    breached: int | None = None
    passed: set[Point] = field(default_factory=set)

    @classmethod
    def begun(cls, opens: list[bool], target: int, heeded: frozenset[str], at: int) -> "ClockWalk":
        return cls(opens=opens, target=target, heeded=heeded, now=at, start=at, since=at)

    def walk(self, until: int) -> None:
        while self.now < until:
            self._lift_what_has_ended()
            if self.is_running and self.opens[self.now]:
                self.counted.append(self.now)
            self.now += 1
        self._lift_what_has_ended()

    def _lift_what_has_ended(self) -> None:
        self.holding = {why: end for why, end in self.holding.items() if end is None or end > self.now}

    # What happens, at the minute the walk has come to.

    def hold(self, why: str, end: int | None) -> None:
        if self.ended is None and why in self.heeded:
            self.holding[why] = end

    def resume(self, why: str) -> None:
        self.holding.pop(why, None)

    def stop(self, at: int) -> None:
        """`at` may lie in the past, if nothing else has happened since: news can be late."""
        if self.ended is None:
            self.state = "stopped"
            self._end(at)
            if self.breached is not None and self.breached >= at:
                self.breached = None

    def cancel(self) -> None:
        if self.ended is None:
            self.state = "cancelled"
            self._end(self.now)

    def _end(self, at: int) -> None:
        self.ended = at
        self.holding = {}
        self.counted = [minute for minute in self.counted if minute < at]

    def reopen(self) -> None:
        if self.state == "stopped":
            self.state, self.ended = "running", None

    def reset(self) -> None:
        fresh = ClockWalk.begun(self.opens, self.target, self.heeded, self.now)
        self.__dict__.update(replace(fresh, holding=self.holding).__dict__)

    def change_target(self, target: int) -> None:
        self.breached = self.breach()
        self.target = target

    def migrate(self, opens: list[bool]) -> None:
        self.breached = self.breach()
        self.opens = opens
        self.kept, self.since = len(self.counted), self.now

    def attach(self, points: frozenset[Point]) -> None:
        self.passed |= {point for point, due in self.dues(points).items() if due <= self.now}

    def look(self, points: frozenset[Point]) -> Firing:
        due = {point: due for point, due in self.dues(points).items() if due < self.now}
        self.passed |= due.keys()
        self.breached = self.breach()
        told = max(due, key=lambda point: (due[point], point.spent(self.target)), default=None)
        return Firing(frozenset(due), told)

    # What the walk says.

    @property
    def is_running(self) -> bool:
        return self.state == "running" and not self.holding

    @property
    def used(self) -> int:
        return len(self.counted)

    @property
    def deadline(self) -> int | None:
        return self.due(END) if self.is_running else None

    def due(self, point: Point) -> int | None:
        """The end of the minute in which it was or will be reached; the walk's end for whatever lies beyond."""
        spent = point.spent(self.target)
        if spent <= self.kept:
            # Passed before the service hours changed, or without any time at all.
            return self.since
        if spent <= self.used:
            return self.counted[spent - 1] + 1
        if not self.is_running:
            return None
        for minute in range(self.now, len(self.opens)):
            spent -= self.opens[minute]
            if spent == self.used:
                return minute + 1
        return len(self.opens)

    def dues(self, points: frozenset[Point]) -> dict[Point, int]:
        found = {point: self.due(point) for point in points - self.passed}
        return {
            point: due for point, due in found.items() if due is not None and (self.ended is None or due < self.ended)
        }

    def breach(self) -> int | None:
        """Done at the deadline is in time."""
        if self.breached is not None:
            return self.breached
        due, until = self.due(END), self.now if self.ended is None else self.ended
        return due if due is not None and due < min(until, self.now) else None
