"""How far waves have come: one bar for each, in pieces that can be told apart without colours too."""

from rich.table import Table
from rich.text import Text

from cli.tables import table
from documents.wording import word
from domain.moves.launched.wave_progress import WaveCounts, WorkplaceState
from domain.people import Language

WIDTH = 20
# In the order in which they stand in a bar.
PIECES: dict[WorkplaceState, tuple[str, str, str]] = {
    WorkplaceState.OK: ("ok", "█", "green"),
    WorkplaceState.ROLLED_BACK: ("rolled_back", "↶", "yellow"),
    WorkplaceState.SKIPPED: ("skipped", "–", "dim"),
    WorkplaceState.IN_FLIGHT: ("in_flight", "▒", "cyan"),
    WorkplaceState.FAILED: ("failed", "✗", "red"),
    WorkplaceState.EXCEPTION: ("exceptions", "!", "bold red"),
    WorkplaceState.WAITING: ("waiting", "·", "dim"),
}
COLOURS = {
    "on_hold": "yellow",
    "settling": "yellow",
    "done": "green",
    "done_with_exceptions": "yellow",
    "called_off": "red",
    "shut": "dim",
    "asked": "bold yellow",
    "refused": "red",
    "open": "green",
} | {state: colour for state, (_, _, colour) in PIECES.items()}


def worded(noun: str, value: str, language: Language) -> Text:
    return Text(word(noun, value, language), COLOURS.get(value, "cyan"))


def bar(counts: WaveCounts, width: int = WIDTH) -> Text:
    found = {state: getattr(counts, name) for state, (name, _, _) in PIECES.items()}
    lengths = shares(list(found.values()), width)
    signs = [(PIECES[state][1] * length, PIECES[state][2]) for state, length in zip(found, lengths, strict=True)]
    return Text.assemble(*signs, f" {counts.percent:3} %")


def with_bars(language: Language, *headings: str, title: str | None = None) -> Table:
    """A table in which a bar keeps its length, however narrow the terminal is."""
    made = table(language, *headings, title=title)
    made.columns[headings.index("progress")].no_wrap = True
    return made


def shares(numbers: list[int], width: int) -> list[int]:
    """Lengths that add up to the width: whatever there is one of is seen, however many there are of others."""
    total = sum(numbers)
    if not total:
        return [0] * len(numbers)
    lengths = [max(1, number * width // total) if number else 0 for number in numbers]
    largest = numbers.index(max(numbers))
    lengths[largest] += width - sum(lengths)
    return lengths


def numbers(counts: WaveCounts, language: Language) -> str:
    """Every state somebody is in, with how many are in it."""
    found = ((getattr(counts, name), state) for state, (name, _, _) in PIECES.items())
    return ", ".join(f"{word('workplace_state', state, language)} {number}" for number, state in found if number)
