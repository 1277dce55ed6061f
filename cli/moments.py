"""Times as people type and read them: in the zone of the site where the work is done."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfoNotFoundError

from cli.errors import CliError, Exit
from domain.times import AmbiguousLocalTime, NoSuchLocalTime, local_instant, zone

GERMAN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:,? +(\d{1,2}):(\d{2})(?: Uhr)?)?", re.ASCII)


def moment(typed: str, zone_name: str) -> datetime:
    """An instant from ISO 8601 with an offset, or from a wall clock at the site."""
    try:
        read = date_and_time(typed)
        return read if read.tzinfo is not None else local_instant(read, zone_name)
    except NoSuchLocalTime:
        raise CliError("time_skipped", Exit.USAGE, typed=typed, zone=zone_name) from None
    except AmbiguousLocalTime:
        first, second = (read.replace(tzinfo=zone(zone_name), fold=fold).isoformat("T", "minutes") for fold in (0, 1))
        raise CliError("time_repeated", Exit.USAGE, typed=typed, zone=zone_name, first=first, second=second) from None
    except ZoneInfoNotFoundError:
        raise CliError("zone_unknown", Exit.USAGE, zone=zone_name) from None
    except (ValueError, OverflowError):
        raise CliError("time_unreadable", Exit.USAGE, typed=typed, zone=zone_name) from None


def date_and_time(typed: str) -> datetime:
    """ISO 8601, or as Germans write it: 30.11.2026, 8:00. Raises ValueError; naive where no offset is given."""
    if german := GERMAN.fullmatch(typed.strip()):
        day, month, year, hour, minute = german.groups("0")
        typed = f"{year}-{month:0>2}-{day:0>2}T{hour:0>2}:{minute:0>2}"
    return datetime.fromisoformat(typed)


def clock_at(at: datetime, zone_name: str) -> str:
    """The wall clock at a site, written so that it can be typed back."""
    return f"{at.astimezone(zone(zone_name)):%Y-%m-%d %H:%M}"


def rough(span: timedelta) -> str:
    """A span in its two largest units."""
    minutes = int(abs(span).total_seconds() // 60)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {rest} min" if hours else f"{rest} min"


def hours(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes // 60}:{minutes % 60:02} h"


def now() -> datetime:
    return datetime.now(UTC)
