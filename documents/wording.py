"""Every sentence and word people read, in German and English, from the files in `wordings/`."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from string import Formatter
from typing import TypeVar, get_args

import yaml

from domain.contracts.catalogue import ItemWords, in_words
from domain.contracts.chains import Chain, Step
from domain.kinds import OrderKind
from domain.people import MACHINE, Actor, Language, MachineReason
from domain.refusals import Problem
from domain.values import Value

V = TypeVar("V", bound=Value)

LANGUAGES: tuple[Language, ...] = get_args(Language)
DEFAULT: Language = "en"
# Values name days as the API does.
_DATE = re.compile(r"(?<![\w-])(\d{4})-(\d{2})-(\d{2})(?![\w-])")
_INSTANT = re.compile(
    r"(?<![\w-])(?P<day>\d{4}-\d{2}-\d{2})T(?P<time>\d{2}:\d{2})(:\d{2}(\.\d+)?)?(?P<offset>Z|[+-]\d{2}:\d{2})(?![\w:])"
)
_DATES: dict[Language, str] = {"de": r"\3.\2.\1", "en": r"\1-\2-\3"}
# What can be chosen, as pydantic lists it: 'a', 'b' or 'c'.
_LAST_CHOICE = re.compile(r"(?<=') or (?=')")
_OR: dict[Language, str] = {"de": " oder ", "en": " or "}
_OPTIONAL = re.compile(r"\[(?P<text>[^\[\]]*\{\w+[^\[\]]*)\]")
_NAMED = re.compile(r"\{(\w+)")
_CHARGED = {"flat": "order_kind", "time": "step", "wasted_visit": "step"}
_NAMED_BY_OTHERS = "part"
# What stands in journals of earlier versions.
_AS_WRITTEN = {"nothing goes on any more": MachineReason.NOTHING_GOES_ON}
_FOLDER = Path(__file__).parent / "wordings"


class Wording(Value):
    """One language. `faults` are pydantic's error types; `{state:order_state}` is a value shown as a word.

    `remedies` say what to do about problems in a list.
    """

    titles: dict[int, str]
    problems: dict[str, str]
    remedies: dict[str, str]
    faults: dict[str, str]
    other: str
    words: dict[str, dict[str, str]]


def read(kind: type[V], name: str, folder: Path = _FOLDER) -> V:
    """One file of words, checked against what it must say."""
    # The parser written in C: the other one takes ten times as long, and commands wait for it.
    return kind.model_validate(yaml.load((folder / f"{name}.yaml").read_bytes(), Loader=yaml.CSafeLoader))


@cache
def wording(language: Language) -> Wording:
    return read(Wording, language)


def title(status: int, language: Language) -> str:
    """The heading of a refusal with this HTTP status."""
    return wording(language).titles[status]


def sentence(problem: Problem, language: Language) -> str:
    """What is wrong and, where it helps, what to do. A code without a sentence of its own shows its message."""
    known, values = wording(language), dict(problem.values)
    if "expected" in values:
        values["expected"] = _LAST_CHOICE.sub(_OR[language], values["expected"])
    if (fault := known.faults.get(values.get("fault", ""))) is not None:
        values["message"] = _filled(fault, values, language).rstrip(".")
    pattern = known.problems.get(problem.code) or known.faults.get(problem.code)
    if pattern is None:
        return _filled(known.other, {"message": values.get("message", problem.code)}, language)
    return _filled(pattern, values, language)


def remedy(problem: Problem, language: Language) -> str:
    """What somebody who has made a list can do about a problem in it; nothing, where its sentence says it all."""
    return _filled(wording(language).remedies.get(problem.code, ""), problem.values, language)


def word(noun: str, value: str, language: Language) -> str:
    """The name of a value of one kind (`order_state`, `role`, …); a value somebody else named stays as it is."""
    return wording(language).words[noun].get(value, value)


def name_of_step(step: Step, language: Language) -> str:
    """As the contract calls it; else as we do; else what kind of step it is, beside its id."""
    known = wording(language).words["step"].get(step.id)
    return step.called(language) or known or f"{word('step_type', step.type, language)} ({step.id})"


def names_of_steps(chain: Chain, language: Language) -> Mapping[str, str]:
    return {step.id: name_of_step(step, language) for step in chain.steps}


def given_reason(reason: str, actor: Actor, language: Language) -> str:
    """Why somebody said something: in their own words, or by the code of a machine, which once wrote English."""
    return word("machine_reason", _AS_WRITTEN.get(reason, reason), language) if actor == MACHINE else reason


def in_all_languages(noun: str, value: str) -> str:
    """For what is read by people of whom it is not known what they read."""
    return " / ".join(word(noun, value, language) for language in LANGUAGES)


def ordered(item_name: ItemWords, kind: OrderKind, language: Language) -> str:
    """What an order is called: by its item, as the customer calls it, or by its kind."""
    return in_words(item_name, language, word("order_kind", kind, language))


def service(reason: str, text: str, language: Language) -> str:
    """What is charged: a kind of order, a step, a part, which stays as it is; for anything else why it is charged."""
    if reason == _NAMED_BY_OTHERS:
        return text
    noun = _CHARGED.get(reason)
    return word("charge_reason", reason, language) if noun is None else word(noun, text, language)


def language_of(accept_language: str | None) -> Language:
    """The best of our languages for an Accept-Language header, English if it wants neither."""
    wanted = dict(reversed([_preference(part) for part in (accept_language or "").split(",")]))
    wishes = {language: wanted.get(language, wanted.get("*", 0.0)) for language in (DEFAULT, *LANGUAGES)}
    best = max(wishes, key=lambda language: wishes[language])
    return best if wishes[best] > 0 else DEFAULT


def _preference(part: str) -> tuple[str, float]:
    tag, *parameters = (piece.strip().lower() for piece in part.split(";"))
    return tag.partition("-")[0], _quality(parameters)


def _quality(parameters: Iterable[str]) -> float:
    for parameter in parameters:
        name, _, written = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(written)
            except ValueError:
                return 0.0
    return 1.0


def _filled(pattern: str, values: Mapping[str, str], language: Language) -> str:
    return _Words(language).vformat(_OPTIONAL.sub(lambda part: _if_said(part, values), pattern), (), values)


def _if_said(part: re.Match[str], values: Mapping[str, str]) -> str:
    """A part in square brackets is left out when one of its values says nothing."""
    return part["text"] if all(map(values.get, _NAMED.findall(part["text"]))) else ""


class _Words(Formatter):
    def __init__(self, language: Language) -> None:
        self._language = language

    def get_value(self, key: int | str, args: Sequence[object], kwargs: Mapping[str, object]) -> object:
        # A problem that an older version wrote down may lack a value; its sentence is worth more than an error.
        return kwargs.get(str(key), "…")

    def format_field(self, value: object, format_spec: str) -> str:
        if format_spec:
            # Several values of one kind are written one after the other.
            return ", ".join(word(format_spec, one, self._language) for one in str(value).split(", "))
        return _DATE.sub(_DATES[self._language], _INSTANT.sub(_as_spoken, str(value)))


def _as_spoken(instant: re.Match[str]) -> str:
    """To the minute that has begun, so that a latest time may be typed as it is read."""
    offset = "UTC" if instant["offset"] in ("Z", "+00:00") else f"UTC{instant['offset']}"
    return f"{instant['day']} {instant['time']} {offset}"
