"""What single cells of a move list say: dates, times of day, and which assets go along."""

import re
from datetime import date, datetime, time, timedelta

from domain.kinds import OrderKind
from domain.lists import normal

_MONTHS = (
    ("jan", "januar", "january"),
    ("feb", "februar", "february"),
    ("mär", "märz", "maerz", "mar", "march", "mrz"),
    ("apr", "april"),
    ("mai", "may"),
    ("jun", "juni", "june"),
    ("jul", "juli", "july"),
    ("aug", "august"),
    ("sep", "sept", "september"),
    ("okt", "oktober", "oct", "october"),
    ("nov", "november"),
    ("dez", "dezember", "dec", "december"),
)
MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names}
# In full or cut off: "from" and "Mitte" begin like weekdays as well.
WEEKDAY = re.compile(
    r"^(?:mo(?:n(?:tag|day)?)?|die?(?:nstag)?|tue(?:s(?:day)?)?|mi(?:t(?:twoch)?)?|wed(?:nesday)?|do(?:n(?:nerstag)?)?"
    r"|thu(?:r(?:s(?:day)?)?)?|fr(?:e(?:itag)?|i(?:day)?)?|sam?(?:stag)?|sonnabend|sat(?:urday)?|so(?:n(?:ntag)?)?"
    r"|sun(?:day)?)\.?,?\s+",
    re.IGNORECASE,
)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:t| +)(\d{2}):(\d{2})(?::\d{2}(?:[.,]\d+)?)?)?")
_BASIC = re.compile(r"((?:19|20|21)\d{2})(\d{2})(\d{2})(?:t(\d{2})(\d{2})(?:\d{2})?)?")
_GERMAN = re.compile(
    r"(\d{1,2})\s?\.\s*(\d{1,2})\s?\.\s*(\d{4}|\d{2})(?:,?\s+(\d{1,2})(?:[:.](\d{2})(?:\s*(?:uhr|h))?|\s*(?:uhr|h)))?"
)
_WRITTEN = re.compile(r"(\d{1,2})(?:\.|st|nd|rd|th)?(?:\s+|-|/)([a-zä]+)\.?(?:\s+|-|/)(\d{4})")
_AMERICAN = re.compile(r"([a-zä]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
_BY_YEAR = re.compile(r"(\d{4})[./](\d{1,2})[./](\d{1,2})(?:\s+(\d{1,2}):(\d{2})(?::\d{2})?)?")
# Day and month can be told apart only where one of them is no month.
_TWO_WAYS = re.compile(r"(\d{1,2})([-/])(\d{1,2})\2(\d{4})")
_MONTHS_OF_A_YEAR = 12
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2})(?::\d{2})?)?\s*(uhr|h)?")
# Days since the beginning of spreadsheets, where somebody has formatted a date as a number.
_SERIAL = range(40_000, 60_000)
_COUNTED = re.compile(r"\d{5}(?:\.\d{1,12})?", re.ASCII)
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001  # wall clocks
_MINUTES = 24 * 60
CENTURY = 2000
_ALL = frozenset({"all", "alle", "alles", "komplett", "vollständig", "everything", "complete", "ganzer platz"})
_KINDS: dict[OrderKind, tuple[str, ...]] = {
    OrderKind.INSTALL: (
        *("install", "installation", "neu", "neuinstallation", "neuaufbau", "aufbau", "einrichtung", "einrichten"),
        *("neuer arbeitsplatz", "neuer platz", "new", "set up", "setup", "new workplace"),
    ),
    OrderKind.MOVE: ("move", "umzug", "umziehen", "umsetzung", "verlegung", "relocation", "relocate"),
    OrderKind.REMOVE: (
        *("remove", "removal", "abbau", "abbauen", "rückbau", "deinstallation", "uninstall", "dismantle"),
        *("take down", "rücknahme", "einzug"),
    ),
    OrderKind.DISPOSE: ("dispose", "disposal", "entsorgung", "entsorgen", "verschrottung", "recycling", "scrap"),
    # No list asks for these.
    OrderKind.ADD: (),
    OrderKind.CHANGE: (),
    OrderKind.BREAK_FIX: (),
    OrderKind.ASSIST: (),
}
_KIND = {word: kind for kind, words in _KINDS.items() for word in words}
_BETWEEN = re.compile(r"[,;|+\n]| und | and ")


