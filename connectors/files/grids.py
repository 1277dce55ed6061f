"""The cells of one sheet while they come in. What is kept is what has a value, wherever formats reach."""

from connectors.files.limits import MAX_COLUMNS, MAX_MERGED, MAX_ROWS, Allowance, limited
from connectors.files.parcels import PackedCell, PackedSheet


class Grid:
    """Rows and columns count from 0. What several sheets of a file may take together is counted as it comes."""

    def __init__(self, allowance: Allowance) -> None:
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[int] = set()
        self._rows: dict[int, dict[int, PackedCell]] = {}
        self._merged: list[tuple[int, int, int]] = []
        self._allowance = allowance
        self._width = 0

    def put(self, cells: dict[int, PackedCell], row: int, column: int, cell: PackedCell) -> None:
        """Among the cells of a row that is kept once it has ended."""
        if column >= self._width or row >= MAX_ROWS:
            limited("too_many_rows", row + 1, MAX_ROWS)
            limited("too_many_columns", column + 1, MAX_COLUMNS)
            self._width = max(self._width, column + 1)
        self._allowance.keep(cell if isinstance(cell, str) else cell[0] if cell else "")
        cells[column] = cell

    def keep(self, row: int, cells: dict[int, PackedCell]) -> None:
        if cells:
            self._rows[row] = cells

    def merge(self, row: int, until: int, column: int) -> None:
        self._merged.append((row, until, column))
        limited("too_many_merged", len(self._merged), MAX_MERGED)

    def sheet(self, name: str, *, since_1904: bool) -> PackedSheet:
        """Cells merged over several rows hold in all that say something; over several columns they are a title."""
        self._allowance.lay_out(max(self._rows, default=-1) + 1, self._width)
        self._fill_down()
        columns = range(self._width)
        rows = [
            (number + 1, number in self.hidden_rows, list(map(cells.get, columns)))
            for number, cells in sorted(self._rows.items())
        ]
        return name, sorted(self.hidden_columns), since_1904, rows

    def _fill_down(self) -> None:
        last = max(self._rows, default=-1)
        for first, until, column in self._merged:
            cell = self._rows.get(first, {}).get(column)
            if cell is None:
                continue
            for row in range(first + 1, min(until, last) + 1):
                if row in self._rows:
                    self.put(self._rows[row], row, column, cell)
