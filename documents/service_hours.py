"""Service hours in one sentence: Monday to Friday, 08:00 to 17:00, and when not."""

from collections.abc import Iterator
from itertools import groupby

from babel.dates import format_date, get_day_names

from documents.notices import LOCALES
from documents.wording import word
from domain.clocks.calendars import WEEKDAYS, Calendar
from domain.clocks.closures import MIDNIGHT, Closure, WallWindow
from domain.people import Language

_DAY: dict[Language, str] = {"de": "d. MMM y", "en": "d MMM y"}
_YEARLY: dict[Language, str] = {"de": "d. MMM", "en": "d MMM"}


def service_hours(calendar: Calendar, language: Language) -> str:
    """`Mo.–Fr. 08:00–17:00, außer an Feiertagen (DE-BY)`; closures are named, whatever the calendar is."""
    if calendar.always:
        opening = word("matrix_label", "always", language)
    else:
        opening = ", ".join(_openings(calendar, language))
        if calendar.region:
            opening += f", {word('matrix_label', 'except_holidays', language)} ({calendar.region})"
    closed = "; ".join(_closure(closure, language) for closure in calendar.closures)
    return f"{opening}; {word('matrix_label', 'closed', language)}: {closed}" if closed else opening


def _openings(calendar: Calendar, language: Language) -> Iterator[str]:
    names = get_day_names("abbreviated", locale=LOCALES[language])
    windows = [getattr(calendar.weekly, day) for day in WEEKDAYS]
    for written, days in groupby(enumerate(windows), key=lambda numbered: numbered[1]):
        first, *_, last = [number for number, _ in days] * 2
        if written:
            span = names[first] if first == last else f"{names[first]}–{names[last]}"
            yield f"{span} {', '.join(map(_window, written))}"


def _window(window: WallWindow) -> str:
    return "–".join(f"{minutes // 60:02}:{minutes % 60:02}" for minutes in window)


def _closure(closure: Closure, language: Language) -> str:
    pattern = (_YEARLY if closure.yearly else _DAY)[language]
    first, last = (format_date(day, pattern, locale=LOCALES[language]) for day in (closure.first, closure.until))
    parts = [first if first == last else f"{first} – {last}"]
    if (closure.start, closure.end) != (0, MIDNIGHT):
        parts.append(_window((closure.start, closure.end)))
    if closure.yearly:
        parts.append(f"({word('matrix_label', 'yearly', language)})")
    if closure.why:
        parts.append(f"({closure.why})")
    return " ".join(parts)
