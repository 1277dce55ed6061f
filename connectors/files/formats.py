"""How spreadsheets show a number: format codes, as far as they say of themselves which signs appear.

What hangs on the reader's country or on the width of the column, or stands for another number, cannot be shown.
"""

import re
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import Enum
from typing import NamedTuple

_PIECES = re.compile(r'"[^"]*"?|\\.|_.|\*.|\[[^\]]*\]?|general|.', re.IGNORECASE | re.DOTALL)
_CONDITION = re.compile(r"\[[<>=]", re.ASCII)
_ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.ASCII)
_DAY_NUMBER, _MONTH = re.compile(r"(?<!d)dd?(?!d)"), re.compile(r"(?<!h)(?<!h:)m")
_PLACES = "0#?"
_IN_DATES = frozenset("dmyhs")
_GENERAL = "general"
# More of them are rounded by the width of a column.
_DIGITS_SHOWN = 11
_PRECISE = 15
_THOUSAND = 1_000
_TEXT_SECTION = 4

BUILT_IN = {
    0: _GENERAL,
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    **dict.fromkeys((14, 15, 16), "d m"),
    17: "mmm yy",
    **dict.fromkeys((18, 19, 20, 21, 45, 47), "h"),
    # In the countries that have those of the others they are days or times.
    **dict.fromkeys((22, *range(27, 37), *range(50, 59)), "d m h"),
    **dict.fromkeys((37, 38), "#,##0"),
    **dict.fromkeys((39, 40, 41, 42, 43, 44), "#,##0.00"),
    46: "[h]:mm:ss",
    48: "##0.0E+0",
    49: "@",
}


class Shows(Enum):
    PLAIN = "plain"
    DATE = "date"
    ELAPSED = "elapsed"


class Format(NamedTuple):
    """`number` and `text` say what is shown; None when that cannot be said, or nothing is.

    `tells` are letters of what is shown of a moment: day, month, year, hour.
    """

    shows: Shows
    number: Callable[[float], str | None]
    text: Callable[[str], str | None]
    tells: frozenset[str] = frozenset("dmyh")


def general(number: float) -> str | None:
    """As it stands in a cell that nobody has formatted."""
    if number.is_integer() and abs(number) < 10**_PRECISE:
        return str(int(number))
    shown = f"{number:.{_PRECISE}g}"
    return shown if "e" not in shown and sum(map(str.isdigit, shown)) <= _DIGITS_SHOWN else None


def as_it_is(text: str) -> str | None:
    return text


PLAIN = Format(Shows.PLAIN, general, as_it_is)


def format_of(code: str) -> Format:
    sections = list(_sections(code))
    dated = sections[0] if sections else []
    if any(_ELAPSED.fullmatch(piece.lower()) for piece in dated):
        return PLAIN._replace(shows=Shows.ELAPSED)
    if any(piece.lower() in _IN_DATES for piece in dated):
        return PLAIN._replace(
            shows=Shows.DATE, tells=_told("".join(piece if len(piece) == 1 else " " for piece in dated).lower())
        )
    alone = len(sections) == 1 and "@" in sections[0]
    texts = sections[0] if alone else sections[3] if len(sections) >= _TEXT_SECTION else None
    conditions = any(_CONDITION.match(piece) for section in sections for piece in section)
    numbers = [] if conditions else [_NumberSection(section) for section in sections[:3]]

    def number(value: float) -> str | None:
        return general(value) if alone else _shown_by(numbers, value)

    return Format(Shows.PLAIN, number, as_it_is if texts is None else lambda text: _text(texts, text))


def _told(letters: str) -> frozenset[str]:
    """Three letters for the day name it, and do not say which one it is; `m` beside hours or seconds are minutes."""
    told = {letter for letter in "yh" if letter in letters} | ({"h"} if "s" in letters else set())
    if _DAY_NUMBER.search(letters):
        told.add("d")
    if _MONTH.search(letters) and ("d" in letters or "y" in letters or "mmm" in letters):
        told.add("m")
    return frozenset(told)


