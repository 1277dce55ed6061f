"""Times, days and spans as the reader's language writes them; what is named once is not named again."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal
from markupsafe import Markup, escape

from domain.people import Language
from domain.times import MINUTE, zone

_LOCALES: dict[Language, str] = {"de": "de_DE", "en": "en_GB"}
_DAY: dict[Language, str] = {"de": "EE d. MMM", "en": "EE d MMM"}
_DAY_OF_YEAR: dict[Language, str] = {"de": "EE d. MMM y", "en": "EE d MMM y"}
_PLAIN: dict[Language, str] = {"de": "d. MMM y", "en": "d MMM y"}
_EXACT: dict[Language, str] = {"de": "dd.MM.y HH:mm:ss", "en": "d MMM y HH:mm:ss"}
_WHOLE: dict[Language, str] = {"de": "EEEE, d. MMMM", "en": "EEEE, d MMMM"}
_UNITS: dict[Language, tuple[str, str, str]] = {"de": ("T", "h", "min"), "en": ("d", "h", "min")}


def local(at: datetime, zone_name: str) -> datetime:
    return at.astimezone(zone(zone_name))


# A board of a hundred rows writes the same few dozen times, and so does the next one.
@lru_cache(maxsize=20_000)
def day_of(at: datetime, zone_name: str) -> date:
    return local(at, zone_name).date()


@lru_cache(maxsize=2_000)
def _written(day: date, pattern: str, language: Language) -> str:
    """Babel takes as long for one as for a whole row of a table; a page names the same few days again and again."""
    return format_date(day, pattern, locale=_LOCALES[language])


def day_name(day: date, language: Language, *, today: date | None = None) -> str:
    """With its weekday; the year only where it is another one."""
    pattern = _DAY if today is not None and today.year == day.year else _DAY_OF_YEAR
    return _written(day, pattern[language], language)


def whole_day(day: date, language: Language) -> str:
    return _written(day, _WHOLE[language], language)


def plain_day(day: date, language: Language) -> str:
    """As contracts name days: with the year, without the weekday."""
    return _written(day, _PLAIN[language], language)


def exact(at: datetime, zone_name: str, language: Language) -> str:
    """To the second, for whoever holds one record against another."""
    return format_datetime(local(at, zone_name), _EXACT[language], locale=_LOCALES[language])


def clock(at: datetime, zone_name: str) -> str:
    return f"{local(at, zone_name):%H:%M}"


def typed_moment(at: datetime, zone_name: str) -> str:
    """As a field for a moment holds it."""
    return f"{local(at, zone_name):%Y-%m-%dT%H:%M}"


def moment(at: datetime, zone_name: str, language: Language, now: datetime, named: date | None = None) -> str:
    """The time of day, with the day unless it is today or the one just named."""
    return _moment(at, zone_name, language, day_of(now, zone_name), named)


def _moment(at: datetime, zone_name: str, language: Language, today: date, named: date | None) -> str:
    day, time = day_of(at, zone_name), clock(at, zone_name)
    return time if day == (named or today) else f"{day_name(day, language, today=today)} {time}"


@lru_cache(maxsize=20_000)
def shown(at: datetime, zone_name: str, language: Language, today: date, named: date | None = None) -> Markup:
    """The same as `moment` as it stands on a page."""
    return tagged(at, _moment(at, zone_name, language, today, named))


def money(amount: Decimal, language: Language) -> str:
    return format_currency(amount, "EUR", locale=_LOCALES[language])


def more_or_less(difference: Decimal, language: Language) -> str:
    """An amount with its sign, none where nothing differs."""
    sign = "+" if difference > 0 else "−" if difference < 0 else ""
    return f"{sign}{money(abs(difference), language)}"


def number(amount: Decimal, language: Language) -> str:
    return format_decimal(amount.normalize(), locale=_LOCALES[language])


def tagged(at: datetime, text: str) -> Markup:
    """`<time>` with the instant in UTC."""
    return Markup(f'<time datetime="{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}">{escape(text)}</time>')


def hours(length: timedelta) -> str:
    """Service time has no days: it is counted in hours. What is less than nothing has a minus before it."""
    minutes = int(abs(length).total_seconds() // 60)
    sign = "−" if length < -MINUTE else ""
    return sign + (f"{minutes // 60}:{minutes % 60:02} h" if minutes % 60 else f"{minutes // 60} h")


def counted(length: timedelta) -> str:
    """To the second, where there are seconds."""
    seconds = int(length.total_seconds())
    text = f"{seconds // 3600}:{seconds // 60 % 60:02}"
    return f"{text}:{seconds % 60:02} h" if seconds % 60 else f"{text} h"


def span(length: timedelta, language: Language) -> str:
    """In its two largest units."""
    minutes = int(abs(length).total_seconds() // 60)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    day, hour, minute = _UNITS[language]
    if days:
        return f"{days} {day} {hours} {hour}" if hours else f"{days} {day}"
    if hours:
        return f"{hours} {hour} {rest} {minute}" if rest else f"{hours} {hour}"
    return f"{rest} {minute}"
