"""What the styles of an ODS file say: which cells and pieces of text are struck through, and which sheets are shown."""

from connectors.files.limits import MAX_STYLES, limited
from connectors.files.markup import Attributes

_STYLE = "urn:oasis:names:tc:opendocument:xmlns:style:1.0"
_TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
NAME, PARENT, _FAMILY = (f"{_STYLE} {name}" for name in ("name", "parent-style-name", "family"))
_LINES = [f"{_STYLE} text-line-through-{name}" for name in ("style", "type")]
_DISPLAY = f"{_TABLE} display"
_LONGEST_LINE = 20


class OpenStyles:
    """Told of elements as they come. A style has what its parent has, unless it says otherwise itself."""

    def __init__(self) -> None:
        self._parents: dict[tuple[str, str], str] = {}
        self._struck: dict[tuple[str, str], bool] = {}
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
        elif name == "style:table-properties" and attributes.get(_DISPLAY, "true") == "false":
            self._unshown.add(self._open[1])

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
