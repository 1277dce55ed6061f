"""Numbers of cells as texts: spreadsheets keep dates and times as days since the beginning of their count."""

import math
from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from connectors.files.formats import Format, Shows, general
from connectors.files.limits import MAX_DIGITS, broken, limited
from domain.cells import CellKind

_SIGNS = frozenset("0123456789+-.eE")
_BEGIN, _BEGIN_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001  # wall clocks
_DAY = timedelta(days=1)
_MILLISECOND = timedelta(milliseconds=1)
# 1900 was no leap year, though spreadsheets have always counted its 29 February.
_LEAP_DAY = 60
_END = 2_958_466
_MOST_DAYS = 1_000_000
# Of longer whole numbers a float has lost the digits at the end.
_EXACT = 1e15
_READABLE = 1e30


def number_of(written: str) -> float:
    """Raises `Unacceptable` when it is none: whatever counts digits must not be handed endless ones."""
    text = written.strip()
    limited("number_too_long", len(text), MAX_DIGITS)
    # float() takes far more than numbers: underscores, digits of other alphabets, infinity.
    if not _SIGNS.issuperset(text):
        raise broken()
    try:
        number = float(text)
    except ValueError as error:
        raise broken() from error
    if not math.isfinite(number):
        raise broken()
    return number


def number_text(number: float, style: Format, *, since_1904: bool) -> tuple[str, CellKind]:
    """What the cell shows and what it is; of what cannot be shown, the number as it is kept."""
    if style.shows == Shows.ELAPSED and abs(number) < _MOST_DAYS:
        return str(_whole_milliseconds(number)), CellKind.DATE
    if style.shows == Shows.DATE:
        if 0 <= number < _END - (1462 if since_1904 else 0):
            return shown_moment(_moment(number, since_1904=since_1904), style.tells)
        return repr(number), CellKind.UNSHOWN
    if abs(number) >= _EXACT:
        return f"{number:.0f}" if abs(number) < _READABLE else repr(number), CellKind.ROUNDED
    shown = style.number(number)
    return (general(number) or repr(number), CellKind.UNSHOWN) if shown is None else (shown, CellKind.NUMBER)


def shown_moment(at: date | time | datetime, tells: Collection[str]) -> tuple[str, CellKind]:
    """As much of it as is shown: `Mrz 27` is no first of March, and nobody has said an hour that nobody sees."""
    if isinstance(at, time):
        return str(at), CellKind.DATE
    if "d" in tells and "m" in tells:
        day = at.date() if isinstance(at, datetime) and "h" not in tells else at
        return str(day), CellKind.DATE
    if "h" in tells:
        return str(at.time() if isinstance(at, datetime) else time()), CellKind.DATE
    return (f"{at:%Y-%m}", CellKind.DATE) if "m" in tells and "y" in tells else (str(at), CellKind.UNSHOWN)


def _moment(days: float, *, since_1904: bool) -> date | time | datetime:
    gone = _whole_milliseconds(days)
    if gone < _DAY:
        return (_BEGIN + gone).time()
    lost = _DAY if days < _LEAP_DAY and not since_1904 else timedelta()
    at = (_BEGIN_1904 if since_1904 else _BEGIN) + gone + lost
    return at.date() if at.time() == time() else at


def _whole_milliseconds(days: float) -> timedelta:
    return round(days * _DAY / _MILLISECOND) * _MILLISECOND
