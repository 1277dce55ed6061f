from rich.markup import escape

from documents.terminal import terminal_wording
from domain.people import Language


def said(what: str, language: Language, **values: object) -> str:
    """With markup for rich; values are names and numbers, never markup."""
    pattern = terminal_wording(language).demo[what]
    return pattern.format(**{name: escape(f"{value}") for name, value in values.items()})
