"""A ServiceNow incident log in our own words: what happened to each incident, and what its rows say against each other.

Rows are snapshots after a change. Time decides their order and the number of the change only among rows of one minute:
incidents that were merged carry early rows whose numbers belong to another one.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby, pairwise

from domain.clocks.holds import HoldReason, Span
from domain.clocks.windows import ServiceHours
from domain.priorities import Priority
from domain.times import ZERO, Instant
from domain.values import Slug, Value


class LogState(StrEnum):
    NEW = "New"
    ACTIVE = "Active"
    USER_INFO = "Awaiting User Info"
    PROBLEM = "Awaiting Problem"
    EVIDENCE = "Awaiting Evidence"
    VENDOR = "Awaiting Vendor"
    RESOLVED = "Resolved"
    CLOSED = "Closed"


# Evidence comes from the customer; a problem is somebody else's fix that has to be delivered.
HELD = {
    LogState.USER_INFO: HoldReason.WAITING_CUSTOMER,
    LogState.EVIDENCE: HoldReason.WAITING_CUSTOMER,
    LogState.PROBLEM: HoldReason.WAITING_DELIVERY,
}
ENDED = frozenset({LogState.RESOLVED, LogState.CLOSED})


class Contradictory(StrEnum):
    """What is wrong with a log. Nothing is left out for it, except a row that cannot be read at all."""

    UNREADABLE = "unreadable"
    LOCAL_TIME_SKIPPED = "local_time_skipped"
    LOCAL_TIME_TWICE = "local_time_twice"
    BEFORE_OPENING = "before_opening"
    CREATED_BEFORE_OPENING = "created_before_opening"
    OUT_OF_ORDER = "out_of_order"
    COUNTED_TWICE = "counted_twice"
    RESOLVED_BEFORE_OPENING = "resolved_before_opening"
    RESOLUTION_ELSEWHERE = "resolution_elsewhere"
    NO_RESOLUTION_TIME = "no_resolution_time"
    CLOSING_ELSEWHERE = "closing_elsewhere"
    CLOSED_YET_ACTIVE = "closed_yet_active"
    INACTIVE_YET_OPEN = "inactive_yet_open"
    CLOSED_UNRESOLVED = "closed_unresolved"
    NEVER_CLOSED = "never_closed"
    REOPENINGS_SKIPPED = "reopenings_skipped"
    REOPENED_UNCOUNTED = "reopened_uncounted"
    COUNTED_UNREOPENED = "counted_unreopened"


class Contradiction(Value):
    """`line` is where in the file it shows."""

    code: Contradictory
    line: int
    text: str = ""


class LogRow(Value):
    """One row as it was written, its wall times placed in a zone."""

    line: int
    number: Slug
    state: LogState
    active: bool
    reopened: int
    change: int
    priority: Priority
    category: Slug | None = None
    team: Slug | None = None
    made_sla: bool
    opened_at: Instant
    changed_at: Instant
    created_at: Instant | None = None
    resolved_at: Instant | None = None
    closed_at: Instant | None = None
    doubts: tuple[Contradiction, ...] = ()

    @property
    def at(self) -> datetime:
        """When it takes effect: nothing happens to an incident before it was opened."""
        return max(self.changed_at, self.opened_at)


class Times(Value):
    """The stretches in which each clock ran, read off the rows alone."""

    response: tuple[Span, ...]
    resolution: tuple[Span, ...]

    def used_for_response(self, hours: ServiceHours) -> timedelta:
        return sum((hours.elapsed(*span) for span in self.response), ZERO)

    def used_for_resolution(self, hours: ServiceHours) -> timedelta:
        return sum((hours.elapsed(*span) for span in self.resolution), ZERO)


def histories(rows: Iterable[LogRow]) -> Iterator[tuple[LogRow, ...]]:
    """The rows of each incident in the order in which they happened; incidents in that of their numbers."""
    in_order = sorted(rows, key=lambda row: (row.number, row.changed_at, row.change, row.line))
    for _, history in groupby(in_order, key=lambda row: row.number):
        yield tuple(history)


def times(history: tuple[LogRow, ...]) -> Times:
    """Time runs in every state but those in which somebody else must act or nothing is left to do."""
    first = history[0]
    answered_at = next((row.at for row in history if row.state is not LogState.NEW), history[-1].at)
    resting = ENDED | HELD.keys()
    running = [Span(row.at, after.at) for row, after in pairwise(history) if row.state not in resting]
    # The first row is written when somebody has saved the form; the customer has been waiting since the call.
    return Times(response=(Span(first.opened_at, answered_at),), resolution=(Span(first.opened_at, first.at), *running))


def contradictions(history: tuple[LogRow, ...]) -> tuple[Contradiction, ...]:
    first = history[0]
    marked = [(row.line, code) for row in history for code in _in_row(row)]
    marked += [(after.line, code) for row, after in pairwise(history) for code in _between(row, after)]
    marked += [(history[-1].line, code) for code in _in_whole(first, history)]
    found = [doubt for row in history for doubt in row.doubts]
    found += [Contradiction(code=code, line=line) for line, code in marked]
    return tuple(sorted(found, key=lambda one: (one.line, one.code)))


def _in_row(row: LogRow) -> Iterator[Contradictory]:
    if row.changed_at < row.opened_at:
        yield Contradictory.BEFORE_OPENING
    if row.state is LogState.CLOSED and row.active:
        yield Contradictory.CLOSED_YET_ACTIVE
    if row.state is not LogState.CLOSED and not row.active:
        yield Contradictory.INACTIVE_YET_OPEN


def _between(row: LogRow, after: LogRow) -> Iterator[Contradictory]:
    if after.change < row.change:
        yield Contradictory.OUT_OF_ORDER
    if after.reopened > row.reopened + 1:
        yield Contradictory.REOPENINGS_SKIPPED
    is_reopened = row.state in ENDED and after.state not in ENDED
    if is_reopened and after.reopened <= row.reopened:
        yield Contradictory.REOPENED_UNCOUNTED
    if after.reopened > row.reopened and not is_reopened:
        yield Contradictory.COUNTED_UNREOPENED
    if after.state is LogState.CLOSED and row.state not in ENDED:
        yield Contradictory.CLOSED_UNRESOLVED


def _in_whole(first: LogRow, history: tuple[LogRow, ...]) -> Iterator[Contradictory]:
    """What every row of an incident repeats, against what its rows show."""
    moments = {state: {row.changed_at for row in history if row.state is state} for state in ENDED}
    if len({row.change for row in history}) < len(history):
        yield Contradictory.COUNTED_TWICE
    if first.created_at is not None and first.created_at < first.opened_at:
        yield Contradictory.CREATED_BEFORE_OPENING
    if first.resolved_at is None:
        yield Contradictory.NO_RESOLUTION_TIME
    elif first.resolved_at < first.opened_at:
        yield Contradictory.RESOLVED_BEFORE_OPENING
    elif first.resolved_at not in moments[LogState.RESOLVED]:
        yield Contradictory.RESOLUTION_ELSEWHERE
    if history[-1].state is not LogState.CLOSED:
        yield Contradictory.NEVER_CLOSED
    elif first.closed_at is not None and first.closed_at not in moments[LogState.CLOSED]:
        yield Contradictory.CLOSING_ELSEWHERE
