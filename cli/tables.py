"""Tables and marks that several commands show alike."""

from collections.abc import Iterable

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.words import heading
from documents.wording import word
from domain.kinds import OrderState
from domain.people import Language
from domain.progress import StepStatus

MARKS: dict[StepStatus, tuple[str, str]] = {
    StepStatus.WAITING: ("○", "dim"),
    StepStatus.OPEN: ("●", "bold cyan"),
    StepStatus.STARTED: ("◐", "bold cyan"),
    StepStatus.STUCK: ("!", "bold red"),
    StepStatus.FAILED: ("✗", "red"),
    StepStatus.DONE: ("✓", "green"),
    StepStatus.SKIPPED: ("–", "dim"),
    StepStatus.UNDONE: ("↶", "yellow"),
}
COLOURS: dict[OrderState, str] = {
    OrderState.COMPLETED: "green",
    OrderState.ON_HOLD: "yellow",
    OrderState.REJECTED: "red",
    OrderState.CANCELLED: "red",
    OrderState.FAILED: "red",
}


def table(language: Language, *headings: str, title: str | None = None) -> Table:
    """Headings that begin with `>` stand over numbers."""
    made = Table(
        box=box.SIMPLE_HEAD,
        title=_begun_large(heading(title, language)) if title else None,
        title_justify="left",
        title_style="bold",
        pad_edge=False,
        show_edge=False,
    )
    for name in headings:
        made.add_column(
            _begun_large(heading(name.lstrip(">"), language)), justify="right" if name.startswith(">") else "left"
        )
    return made


def _begun_large(words: str) -> str:
    return words[:1].upper() + words[1:]


def filled(made: Table, rows: Iterable[tuple[object, ...]]) -> Table:
    """Cells are text, never markup: names in brackets are names."""
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text("" if cell is None else f"{cell}") for cell in row))
    return made


def stacked(*parts: RenderableType) -> RenderableType:
    """One below the other, with a line between."""
    return Group(*(line for part in parts for line in (part, "")))


def mark(status: StepStatus) -> Text:
    sign, style = MARKS[status]
    return Text(sign, style)


def state(of: OrderState, language: Language) -> Text:
    return Text(word("order_state", of, language), COLOURS.get(of, "cyan"))
