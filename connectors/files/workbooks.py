"""An XLSX file from its first part on: which sheets there are, and the texts that their cells share."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from connectors.files.grids import Grid
from connectors.files.limits import MAX_CELL, MAX_CELLS, MAX_CHARACTERS, MAX_SHEETS, Allowance, broken, limited
from connectors.files.markup import Attributes, Markup
from connectors.files.packages import OfficePackage, Relation
from connectors.files.parcels import PackedSheet
from connectors.files.sheets import Shared, SheetReader
from connectors.files.styles import Styles

_TRUE = ("1", "true")
_SHOWN = "visible"
_PHONETIC = "rPh"


class WorkbookCells(NamedTuple):
    sheets: list[PackedSheet]
    unread: list[str]


def read_workbook(package: OfficePackage) -> WorkbookCells:
    """All sheets that are shown; `unread` are the names of the others. Raises `Unacceptable`."""
    main = _only(package.relations(""), "/officeDocument")
    book = WorkbookPart()
    book.read(package.chunks(main))
    related = package.relations(main)
    shown = [sheet for sheet in book.sheets if sheet.state == _SHOWN and _is_worksheet(related, sheet)]
    if not shown:
        raise broken()
    shared, styles = _shared(package, related), _styles(package, related)
    allowance = Allowance()
    sheets = []
    for entry in shown:
        grid = Grid(allowance)
        SheetReader(shared, styles, grid, since_1904=book.since_1904).read(package.chunks(_part(related, entry)))
        sheets.append(grid.sheet(entry.name, since_1904=book.since_1904))
    return WorkbookCells(sheets, [sheet.name for sheet in book.sheets if sheet not in shown])


def _part(related: Mapping[str, Relation], entry: "SheetEntry") -> str:
    return related[entry.relation].target


def _shared(package: OfficePackage, related: Mapping[str, Relation]) -> Shared:
    texts = SharedTexts()
    for relation in _all(related, "/sharedStrings"):
        texts.read(package.chunks(relation.target))
    return Shared(texts.texts, texts.struck)


def _styles(package: OfficePackage, related: Mapping[str, Relation]) -> Styles:
    styles = Styles()
    for relation in _all(related, "/styles"):
        styles.read(package.chunks(relation.target))
    return styles


def _all(related: Mapping[str, Relation], kind: str) -> Iterator[Relation]:
    found = [relation for relation in related.values() if relation.kind.endswith(kind)]
    if len(found) > 1:
        raise broken()
    yield from found


def _only(related: Mapping[str, Relation], kind: str) -> str:
    for relation in _all(related, kind):
        return relation.target
    raise broken()


def _is_worksheet(related: Mapping[str, Relation], sheet: "SheetEntry") -> bool:
    return sheet.relation in related and related[sheet.relation].kind.endswith("/worksheet")


class SheetEntry(NamedTuple):
    name: str
    state: str
    relation: str


class WorkbookPart(Markup):
    root = "workbook"

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[SheetEntry] = []
        self.since_1904 = False

    def opened(self, name: str, attributes: Attributes) -> None:
        if name == "workbookPr":
            self.since_1904 = attributes.get("date1904", "0") in _TRUE
        elif name == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(" id")), "")
            entry = SheetEntry(attributes.get("name", "")[:200], attributes.get("state", _SHOWN), relation)
            self.sheets.append(entry)
            limited("too_many_sheets", len(self.sheets), MAX_SHEETS)


class SharedTexts(Markup):
    """Texts that several cells show are kept once; how a Japanese one is pronounced is none of it.

    `struck` are those of which some piece is struck out.
    """

    root = "sst"

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.struck: set[int] = set()
        self._pieces: list[str] = []
        self._length = self._characters = self._unsaid = 0

    def opened(self, name: str, attributes: Attributes) -> None:
        if name == "t" and not self._unsaid:
            self.listen(True)
        elif name == _PHONETIC:
            self._unsaid += 1
        elif name == "strike" and attributes.get("val", "1") in _TRUE:
            self.struck.add(len(self.texts))

    def closed(self, name: str) -> None:
        if name == "t":
            self.listen(False)
        elif name == _PHONETIC:
            self._unsaid -= 1
        elif name == "si" and self.depth == 2:  # noqa: PLR2004  # right below the root
            self.texts.append("".join(self._pieces))
            limited("too_many_cells", len(self.texts), MAX_CELLS)
            self._pieces, self._length = [], 0

    def said(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)
        self._characters += len(text)
        limited("cell_text_too_long", self._length, MAX_CELL)
        limited("too_many_characters", self._characters, MAX_CHARACTERS)
