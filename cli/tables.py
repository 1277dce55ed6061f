"""Tables and marks that several commands show alike."""

from collections.abc import Iterable

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.words import heading
from documents.wording import word
from domain.incidents.progress import IncidentState
from domain.kinds import OrderState
from domain.orders.progress import StepStatus
from domain.people import Language

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
# States of orders and incidents alike; whatever is not here goes on.
COLOURS = {
    "completed": "green",
    "resolved": "green",
    "closed": "green",
    "on_hold": "yellow",
    "rejected": "red",
    "cancelled": "red",
    "failed": "red",
}
BAR = 20
NEARLY = 0.75


def table(language: Language, *headings: str, title: str | None = None) -> Table:
    """Headings that begin with `>` stand over numbers."""
    made = Table(
        box=box.SIMPLE_HEAD,
        title=_titled(title, language) if title else None,
        title_justify="left",
        title_style="bold",
        pad_edge=False,
        show_edge=False,
    )
    for name in headings:
        made.add_column(_titled(name.lstrip(">"), language), justify="right" if name.startswith(">") else "left")
    return made


def _titled(name: str, language: Language) -> str:
    """An option is what is typed, in any language; a column may do without a name."""
    words = name if name.startswith("--") or not name else heading(name, language)
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


def state(of: OrderState | IncidentState, language: Language) -> Text:
    noun = "order_state" if isinstance(of, OrderState) else "incident_state"
    return Text(word(noun, of, language), COLOURS.get(of, "cyan"))


def bar(share: float) -> Text:
    """How much of something is used up; it is full when all of it is, and more."""
    filled_up = min(BAR, int(share * BAR))
    colour = "red" if share >= 1 else "yellow" if share >= NEARLY else "cyan"
    return Text.assemble(("━" * filled_up, colour), ("─" * (BAR - filled_up), "dim"), f" {share:.0%}")
