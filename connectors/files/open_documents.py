"""An ODS file, sheet by sheet and cell by cell: one part holds them all, with repeats instead of copies."""

from collections.abc import Mapping
from typing import NamedTuple

from connectors.files.grids import Grid
from connectors.files.limits import MAX_CELL, MAX_COLUMNS, MAX_ROWS, MAX_SHEETS, Allowance, broken, limited, refused
from connectors.files.markup import Attributes, Markup
from connectors.files.open_styles import OpenStyles
from connectors.files.open_values import OFFICE, value_of
from connectors.files.packages import Package
from connectors.files.parcels import PackedCell, PackedSheet, cell_of
from domain.cells import CellKind

MIME_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_MIME_PART, _CONTENT, _STYLES, _MANIFEST = "mimetype", "content.xml", "styles.xml", "META-INF/manifest.xml"
_ENCRYPTED = "encrypted-package"
_MACROS = ("basic/", "scripts/", "dialogs/")
_SPACES = {
    f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0": f"{name}:"
    for name in ("office", "table", "text", "style", "script", "manifest", "drawing")
}
_TABLE, _TEXT = (f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in ("table", "text"))
_NAME, _STYLE, _WORN, _SHOWN, _COLUMNS, _ROWS, _SPANNED, _FORMULA = (
    f"{_TABLE} {name}"
    for name in (
        *(
            "name",
            "style-name",
            "default-cell-style-name",
            "visibility",
            "number-columns-repeated",
            "number-rows-repeated",
        ),
        *("number-rows-spanned", "formula"),
    )
)
_TEXT_STYLE, _BLANKS = f"{_TEXT} style-name", f"{_TEXT} c"
_COUNTED_FROM = f"{OFFICE} date-value", f"{_TABLE} date-value"
_CELLS = ("table:table-cell", "table:covered-table-cell")
_REFUSED = {
    **dict.fromkeys(
        ("table:table-source", "table:cell-range-source", "table:dde-link", "office:dde-source"),
        "external_links_refused",
    ),
    **dict.fromkeys(("drawing:object-ole", "drawing:plugin", "drawing:applet"), "embedded_refused"),
}
# What stands in a cell and is no part of its text.
_BESIDE = frozenset({"office:annotation", "text:note", "text:ruby-text", "text:tracked-changes"})
# What sheets are made of, and nearly all there is in one.
_USUAL = frozenset({*_CELLS, "text:p", "table:table-row"})
_SIGNS = {"text:tab": "\t", "text:line-break": "\n"}
_DIGITS = 7


class OpenDocument(NamedTuple):
    sheets: list[PackedSheet]
    unread: list[str]


def is_open_document(package: Package) -> bool:
    return package.has(_MIME_PART)


def read_open_document(package: Package) -> OpenDocument:
    """All sheets that are shown; `unread` are the names of the others. Raises `Unacceptable`."""
    if any(name.startswith(_MACROS) for name in package.names):
        raise refused("macros_refused", file="")
    if package.has(_ENCRYPTED):
        raise refused("file_encrypted", file="")
    said = next(iter(package.chunks(_MIME_PART)), b"")
    if said.decode("ascii", "replace").strip() != MIME_TYPE:
        raise refused("file_type_unknown", file="")
    if package.has(_MANIFEST):
        Manifest().read(package.chunks(_MANIFEST))
    styles = OpenStyles()
    if package.has(_STYLES):
        NamedStyles(styles).read(package.chunks(_STYLES))
    content = ContentPart(styles)
    content.read(package.chunks(_CONTENT))
    if not content.sheets:
        raise broken()
    return OpenDocument(content.sheets, content.unread)


class Manifest(Markup):
    root = "manifest:manifest"
    spaces = _SPACES

    def opened(self, name: str, attributes: Attributes) -> None:
        if name == "manifest:encryption-data":
            raise refused("file_encrypted", file="")


