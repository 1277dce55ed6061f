"""What the styles of an ODS file say: what of it is struck through, and what nobody sees."""

from connectors.files.limits import MAX_STYLES, limited
from connectors.files.looks import BLACK, SMALLEST, WHITE, is_lost, length
from connectors.files.markup import Attributes

_STYLE = "urn:oasis:names:tc:opendocument:xmlns:style:1.0"
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
NAME, PARENT, _FAMILY = (f"{_STYLE} {name}" for name in ("name", "parent-style-name", "family"))
_LINES = [f"{_STYLE} text-line-through-{name}" for name in ("style", "type")]
_DISPLAY = f"{_TABLE} display"
_FO = "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"
_COLOUR, _BEHIND, _SIZE = f"{_FO} color", f"{_FO} background-color", f"{_FO} font-size"
_HEIGHT, _WIDTH = f"{_STYLE} row-height", f"{_STYLE} column-width"
_NO_COLOUR = "transparent"
_LONGEST_LINE = 20
# Points: nobody reads a row or a column that is not larger.
_LEAST = 1.5


class OpenStyles:
    """Told of elements as they come. A style has what its parent has, unless it says otherwise itself."""

    def __init__(self) -> None:
        self._parents: dict[tuple[str, str], str] = {}
        self._struck: dict[tuple[str, str], bool] = {}
        self._said: dict[str, dict[tuple[str, str], str]] = {_COLOUR: {}, _BEHIND: {}, _SIZE: {}}
        self._invisible: dict[tuple[str, str], bool] = {}
        self._flat: set[tuple[str, str]] = set()
        self._unshown: set[str] = set()
        self._open = ("", "")

    def opened(self, name: str, attributes: Attributes) -> None:
        if name == "style:style":
            self._open = attributes.get(_FAMILY, ""), attributes.get(NAME, "")
            self._parents[self._open] = attributes.get(PARENT, "")
            limited("workbook_broken", len(self._parents), MAX_STYLES)
        elif name == "style:text-properties":
            said = [attributes[line] != "none" for line in _LINES if line in attributes]
            if said:
                self._struck[self._open] = all(said)
            self._note(attributes, _COLOUR, _SIZE)
        elif name == "style:table-cell-properties":
            self._note(attributes, _BEHIND)
        elif name in ("style:table-row-properties", "style:table-column-properties"):
            sizes = [length(attributes[size]) for size in (_HEIGHT, _WIDTH) if size in attributes]
            if any(size is not None and size < _LEAST for size in sizes):
                self._flat.add(self._open)
        elif name == "style:table-properties" and attributes.get(_DISPLAY, "true") == "false":
            self._unshown.add(self._open[1])

    def _note(self, attributes: Attributes, *what: str) -> None:
        for one in what:
            if one in attributes:
                self._said[one][self._open] = attributes[one]

    def is_invisible(self, style: str) -> bool:
        """Of a cell: in the colour of what is behind it, or too small to be read."""
        named = "table-cell", style
        if named not in self._invisible:
            front, behind, size = (self._worn(one, *named) for one in (_COLOUR, _BEHIND, _SIZE))
            colours = _colour(front, BLACK), _colour(behind, WHITE)
            points = length(size)
            self._invisible[named] = is_lost(*colours) or (points is not None and points < SMALLEST)
        return self._invisible[named]

    def is_flat(self, family: str, style: str) -> bool:
        """Of a row or a column: without any height or width."""
        return (family, style) in self._flat

    def _worn(self, what: str, family: str, style: str) -> str:
        for _ in range(_LONGEST_LINE):
            if (family, style) in self._said[what]:
                return self._said[what][family, style]
            style = self._parents.get((family, style), "")
        return ""

    def is_struck(self, family: str, style: str) -> bool:
        if (family, style) not in self._struck:
            self._struck[family, style] = self._inherited(family, style)
        return self._struck[family, style]

    def _inherited(self, family: str, style: str) -> bool:
        for _ in range(_LONGEST_LINE):
            style = self._parents.get((family, style), "")
            if (family, style) in self._struck:
                return self._struck[family, style]
        return False

    def is_shown(self, style: str) -> bool:
        return style not in self._unshown


def _colour(written: str, otherwise: str) -> str:
    return otherwise if written in ("", _NO_COLOUR) else written.removeprefix("#").upper()
