"""What a workbook's styles say of cells: how they show what is in them, and which are struck through or invisible."""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from connectors.files.formats import BUILT_IN, PLAIN, Format, format_of
from connectors.files.limits import MAX_STYLES, limited
from connectors.files.looks import BLACK, SMALLEST, WHITE, colour_of, is_lost, measure
from connectors.files.markup import Attributes, Markup

S = TypeVar("S")
_TRUE = ("1", "true")
_LONGEST_FORMAT = 1_000
_FONTS, _FILLS, _FORMATS, _CELLS = "fonts", "fills", "numFmts", "cellXfs"


class Style(NamedTuple):
    format: Format = PLAIN
    struck: bool = False
    invisible: bool = False


class _Font(NamedTuple):
    struck: bool = False
    colour: str = BLACK
    is_tiny: bool = False


UNSTYLED = Style()


class Styles(Markup):
    root = "styleSheet"

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[Style] = []
        self._formats: dict[str, Format] = {}
        self._fonts: list[_Font] = []
        # What is behind a cell; empty where it is a pattern of two colours.
        self._fills: list[str] = []
        self._within = ""

    def opened(self, name: str, attributes: Attributes) -> None:
        if self.depth == 2:  # noqa: PLR2004  # right below the root
            self._within = name
        elif name == "numFmt" and self._within == _FORMATS:
            code = attributes.get("formatCode", "")
            limited("workbook_broken", len(code), _LONGEST_FORMAT)
            self._formats[attributes.get("numFmtId", "")] = format_of(code)
        elif name == "font" and self._within == _FONTS:
            self._fonts.append(_Font())
        elif self._within == _FONTS and self._fonts:
            self._fonts[-1] = _font(self._fonts[-1], name, attributes)
        elif name == "fill" and self._within == _FILLS:
            self._fills.append(WHITE)
        elif self._within == _FILLS and self._fills:
            self._fills[-1] = _fill(self._fills[-1], name, attributes)
        elif name == "xf" and self._within == _CELLS:
            self.cells.append(self._style(attributes))
        most = max(len(self.cells), len(self._fonts), len(self._fills), len(self._formats))
        limited("workbook_broken", most, MAX_STYLES)

    def _format(self, number: str) -> Format:
        if number not in self._formats:
            known = int(number) if number.isascii() and number.isdecimal() and len(number) <= len("163") else 0
            code = BUILT_IN.get(known)
            limited("workbook_broken", len(self._formats), MAX_STYLES)
            self._formats[number] = format_of(code) if code else PLAIN
        return self._formats[number]

    def _style(self, attributes: Attributes) -> Style:
        font = _at(self._fonts, attributes.get("fontId", "0"), _Font())
        behind = _at(self._fills, attributes.get("fillId", "0"), WHITE)
        invisible = font.is_tiny or (bool(behind) and is_lost(font.colour, behind))
        return Style(self._format(attributes.get("numFmtId", "0")), font.struck, invisible)


def _at(styles: Sequence[S], written: str, otherwise: S) -> S:
    at = int(written) if written.isascii() and written.isdecimal() and len(written) <= len(str(MAX_STYLES)) else 0
    return styles[at] if at < len(styles) else otherwise


def _font(font: _Font, name: str, attributes: Attributes) -> _Font:
    if name == "strike":
        return font._replace(struck=attributes.get("val", "1") in _TRUE)
    if name == "color":
        return font._replace(colour=colour_of(attributes, BLACK))
    if name == "sz":
        return font._replace(is_tiny=(measure(attributes.get("val", "")) or SMALLEST) < SMALLEST)
    return font


def _fill(behind: str, name: str, attributes: Attributes) -> str:
    """Only a solid fill has the colour that comes with it."""
    if name == "patternFill":
        return {"none": WHITE, "solid": BLACK}.get(attributes.get("patternType", "none"), "")
    if name == "gradientFill":
        return ""
    return colour_of(attributes, BLACK) if name == "fgColor" and behind == BLACK else behind
