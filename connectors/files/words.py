"""Texts of cells as they were meant: composed alike, without the signs that keep spreadsheets from computing them."""

import re
import unicodedata

from domain.cells import CellKind

_ERROR = re.compile(
    r"#(N/A|NV|REF!|BEZUG!|NAME\?|VALUE!|WERT!|DIV/0!|NUM!|ZAHL!|NULL!|SPILL!|ÜBERLAUF!|CALC!|KALK!|FIELD!|FELD!"
    r"|BLOCKED!|BLOCKIERT!|CONNECT!|BUSY!|UNKNOWN!|GETTING_DATA|DATEN_ABRUFEN|#+)|(Err|Fehler):\d{3}",
    re.IGNORECASE,
)
# UTF-8 that somebody has taken for CP1252: of both bytes of a letter one stands there, and a sign after it.
_CONTINUED = re.escape(bytes(set(range(0x80, 0xC0)) - {0x81, 0x8D, 0x8F, 0x90, 0x9D}).decode("cp1252"))
_GARBLED = re.compile(f"[ÃÂ][{_CONTINUED}]|â€|�")


# Accents heaped on a letter are put in order one by one: nobody means them, and everybody would wait.
_HEAPED = re.compile("[\u0300-\u036f]{32}")
_LONGEST = 4_000


# Blanks of other widths, and those at which no line breaks: they look like any other.
_BLANKS = dict.fromkeys([0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " ")
# An apostrophe that keeps a spreadsheet from computing what follows; "'t Hooft" begins with one of its own.
_KEPT = re.compile(r"'(?=[=+@-]|[0-9A-Z][^']*$)", re.ASCII)
# With these begin all texts that may be anything but what they look like, as long as they are plain ASCII.
_DOUBTFUL = frozenset("#='EeFf")


def text_cell(written: str) -> tuple[str, CellKind]:
    if written.isascii() and written[:1] not in _DOUBTFUL:
        return written, CellKind.TEXT
    text = written
    if not written.isascii() and len(written) <= _LONGEST and not _HEAPED.search(written):
        text = unicodedata.normalize("NFC", written).translate(_BLANKS)
    if text.startswith(("#", "Err:", "Fehler:", "err:")) and _ERROR.fullmatch(text.strip()):
        return text, CellKind.ERROR
    if not text.isascii() and _GARBLED.search(text):
        return text, CellKind.GARBLED
    return unwrapped(text), CellKind.TEXT


def unwrapped(cell: str) -> str:
    """`="00123"` is how Excel is made to keep leading zeros, `'00123` or `'=…` how a text is kept as it is."""
    if _KEPT.match(cell):
        return cell[1:]
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell
