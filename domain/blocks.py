"""Where lists stand in a file: which sheets have headings, and which rows are read by which of them."""

import re
from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple, Protocol

from domain.cells import CellFile, CellKind, CellSheet, letters
from domain.lists import Block, Row, Table
from domain.refusals import Problem, Unacceptable

# Where headings are looked for that lack something: further down they are rows like others.
_TITLE_ROWS = 10
# Rows of further sheets are numbered from multiples of it: 200003 is the third row of the second sheet.
_ROWS_OF_A_SHEET = 100_000


# What people put between cells, and what is left of columns of a fixed width.
_ANY_CUT = re.compile(r"[;,|^~:\t]|\s{2,}")
_FEWEST_CUT = 2


class Headings(NamedTuple):
    """`fields` stand beside `line`: "" is known but not read, None nobody knows. `until` is the last row they take."""

    until: int
    line: tuple[str, ...]
    fields: tuple[str | None, ...]


class Vocabulary(Protocol):
    """The headings that one kind of list knows. `content`: what fields may hold that would be a fault in a text.

    `mapped` is the kind of list, and a field that a heading nobody knows may be mapped to.
    """

    mapped: tuple[str, str]
    content: Mapping[str, frozenset[CellKind]]

    def headings(self, rows: Sequence[Row], at: int) -> Headings | None:
        """What the row heads; None when it is no row of headings. `rows` are those of one sheet that say anything."""

    def lacks(self, headings: Headings) -> list[Problem]:
        """What is missing before rows below can be read."""

    def meant(self, heading: str) -> str:
        """The field whose heading is written almost so; empty when there is none."""


class _Found(NamedTuple):
    blocks: list[Block]
    rows: list[Row]


def table_of(file: CellFile, vocabulary: Vocabulary) -> Table:
    """All rows under headings, sheet by sheet; `unread` are the sheets that have none, and those not shown.

    Raises `Unacceptable` when there are no headings at all, a field stands twice or something is missing.
    """
    found, unread, begun = _Found([], []), [], 0
    sheets = [sheet for sheet in file.sheets if any(_is_said(row) for row in _rows(sheet, 1))]
    if not sheets:
        raise Unacceptable(Problem(code="file_empty", values={"file": file.name}))
    for sheet in sheets:
        before = len(found.blocks)
        _read(list(_rows(sheet, begun + 1)), vocabulary, found, sheet)
        if len(found.blocks) == before:
            unread.append(sheet.name)
        else:
            begun += 1
    if not found.blocks:
        raise Unacceptable(*_why_none(sheets, vocabulary))
    read = {row.block for row in found.rows} or {0}
    blocks = [block for number, block in enumerate(found.blocks) if number in read]
    return Table(
        file_name=file.name,
        digest=file.digest,
        blocks=tuple(_with_nameless(found)),
        headings=ChainMap(*(dict(block.headings) for block in blocks)),
        positions=ChainMap(*(dict(block.positions) for block in blocks)),
        ignored=tuple(dict.fromkeys(chain.from_iterable(block.ignored for block in blocks))),
        rows=tuple(found.rows),
        content=vocabulary.content,
        unread=(*unread, *file.unread),
        hidden=tuple(dict.fromkeys(chain.from_iterable(block.hidden for block in blocks))),
    )


def spot(row: int, sheet: str, cell: str) -> str:
    """Where a spreadsheet shows it; which sheet, where the number of the row does not say."""
    if row < _ROWS_OF_A_SHEET:
        return cell
    return f"{sheet}!{cell or row % _ROWS_OF_A_SHEET}"


def _rows(sheet: CellSheet, number: int) -> Iterator[Row]:
    first = 0 if number == 1 else number * _ROWS_OF_A_SHEET
    for row in sheet.rows:
        yield Row(first + row.number, row.cells, row.number, sheet.name, row.hidden, sheet.since_1904)


def _is_said(row: Row) -> bool:
    return any(cell.text.strip() or cell.kind == CellKind.UNCOMPUTED for cell in row.cells)


def _read(rows: list[Row], vocabulary: Vocabulary, found: _Found, sheet: CellSheet) -> None:
    said = [row for row in rows if _is_said(row)]
    until, above = -1, None
    for at, row in enumerate(said):
        if at <= until or (above is not None and _repeats(row, above)):
            continue
        headings = vocabulary.headings(said, at)
        if headings is not None and not vocabulary.lacks(headings):
            shown, last = _without_hidden_doubles(headings, sheet), said[headings.until]
            _refuse_doubles(shown, vocabulary, last)
            found.blocks.append(_block(shown, sheet, last))
            until, above = headings.until, said[max(at - 1, 0) : headings.until + 1]
        elif above is not None:
            found.rows.append(row._replace(block=len(found.blocks) - 1))


def _repeats(row: Row, above: Sequence[Row]) -> bool:
    """Whether the headings stand here once more, as on each printed page: the last line of them is enough."""
    said = [(column, text) for column, cell in enumerate(row.cells) if (text := cell.text.strip())]
    return len(said) > 1 and all(any(text == other.at(column).text.strip() for other in above) for column, text in said)


def _without_hidden_doubles(headings: Headings, sheet: CellSheet) -> Headings:
    """Of two columns for one thing the author means the one that is shown."""
    shown = {field for at, field in enumerate(headings.fields) if field and at not in sheet.hidden_columns}
    fields = (
        "" if at in sheet.hidden_columns and field in shown else field for at, field in enumerate(headings.fields)
    )
    return headings._replace(fields=tuple(fields))


def _with_nameless(found: _Found) -> Iterator[Block]:
    for number, block in enumerate(found.blocks):
        rows = [row for row in found.rows if row.block == number]
        columns = (at for at, heading in enumerate(block.line) if not heading.strip())
        yield block._replace(nameless=tuple(at for at in columns if not _counts(at, rows)))


