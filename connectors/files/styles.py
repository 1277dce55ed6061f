"""What a workbook's styles say of cells: which show a date, which a length of time, and which are struck through."""

from enum import Enum
from typing import NamedTuple

from connectors.files.limits import MAX_STYLES, limited
from connectors.files.markup import Attributes, Markup

_TRUE = ("1", "true")
_DATES = {*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)}
_ELAPSED = 46
_IN_DATES = "dmyhs"
_LONGEST_FORMAT = 1_000
_FONTS, _FORMATS, _CELLS = "fonts", "numFmts", "cellXfs"


class Shows(Enum):
    PLAIN = "plain"
    DATE = "date"
    ELAPSED = "elapsed"


class Style(NamedTuple):
    shows: Shows = Shows.PLAIN
    struck: bool = False


PLAIN = Style()


class Styles(Markup):
    root = "styleSheet"

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[Style] = []
        self._formats: dict[str, Shows] = {}
        self._struck: list[bool] = []
        self._within = ""

    def opened(self, name: str, attributes: Attributes) -> None:
        if self.depth == 2:  # noqa: PLR2004  # right below the root
            self._within = name
        elif name == "numFmt" and self._within == _FORMATS:
            code = attributes.get("formatCode", "")
            limited("workbook_broken", len(code), _LONGEST_FORMAT)
            self._formats[attributes.get("numFmtId", "")] = shown_by(code)
        elif name == "font" and self._within == _FONTS:
            self._struck.append(False)
        elif name == "strike" and self._within == _FONTS and self._struck:
            self._struck[-1] = attributes.get("val", "1") in _TRUE
        elif name == "xf" and self._within == _CELLS:
            self.cells.append(Style(self._shows(attributes.get("numFmtId", "0")), self._is_struck(attributes)))
        limited("workbook_broken", max(len(self.cells), len(self._struck), len(self._formats)), MAX_STYLES)

    def _shows(self, number: str) -> Shows:
        if number in self._formats:
            return self._formats[number]
        known = int(number) if number.isascii() and number.isdecimal() and len(number) <= len("163") else 0
        return Shows.ELAPSED if known == _ELAPSED else Shows.DATE if known in _DATES else Shows.PLAIN

    def _is_struck(self, attributes: Attributes) -> bool:
        font = attributes.get("fontId", "0")
        at = int(font) if font.isascii() and font.isdecimal() and len(font) <= len(str(MAX_STYLES)) else 0
        return at < len(self._struck) and self._struck[at]


def shown_by(code: str) -> Shows:
    """Days, months, years, hours or seconds outside of quotation marks and brackets make a date of a number."""
    code = code.partition(";")[0].lower()
    at, shows = 0, Shows.PLAIN
    while at < len(code):
        sign = code[at]
        if sign == '"':
            at = code.find('"', at + 1)
        elif sign == "[":
            end = code.find("]", at)
            if code[at + 1 : end] and set(code[at + 1 : end]) <= set("hms"):
                return Shows.ELAPSED
            at = end
        elif sign in "\\_*":
            at += 1
        elif code.startswith("general", at):
            at += len("general") - 1
        elif sign in _IN_DATES:
            shows = Shows.DATE
        if at < 0:
            break
        at += 1
    return shows
