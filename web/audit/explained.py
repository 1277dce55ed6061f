"""Clocks and journals as an auditor reads them: every stretch and whether it counted, every entry and who said it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from pydantic import JsonValue

from db.cases.faults import OVER
from db.cases.journal import JournalRow
from documents.wording import word
from domain.cases.events import Event, Happening
from domain.cases.faults import FaultKind
from domain.clocks.explanations import ClockSegment, ClockState
from domain.clocks.reports import ClockReport, Passed
from domain.ids import PAGE, WAVE, case_no_of, case_of_log
from domain.moves.launched.events import MoveHappening
from domain.oncall.page import PageHappening
from domain.people import Language
from web.contracts.promises import point_of
from web.marks import Mark, happening_mark
from web.moments import exact, number
from web.words import label, say

# What nobody has said: all that has followed from it. What a case begins with has been said by somebody.
_BEGINNINGS = frozenset({Happening.PLACED, Happening.REPORTED, MoveHappening.LAUNCHED})
MACHINES = frozenset(
    {f"{one}" for kind in (Happening, MoveHappening, PageHappening, FaultKind) for one in kind} | {OVER}
) - {f"{one}" for one in _BEGINNINGS}
# A clock of two years has a thousand nights: of so many stretches the first and the last are shown.
_MOST_STRETCHES = 120
_LONGEST_FACT = 500
# Fields that name somebody.
_WHO = frozenset({"technician", "to", "owner", "person", "operator", "verifier", "approver"})
# Fields whose values have names of their own.
_NOUNS = {
    "before": "priority",
    "cause": "page_cause",
    "code": "hold_reason",
    "layer": "rota_layer",
    "outcome": "outcome",
    "priority": "priority",
    "role": "role",
    "side": "side",
    "template": "notice",
}
_STATES: Mapping[ClockState, Mark] = {
    ClockState.RUNNING: Mark.RUN,
    ClockState.HELD: Mark.HELD,
    ClockState.SOLVED: Mark.OK,
    ClockState.SETTLED: Mark.RUN,
}


@dataclass(frozen=True)
class ClockStretch:
    """A piece of a clock's life; `counted` is None where it did not run. `is_ahead` has not come yet."""

    start: datetime
    end: datetime
    state: ClockState
    mark: Mark
    why: str
    counted: timedelta | None
    is_ahead: bool


@dataclass(frozen=True)
class ClockPoint:
    """A point on its way that it has come to; `late` in words, None where nobody was watching yet."""

    said: str
    due: datetime
    fired_at: datetime | None
    late: str | None


@dataclass(frozen=True)
class ClockStory:
    report: ClockReport
    stretches: tuple[ClockStretch, ...]
    left_out: int
    points: tuple[ClockPoint, ...]


def stories(clocks: Iterable[ClockReport], language: Language) -> tuple[ClockStory, ...]:
    return tuple(_story(clock, language) for clock in clocks)


def _story(clock: ClockReport, language: Language) -> ClockStory:
    last_settled = max((part.start for part in clock.segments if part.state is ClockState.SETTLED), default=None)

    def stretch(part: ClockSegment, *, is_ahead: bool) -> ClockStretch:
        counted = part.end - part.start if part.state is ClockState.RUNNING else None
        # What counted under earlier service hours is known as a sum only; it stands beside the last such stretch.
        counted = clock.settled if part.start == last_settled and not is_ahead else counted
        mark = _STATES.get(part.state, Mark.LEFT)
        return ClockStretch(part.start, part.end, part.state, mark, _why(part, language), counted, is_ahead)

    past = (stretch(part, is_ahead=False) for part in clock.segments)
    whole = (*past, *(stretch(part, is_ahead=True) for part in clock.ahead))
    half = _MOST_STRETCHES // 2
    shown = whole if len(whole) <= _MOST_STRETCHES else (*whole[:half], *whole[-half:])
    points = tuple(_point(passed, language) for passed in clock.reached)
    return ClockStory(clock, shown, len(whole) - len(shown), points)


def _why(part: ClockSegment, language: Language) -> str:
    if part.state is ClockState.HELD:
        return ", ".join(word("hold_reason", reason, language) for reason in part.why.split(", "))
    return part.why or (say("outside_hours_why", language) if part.state is ClockState.CLOSED else "")


def _point(passed: Passed, language: Language) -> ClockPoint:
    late = None
    if passed.lateness is not None:
        late = say("so_late", language, seconds=number(Decimal(f"{passed.lateness.total_seconds():.1f}"), language))
    return ClockPoint(point_of(passed.threshold, language), passed.due, passed.fired_at, late)


@dataclass(frozen=True)
class JournalEntry:
    """A line of a journal: what happened in which part of its case, and all that is known of it."""

    event: Event
    said: str
    part: str
    mark: Mark
    facts: tuple[tuple[str, str], ...]
    people: frozenset[str]


@dataclass(frozen=True)
class JournalWords:
    """How a journal is read: by which clock, in which language, and sites by their names."""

    zone: str
    language: Language
    sites: Mapping[str, str]


def entries(rows: Iterable[JournalRow], words: JournalWords) -> tuple[JournalEntry, ...]:
    return tuple(_entry(row, words) for row in rows)


def _entry(row: JournalRow, words: JournalWords) -> JournalEntry:
    event, (kind, no) = row.as_event(), case_no_of(case_of_log(row.workflow_id))
    is_fault = case_of_log(row.workflow_id) != row.workflow_id
    part = no.rpartition("/")[2] if kind in (PAGE, WAVE) else ""
    named = {PAGE: "a_page", WAVE: "a_wave"}.get(kind)
    facts = tuple(_fact(name, value, words) for name, value in _facts(event))
    return JournalEntry(
        event,
        _happened(event.what, kind, words.language) if not is_fault else _fault(event.what, words.language),
        f"{say(named, words.language)} {part}" if named else "",
        happening_mark(event.what) if not is_fault else Mark.NEED,
        tuple(fact for fact in facts if fact[1]),
        frozenset({event.actor.person, *(f"{value}" for name, value in _facts(event) if name in _WHO)}),
    )


def _happened(what: str, kind: str, language: Language) -> str:
    """Each kind of case words its own happenings, and shares the others."""
    nouns = {PAGE: ("page_happening",), "project": ("move_happening",), WAVE: ("move_happening",)}.get(kind, ())
    said = (word(noun, what, language) for noun in (*nouns, "happening"))
    return next((one for one in said if one != what), what)


def _fault(what: str, language: Language) -> str:
    return say("fault_over", language) if what == OVER else word("case_fault", what, language)


def _facts(event: Event) -> Iterator[tuple[str, JsonValue]]:
    command = event.command.model_dump(mode="json", exclude_defaults=True) if event.command else {}
    yield from ((name, value) for name, value in command.items() if name not in ("type", "reason", "step"))
    yield from event.values.items()


def _fact(name: str, value: JsonValue, words: JournalWords) -> tuple[str, str]:
    text = _text(_named(name, value, words), words)
    worded = word(_NOUNS[name], text, words.language) if name in _NOUNS else text
    return word("field", name, words.language).replace("_", " "), worded


def _named(name: str, value: JsonValue, words: JournalWords) -> JsonValue:
    return words.sites.get(value, value) if name == "site" and isinstance(value, str) else value


def _text(value: JsonValue, words: JournalWords) -> str:
    match value:
        case None:
            return ""
        case bool():
            return word("yes_no", "yes" if value else "no", words.language)
        case str():
            return _moment(value, words)[:_LONGEST_FACT]
        case list():
            between = "; " if any(isinstance(one, dict) for one in value) else ", "
            return between.join(_text(one, words) for one in value)[:_LONGEST_FACT]
        case dict():
            named = ((name, _named(name, one, words)) for name, one in value.items())
            parts = ((label(name, words.language), _text(one, words)) for name, one in named)
            return ", ".join(f"{name} {text}" for name, text in parts if text)[:_LONGEST_FACT]
    return f"{value}"


def _moment(text: str, words: JournalWords) -> str:
    """Instants as people read them; whatever only looks like one stays as it was said."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return exact(at, words.zone, words.language) if at.tzinfo is not None else text
