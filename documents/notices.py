"""The messages to people: one template per occasion and language, times in the zone of the site."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from babel.dates import format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, pass_context
from jinja2.runtime import Context

from documents.wording import DEFAULT, sentence, word
from domain.contracts.chains import Notice, Step
from domain.contracts.contract import Contract
from domain.people import Language
from domain.refusals import Problem, Refused
from domain.times import zone

_FOLDER = Path(__file__).parent / "templates"
_LAYOUTS = {"layout", "incident_layout", "page_layout", "project_layout"}
_OF_OTHERS = ("incident", "page", "channel", "project", "access", "rota", "case")
_GAP = re.compile(r"\n{2,}")
LOCALES: dict[Language, str] = {"de": "de_DE", "en": "en_GB"}
_DAY: dict[Language, str] = {"de": "EEEE, d. MMMM y", "en": "EEEE, d MMMM y"}
_TIME: dict[Language, str] = {"de": "HH:mm 'Uhr' (z)", "en": "HH:mm (z)"}


class Unwritable(Exception):
    """There is no such template, or it asks for what is not known: no repetition mends that."""


class Written(NamedTuple):
    subject: str
    text: str


def write(template: str, values: Mapping[str, str], *, name: str, language: Language) -> Written:
    """The message to the person of this name. Raises `Unwritable`.

    Values come from orders and people, so each is pressed into one line: none can pass for a line of ours.
    """
    if template not in known_templates():
        raise Unwritable(f"there is no template {template}")
    given = {key: " ".join(value.split()) for key, value in {**values, "name": name}.items()}
    try:
        rendered = _templates(language).get_template(f"{template}.txt").render(given)
    except TemplateError as error:
        raise Unwritable(f"{template}: {error}") from error
    subject, *paragraphs = _GAP.split(rendered.strip())
    return Written(subject=subject, text="\n\n".join(paragraphs) + "\n")


@cache
def known_templates() -> frozenset[str]:
    return frozenset(path.stem for path in (_FOLDER / DEFAULT).glob("*.txt")) - _LAYOUTS


def order_templates() -> frozenset[str]:
    """The names that a contract's notice step may use."""
    return frozenset(name for name in known_templates() if not name.startswith(_OF_OTHERS))


def notice_problems(contract: Contract) -> list[Problem]:
    """Notice steps that name a message nobody has written. A chain that cannot run has problems of its own."""
    return [
        Problem(
            code="template_unknown",
            at=f"{at}/{step.id}/template",
            values={"template": step.template, "templates": ", ".join(sorted(order_templates()))},
        )
        for at, step in _own_steps(contract)
        if isinstance(step, Notice) and step.template not in order_templates()
    ]


def _own_steps(contract: Contract) -> Iterator[tuple[str, Step]]:
    """Of all chains that the contract has changed, and what its items add to them."""
    for kind in contract.chains:
        try:
            yield from ((f"/chains/{kind}", step) for step in contract.chain(kind).steps)
        except Refused:
            continue
    for n, item in enumerate(contract.catalogue):
        for insertion in item.chain.add if item.chain else ():
            yield f"/catalogue/{n}/chain", insertion.step


@cache
def _templates(language: Language) -> Environment:
    templates = Environment(
        loader=FileSystemLoader(_FOLDER / language),
        autoescape=False,  # plain text
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.globals["language"] = language
    templates.filters |= {"moment": _moment, "window": _window, "word": _word, "sentence": _sentence, "shifts": _shifts}
    return templates


@pass_context
def _moment(context: Context, instant: str) -> str:
    """`{{ until | moment }}`: day and time at the site."""
    language: Language = context["language"]
    return _local(context, instant, f"{_DAY[language]}, {_TIME[language]}")


@pass_context
def _window(context: Context, start: str, end: str) -> str:
    """`{{ from | window(to) }}`: one day is named once."""
    language: Language = context["language"]
    first, last = (_local(context, instant, _DAY[language]) for instant in (start, end))
    begin, finish = _local(context, start, "HH:mm"), _local(context, end, _TIME[language])
    return f"{first}, {begin}–{finish}" if first == last else f"{_moment(context, start)} – {_moment(context, end)}"


def _local(context: Context, instant: str, pattern: str) -> str:
    language: Language = context["language"]
    at = datetime.fromisoformat(str(instant))  # str() is where an undefined value speaks up
    return format_datetime(at, pattern, tzinfo=zone(context["zone"]), locale=LOCALES[language])


@pass_context
def _shifts(context: Context, written: str) -> str:
    """`{{ gained | shifts }}`: a line for each, of `layer|start|end` with blanks between."""
    lines = []
    for one in written.split():
        layer, start, end = one.split("|")
        when = f"{_moment(context, start)} – {_moment(context, end)}"
        lines.append(f"- {_word(context, layer, 'rota_layer')}: {when}")
    return "\n".join(lines)


@pass_context
def _word(context: Context, value: str, noun: str) -> str:
    return word(noun, value, context["language"])


@pass_context
def _sentence(context: Context, code: str) -> str:
    """`{{ problem | sentence }}`: a problem's own values stand among the message's."""
    values = {key: str(value) for key, value in context.get_all().items() if isinstance(value, str)}
    return sentence(Problem(code=code, values=values), context["language"])
