"""Ids that everybody knows, as words; what a contract has named itself stays as it is named."""

from datetime import datetime
from enum import StrEnum

from cli.moments import clock_at
from documents.wording import word
from domain.assets.asset import AssetStatus
from domain.cases.incident_commands import HolderKind
from domain.cases.move_commands import WhenDone, WhenInFlight
from domain.clocks.holds import HoldReason
from domain.clocks.sla import ClockKind
from domain.contracts.chains import ErasureMethod
from domain.people import Language, Role
from domain.priorities import Grade, Priority

# What the values of fields are called, where they are of a kind that has words.
NOUNS = {
    AssetStatus: "asset_status",
    WhenDone: "when_done",
    WhenInFlight: "when_in_flight",
    HoldReason: "hold_reason",
    ClockKind: "clock_kind",
    ErasureMethod: "erasure_method",
    HolderKind: "holder_kind",
    Role: "role",
    Grade: "grade",
    Priority: "priority",
}
NAMED = {
    "at_least": "erasure_method",
    "code": "hold_reason",
    "collapsed": "yes_no",
    "document": "document",
    "giver": "party",
    "goal": "asset_status",
    "on_failure": "when_failed",
    "outcome": "outcome",
    "role": "role",
    "side": "side",
    "state": "order_state",
    "status": "job_status",
    "taker": "party",
    "template": "notice",
    "to": "role",
}


def step_name(step: str, language: Language) -> str:
    return word("step", step, language)


def clock_name(name: str, kind: ClockKind, language: Language) -> str:
    """A step's clock bears the step's id and its round; of several dates promised each has its number."""
    known = word("clock_kind", kind, language)
    match kind:
        case ClockKind.STEP:
            step, _, round_ = name.partition("/")
            return f"{step_name(step, language)} {round_}" if round_ not in ("", "1") else step_name(step, language)
        case ClockKind.VENDOR:
            return f"{known}: {word('clock_kind', name.rpartition('-')[2], language)}"
    return f"{known} {number}" if (number := name.rpartition("-")[2]).isdigit() else known


def cause_name(cause: str, language: Language) -> str:
    """Why somebody is called: a word, or how much of which clock is used up."""
    kind, _, percent = cause.partition("_")
    if percent[:1].isdigit():
        return f"{word('clock_kind', kind, language)} {percent.replace('_', ' +')} %"
    return word("page_cause", cause, language)


def told(name: str, value: object, language: Language, zone: str = "UTC") -> str:
    """A field with its value, such as `reason: site closed`."""
    return f"{word('field', name, language)}: {shown(name, value, language, zone)}"


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