def _sections(code: str) -> Iterator[list[str]]:
    section: list[str] = []
    for piece in _PIECES.findall(code):
        if piece == ";":
            yield section
            section = []
        else:
            section.append(piece)
    yield section


def _literal(piece: str) -> str:
    if piece.startswith('"'):
        return piece.strip('"')
    if piece.startswith("\\"):
        return piece[1:]
    if piece.startswith(("_", "*")):
        return " " if piece.startswith("_") else ""
    if piece.startswith("["):
        return piece[2:].partition("-")[0].rstrip("]") if piece.startswith("[$") else ""
    return piece


def _text(section: list[str], text: str) -> str | None:
    shown = "".join(text if piece in ("@", _GENERAL) else _literal(piece) for piece in section)
    return shown.strip() or None


def _shown_by(sections: list["_NumberSection"], value: float) -> str | None:
    """Positive, negative and zero have a section each, as far as there are any."""
    if not sections:
        return None
    if value < 0 and len(sections) > 1:
        return sections[1].shown(-value)
    if value == 0 and len(sections) > 2:  # noqa: PLR2004  # the third
        return sections[2].shown(value)
    shown = sections[0].shown(abs(value))
    return f"-{shown}" if shown and value < 0 else shown


class _NumberSection:
    def __init__(self, pieces: list[str]) -> None:
        self._general = any(piece.lower() == _GENERAL for piece in pieces)
        self._pieces = pieces
        at = [place for place, piece in enumerate(pieces) if piece in tuple(_PLACES)]
        self._first, self._last = (at[0], at[-1]) if at else (0, -1)
        point = pieces.index(".") if "." in pieces else len(pieces)
        self._point = point if at else len(pieces)
        self._decimals = sum(place > self._point for place in at)
        self._grouped = "," in pieces[self._first : self._last]
        within = {piece.lower() for piece in pieces}
        # An E for the power of ten, a stroke with places behind it for a fraction, a comma at the end for thousands,
        # hundredths: what stands there is another number.
        self._unsayable = bool(
            not (at or self._general)
            or within & {"e", "%"}
            or ("/" in pieces and any(place > pieces.index("/") for place in at))
            or "," in pieces[self._last + 1 :]
        )

    def shown(self, value: float) -> str | None:
        """Of a number that is not negative."""
        if self._unsayable:
            return None
        if self._general:
            plain = general(value)
            around = [plain if piece.lower() == _GENERAL else _literal(piece) for piece in self._pieces]
            return None if plain is None else "".join(text for text in around if text).strip()
        digits, decimals = self._rounded(value)
        if self._grouped and int(digits or "0") >= _THOUSAND:
            return None
        before = self._whole(digits)
        return (before + self._behind(decimals)).strip() or None

    def _rounded(self, value: float) -> tuple[str, str]:
        with localcontext(prec=400):
            number = Decimal(f"{value:.{_PRECISE}g}")
            written = f"{number.quantize(Decimal(1).scaleb(-self._decimals), ROUND_HALF_UP):f}"
        digits, _, decimals = written.partition(".")
        return digits.lstrip("0"), decimals

    def _whole(self, digits: str) -> str:
        """Right to left, as places are filled; what is left over goes before the first of them."""
        shown: list[str] = []
        left = digits
        for place in range(self._point - 1, -1, -1):
            piece = self._pieces[place]
            if piece not in tuple(_PLACES):
                shown.append("" if piece == "," else _literal(piece))
                continue
            last, left = left[-1:], left[:-1]
            shown.append(last or {"0": "0", "?": " "}.get(piece, ""))
            if place == self._first:
                shown.append(left)
        return "".join(reversed(shown))

    def _behind(self, decimals: str) -> str:
        shown, left, kept = "", decimals, len(decimals.rstrip("0"))
        for piece in self._pieces[self._point + 1 :]:
            if piece in tuple(_PLACES):
                needed = piece == "0" or len(decimals) - len(left) < kept
                shown += left[0] if needed else ""
                left = left[1:]
            else:
                shown += _literal(piece)
        point = "." if self._decimals and (shown[:1].isdigit()) else ""
        return point + shown
