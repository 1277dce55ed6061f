"""A clock's life as a table: every stretch, whether it counted, and why."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from rich.console import Group, RenderableType
from rich.text import Text

from cli.moments import clock_at
from cli.names import clock_name
from cli.tables import filled, stacked, table
from cli.words import heading
from documents.wording import word
from domain.clocks.explanations import ClockSegment, ClockState
from domain.clocks.reports import ClockReport, Passed
from domain.people import Language
from domain.promises.what_ifs import Comparison
from domain.times import ZERO

COLOURS = {
    ClockState.RUNNING: "cyan",
    ClockState.HELD: "yellow",
    ClockState.SOLVED: "green",
    ClockState.SETTLED: "cyan",
}


def clock_picture(told: ClockReport, language: Language) -> RenderableType:
    parts: list[RenderableType] = [head(told, language), stretches(told, language)]
    if told.reached:
        parts.append(thresholds(told, language))
    return stacked(*parts)


def head(told: ClockReport, language: Language) -> RenderableType:
    title = Text.assemble((clock_name(told.name, told.kind, language), "bold"), "  ", (told.name, "dim"))
    facts = [
        (heading("type", language), word("clock_type", told.type, language)),
        (heading("target", language), span(told.target)),
        (heading("used", language), span(told.used)),
        (heading("remaining", language), span(told.remaining)),
        (heading("zone", language), told.zone),
    ]
    return Group(title, Text(",  ".join(f"{name}: {value}" for name, value in facts), "dim"))


def stretches(told: ClockReport, language: Language) -> RenderableType:
    """What lies ahead is dim; the sums are what was used, and with that the target."""
    made = table(language, "from", "until", "state", "why", ">counted")
    filled(made, rows(told.segments, told, language))
    made.add_section()
    filled(made, [("", clock_at(told.at, told.zone), heading("used", language), "", Text(span(told.used), "bold"))])
    if told.ahead:
        made.add_section()
        filled(made, ((*(Text(f"{cell}", "dim") for cell in row),) for row in rows(told.ahead, told, language)))
    if told.deadline is not None:
        made.add_section()
        name = "missed" if told.breached_at else "deadline"
        deadline = Text(clock_at(told.deadline, told.zone), "bold red" if told.breached_at else "bold")
        filled(made, [("", deadline, heading(name, language), "", Text(span(told.target), "bold"))])
    return made


def rows(parts: Iterable[ClockSegment], told: ClockReport, language: Language) -> Iterator[tuple[object, ...]]:
    """What counted under earlier service hours is known as a sum only; it stands beside the last such stretch."""
    last_settled = max((part.start for part in told.segments if part.state is ClockState.SETTLED), default=None)
    for part in parts:
        counted = part.end - part.start if part.state is ClockState.RUNNING else ZERO
        counted = told.settled if part.start == last_settled else counted
        state = Text(word("clock_state", part.state, language), COLOURS.get(part.state, "dim"))
        edges = (clock_at(at, told.zone) for at in (part.start, part.end))
        yield (*edges, state, why(part, language), span(counted) if counted else "")


def why(part: ClockSegment, language: Language) -> str:
    if part.state is ClockState.HELD:
        return ", ".join(word("hold_reason", reason, language) for reason in part.why.split(", "))
    return part.why


def thresholds(told: ClockReport, language: Language) -> RenderableType:
    made = table(language, "threshold", "due", "fired", "lateness")
    return filled(made, (threshold_row(past, told.zone, language) for past in told.reached))


def threshold_row(past: Passed, zone: str, language: Language) -> tuple[str, ...]:
    offset = past.threshold.offset
    point = f"{past.threshold.percent} %" + (f" {'+' if offset > ZERO else ''}{span(offset)}" if offset else "")
    if past.fired_at is None or past.lateness is None:
        return point, clock_at(past.due, zone), heading("past_already", language), ""
    return point, clock_at(past.due, zone), clock_at(past.fired_at, zone), f"{past.lateness.total_seconds():.1f} s"


def hours_left(told: ClockReport) -> tuple[str, str, str]:
    return span(told.target), span(told.used), span(told.remaining)


def difference(compared: Comparison) -> str:
    """How much later the deadline would be, in time that passes."""
    before, after = compared.agreed.deadline, compared.supposed.deadline
    if before is None or after is None:
        return "–"
    return f"{'+' if after > before else ''}{span(after - before)}"


def span(length: timedelta) -> str:
    """Hours and minutes; seconds where there are any."""
    seconds = round(abs(length).total_seconds())
    text = f"{seconds // 3600}:{seconds // 60 % 60:02}" + (f":{seconds % 60:02}" if seconds % 60 else "")
    return f"-{text} h" if length < ZERO else f"{text} h"
