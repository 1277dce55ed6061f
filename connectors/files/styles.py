"""What a workbook's styles say of cells: how they show what is in them, and which are struck through."""

from typing import NamedTuple

from connectors.files.formats import BUILT_IN, PLAIN, Format, format_of
from connectors.files.limits import MAX_STYLES, limited
from connectors.files.markup import Attributes, Markup

_TRUE = ("1", "true")
_LONGEST_FORMAT = 1_000
_FONTS, _FORMATS, _CELLS = "fonts", "numFmts", "cellXfs"


class Style(NamedTuple):
    format: Format = PLAIN
    struck: bool = False


UNSTYLED = Style()


class Styles(Markup):
    root = "styleSheet"

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[Style] = []
        self._formats: dict[str, Format] = {}
        self._struck: list[bool] = []
        self._within = ""

    def opened(self, name: str, attributes: Attributes) -> None:
        if self.depth == 2:  # noqa: PLR2004  # right below the root
            self._within = name
        elif name == "numFmt" and self._within == _FORMATS:
            code = attributes.get("formatCode", "")
            limited("workbook_broken", len(code), _LONGEST_FORMAT)
            self._formats[attributes.get("numFmtId", "")] = format_of(code)
        elif name == "font" and self._within == _FONTS:
            self._struck.append(False)
        elif name == "strike" and self._within == _FONTS and self._struck:
            self._struck[-1] = attributes.get("val", "1") in _TRUE
        elif name == "xf" and self._within == _CELLS:
            self.cells.append(Style(self._format(attributes.get("numFmtId", "0")), self._is_struck(attributes)))
        limited("workbook_broken", max(len(self.cells), len(self._struck), len(self._formats)), MAX_STYLES)

    def _format(self, number: str) -> Format:
        if number not in self._formats:
            known = int(number) if number.isascii() and number.isdecimal() and len(number) <= len("163") else 0
            code = BUILT_IN.get(known)
            limited("workbook_broken", len(self._formats), MAX_STYLES)
            self._formats[number] = format_of(code) if code else PLAIN
        return self._formats[number]

    def _is_struck(self, attributes: Attributes) -> bool:
        font = attributes.get("fontId", "0")
        at = int(font) if font.isascii() and font.isdecimal() and len(font) <= len(str(MAX_STYLES)) else 0
        return at < len(self._struck) and self._struck[at]
