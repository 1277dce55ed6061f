"""What the command line says, in German and English, from `wordings/cli.*.yaml`.

In files of their own, so that no service reads them, and read only when a command first says something.
"""

from functools import cache

from documents.wording import read
from domain.people import Language
from domain.values import Value


class WordedRefusal(Value):
    why: str
    hint: str = ""


class TerminalWording(Value):
    """One language. Whoever asks for a word that is not there fails, so that no word is made up on the way."""

    headings: dict[str, str]
    phrases: dict[str, str]
    demo: dict[str, str]
    usage: dict[str, str]
    refusals: dict[str, WordedRefusal]


@cache
def terminal_wording(language: Language) -> TerminalWording:
    return read(TerminalWording, f"cli.{language}")
