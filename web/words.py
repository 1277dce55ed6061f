"""What the pages say, from the files in `wordings/`. Names of values (states, roles, …) are worded in `documents`."""

from functools import cache
from pathlib import Path

from documents.wording import read, word
from domain.people import Language
from domain.values import Value

FOLDER = Path(__file__).parent / "wordings"


class PageWording(Value):
    """One language. `{name}` is a value; whoever asks for words that are not there fails.

    `fields` are those of forms that `documents` has no word for, or another one.
    """

    says: dict[str, str]
    fields: dict[str, str]


@cache
def page_wording(language: Language) -> PageWording:
    return read(PageWording, language, FOLDER)


def say(name: str, language: Language, **values: object) -> str:
    pattern = page_wording(language).says[name]
    return pattern.format(**values) if values else pattern


def label(field: str, language: Language) -> str:
    """What a field of a form is called."""
    return page_wording(language).fields.get(field) or word("field", field, language)
