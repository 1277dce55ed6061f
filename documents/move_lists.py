"""A move list as a workbook for whoever made it: their own rows, with what to do in the first column."""

import io
import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from documents.cell_texts import neutral
from documents.wording import remedy, sentence, word
from domain.moves.lists.staging import RowState, StagedList, StagedRow
from domain.people import Language
from domain.refusals import Problem

_COLOURS = {RowState.ISSUE: "FFD9D9", RowState.CONFLICT: "FFF0C2", RowState.ACCEPTED: "E4EFDB"}
_WIDE, _NARROW = 70, 18
# What the name of a sheet may not have, and how long it may be.
_UNTITLED = re.compile(r"[\[\]:*?/\\]")
_LONGEST_TITLE = 31


def annotated(of: StagedList, rows: Iterable[StagedRow], language: Language) -> bytes:
    """The list as XLSX, each row where it stood. Blocking, for about a second per ten thousand rows."""
    book = Workbook(write_only=True)
    for name, kept in groupby(rows, key=lambda row: row.sheet):
        title = name or word("move_list", "title", language)
        sheet: Worksheet = book.create_sheet(_UNTITLED.sub(" ", title)[:_LONGEST_TITLE])
        _write(sheet, of, list(kept), language)
    if not book.worksheets:
        _write(book.create_sheet(word("move_list", "title", language)), of, [], language)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _write(sheet: Worksheet, of: StagedList, rows: Sequence[StagedRow], language: Language) -> None:
    further = {one.line: one.headings for one in of.further_headings if rows and one.sheet == rows[0].sheet}
    first = _line_of(rows[0]) if rows else 2
    above = [line for line in further if line < first]
    heading = max(above) if above else max(first - 1, 1)
    lines = {heading: of.headings, **further}
    sheet.freeze_panes = f"A{heading + 1}"
    for column in range(1, max(map(len, lines.values())) + 2):
        sheet.column_dimensions[get_column_letter(column)].width = _WIDE if column == 1 else _NARROW
    looks = _Looks(sheet)
    last = 0
    kept = {_line_of(row): row for row in rows}
    for line in sorted(lines.keys() | kept.keys()):
        # What is said of rows names them by where they stood, title and empty lines counted.
        _skip(sheet, last + 1, line)
        last = line
        row = kept.get(line)
        if row is None:
            texts = (word("move_list", "to_do", language), *lines[line])
            sheet.append([looks.cell(text, bold=True) for text in texts])
        else:
            texts = (to_do(row, language), *row.cells)
            sheet.append([looks.cell(text, colour=_COLOURS.get(row.state)) for text in texts])


def _line_of(row: StagedRow) -> int:
    return row.row if row.line is None else row.line


def _skip(sheet: Worksheet, first: int, until: int) -> None:
    for _ in range(first, until):
        sheet.append([])


def to_do(row: StagedRow, language: Language) -> str:
    """Everything that is wrong with a row, each with what to do about it; what was accepted, with its reason."""
    lines = [_told(Problem(code=one.code, values=one.values), language) for one in row.issues]
    for conflict in row.conflicts:
        problem = Problem(code=conflict.code, values=conflict.values)
        if conflict.accepted is None:
            lines.append(_told(problem, language))
        else:
            accepted = word("move_row_state", RowState.ACCEPTED, language)
            lines.append(f"{sentence(problem, language)} ({accepted}: {conflict.accepted.reason})")
    lines += [sentence(Problem(code=one.code, values=one.values), language) for one in row.remarks]
    return "\n".join(lines)


def _told(problem: Problem, language: Language) -> str:
    return f"{sentence(problem, language)} {remedy(problem, language)}".strip()


class _Looks:
    """Each look is made once: a workbook compares whatever it is given with all it has, nine tenths of its work."""

    def __init__(self, sheet: Worksheet) -> None:
        self._sheet = sheet
        self._models: dict[tuple[bool, str | None, bool], Cell] = {}

    def cell(self, text: str, *, bold: bool = False, colour: str | None = None) -> Cell:
        cell: Cell = WriteOnlyCell(self._sheet, value=neutral(text))
        cell.data_type = "s"
        look = (bold, colour, "\n" in text)
        if look not in self._models:
            self._models[look] = self._model(*look)
        # The way to copy a look that openpyxl's own manual shows.
        cell._style = self._models[look]._style  # type: ignore[attr-defined]  # noqa: SLF001
        return cell

    def _model(self, bold: bool, colour: str | None, wrapped: bool) -> Cell:
        model: Cell = WriteOnlyCell(self._sheet)
        if bold:
            model.font = Font(bold=True)
        if colour:
            model.fill = PatternFill("solid", fgColor=colour)
        model.alignment = Alignment(wrap_text=wrapped, vertical="top")
        return model
