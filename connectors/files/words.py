"""Texts of cells as they were meant: composed alike, without the signs that keep spreadsheets from computing them."""

import re
import unicodedata
from html.entities import html5

from domain.cells import CellKind

_ERROR = re.compile(
    r"#(N/A|NV|REF!|BEZUG!|NAME\?|VALUE!|WERT!|DIV/0!|NUM!|ZAHL!|NULL!|SPILL!|ÜBERLAUF!|CALC!|KALK!|FIELD!|FELD!"
    r"|BLOCKED!|BLOCKIERT!|CONNECT!|BUSY!|UNKNOWN!|GETTING_DATA|DATEN_ABRUFEN|#+)|(Err|Fehler):\d{3}"
    # As spreadsheets of other languages write that there is no value.
    r"|#(N/D|N/B|N/T|I/T|N\.A\.|N/DISP|Н/Д|BRAK|YOK|DIV/0)",
    re.IGNORECASE,
)
# All others end alike, in whichever language: #VALEUR!, #LEEN!, #¿NOMBRE?, #ССЫЛКА!
_ANY_ERROR = re.compile(r"#[¡¿]?[^\W\d_]{2,}(?:[ _/][^\W\d_0]*0?)?[!?]")
# UTF-8 that somebody has taken for CP1252: of both bytes of a letter one stands there, and a sign after it.
_CONTINUED = re.escape(bytes(set(range(0x80, 0xC0)) - {0x81, 0x8D, 0x8F, 0x90, 0x9D}).decode("cp1252"))
_GARBLED = re.compile(f"[ÃÂ][{_CONTINUED}]|â€|�")
# Letters that a page, a mail or a program has spelt out, and nobody has put together again.
_SPELT_OUT = re.compile(
    r"&(?P<name>[A-Za-z]{2,8}|#\d{2,6}|#[xX][0-9A-Fa-f]{2,6});|\\u[0-9A-Fa-f]{4}|=C3=[89AB][0-9A-F]|%C3%[89AB][0-9A-F]"
    r"|_x[0-9A-F]{4}_"
)
# A letter that somebody's program did not have: "J?rgen".
_LOST = re.compile(r"(?<![\w./=&?-])[^\W\d_]+\?[^\W\d_]+(?![\w=.&])")


# Accents heaped on a letter are put in order one by one: nobody means them, and everybody would wait.
_HEAPED = re.compile("[\u0300-\u036f]{32}")
_LONGEST = 4_000


# Blanks of other widths, and those at which no line breaks: they look like any other.
# What takes no room is not there for whoever reads the list: soft hyphens, marks of direction, joiners.
_BLANKS: dict[int, str] = {
    **dict.fromkeys([0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " "),
    **dict.fromkeys([0xAD, *range(0x200B, 0x2010), 0x2060, 0xFEFF], ""),
}
# An apostrophe that keeps a spreadsheet from computing what follows; "'t Hooft" begins with one of its own.
_KEPT = re.compile(r"'(?=[=+@-]|[0-9A-Z][^']*$)", re.ASCII)
# With these begin all texts that may be anything but what they look like, as long as they are plain ASCII.
_DOUBTFUL = frozenset("#='EeFf")


def text_cell(written: str) -> tuple[str, CellKind]:
    if is_spelt_out(written):
        return written, CellKind.GARBLED
    if written.isascii() and written[:1] not in _DOUBTFUL:
        return written, CellKind.TEXT
    text = written
    if not written.isascii() and len(written) <= _LONGEST and not _HEAPED.search(written):
        text = unicodedata.normalize("NFC", written).translate(_BLANKS)
    if text.startswith(("#", "Err:", "Fehler:", "err:")) and _is_error(text.strip()):
        return text, CellKind.ERROR
    if not text.isascii() and _GARBLED.search(text):
        return text, CellKind.GARBLED
    return unwrapped(text), CellKind.TEXT


def is_spelt_out(text: str) -> bool:
    """Whether letters stand in it as codes, or as the sign for one that was lost."""
    if "?" in text and _LOST.search(text):
        return True
    if not ("&" in text or "\\u" in text or "_x" in text or "C3" in text):
        return False
    found = _SPELT_OUT.search(text)
    return found is not None and (found["name"] is None or found["name"][0] == "#" or f"{found['name']};" in html5)


def _is_error(text: str) -> bool:
    return _ERROR.fullmatch(text) is not None or (text == text.upper() and _ANY_ERROR.fullmatch(text) is not None)


def unwrapped(cell: str) -> str:
    """`="00123"` is how Excel is made to keep leading zeros, `'00123` or `'=…` how a text is kept as it is."""
    if _KEPT.match(cell):
        return cell[1:]
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell
