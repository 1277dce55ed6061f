"""Cells between two processes: plain JSON, since whoever has read a stranger's file may have been taken over."""

import json

from pydantic import TypeAdapter, ValidationError

from connectors.files.limits import broken
from domain.cells import NOTHING, CellFile, CellKind, CellRow, CellSheet, ListCell

# A text cell is its text, an empty one null, any other its fields in their order.
PackedCell = str | tuple[str, CellKind, bool, bool, bool] | None
PackedRow = tuple[int, bool, list[PackedCell]]
PackedSheet = tuple[str, list[int], bool, list[PackedRow]]
_PARCEL: TypeAdapter[tuple[str, str, list[PackedSheet], list[str]]] = TypeAdapter(
    tuple[str, str, list[PackedSheet], list[str]]
)

_PLAIN = ListCell("")[1:]


def packed(file: CellFile) -> bytes:
    sheets = [
        (sheet.name, sheet.hidden_columns, sheet.since_1904, list(map(_packed_row, sheet.rows)))
        for sheet in file.sheets
    ]
    parcel = (file.name, file.digest, sheets, file.unread)
    return json.dumps(parcel, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def unpacked(parcel: bytes) -> CellFile:
    """Raises `Unacceptable` for what is no parcel."""
    try:
        name, digest, sheets, unread = _PARCEL.validate_json(parcel)
    except ValidationError as error:
        raise broken() from error
    return CellFile(name, digest, tuple(map(_sheet, sheets)), tuple(unread))


def _packed_row(row: CellRow) -> PackedRow:
    return row.number, row.hidden, [cell.text if cell[1:] == _PLAIN else _packed(cell) for cell in row.cells]


def _packed(cell: ListCell) -> PackedCell:
    if cell.kind == CellKind.EMPTY:
        return None
    return cell


def _sheet(sheet: PackedSheet) -> CellSheet:
    name, hidden_columns, since_1904, rows = sheet
    unwrapped = (CellRow(number, tuple(map(_cell, cells)), hidden) for number, hidden, cells in rows)
    return CellSheet(name, tuple(unwrapped), tuple(hidden_columns), since_1904)


def _cell(cell: PackedCell) -> ListCell:
    if cell is None:
        return NOTHING
    return ListCell(cell) if isinstance(cell, str) else ListCell(*cell)
