"""What a command would change in a launched project, shown before somebody says that it is wanted."""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.console import Console, RenderableType
from rich.text import Text

from cli.asking import Asking
from cli.errors import CliError, Exit
from cli.moments import clock_at
from cli.tables import filled, stacked, table
from cli.words import heading
from documents.wording import word
from domain.moves.launched.call_offs import Fate, RowFate
from domain.moves.plans.changes import MovedRow, PlanChanges, PlannedRow, Slot
from domain.people import Language

YES = frozenset({"y", "yes", "j", "ja"})
MOST_LINES = 60


def changes_picture(changes: PlanChanges, zone: str, language: Language) -> RenderableType:
    """Rows that come and go by their numbers, those that are moved with the time they had and the one they get."""
    title = f"{heading('plan', language)} {changes.since} → {changes.version}"
    groups: dict[str, Sequence[PlannedRow]] = {
        "added": changes.added,
        "withdrawn": changes.withdrawn,
        "moved": changes.moved,
        "unchanged": changes.unchanged,
    }
    summed = table(language, "what", ">count", "rows")
    for name, found in groups.items():
        filled(summed, [(heading(name, language), len(found), ranges(row.row for row in found))])
    parts: list[RenderableType] = [Text(title, "bold"), summed]
    if changes.moved:
        parts.append(_moved_table(changes.moved, zone, language))
    if len(changes.moved) > MOST_LINES:
        parts.append(Text(f"… {len(changes.moved) - MOST_LINES} {heading('more_lines', language)}", "dim"))
    return stacked(*parts)


def _moved_table(moved: Sequence[MovedRow], zone: str, language: Language) -> RenderableType:
    made = table(language, ">row", "before", "afterwards", title="moved")
    return filled(made, ((row.row, _slot(row.before, zone), _slot(row.after, zone)) for row in moved[:MOST_LINES]))


def _slot(slot: Slot, zone: str) -> str:
    return f"{slot.wave}, {clock_at(slot.start, zone)}, {slot.technician}"


def fates_table(fates: Sequence[RowFate], language: Language) -> RenderableType:
    """What becomes of every row, summed up."""
    found: dict[Fate, list[RowFate]] = defaultdict(list)
    for one in fates:
        found[one.fate].append(one)
    made = table(language, "fate", ">count", "rows")
    for fate in Fate:
        if fate in found:
            rows = "; ".join(_by_wave((one.wave, one.row) for one in found[fate]))
            filled(made, [(word("row_fate", fate, language), len(found[fate]), rows)])
    return made


def _by_wave(rows: Iterable[tuple[str, int]]) -> Iterator[str]:
    waves: dict[str, list[int]] = defaultdict(list)
    for wave, row in rows:
        waves[wave].append(row)
    yield from (f"{wave}: {ranges(numbers)}" for wave, numbers in waves.items())


def ranges(numbers: Iterable[int]) -> str:
    """As people write many numbers: 1–4, 7."""
    found: list[list[int]] = []
    for number in sorted(set(numbers)):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ", ".join(f"{first}" if first == last else f"{first}–{last}" for first, last in found)


def rows_told(rows: Mapping[str, Sequence[int]]) -> str:
    return "; ".join(_by_wave((wave, number) for wave, numbers in rows.items() for number in numbers))


def must_be_asked(asking: Asking, *, yes: bool) -> None:
    """Raises `CliError` where somebody has to say yes and nobody can be asked."""
    if not yes and (asking.json or not sys.stdin.isatty()):
        raise CliError("nobody_to_ask", Exit.USAGE)


def ask(question: str) -> None:
    """Raises `CliError` when the answer is no."""
    if not agrees(question):
        raise CliError("nothing_changed", Exit.REFUSED)


def agrees(question: str) -> bool:
    console = Console(stderr=True, highlight=False)
    try:
        answer = console.input(Text(f"{question} "))
    except EOFError:
        answer = ""
    return answer.strip().lower() in YES
