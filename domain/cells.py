"""A file that somebody hands in, as cells: what each shows and what it is. Whoever reads lists starts from here."""

from enum import StrEnum
from typing import NamedTuple


class CellKind(StrEnum):
    """`uncomputed` is a formula of which the file does not say what it comes to.

    `unshown` is a number or text of which it cannot be said what its author sees, `rounded` a number that has more
    digits than spreadsheets keep, `garbled` a text that somebody has read in the wrong encoding before us.
    """

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    TRUTH = "truth"
    ERROR = "error"
    EMPTY = "empty"
    UNCOMPUTED = "uncomputed"
    UNSHOWN = "unshown"
    ROUNDED = "rounded"
    GARBLED = "garbled"


class ListCell(NamedTuple):
    """`computed`: a formula came to this. `invisible`: in the colour of what is behind it, or too small to be read."""

    text: str
    kind: CellKind = CellKind.TEXT
    computed: bool = False
    struck: bool = False
    invisible: bool = False


NOTHING = ListCell("", CellKind.EMPTY)


class CellRow(NamedTuple):
    """`number` is the row's place in its sheet as a spreadsheet shows it."""

    number: int
    cells: tuple[ListCell, ...]
    hidden: bool = False


class CellSheet(NamedTuple):
    """Rows without a value are left out; the others begin with the first column. Columns count from 0.

    `since_1904`: numbers that mean days count from then.
    """

    name: str
    rows: tuple[CellRow, ...]
    hidden_columns: tuple[int, ...] = ()
    since_1904: bool = False


class CellFile(NamedTuple):
    """`digest` is the hash of the bytes. `unread` are the names of sheets that are not shown."""

    name: str
    digest: str
    sheets: tuple[CellSheet, ...]
    unread: tuple[str, ...] = ()


def letters(column: int) -> str:
    """What a spreadsheet calls a column: 0 is A, 26 is AA."""
    text, left = "", column + 1
    while left:
        left, letter = divmod(left - 1, 26)
        text = chr(ord("A") + letter) + text
    return text
