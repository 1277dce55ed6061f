"""CSV as people save it: whichever sign cuts it, however it is encoded, and nothing of it that nobody closed."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain, islice

from connectors.files.encodings import decoded
from connectors.files.limits import MAX_CELL, MAX_CELLS, MAX_COLUMNS, MAX_ROWS, limited, refused
from connectors.files.parcels import PackedCell, PackedSheet, cell_of
from connectors.files.words import is_spelt_out, text_cell
from domain.cells import CellKind

DELIMITERS = ";,\t|"
_SAMPLE_ROWS = 200
_NO_SIGN = "\x1f"
_WRAPPED = re.compile(r'(?:"(?:[^"\r\n]|"")*"(?:\r\n|\n|\r|$))+')
# What a spreadsheet leaves of a long number when it saves it as text: the digits are lost. `7E20193` is a code.
_ROUNDED = re.compile(r"\d+[.,]\d+E[+-]?\d+|\d+E\+\d+", re.IGNORECASE | re.ASCII)

# What spreadsheets make of 1.1 or 1:1 and then save as a text.
_MONTHS = "Jan|Feb|Mrz|Mär|Mar|Apr|Mai|May|Jun|Jul|Aug|Sep|Okt|Oct|Nov|Dez|Dec"
_DATE = re.compile(
    rf"\d{{1,2}}(?:\. ?|[ -])(?:{_MONTHS})[.]?(?:[ -]\d{{2,4}})?|(?:{_MONTHS})[.]?[ -]\d{{2,4}}"
    r"|(?:\d{1,2}\.\d{1,2}\.(?:19|20|21)\d\d|(?:19|20|21)\d\d-\d\d-\d\d|\d{1,2}/\d{1,2}/(?:19|20|21)\d\d)"
    r"(?:[ T]\d{1,2}:\d\d(?::\d\d)?)?|\d{1,2}:\d\d(?::\d\d)?",
    re.IGNORECASE | re.ASCII,
)
# Letters that begin no month, no yes or no, no error and no exponent.
_AS_IT_IS = frozenset("BCGHIKLPQRUVXYZbcghiklpqruvxyz")
_TRUTHS = ("WAHR", "FALSCH", "TRUE", "FALSE")


def read_text(content: bytes) -> PackedSheet:
    """Raises `Unacceptable`, naming the row from which on it cannot be read."""
    text = decoded(content)
    first_line = text.partition("\n")[0][: len("sep=;") + 1].strip()
    # Excel writes and obeys such a first line; it stays a row so that the numbers below it are right.
    told = first_line[-1] if first_line.lower()[:-1] == "sep=" else ""
    rows: list[list[str]] = []
    kept = 0
    if not told and (unwrapped := _unwrapped(text)):
        text = unwrapped
    for cells in _rows(text, told if told and _may_cut(told) else _delimiter(text)):
        rows.append(cells)
        kept += len(cells)
        if len(cells) > MAX_COLUMNS or kept > MAX_CELLS or len(rows) > MAX_ROWS:
            limited("too_many_rows", len(rows), MAX_ROWS)
            limited("too_many_columns", len(cells), MAX_COLUMNS)
            limited("too_many_cells", kept, MAX_CELLS)
    # Most texts of a list stand in it many times, and most are what they look like.
    texts = set(chain.from_iterable(rows))
    other = {
        text: _cell(text) for text in texts if text[:1] not in _AS_IT_IS or not text.isascii() or is_spelt_out(text)
    }
    meant = other.get
    return "", [], False, [(number, False, [meant(cell, cell) for cell in row]) for number, row in enumerate(rows, 1)]


def _cell(written: str) -> PackedCell:
    text, kind = text_cell(written)
    return cell_of(text, _kept_as(text) if kind == CellKind.TEXT else kind) if text else None


def _kept_as(text: str) -> CellKind:
    if text[:1].isdigit() and _ROUNDED.fullmatch(text):
        return CellKind.ROUNDED
    if text in _TRUTHS:
        return CellKind.TRUTH
    return CellKind.DATE if _DATE.fullmatch(text.strip()) else CellKind.TEXT


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    row = 1
    try:
        for cells in _cut(text, delimiter):
            yield cells
            row += 1
    except csv.Error as error:
        code = "cell_text_too_long" if "field limit" in f"{error}" else "csv_broken"
        raise refused(code, row=str(row), limit=str(MAX_CELL)) from error


def _cut(text: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(MAX_CELL)
    # Strict: a quotation mark that is never closed would silently swallow all rows below it.
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True)


def _may_cut(sign: str) -> bool:
    return sign.isprintable() and not sign.isalnum() and sign not in "\"'. "


def _unwrapped(text: str) -> str:
    """The lines of a list each of which some program has put into quotation marks as a whole; empty of any other."""
    if _WRAPPED.fullmatch(text) is None:
        return ""
    lines = "\n".join(cells[0] if cells else "" for cells in _rows(text, _NO_SIGN))
    return lines if _regular(lines, _delimiter(lines))[1] > 1 else ""


def _delimiter(text: str) -> str:
    """The sign that cuts most rows into the same number of cells: commas in texts and numbers are not so regular."""
    return max(DELIMITERS, key=lambda sign: _regular(text, sign))


def _regular(text: str, delimiter: str) -> tuple[int, int]:
    """How many of the first rows have the same number of cells, and how many."""
    counts: Counter[int] = Counter()
    try:
        for row in islice(_cut(text, delimiter), _SAMPLE_ROWS):
            counts[len(row)] += len(row) > 1
    except csv.Error:
        # With the wrong delimiter quotation marks stand in odd places: what was read until then counts.
        pass
    return max(((rows, cells) for cells, rows in counts.items()), default=(0, 0))
