"""Ids that everybody knows, as words; what a contract has named itself stays as it is named."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum

from cli.moments import clock_at
from documents.wording import sentence, word
from domain.assets.asset import AssetStatus
from domain.cases.incident_commands import HolderKind
from domain.cases.move_commands import WhenDone, WhenInFlight
from domain.clocks.holds import HoldReason
from domain.clocks.sla import ClockKind
from domain.contracts.chains import ErasureMethod
from domain.orders.erasures import ErasureOutcome
from domain.orders.progress import CERTIFICATE_CLOCK
from domain.orders.promises import WHOLE
from domain.people import Language, Role
from domain.priorities import Grade, Priority
from domain.refusals import Problem

# What the values of fields are called, where they are of a kind that has words.
NOUNS = {
    AssetStatus: "asset_status",
    WhenDone: "when_done",
    WhenInFlight: "when_in_flight",
    HoldReason: "hold_reason",
    ClockKind: "clock_kind",
    ErasureMethod: "erasure_method",
    ErasureOutcome: "erasure_outcome",
    HolderKind: "holder_kind",
    Role: "role",
    Grade: "grade",
    Priority: "priority",
}
NAMED = {
    "at_least": "erasure_method",
    "certificate": "certificate_kind",
    "code": "hold_reason",
    "collapsed": "yes_no",
    "document": "document",
    "giver": "party",
    "goal": "asset_status",
    "on_failure": "when_failed",
    "outcome": "outcome",
    "role": "role",
    "side": "side",
    "rest": "rest",
    "state": "order_state",
    "status": "job_status",
    "taker": "party",
    "template": "notice",
    "to": "role",
    "work": "vendor_work",
}
# What is noted with events bears names of its own: there `to` is the end of a visit and `cause` that of a page.
NOTED = {"answer": "page_answer", "clock_type": "clock_type", "layer": "rota_layer"}
FIELDS = {"to": "until"}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")


def step_name(step: str, language: Language) -> str:
    return word("step", step, language)


def clock_name(name: str, kind: ClockKind, language: Language) -> str:
    """A step's clock bears the step's id and its round; of several dates promised each has its number."""
    known = word("clock_kind", kind, language)
    match kind:
        case ClockKind.STEP:
            step, _, round_ = name.partition("/")
            if round_.startswith(CERTIFICATE_CLOCK):
                return f"{step_name(step, language)}: {word('field', 'certificate', language)}"
            return f"{step_name(step, language)} {round_}" if round_ not in ("", "1") else step_name(step, language)
        case ClockKind.VENDOR:
            return f"{known}: {word('clock_kind', name.rpartition('-')[2], language)}"
    return f"{known} {number}" if (number := name.rpartition("-")[2]).isdigit() else known


def clock_called(name: str, language: Language) -> str:
    """A clock of which only the name is known; one that we did not name stays as it is."""
    if name == WHOLE:
        return word("clock_kind", ClockKind.FULFILMENT, language)
    if "/" in name:
        return clock_name(name, ClockKind.STEP, language)
    kind = name.partition("-")[0]
    return clock_name(name, ClockKind(kind), language) if kind in set(ClockKind) else name


def cause_name(cause: str, language: Language) -> str:
    """Why somebody is called: a word, or how much of which clock is used up."""
    kind, _, percent = cause.partition("_")
    if percent[:1].isdigit():
        return f"{word('clock_kind', kind, language)} {percent.replace('_', ' +')} %"
    return word("page_cause", cause, language)


def told(name: str, value: object, language: Language, zone: str = "UTC") -> str:
    """A field with its value, such as `reason: site closed`."""
    return f"{word('field', name, language)}: {shown(name, value, language, zone)}"


def noted(values: Mapping[str, str], language: Language, zone: str) -> Iterator[str]:
    """What is noted with an event; a problem says all the rest in its sentence."""
    if code := values.get("problem"):
        yield sentence(Problem(code=code, values=dict(values)), language)
        return
    for name, value in values.items():
        if value:
            field = word("field", FIELDS.get(name, name), language)
            yield f"{field}: {noted_value(name, value, language, zone)}"


def noted_value(name: str, value: str, language: Language, zone: str) -> str:
    if INSTANT.fullmatch(value):
        return clock_at(datetime.fromisoformat(value), zone)
    match name:
        case "clock":
            return clock_called(value, language)
        case "cause":
            return cause_name(value, language)
        case "collapsed":
            return word("yes_no", value, language)
    return word(NOTED[name], value, language) if name in NOTED else shown(name, value, language, zone)


def shown(name: str, value: object, language: Language, zone: str) -> str:
    match value:
        case bool():
            return word("yes_no", "yes" if value else "no", language)
        case datetime():
            return clock_at(value, zone)
        case StrEnum() if type(value) in NOUNS:
            return word(NOUNS[type(value)], value, language)
        case list() | tuple():
            return ", ".join(shown(name, one, language, zone) for one in value)
        case str() if name in NAMED:
            return word(NAMED[name], value, language)
    return f"{value}"
