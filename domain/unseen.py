"""What the authors of lists do not show, or have struck out: read all the same, it has to be wanted by somebody."""

from collections.abc import Iterator

from domain.cells import ListCell
from domain.lists import NOTES, DataIssue, Row, Table

ROW_STRUCK = "row_struck"
# What stands hidden in lists that we have written.
_OURS = frozenset({"stand"})


def unseen(table: Table, row: Row, subject: str) -> Iterator[DataIssue]:
    """`subject` is the field where the whole row is named."""
    invisible = [field for field, cell in _said(table, row) if cell.invisible]
    if row.hidden or (invisible and len(invisible) == len(list(_said(table, row)))):
        yield table.issue(row, subject, "row_hidden")
    else:
        yield from (table.issue(row, field, "cell_invisible") for field in invisible)
    said = {field for field, _ in _said(table, row)}
    hidden = [field for field in table.blocks[row.block].unseen if field in said and field not in _OURS]
    if hidden:
        columns = ", ".join(table.blocks[row.block].headings[field] for field in hidden)
        yield table.issue(row, hidden[0], "column_hidden", columns=columns[:200])
    if is_struck(table, row):
        yield table.issue(row, subject, ROW_STRUCK)
    else:
        yield from (table.issue(row, field, "cell_struck") for field, cell in _said(table, row) if cell.struck)


def is_struck(table: Table, row: Row) -> bool:
    """Whether all that it says is struck out, whatever stands in the columns for notes."""
    said = list(_said(table, row))
    return bool(said) and all(cell.struck for _, cell in said)


def _said(table: Table, row: Row) -> Iterator[tuple[str, ListCell]]:
    for field in table.blocks[row.block].positions:
        cell = table.cell(row, field)
        if cell.text.strip() and table.may_hold(field) is not NOTES:
            yield field, cell
