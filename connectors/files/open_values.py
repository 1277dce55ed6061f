"""What a cell of an ODS file says: it keeps both what it is and, as a text, what is shown of it."""

import re
from datetime import datetime, timedelta

from connectors.files.formats import general
from connectors.files.limits import MAX_DIGITS
from connectors.files.markup import Attributes
from connectors.files.numbers import number_of, shown_moment
from connectors.files.words import text_cell
from domain.cells import CellKind

OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
_EXTENDED = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"
_KIND, _VALUE, _DAY, _TIME, _TRUTH, _STRING = (
    f"{OFFICE} {name}" for name in ("value-type", "value", "date-value", "time-value", "boolean-value", "string-value")
)
_EXTENDED_KIND = f"{_EXTENDED} value-type"
_NUMBERS = ("float", "currency", "percentage")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d)(?:[.,]\d+)?)?", re.ASCII)
_SPAN = re.compile(r"PT(\d{1,7})H(\d{1,2})M(\d{1,2})(?:[.,]\d+)?S", re.ASCII)
_DIGITS = re.compile(r"-?\d+(?:[.,](\d+))?", re.ASCII)
# Thousands, powers of ten, fractions and hundredths: another number stands there than is meant by the same signs.
_UNSAYABLE = re.compile(
    r"-?\d{1,3}(?:[.,' \u00a0\u202f]\d{3})+(?:[.,]\d+)?|.*\dE[+-]?\d+.*|-?\d* ?\d+/\d+|.*%", re.ASCII
)
_CLOCK = re.compile(r"\d{1,2}:\d\d(?::\d\d)?(?:\s*[AaPp]\.?[Mm]\.?)?|\d{1,2}(?:[.:]\d\d)?\s*(?:Uhr|h)\b", re.ASCII)
_NUMBERS_IN = re.compile(r"\d{1,4}", re.ASCII)
_EXACT = 1e15
_HALF = 0.5


def value_of(attributes: Attributes, text: str) -> tuple[str, CellKind]:
    """What the cell shows and what it is."""
    kind = attributes.get(_KIND, "")
    if kind == "string" and text and _EXTENDED_KIND not in attributes:
        return text_cell(text)
    if attributes.get(_EXTENDED_KIND) == "error":
        return text or attributes.get(_STRING, ""), CellKind.ERROR
    if kind in _NUMBERS:
        return _number(number_of(attributes.get(_VALUE, "")), text.strip(), is_share=kind == "percentage")
    if kind in ("date", "time"):
        return _moment(attributes.get(_DAY, ""), text) if kind == "date" else _span(attributes.get(_TIME, ""))
    if kind == "boolean":
        return ("true" if attributes.get(_TRUTH) == "true" else "false"), CellKind.TRUTH
    return text_cell(text or attributes.get(_STRING, ""))


def _number(number: float, shown: str, *, is_share: bool) -> tuple[str, CellKind]:
    if abs(number) >= _EXACT:
        return shown or repr(number), CellKind.ROUNDED
    plain = general(number)
    if not shown or len(shown) > MAX_DIGITS:
        return plain or repr(number), CellKind.UNSHOWN if plain is None or is_share else CellKind.NUMBER
    said, kind = text_cell(shown)
    if kind == CellKind.ERROR:
        return said, kind
    if digits := _DIGITS.fullmatch(said):
        # Whoever made the file may write a comma or a dot; thousands look the same and are another number.
        dotted = said.replace(",", ".")
        if abs(float(dotted) - number) <= _HALF * 10.0 ** -len(digits[1] or "") + 1e-9 * abs(number):
            return dotted, CellKind.NUMBER
        return plain or said, CellKind.UNSHOWN
    return (said, CellKind.UNSHOWN) if is_share or _UNSAYABLE.fullmatch(said) else (said, CellKind.NUMBER)


def _moment(written: str, shown: str) -> tuple[str, CellKind]:
    found = _MOMENT.fullmatch(written)
    if found is None:
        return written, CellKind.UNSHOWN
    try:
        at = datetime.fromisoformat(f"{found[1]} {found[2] or '00:00:00'}")
    except ValueError:
        return written, CellKind.UNSHOWN
    return shown_moment(at if found[2] not in (None, "00:00:00") else at.date(), _told(at, shown))


def _told(at: datetime, shown: str) -> frozenset[str]:
    """What is told of a moment by a text that shows it; without a text all is."""
    if not shown.strip():
        return frozenset("dmyh")
    days = _CLOCK.sub("", shown)
    numbers = [int(digits) for digits in _NUMBERS_IN.findall(days)]
    # Of "Mrz 27" the number is the year, whichever day it is.
    may_be_year = len(numbers) == 1 and at.day == at.year % 100
    told = {"d"} if at.day in numbers and not may_be_year else set()
    if at.month in numbers or any(sign.isalpha() for sign in days):
        told.add("m")
    if at.year in numbers or at.year % 100 in numbers:
        told.add("y")
    return frozenset(told | ({"h"} if days != shown else set()))


def _span(written: str) -> tuple[str, CellKind]:
    found = _SPAN.fullmatch(written)
    if found is None:
        return written, CellKind.UNSHOWN
    hours, minutes, seconds = (int(part) for part in found.groups())
    whole = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    clock = f"{hours:02}:{minutes:02}:{seconds:02}"
    return (str(whole) if whole >= timedelta(days=1) else clock), CellKind.DATE
