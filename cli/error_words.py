"""Saying what the command line itself says no with: a sentence and a hint."""

from collections.abc import Sequence

from rich.console import Console

from cli.asking import asked_for
from cli.errors import CliError
from documents.terminal import terminal_wording
from documents.wording import sentence
from domain.people import Language
from domain.refusals import Problem


def tell(error: CliError, typed: Sequence[str]) -> None:
    """Say on stderr why a command ended, in the language that was asked for."""
    show(error, asked_for(typed), Console(stderr=True, highlight=False, soft_wrap=True))


def show(error: CliError, language: Language, console: Console) -> None:
    why, hint = worded(error, language)
    console.print(why, style="bold red", markup=False)
    if hint:
        console.print(hint, markup=False)


def worded(error: CliError, language: Language) -> tuple[str, str]:
    values = {name: _shown(value, language) for name, value in error.values.items()}
    said = terminal_wording(language).refusals[error.code]
    return said.why.format(**values), said.hint.format(**values).strip()


def _shown(value: object, language: Language) -> str:
    if isinstance(value, tuple):
        return "\n".join(_shown(one, language) for one in value)
    if not isinstance(value, Problem):
        return f"{value}"
    said = sentence(value, language)
    return f"{value.at}: {said}" if value.at else said