def day_and_time(text: str, *, since_1904: bool = False) -> tuple[date, time | None] | None:
    """German, ISO, written out or as a spreadsheet counts; None when it is no date, or may be two."""
    # Numbers and dates are kept from becoming others by an apostrophe that some programs leave there.
    plain = WEEKDAY.sub("", text.strip().removeprefix("'")).lower()
    if found := _BASIC.fullmatch(plain):
        return moment(found[1], found[2], found[3], found[4], found[5])
    if _COUNTED.fullmatch(plain):
        return _counted(plain, since_1904=since_1904)
    if found := _ISO.fullmatch(plain):
        return moment(found[1], found[2], found[3], found[4], found[5])
    if found := _GERMAN.fullmatch(plain):
        return moment(found[3], found[2], found[1], found[4], found[5])
    return _written_out(plain)


def _written_out(plain: str) -> tuple[date, time | None] | None:
    if found := _WRITTEN.fullmatch(plain):
        return moment(found[3], str(MONTH.get(found[2], 0)), found[1], None, None)
    if found := _AMERICAN.fullmatch(plain):
        return moment(found[3], str(MONTH.get(found[1], 0)), found[2], None, None)
    if found := _BY_YEAR.fullmatch(plain):
        return moment(found[1], found[2], found[3], found[4], found[5])
    if found := _TWO_WAYS.fullmatch(plain):
        first, second = int(found[1]), int(found[3])
        if first > _MONTHS_OF_A_YEAR:
            return moment(found[4], found[3], found[1], None, None)
        return moment(found[4], found[1], found[3], None, None) if second > _MONTHS_OF_A_YEAR else None
    return None


def _counted(days: str, *, since_1904: bool) -> tuple[date, time | None] | None:
    number = float(days)
    if int(number) not in _SERIAL:
        return None
    minutes = round(number * _MINUTES)
    at = (_EPOCH_1904 if since_1904 else _EPOCH) + timedelta(minutes=minutes)
    return at.date(), at.time() if at.time() != time() else None


def moment(year: str, month: str, day: str, hour: str | None, minute: str | None) -> tuple[date, time | None] | None:
    """As it is written in digits; None when there is no such day or hour."""
    full = int(year) if len(year) > len("26") else CENTURY + int(year)
    try:
        at = datetime(full, int(month), int(day), int(hour or 0), int(minute or 0))  # noqa: DTZ001  # a wall clock
    except ValueError:
        return None
    # A date cell is read with a midnight that nobody has written.
    return at.date(), at.time() if hour and at.time() != time() else None


def time_of_day(text: str) -> time | None:
    found = _TIME.fullmatch(text.strip().lower())
    try:
        return time(int(found[1]), int(found[2] or 0)) if found and (found[2] or found[3]) else None
    except ValueError:
        return None


def kind_of(text: str) -> OrderKind | None:
    """None when it is no word for anything that a project can do."""
    return _KIND.get(normal(text))


def kit_of(text: str) -> tuple[tuple[str, ...], bool]:
    """The tags that are named, and whether everything goes along."""
    # A pattern that looks for words between any number of blanks would look for ever.
    lines = "\n".join(" ".join(line.split()) for line in text.split("\n"))
    parts = [part.strip() for part in _BETWEEN.split(lines) if part.strip()]
    tags = tuple(dict.fromkeys(part for part in parts if normal(part) not in _ALL))
    return tags, len(tags) < len(parts) and any(normal(part) in _ALL for part in parts)
