"""Lists that people hand in: rows of cells, and what the headings above them make of each."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from domain.cells import NOTHING, CellKind, ListCell, letters
from domain.list_words import MISSING
from domain.places import Site
from domain.values import Value

_FAULTS = {
    CellKind.ERROR: "error_cell",
    CellKind.UNCOMPUTED: "formula_without_value",
    CellKind.DATE: "date_in_text",
    CellKind.TRUTH: "truth_in_text",
    CellKind.UNSHOWN: "number_not_shown",
    CellKind.ROUNDED: "number_rounded",
    CellKind.GARBLED: "text_garbled",
}
# What is no fault in a column of days, and in one where anything may stand.
DAYS = frozenset({CellKind.DATE})
_TEXT: frozenset[CellKind] = frozenset()
TRUTHS = frozenset({CellKind.TRUTH})
NOTES = DAYS | TRUTHS | {CellKind.UNSHOWN, CellKind.ROUNDED}


# "Serien-" above "nummer".
_HYPHENATED = re.compile(r"(?<=[a-zäöüß])-[ \t]*\r?\n\s*(?=[a-zäöüß])")


class Row(NamedTuple):
    """`line` is the row's place in its sheet as a spreadsheet shows it; `number` names it in the whole list.

    Both are the same but in sheets after the first that is read. `block` counts the headings above it.
    """

    number: int
    cells: tuple[ListCell, ...]
    line: int
    sheet: str = ""
    hidden: bool = False
    since_1904: bool = False
    block: int = 0

    @property
    def name(self) -> str:
        """What sentences call it: its number or, in sheets after the first that is read, sheet and line."""
        return f"{self.line}" if self.number == self.line else f"{self.sheet}!{self.line}"

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(cell.text for cell in self.cells)

    def at(self, column: int) -> ListCell:
        return self.cells[column] if column < len(self.cells) else NOTHING


class DataIssue(Value):
    """One cell that somebody must put right: `column` is its heading, `cell` what a spreadsheet calls it.

    `row` names the row in the list, and is its place in the file but in sheets after the first.
    """

    row: int
    column: str
    value: str
    code: str
    values: dict[str, str] = {}
    sheet: str = ""
    cell: str = ""


class Block(NamedTuple):
    """What one line of headings says. `ignored` are those nobody knows; `line` are all of them as they stand.

    `unknown` are the ignored ones with their columns, `nameless` the columns in which something stands without any.
    `hidden` are headings of columns that are read and not shown, `unseen` their fields. They stand in row `at` of the
    `sheet`.
    """

    line: tuple[str, ...]
    headings: Mapping[str, str]
    positions: Mapping[str, int]
    ignored: tuple[str, ...]
    unknown: tuple[tuple[str, int], ...] = ()
    nameless: tuple[int, ...] = ()
    hidden: tuple[str, ...] = ()
    sheet: str = ""
    at: int = 1
    unseen: tuple[str, ...] = ()


class Table(NamedTuple):
    """The rows below the headings, each read by those of its block. What is said of fields holds for all blocks.

    `content` says what a field may hold that would be a fault in a text.
    """

    file_name: str
    digest: str
    blocks: tuple[Block, ...]
    headings: Mapping[str, str]
    positions: Mapping[str, int]
    ignored: tuple[str, ...]
    rows: tuple[Row, ...]
    content: Mapping[str, frozenset[CellKind]] = {}
    unread: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()

    @property
    def line(self) -> tuple[str, ...]:
        return self.blocks[0].line

    def cell(self, row: Row, field: str) -> ListCell:
        at = self.blocks[row.block].positions.get(field)
        return NOTHING if at is None else row.at(at)

    def has(self, row: Row, field: str) -> bool:
        """Whether the headings above the row have a column for it."""
        return field in self.blocks[row.block].positions

    def cells(self, row: Row) -> dict[str, str]:
        """What the row says, field by field; left out are cells with faults, and those that are empty or say so."""
        positions = self.blocks[row.block].positions
        found = {
            field: row.cells[at].text.strip()
            for field, at in positions.items()
            if at < len(row.cells) and not self._is_fault(row.cells[at].kind, field)
        }
        return {field: text for field, text in found.items() if text and text.lower() not in MISSING}

    def faults(self, row: Row) -> dict[str, DataIssue]:
        """What cannot be read because its cell is not what it should be."""
        positions = self.blocks[row.block].positions.items()
        kinds = {field: row.at(at).kind for field, at in positions}
        return {
            field: self.issue(row, field, _FAULTS[kind]) for field, kind in kinds.items() if self._is_fault(kind, field)
        }

    def nameless(self, row: Row) -> list[DataIssue]:
        """What stands where there is no heading: nobody can tell what it means, or whether it has moved there."""
        block = self.blocks[row.block]
        columns = (*block.nameless, *range(len(block.line), len(row.cells)))
        at = next((column for column in columns if row.at(column).text.strip()), None)
        return [] if at is None else [self.issue_at(row, at, "", "cell_without_heading")]

    def may_hold(self, field: str) -> frozenset[CellKind]:
        """What would be a fault in a text; `note:1` is the second column of its kind."""
        return self.content.get(field.partition(":")[0], _TEXT)

    def _is_fault(self, kind: CellKind, field: str) -> bool:
        return kind in _FAULTS and kind not in self.may_hold(field)

    def issue(self, row: Row, field: str, code: str, /, **values: str) -> DataIssue:
        block = self.blocks[row.block]
        return self.issue_at(row, block.positions.get(field), block.headings.get(field, field), code, **values)

    def issue_at(self, row: Row, at: int | None, heading: str, code: str, /, **values: str) -> DataIssue:
        return DataIssue(
            row=row.number,
            column=heading,
            value="" if at is None else row.at(at).text[:200],
            code=code,
            values=values,
            sheet=row.sheet,
            cell="" if at is None else f"{letters(at)}{row.line}",
        )


def normal(heading: str) -> str:
    if "-" in heading and "\n" in heading:
        heading = _HYPHENATED.sub("", heading)
    # lower(), not casefold(): that would turn ß into ss and "Straße" would no longer be itself.
    return " ".join(heading.strip().lower().replace("_", " ").rstrip("*:").split())


def sites_by_name(sites: Sequence[Site]) -> dict[str, str]:
    """Sites by id and by name; a name that two sites share says nothing."""
    names = [normal(site.name) for site in sites]
    known = {normal(site.name): site.id for site in sites if names.count(normal(site.name)) == 1}
    return known | {normal(site.id): site.id for site in sites}