class NamedStyles(Markup):
    root = "office:document-styles"
    spaces = _SPACES

    def __init__(self, styles: OpenStyles) -> None:
        super().__init__()
        self._styles = styles

    def opened(self, name: str, attributes: Attributes) -> None:
        self._styles.opened(name, attributes)


class ContentPart(Markup):
    """Styles come before what wears them; a sheet that is not shown is known by its style."""

    root = "office:document-content"
    spaces = _SPACES

    def __init__(self, styles: OpenStyles) -> None:
        super().__init__()
        self.sheets: list[PackedSheet] = []
        self.unread: list[str] = []
        self._styles = styles
        self._allowance = Allowance()
        self._reader: TableReader | None = None
        self._depth = 0
        self._since_1904 = False

    def opened(self, name: str, attributes: Attributes) -> None:
        reader = self._reader
        if reader is not None and name in _USUAL:
            reader.opened(name, attributes)
            return
        if name in _REFUSED:
            raise refused(_REFUSED[name])
        if name.startswith("script:"):
            raise refused("macros_refused", file="")
        if reader is not None:
            reader.opened(name, attributes)
        elif name == "table:table":
            # Texts stand in the way of few elements, so that hearing all of them is less than turning to each.
            self.listen(True)
            self._depth = self.depth
            self._reader = TableReader(attributes, self._styles, self._allowance)
            limited("too_many_sheets", len(self.sheets) + len(self.unread) + 1, MAX_SHEETS)
        elif name == "table:null-date":
            self._since_1904 = any(attributes.get(key, "").startswith("1904") for key in _COUNTED_FROM)
        else:
            self._styles.opened(name, attributes)

    def closed(self, name: str) -> None:
        if self._reader is None:
            return
        if self.depth > self._depth:
            self._reader.closed(name)
        else:
            self._end(self._reader)
            self._reader = None
            self.listen(False)

    def said(self, text: str) -> None:
        if self._reader is not None and self._reader.listens:
            self._reader.said(text)

    def _end(self, reader: "TableReader") -> None:
        if reader.is_shown:
            self.sheets.append(reader.grid.sheet(reader.name, since_1904=self._since_1904))
        else:
            self.unread.append(reader.name)


