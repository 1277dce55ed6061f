"""Logged incidents as something that can be done again: who told them what, and when."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from domain.cases.incident_commands import ChangePriority, Confirm, HandOver, HolderKind, Reopen, Resolve, Respond
from domain.cases.instructions import AnyCommand
from domain.cases.order_commands import Hold, Resume
from domain.clocks.holds import LONGEST_HOLD
from domain.incidents.logs.servicenow import (
    ENDED,
    HELD,
    Contradiction,
    LogRow,
    LogState,
    Times,
    contradictions,
    histories,
    times,
)
from domain.priorities import Priority
from domain.times import Instant
from domain.values import Slug, Value

VENDOR = "vendor"
# Holds of the log end when somebody ends them, and never by themselves.
LONG = timedelta(days=30)
# Nobody may hold for as long as some holds of the log last: in good time they are asked for again.
RENEWED = timedelta(days=60)
SAID = "As the log has it."


class LoggedStep(Value):
    at: Instant
    command: AnyCommand


class LoggedIncident(Value):
    """Reported at `opened_at` with this priority and team; then the steps, in this order also within one minute.

    `times` were read off the rows without the steps. `made_sla` is what the log itself says of its promises.
    """

    number: Slug
    opened_at: Instant
    priority: Priority
    category: Slug | None
    team: Slug | None
    made_sla: bool
    steps: tuple[LoggedStep, ...]
    times: Times
    contradictions: tuple[Contradiction, ...]


def logged_incidents(rows: Iterable[LogRow]) -> Iterator[LoggedIncident]:
    for history in histories(rows):
        first, last = history[0], history[-1]
        yield LoggedIncident(
            number=first.number,
            opened_at=first.opened_at,
            priority=first.priority,
            category=first.category,
            team=first.team,
            made_sla=last.made_sla,
            steps=tuple(_renewed(tuple(_steps(history)))),
            times=times(history),
            contradictions=contradictions(history),
        )


def _steps(history: tuple[LogRow, ...]) -> Iterator[LoggedStep]:
    """Every incident ends, also one that the log leaves open or closes without a solution."""
    first, last = history[0], history[-1]
    was, priority, holder = LogState.NEW, first.priority, _team(first)
    answer = next((row for row in history if row.state is not LogState.NEW), last)
    for row in history:
        commands: list[AnyCommand] = [Respond(reason=SAID)] if row is answer else []
        commands += _turned(was, row.state, last)
        if row.state not in ENDED and row.priority != priority:
            commands.append(ChangePriority(priority=row.priority, reason=SAID))
            priority = row.priority
        if row.state not in ENDED and (to := _holder(row)) not in (None, holder):
            commands.append(to)
            holder = to
        yield from (LoggedStep(at=row.at, command=command) for command in commands)
        was = row.state
    if was is not LogState.CLOSED:
        yield from (LoggedStep(at=last.at, command=command) for command in _turned(was, LogState.CLOSED, last))


def _renewed(steps: tuple[LoggedStep, ...]) -> Iterator[LoggedStep]:
    """In order of time; what the log has at an instant stays in the order of the log."""
    found: list[LoggedStep] = []
    for n, step in enumerate(steps):
        if isinstance(held := step.command, Hold):
            lifted = (later.at for later in steps[n:] if later.command == Resume(code=held.code))
            found += _in_turns(step.at, held, next(lifted, held.max_until))
        else:
            found.append(step)
    yield from sorted(found, key=lambda step: step.at)


def _in_turns(at: Instant, held: Hold, end: Instant) -> Iterator[LoggedStep]:
    until = min(held.max_until, at + LONGEST_HOLD)
    yield LoggedStep(at=at, command=held.but(max_until=until))
    if at + RENEWED < end and until < held.max_until:
        yield from _in_turns(at + RENEWED, held, end)


def _turned(was: LogState, now: LogState, last: LogRow) -> Iterator[AnyCommand]:
    """From one state to the next. A new hold begins before the old one ends, so that the clock does not run between."""
    if was in ENDED and now not in ENDED:
        yield Reopen(reason=SAID)
    old, new = HELD.get(was), HELD.get(now)
    if new is not None and new != old:
        yield Hold(code=new, max_until=last.at + LONG, reason=SAID)
    if old is not None and new != old:
        yield Resume(code=old)
    if now in ENDED and was not in ENDED:
        yield Resolve(solution=SAID)
    if now is LogState.CLOSED and was is not LogState.CLOSED:
        yield Confirm()


def _holder(row: LogRow) -> HandOver | None:
    """A vendor's turn holds nothing: it only says whose minutes burn."""
    return HandOver(kind=HolderKind.VENDOR, to=VENDOR) if row.state is LogState.VENDOR else _team(row)


def _team(row: LogRow) -> HandOver | None:
    return HandOver(kind=HolderKind.TEAM, to=row.team) if row.team else None
