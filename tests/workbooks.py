"""Workbooks as people send them, made by the cell."""

import io
from collections.abc import Sequence
from typing import NamedTuple

import openpyxl
from openpyxl.cell.rich_text import CellRichText
from openpyxl.styles import Font


class Shown(NamedTuple):
    """A value with the look that its author gave it."""

    value: object
    format: str = "General"
    struck: bool = False


def workbook(**sheets: Sequence[Sequence[object]]) -> openpyxl.Workbook:
    """Sheets by their names. Empty texts are no cells."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for number, row in enumerate(rows, 1):
            for column, said in enumerate(row, 1):
                shown = said if isinstance(said, Shown) else Shown(said)
                if shown.value in ("", None):
                    continue
                cell = sheet.cell(number, column)
                cell.value = shown.value
                if not isinstance(shown.value, CellRichText) and shown.format != "General":
                    cell.number_format = shown.format
                if shown.struck:
                    cell.font = Font(strike=True)
    return book


def saved(book: openpyxl.Workbook) -> bytes:
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def lines(*written: str, sign: str = ";") -> list[list[object]]:
    return [list(line.split(sign)) for line in written]