class TableReader:
    """One sheet: told of each element in it."""

    def __init__(self, attributes: Attributes, styles: OpenStyles, allowance: Allowance) -> None:
        self.name = attributes.get(_NAME, "")[:200]
        self.is_shown = styles.is_shown(attributes.get(_STYLE, ""))
        self.listens = False
        self.grid = Grid(allowance)
        self._styles = styles
        self._columns = self._row = self._column = 0
        # What cells wear that say nothing of it: up to which column, and which style.
        self._worn: list[tuple[int, str]] = []
        self._row_style = ""
        self._repeated = 1
        self._cells: list[tuple[int, int, PackedCell]] = []
        self._cell: Attributes | None = None
        self._pieces: list[str] = []
        self._length = self._paragraphs = self._beside = 0
        self._inside: list[str] = []
        self._struck = self._invisible = False

    def opened(self, name: str, attributes: Attributes) -> None:
        if self._cell is not None:
            self._opened_in_cell(name, attributes)
        elif name in _CELLS:
            self._open_cell(attributes)
        elif name == "table:table-row":
            self._open_row(attributes)
        elif name == "table:table-column":
            first, self._columns = self._columns, self._columns + _count(attributes, _COLUMNS)
            if first < MAX_COLUMNS and (_WORN in attributes or self._worn):
                self._worn.append((self._columns, attributes.get(_WORN, "")))
            if _is_hidden(attributes) or self._styles.is_flat("table-column", attributes.get(_STYLE, "")):
                self.grid.hidden_columns.update(range(min(first, MAX_COLUMNS), min(self._columns, MAX_COLUMNS)))
        elif name == "table:table":
            raise broken()

    def closed(self, name: str) -> None:
        if self._inside:
            self._inside.pop()
            if not self._inside:
                self._beside, self.listens = 0, False
            else:
                self._beside -= name in _BESIDE
                self.listens = not self._beside and self._inside[0] == "text:p"
        elif self._cell is not None:
            self._close_cell(self._cell)
        elif name == "table:table-row":
            self._close_row()

    def said(self, text: str) -> None:
        self._length += len(text)
        if self._length > MAX_CELL:
            limited("cell_text_too_long", self._length, MAX_CELL)
        self._pieces.append(text)

    def _open_row(self, attributes: Attributes) -> None:
        self._repeated = _count(attributes, _ROWS)
        self._column, self._cells = 0, []
        self._row_style = attributes.get(_WORN, "")
        if _is_hidden(attributes) or self._styles.is_flat("table-row", attributes.get(_STYLE, "")):
            self.grid.hidden_rows.update(range(min(self._row, MAX_ROWS), min(self._row + self._repeated, MAX_ROWS)))

    def _open_cell(self, attributes: Attributes) -> None:
        self._cell, self._pieces = attributes, []
        self._length = self._paragraphs = 0
        style = attributes.get(_STYLE) or self._row_style or self._worn_at(self._column)
        self._struck = bool(style) and self._styles.is_struck("table-cell", style)
        self._invisible = bool(style) and self._styles.is_invisible(style)

    def _worn_at(self, column: int) -> str:
        return next((style for until, style in self._worn if column < until), "")

    def _opened_in_cell(self, name: str, attributes: Attributes) -> None:
        if name == "table:table":
            raise broken()
        if not self._inside and name == "text:p":
            self._paragraphs += 1
            if self._paragraphs > 1:
                self.said("\n")
            self._inside.append(name)
            self.listens = True
            return
        self._inside.append(name)
        self._beside += name in _BESIDE
        self.listens = not self._beside and self._inside[0] == "text:p"
        if not self.listens:
            return
        if name == "text:s":
            self.said(" " * _count(attributes, _BLANKS, most=MAX_CELL))
        elif name in _SIGNS:
            self.said(_SIGNS[name])
        elif name == "text:span":
            self._struck |= self._styles.is_struck("text", attributes.get(_TEXT_STYLE, ""))

    def _close_cell(self, attributes: Attributes) -> None:
        self._cell, self.listens = None, False
        first = self._column
        self._column += _count(attributes, _COLUMNS) if _COLUMNS in attributes else 1
        text, kind = value_of(attributes, "".join(self._pieces))
        computed = _FORMULA in attributes
        if not text and not computed:
            return
        kind = kind if text else CellKind.UNCOMPUTED
        if self._column > MAX_COLUMNS:
            limited("too_many_columns", self._column, MAX_COLUMNS)
        self._cells.append((first, self._column, cell_of(text, kind, computed, self._struck, self._invisible)))
        if _SPANNED in attributes and (rows := _count(attributes, _SPANNED)) > 1:
            self.grid.merge(self._row, self._row + rows - 1, first)

    def _close_row(self) -> None:
        first, self._row = self._row, self._row + self._repeated
        if not self._cells:
            return
        limited("too_many_rows", self._row, MAX_ROWS)
        for row in range(first, self._row):
            kept: dict[int, PackedCell] = {}
            for begin, end, cell in self._cells:
                for column in range(begin, end):
                    self.grid.put(kept, row, column, cell)
            self.grid.keep(row, kept)


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    return attributes.get(_SHOWN, "visible") in ("collapse", "filter")


def _count(attributes: Mapping[str, str], name: str, *, most: int = 10**_DIGITS) -> int:
    """How often something is repeated: once, unless it says otherwise."""
    digits = attributes.get(name)
    if digits is None:
        return 1
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > _DIGITS:
        raise broken()
    return min(max(int(digits), 1), most)
