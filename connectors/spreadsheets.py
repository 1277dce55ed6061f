"""Lists as bytes: CSV and XLSX become rows of text, whatever they claim to be, and nothing large is unpacked."""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import PurePath

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from connectors.workbooks import MAX_COLUMNS, MAX_ROWS, check_workbook
from domain.lists import Row, Sheet
from domain.refusals import Problem, Unacceptable

MAX_BYTES = 20_000_000
DELIMITERS = ";,\t"
_CSV_NAMES = ("", ".csv", ".tsv", ".txt")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_SAMPLE_ROWS = 10
# Signs that make a spreadsheet take a text for a formula; we write an apostrophe before them, and others do.
FORMULA_SIGNS = ("=", "+", "-", "@")

CellValue = int | float | str | bool | time | date | datetime | timedelta


def read_sheet(file_name: str, content: bytes) -> Sheet:
    """The rows of a CSV file, or of the first visible sheet of an XLSX file.

    Raises `Unacceptable` when the file is empty, too large, damaged or of another type. Blocking.
    """
    name = "".join(sign for sign in PurePath(file_name).name if sign.isprintable())[:200].strip() or "list"
    if not content:
        raise _refused("file_empty", file=name)
    if len(content) > MAX_BYTES:
        raise _refused("file_too_large", file=name, limit=str(MAX_BYTES))
    suffix = PurePath(name).suffix.lower()
    if suffix == ".xlsm":
        raise _refused("macros_refused", file=name)
    if content.startswith(_ZIP) and suffix in ("", ".xlsx"):
        rows = _xlsx(content)
    elif suffix in _CSV_NAMES and not content.startswith((_ZIP, _OLE)):
        rows = _csv(content)
    else:
        raise _refused("file_type_unknown", file=name)
    return Sheet(name, hashlib.sha256(content).hexdigest(), tuple(_numbered(rows)))


def _refused(code: str, **values: str) -> Unacceptable:
    return Unacceptable(Problem(code=code, values=values))


def _numbered(rows: Iterable[list[str]]) -> Iterator[Row]:
    for number, cells in enumerate(rows, 1):
        if number > MAX_ROWS:
            raise _refused("too_many_rows", limit=str(MAX_ROWS))
        if len(cells) > MAX_COLUMNS:
            raise _refused("too_many_columns", limit=str(MAX_COLUMNS))
        yield Row(number, tuple(cells))


def _csv(content: bytes) -> Iterator[list[str]]:
    text = _decoded(content)
    first_line = text.partition("\n")[0].strip()
    # Excel writes and obeys such a first line; it stays a row so that the numbers below it are right.
    told = first_line[-1] if first_line.lower()[:-1] == "sep=" else ""
    row = 1
    try:
        for cells in _cut(text, told if told and told in DELIMITERS else _delimiter(text)):
            yield [_unwrapped(cell) for cell in cells]
            row += 1
    except csv.Error as error:
        raise _refused("csv_broken", row=str(row), message=str(error)) from error


def _cut(text: str, delimiter: str) -> Iterator[list[str]]:
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
            return text
    raise _refused("encoding_unknown")


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


def _unwrapped(cell: str) -> str:
    """`="00123"` is how Excel is made to keep leading zeros, and `'=…` how a text is kept from becoming a formula."""
    if cell.startswith("'") and cell[1:].startswith(FORMULA_SIGNS):
        return cell[1:]
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell


def _xlsx(content: bytes) -> Iterator[list[str]]:
    check_workbook(content)
    try:
        with CalamineWorkbook.from_object(io.BytesIO(content)) as book:
            shown = [
                sheet.name
                for sheet in book.sheets_metadata
                if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
            ]
            if not shown:
                raise _refused("workbook_broken")
            # Empty rows and columns in front are kept: row numbers are those a person sees.
            sheet = book.get_sheet_by_name(shown[0])
            rows = sheet.to_python(skip_empty_area=False)
            _fill_down(rows, sheet.merged_cell_ranges or [])
    except CalamineError as error:
        raise _refused("workbook_broken") from error
    return ([_unwrapped(_text(cell)) for cell in row] for row in rows)


def _fill_down(rows: list[list[CellValue]], merged: Iterable[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """A cell that was merged over several rows means all of them; over several columns it is a title."""
    for (first, column), (last, _) in merged:
        for row in range(first + 1, min(last + 1, len(rows))):
            rows[row][column] = rows[first][column]


def _text(cell: CellValue) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)  # noqa: PLR2004  # exact digits
    return cell if isinstance(cell, str) else str(cell)
