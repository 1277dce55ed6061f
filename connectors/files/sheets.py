"""One sheet of an XLSX file, cell by cell."""

import re
from collections.abc import Container, Sequence
from typing import NamedTuple

from connectors.files.grids import Grid
from connectors.files.limits import (
    MAX_CELL,
    MAX_COLUMNS,
    MAX_ROWS,
    broken,
    refused,
)
from connectors.files.looks import measure
from connectors.files.markup import Attributes, Markup
from connectors.files.numbers import number_of, number_text
from connectors.files.parcels import PackedCell, cell_of
from connectors.files.styles import UNSTYLED, Style, Styles
from connectors.files.words import text_cell
from domain.cells import CellKind, letters

_TRUE = ("1", "true")
_COLUMN_DIGITS, _ROW_DIGITS = 3, 7
_ROW, _CELL, _VALUE = 3, 4, 5
_VALUES = ("v", "t")
_PHONETIC = "rPh"
_FORBIDDEN = frozenset({"oleObjects", "oleObject", "controls", "control", "webPublishItems"})
# How a character that XML cannot hold is written in a text.
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_SURROGATES = range(0xD800, 0xE000)
_NAMES = [letters(column) for column in range(MAX_COLUMNS)]
# Points, and letters: nobody reads a row or a column that is not larger.
_LOWEST, _NARROWEST = 1.5, 0.3
_KEPT_CONTROLS = "\t\n\r"


class Shared(NamedTuple):
    """Texts that cells refer to, and which of them are struck out in part."""

    texts: Sequence[str]
    struck: Container[int]


