"""Headings and sentences of sheets. Names of values (states, roles, …) are worded in `documents.wording`."""

import os

from documents.terminal import terminal_wording
from domain.people import Language


def heading(name: str, language: Language) -> str:
    """Of a column, or the name of a fact."""
    return terminal_wording(language).headings[name]


def phrase(name: str, language: Language, **values: object) -> str:
    return terminal_wording(language).phrases[name].format(**values)


def spoken_here() -> Language:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "de" if value.startswith("de") else "en"
    return "en"
