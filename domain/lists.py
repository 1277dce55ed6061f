"""Lists that people hand in: rows of text cells, and the row among them that names the columns."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from domain.places import Site
from domain.refusals import Problem, Unacceptable
from domain.values import Value

# Titles and dates stand above the headings in many lists; further down they are not looked for.
HEADING_ROWS = 10
KNOWN_SHARE = 0.6
MISSING = frozenset({"-", "–", "--", "n/a", "k.a.", "k. a."})
# What a spreadsheet leaves of a long number once it has treated it as one: the digits are lost.
_ROUNDED = re.compile(r"\d([.,]\d+)?[eE]\+?\d+")
_WHOLE_NUMBER = re.compile(r"(\d+)\.0+")


class Row(NamedTuple):
    """`number` is the row's place in the file as a spreadsheet shows it, empty rows counted."""

    number: int
    cells: tuple[str, ...]


class Sheet(NamedTuple):
    """`digest` is the hash of the bytes it was read from: the same file is recognised by it."""

    file_name: str
    digest: str
    rows: tuple[Row, ...]


class DataIssue(Value):
    """One cell that somebody must put right. `row` and `column` are as they stand in the file."""

    row: int
    column: str
    value: str
    code: str
    values: dict[str, str] = {}


class Table(NamedTuple):
    """The rows below the headings. `ignored` are headings nobody knows; `line` are all of them as they stand."""

    line: tuple[str, ...]
    headings: Mapping[str, str]
    positions: Mapping[str, int]
    ignored: tuple[str, ...]
    rows: tuple[Row, ...]

    def cells(self, row: Row) -> dict[str, str]:
        """What the row says, field by field; cells that are empty or only say so are left out."""
        found = {field: row.cells[at].strip() for field, at in self.positions.items() if at < len(row.cells)}
        return {field: text for field, text in found.items() if text and text.lower() not in MISSING}

    def issue(self, row: Row, field: str, code: str, /, **values: str) -> DataIssue:
        at = self.positions.get(field, len(row.cells))
        value = row.cells[at] if at < len(row.cells) else ""
        return DataIssue(
            row=row.number, column=self.headings.get(field, field), value=value[:200], code=code, values=values
        )


def normal(heading: str) -> str:
    # lower(), not casefold(): that would turn ß into ss and "Straße" would no longer be itself.
    return " ".join(heading.strip().lower().replace("_", " ").rstrip("*:").split())


def is_rounded(text: str) -> bool:
    return bool(_ROUNDED.fullmatch(text))


def whole(text: str) -> str:
    """A number as it was meant: spreadsheets write 12345 as 12345.0."""
    number = _WHOLE_NUMBER.fullmatch(text)
    return number[1] if number else text


def sites_by_name(sites: Sequence[Site]) -> dict[str, str]:
    """Sites by id and by name; a name that two sites share says nothing."""
    names = [normal(site.name) for site in sites]
    known = {normal(site.name): site.id for site in sites if names.count(normal(site.name)) == 1}
    return known | {normal(site.id): site.id for site in sites}


def table_of(sheet: Sheet, names: Mapping[str, str], *, needed: str | None = None) -> Table:
    """The table under the headings; `names` maps a normal heading to its field, "" being known but not read.

    Raises `Unacceptable` when no row looks like headings, a field stands twice or a needed one is missing.
    """
    at = heading_row(sheet, names)
    cells = sheet.rows[at].cells
    fields = [names.get(normal(cell)) for cell in cells]
    read = [field for field in fields if field]
    twice = sorted({field for field in read if read.count(field) > 1})
    problems = [Problem(code="column_twice", values={"columns": _written(cells, fields, field)}) for field in twice]
    if needed is not None and needed not in read:
        problems.append(Problem(code="column_missing", values={"column": needed}))
    if problems:
        raise Unacceptable(*problems)
    return Table(
        line=cells,
        headings={field: cell.strip() for field, cell in zip(fields, cells, strict=True) if field},
        positions={field: position for position, field in enumerate(fields) if field},
        ignored=tuple(
            cell.strip() for cell, field in zip(cells, fields, strict=True) if field is None and cell.strip()
        ),
        rows=tuple(row for row in sheet.rows[at + 1 :] if any(cell.strip() for cell in row.cells)),
    )


def heading_row(sheet: Sheet, names: Mapping[str, str]) -> int:
    """Where the headings stand. Raises `Unacceptable` when no row looks like headings."""
    if not any(cell.strip() for row in sheet.rows for cell in row.cells):
        raise Unacceptable(Problem(code="file_empty", values={"file": sheet.file_name}))
    best, most = None, 1
    for at, row in enumerate(sheet.rows[:HEADING_ROWS]):
        headings = [normal(cell) for cell in row.cells if cell.strip()]
        known = sum(heading in names for heading in headings)
        # One known word is a title, not a row of headings.
        if known > most and known >= KNOWN_SHARE * len(headings):
            best, most = at, known
    if best is None:
        first = next((row for row in sheet.rows if any(row.cells)), sheet.rows[0])
        found = ", ".join(cell.strip() for cell in first.cells if cell.strip())[:200]
        raise Unacceptable(Problem(code="headings_not_found", values={"rows": str(HEADING_ROWS), "found": found}))
    return best


def _written(cells: tuple[str, ...], fields: list[str | None], wanted: str) -> str:
    return ", ".join(cell.strip() for cell, field in zip(cells, fields, strict=True) if field == wanted)
