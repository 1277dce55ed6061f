"""Cells between two processes: plain JSON, since whoever has read a stranger's file may have been taken over.

Readers make them as they are packed: most cells are texts and nothing else, and a list has a hundred thousand.
"""

import json
from collections.abc import Sequence
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError

from connectors.files.limits import broken
from domain.cells import NOTHING, CellFile, CellKind, CellRow, CellSheet, ListCell

# A text cell is its text, an empty one null, any other its fields in their order.
PackedCell = str | tuple[str, CellKind, bool, bool, bool] | None
PackedRow = tuple[int, bool, list[PackedCell]]
PackedSheet = tuple[str, list[int], bool, list[PackedRow]]


class Parcel(NamedTuple):
    """`digest` is the hash of the bytes. `unread` are the names of sheets that are not shown."""

    name: str
    digest: str
    sheets: list[PackedSheet]
    unread: list[str]


_PARCEL: TypeAdapter[Parcel] = TypeAdapter(Parcel)
_PLAIN = CellKind.TEXT, False, False, False


def cell_of(
    text: str, kind: CellKind, computed: bool = False, struck: bool = False, invisible: bool = False
) -> PackedCell:
    if (kind, computed, struck, invisible) == _PLAIN:
        return text
    return None if kind == CellKind.EMPTY else (text, kind, computed, struck, invisible)


def packed(parcel: Parcel) -> bytes:
    return json.dumps(parcel, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def unpacked(parcel: bytes) -> CellFile:
    """Raises `Unacceptable` for what is no parcel."""
    try:
        return laid_out(_PARCEL.validate_json(parcel))
    except ValidationError as error:
        raise broken() from error


def laid_out(parcel: Parcel) -> CellFile:
    return CellFile(parcel.name, parcel.digest, tuple(map(_sheet, parcel.sheets)), tuple(parcel.unread))


def _sheet(sheet: PackedSheet) -> CellSheet:
    name, hidden_columns, since_1904, rows = sheet
    unwrapped = (CellRow(number, _cells(cells), hidden) for number, hidden, cells in rows)
    return CellSheet(name, tuple(unwrapped), tuple(hidden_columns), since_1904)


def _cells(packed_: Sequence[PackedCell]) -> tuple[ListCell, ...]:
    return tuple(map(_cell, packed_))


def _cell(cell: PackedCell) -> ListCell:
    if cell is None:
        return NOTHING
    return ListCell(cell) if isinstance(cell, str) else ListCell(*cell)
