"""CSV as people save it: whichever sign cuts it, however it is encoded, and nothing of it that nobody closed."""

import csv
import io
from collections.abc import Iterator
from itertools import islice

from connectors.files.limits import MAX_CELL, MAX_CELLS, MAX_CHARACTERS, MAX_COLUMNS, MAX_ROWS, limited, refused
from domain.cells import NOTHING, CellRow, CellSheet, ListCell

DELIMITERS = ";,\t"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_SAMPLE_ROWS = 10
# Signs that make a spreadsheet take a text for a formula; we write an apostrophe before them, and others do.
FORMULA_SIGNS = ("=", "+", "-", "@")


def read_text(content: bytes) -> CellSheet:
    """Raises `Unacceptable`, naming the row from which on it cannot be read."""
    text = _decoded(content)
    first_line = text.partition("\n")[0][: len("sep=;") + 1].strip()
    # Excel writes and obeys such a first line; it stays a row so that the numbers below it are right.
    told = first_line[-1] if first_line.lower()[:-1] == "sep=" else ""
    rows: list[CellRow] = []
    kept = 0
    for number, cells in enumerate(_rows(text, told if told and told in DELIMITERS else _delimiter(text)), 1):
        limited("too_many_rows", number, MAX_ROWS)
        limited("too_many_columns", len(cells), MAX_COLUMNS)
        kept += len(cells)
        limited("too_many_cells", kept, MAX_CELLS)
        rows.append(CellRow(number, tuple(ListCell(unwrapped(cell)) if cell else NOTHING for cell in cells)))
    return CellSheet("", tuple(rows))


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    row = 1
    try:
        for cells in _cut(text, delimiter):
            yield cells
            row += 1
    except csv.Error as error:
        code = "cell_text_too_long" if "field limit" in f"{error}" else "csv_broken"
        raise refused(code, row=str(row), message=str(error), limit=str(MAX_CELL)) from error


def _cut(text: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(MAX_CELL)
    # Strict: a quotation mark that is never closed would silently swallow all rows below it.
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _decoded(content: bytes) -> str:
    encodings = ("utf-16",) if content.startswith(_UTF_16) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            limited("too_many_characters", len(text), MAX_CHARACTERS)
            return text
    raise refused("encoding_unknown")


def _delimiter(text: str) -> str:
    """The sign that cuts the first rows most often: decimal commas are fewer than columns."""
    return max(DELIMITERS, key=lambda sign: _cuts_in_sample(text, sign))


def _cuts_in_sample(text: str, delimiter: str) -> int:
    cuts = 0
    try:
        for row in islice(_cut(text, delimiter), _SAMPLE_ROWS):
            cuts += len(row) - 1
    except csv.Error:
        # With the wrong delimiter quotation marks stand in odd places: what was read until then counts.
        return cuts
    return cuts


def unwrapped(cell: str) -> str:
    """`="00123"` is how Excel is made to keep leading zeros, and `'=…` how a text is kept from becoming a formula."""
    if cell.startswith("'") and cell[1:].startswith(FORMULA_SIGNS):
        return cell[1:]
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell
