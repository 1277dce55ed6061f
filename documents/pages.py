"""The small pages behind links: what somebody is called about with two buttons, and the key that waits for somebody."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from babel.dates import format_date, format_datetime
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from documents.wording import word
from domain.keys import Key
from domain.people import Language
from domain.times import zone

_FOLDER = Path(__file__).parent / "forms"
_STYLE = (_FOLDER / "style.css").read_text(encoding="utf-8").strip()
_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()
# Nothing is loaded, nothing runs, nothing may frame it, and the answer goes nowhere but here.
FORM_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_MOMENT: dict[Language, str] = {"de": "EEEE, d. MMMM, HH:mm 'Uhr'", "en": "EEEE, d MMMM, HH:mm"}
_DATE: dict[Language, str] = {"de": "d. MMMM y", "en": "d MMMM y"}
_LOCALES: dict[Language, str] = {"de": "de_DE", "en": "en_GB"}


def answer_form(
    values: Mapping[str, str],
    *,
    standing: str,
    language: Language,
    answers: Sequence[str] = (),
    problem: str | None = None,
) -> str:
    """`answers` become buttons. Without values it says nothing but the problem."""
    given = {**values, "standing": standing, "language": language}
    return _forms().get_template(f"{language}.html").render(given, answers=answers, problem=problem)


def reply_page(
    language: Language,
    *,
    standing: str,
    about: Mapping[str, str] | None = None,
    message: str = "",
    problem: str | None = None,
) -> str:
    """Where the customer answers about an incident; `about` are its number and title."""
    given = {**(about or {}), "standing": standing, "language": language}
    return _forms().get_template(f"answer_{language}.html").render(given, message=message, problem=problem)


def key_page(language: Language, *, key: Key | None = None, text: str | None = None, problem: str | None = None) -> str:
    """The key before it is taken, with a button; or its text, which is shown this once; or why not."""
    standing = "refused" if key is None else "asked" if text is None else "yours"
    template = _forms().get_template(f"key_{language}.html")
    return template.render(standing=standing, language=language, key=key, text=text, problem=problem, zone="UTC")


@cache
def _forms() -> Environment:
    forms = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    forms.globals["style"] = Markup(_STYLE)  # our own file
    forms.filters |= {"moment": _moment, "date": _date, "word": _word}
    return forms


@pass_context
def _word(context: Context, value: str, noun: str) -> str:
    return word(noun, value, context["language"])


@pass_context
def _date(context: Context, instant: str) -> str:
    return format_date(
        datetime.fromisoformat(instant), _DATE[context["language"]], locale=_LOCALES[context["language"]]
    )


@pass_context
def _moment(context: Context, instant: str) -> str:
    language: Language = context["language"]
    at = datetime.fromisoformat(instant)
    return format_datetime(at, _MOMENT[language], tzinfo=zone(context["zone"]), locale=_LOCALES[language])
