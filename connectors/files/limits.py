"""How much of a stranger's file is read at all. Whoever counts past a limit refuses the whole file."""

from domain.refusals import Problem, Unacceptable

MAX_BYTES = 20_000_000
MAX_UNPACKED = 100_000_000
MAX_PARTS = 1_000
MAX_SHEETS = 250
MAX_ROWS = 50_000
MAX_COLUMNS = 200
# Rows times columns, as they are laid out.
MAX_CELLS = 2_000_000
MAX_MERGED = 10_000
# All texts together, and one: no spreadsheet keeps more in a cell.
MAX_CHARACTERS = 50_000_000
MAX_CELL = 32_767
# A number has 17 digits that count; whoever writes more does not mean a number.
MAX_DIGITS = 100
MAX_STYLES = 65_536
MAX_ELEMENTS = 5_000_000
MAX_DEPTH = 64
# A tag with its attributes, or a comment: the parser begins each anew with every piece that comes in.
MAX_TAG = 262_144


def refused(code: str, **values: str) -> Unacceptable:
    return Unacceptable(Problem(code=code, values=values))


def broken() -> Unacceptable:
    return refused("workbook_broken")


def limited(code: str, count: int, limit: int) -> None:
    """Raises `Unacceptable` with that code when there is more than that."""
    if count > limit:
        raise refused(code, limit=str(limit))


class Allowance:
    """What the sheets of one file may take together."""

    def __init__(self) -> None:
        self._cells = self._characters = self._laid_out = self._rows = 0

    def keep(self, text: str) -> None:
        self._cells += 1
        self._characters += len(text)
        # Asked for each cell of a file: only whoever is beyond a limit asks which.
        if self._cells > MAX_CELLS or self._characters > MAX_CHARACTERS:
            limited("too_many_cells", self._cells, MAX_CELLS)
            limited("too_many_characters", self._characters, MAX_CHARACTERS)

    def lay_out(self, rows: int, columns: int) -> None:
        self._rows += rows
        self._laid_out += rows * columns
        limited("too_many_rows", self._rows, MAX_ROWS)
        limited("too_many_cells", self._laid_out, MAX_CELLS)