def _counts(column: int, rows: Sequence[Row]) -> bool:
    """Whether nothing stands there but the numbers of the rows, as some programs write them."""
    said = [text for row in rows if (text := row.at(column).text.strip())]
    if not all(text.isascii() and text.isdecimal() and len(text) <= len(str(_ROWS_OF_A_SHEET)) for text in said):
        return False
    numbers = [int(text) for text in said]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else True


def _refuse_doubles(headings: Headings, vocabulary: Vocabulary, row: Row) -> None:
    """Raises `Unacceptable` when two columns are for one thing, or two whole tables stand side by side."""
    read = [field for field in headings.fields if field]
    twice = sorted({field for field in read if read.count(field) > 1})
    tables = _side_by_side(headings) if twice else []
    shared = set.intersection(*({headings.fields[at] for at in columns} for columns in tables)) if tables else ()
    if len(shared) > 1 and not any(vocabulary.lacks(_only(headings, columns)) for columns in tables):
        spans = (f"{letters(columns[0])}–{letters(columns[-1])}" for columns in tables)
        values = {"columns": ", ".join(spans), "sheet": row.sheet, "row": f"{row.line}"}
        raise Unacceptable(Problem(code="tables_side_by_side", values=values))
    if twice:
        raise Unacceptable(*(_twice(headings, field, row, vocabulary.mapped[0]) for field in twice))


def _twice(headings: Headings, field: str, row: Row, kind: str) -> Problem:
    spare = _spare(headings, field)
    values = {
        "columns": _written(headings, field, row),
        "moves": spare if kind == "moves" else "",
        "assets": spare if kind == "assets" else "",
    }
    return Problem(code="column_twice", values=values)


def _side_by_side(headings: Headings) -> list[list[int]]:
    """The columns of each table: one begins where something is headed once more."""
    tables: list[list[int]] = [[]]
    seen: set[str] = set()
    for at, field in enumerate(headings.fields):
        # Of devices and notes there may be several columns.
        kind = (field or "").partition(":")[0]
        if kind and ":" not in (field or "") and kind in seen:
            tables.append([])
            seen = set()
        if kind:
            seen.add(kind)
            tables[-1].append(at)
    return tables


def _only(headings: Headings, columns: Sequence[int]) -> Headings:
    fields = tuple(field if at in columns else None for at, field in enumerate(headings.fields))
    return headings._replace(fields=fields)


def _block(headings: Headings, sheet: CellSheet, row: Row) -> Block:
    both = list(zip(headings.fields, headings.line, strict=True))
    return Block(
        line=headings.line,
        headings={field: text.strip() for field, text in both if field},
        positions={field: position for position, field in enumerate(headings.fields) if field},
        ignored=tuple(text.strip() for field, text in both if field is None and text.strip()),
        unknown=tuple((text.strip(), at) for at, (field, text) in enumerate(both) if field is None and text.strip()),
        hidden=tuple(text.strip() for at, (field, text) in enumerate(both) if field and at in sheet.hidden_columns),
        sheet=row.sheet,
        at=row.line,
        unseen=tuple(field for at, field in enumerate(headings.fields) if field and at in sheet.hidden_columns),
    )


def _written(headings: Headings, wanted: str, row: Row) -> str:
    both = enumerate(zip(headings.fields, headings.line, strict=True))
    return ", ".join(f"{text.strip()} ({letters(at)}{row.line})" for at, (field, text) in both if field == wanted)


def _spare(headings: Headings, wanted: str) -> str:
    """How to leave out the later one of two; empty where both are called the same and no mapping can tell them."""
    both = zip(headings.fields, headings.line, strict=True)
    named = list(dict.fromkeys(text.strip() for field, text in both if field == wanted))
    return f"{named[-1][:60]}=ignored" if len(named) > 1 else ""


def _why_none(sheets: Sequence[CellSheet], vocabulary: Vocabulary) -> list[Problem]:
    """What the best line of headings lacks, or what stands where there should be headings."""
    best: tuple[int, list[Problem]] = (0, [])
    for sheet in sheets:
        said = [row for row in _rows(sheet, 1) if _is_said(row)]
        for at in range(min(len(said), _TITLE_ROWS)):
            headings = vocabulary.headings(said, at)
            known = sum(field is not None for field in headings.fields) if headings else 0
            if headings and known > best[0]:
                best = known, vocabulary.lacks(headings)
    if best[1]:
        return best[1]
    first = next(row for row in _rows(sheets[0], 1) if _is_said(row))
    texts = [text.strip() for text in first.texts if text.strip()]
    if not_cut := _not_cut(sheets[0]):
        return [not_cut]
    kind, field = vocabulary.mapped
    mapping = f"{next((text for text in texts if vocabulary.meant(text) == field), '…')[:60]}={field}"
    values = {
        "rows": str(_TITLE_ROWS),
        "found": ", ".join(texts)[:200],
        "moves": mapping if kind == "moves" else "",
        "assets": mapping if kind == "assets" else "",
    }
    return [Problem(code="headings_not_found", values=values)]


def _not_cut(sheet: CellSheet) -> Problem | None:
    """Where each line stands in one cell as a whole, nothing has cut it."""
    lines = [[cell.text for cell in row.cells if cell.text.strip()] for row in sheet.rows[:_TITLE_ROWS]]
    whole = [cells[0] for cells in lines if len(cells) == 1]
    if len(whole) < len(lines) or not any(len(_ANY_CUT.split(text.strip())) > _FEWEST_CUT for text in whole):
        return None
    return Problem(code="cells_not_cut", values={"found": whole[0][:200]})