class SheetReader(Markup):
    root = "worksheet"

    def __init__(self, shared: Shared, styles: Styles, grid: Grid, *, since_1904: bool) -> None:
        super().__init__()
        self._shared, self._styles, self._grid, self._since_1904 = shared, styles.cells, grid, since_1904
        self._section = ""
        self._row = self._column = -1
        self._cells: dict[int, PackedCell] = {}
        self._row_name = ""
        self._kind, self._style = "n", UNSTYLED
        self._pieces: list[str] = []
        self._length = self._unsaid = 0
        self._valued = self._computed = self._struck = False

    def opened(self, name: str, attributes: Attributes) -> None:
        if name in _FORBIDDEN:
            raise refused("embedded_refused")
        if self.depth < _ROW:
            self._section = name
        elif self._section == "sheetData":
            self._opened_data(name, attributes)
        elif name == "mergeCell" and self._section == "mergeCells":
            self._merge(attributes.get("ref", ""))
        elif name == "col" and self._section == "cols" and _is_unseen(attributes, "width", _NARROWEST):
            columns = range(_count(attributes.get("min", "1"), 5), _count(attributes.get("max", "1"), 5) + 1)
            self._grid.hidden_columns.update(column - 1 for column in columns[:MAX_COLUMNS] if column <= MAX_COLUMNS)

    def _opened_data(self, name: str, attributes: Attributes) -> None:
        if (name == "v" and self.depth == _VALUE) or (name == "t" and not self._unsaid):
            self._valued = True
            self.listen(True)
        elif name == "c" and self.depth == _CELL:
            self._open_cell(attributes)
        elif name == "row" and self.depth == _ROW:
            self._open_row(attributes)
        elif name == "f":
            self._computed = True
        elif name == "strike" and attributes.get("val", "1") in _TRUE:
            # Of a piece of a text that stands in the cell itself.
            self._struck = True
        elif name == _PHONETIC:
            self._unsaid += 1

    def closed(self, name: str) -> None:
        if name in _VALUES:
            self.listen(False)
        elif self._section != "sheetData":
            return
        elif name == "c" and self.depth == _CELL:
            self._close_cell()
        elif name == "row" and self.depth == _ROW:
            self._grid.keep(self._row, self._cells)
        elif name == _PHONETIC:
            self._unsaid -= 1

    def said(self, text: str) -> None:
        self._length += len(text)
        if self._length > MAX_CELL:
            raise refused("cell_text_too_long", limit=str(MAX_CELL))
        self._pieces.append(text)

    def _open_row(self, attributes: Attributes) -> None:
        before, told = self._row, attributes.get("r")
        self._row = before + 1 if told is None else _count(told, _ROW_DIGITS, "too_many_rows", MAX_ROWS) - 1
        # Only somebody who lies to one of two readers writes a row twice or a later one first.
        if self._row <= before:
            raise broken()
        self._cells, self._column, self._row_name = {}, -1, str(self._row + 1)
        if _is_unseen(attributes, "ht", _LOWEST):
            self._grid.hidden_rows.add(self._row)

    def _open_cell(self, attributes: Attributes) -> None:
        before, told = self._column, attributes.get("r")
        self._column = before + 1
        # Nearly always the next one is meant, and is not spelt out.
        if told is not None and (self._column >= MAX_COLUMNS or told != _NAMES[self._column] + self._row_name):
            self._column = self._place(told)
            if self._column <= before:
                raise broken()
        self._kind = attributes.get("t", "n")
        styled = attributes.get("s")
        self._style = UNSTYLED if styled is None else self._style_at(_count(styled, 6))
        self._pieces, self._length = [], 0
        self._valued = self._computed = False
        self._struck = self._style.struck

    def _style_at(self, at: int) -> Style:
        return self._styles[at] if at < len(self._styles) else UNSTYLED

    def _place(self, reference: str) -> int:
        column, row = _position(reference)
        if row != self._row:
            raise broken()
        return column

    def _close_cell(self) -> None:
        text = "".join(self._pieces)
        if not self._valued or (not text and self._kind in ("n", "b", "e", "s", "d")):
            if not self._computed:
                return
            cell = cell_of("", CellKind.UNCOMPUTED, computed=True)
        else:
            shown, kind = self._read(text)
            if not shown and not self._computed:
                return
            cell = cell_of(shown, kind, self._computed, self._struck, self._style.invisible)
        self._grid.put(self._cells, self._row, self._column, cell)

    def _read(self, text: str) -> tuple[str, CellKind]:
        match self._kind:
            case "s":
                at = _count(text.strip(), _ROW_DIGITS)
                if at >= len(self._shared.texts):
                    raise broken()
                self._struck |= at in self._shared.struck
                return self._text(self._shared.texts[at])
            case "str" | "inlineStr":
                return self._text(text)
            case "b":
                return "true" if text.strip() in _TRUE else "false", CellKind.TRUTH
            case "e":
                return text, CellKind.ERROR
            case "d":
                return text, CellKind.DATE
            case "n":
                return number_text(number_of(text), self._style.format, since_1904=self._since_1904)
        raise broken()

    def _text(self, written: str) -> tuple[str, CellKind]:
        text, kind = text_cell(_ESCAPED.sub(_unescaped, written) if "_x" in written else written)
        shown = self._style.format.text(text)
        return (text, CellKind.UNSHOWN) if shown is None and text else (shown or "", kind)

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        (column, row), (_, until) = _position(first), _position(last or first)
        self._grid.merge(row, until, column)


def _is_unseen(attributes: Attributes, size: str, smallest: float) -> bool:
    return attributes.get("hidden", "0") in _TRUE or _is_none(attributes.get(size), smallest)


def _is_none(written: str | None, smallest: float) -> bool:
    size = None if written is None else measure(written)
    return size is not None and size < smallest


def _unescaped(found: re.Match[str]) -> str:
    number = int(found[1], 16)
    sign = chr(number)
    return found[0] if number in _SURROGATES or (sign < " " and sign not in _KEPT_CONTROLS) else sign


def _count(digits: str, most: int, code: str = "workbook_broken", limit: int = 0) -> int:
    """A number that has no more digits than it may have: Python reads no endless ones, and nor do we."""
    if not (digits.isascii() and digits.isdecimal()):
        raise broken()
    short = digits.lstrip("0") or "0"
    if len(short) > most:
        raise refused(code, limit=str(limit))
    return int(short)


def _position(reference: str) -> tuple[int, int]:
    """Column and row of `AB12`, both from 0."""
    name = reference.rstrip("0123456789")
    if not 0 < len(name) <= _COLUMN_DIGITS or not (name.isascii() and name.isalpha() and name.isupper()):
        raise broken()
    column = 0
    for letter in name:
        column = column * 26 + ord(letter) - ord("A") + 1
    row = _count(reference[len(name) :], _ROW_DIGITS, "too_many_rows", MAX_ROWS)
    if row == 0:
        raise broken()
    return column - 1, row - 1
