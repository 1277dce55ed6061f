"""Times as people type and read them: in the zone of the site where the work is done."""

from datetime import UTC, datetime, timedelta

from cli.errors import CliError, Exit
from domain.times import local_instant, zone


def moment(typed: str, zone_name: str) -> datetime:
    """An instant from ISO 8601 with an offset, or from a wall clock at the site."""
    try:
        read = datetime.fromisoformat(typed)
        return read if read.tzinfo is not None else local_instant(read, zone_name)
    except ValueError as error:
        raise CliError(
            f"{typed!r} is no time that can be used: {error}",
            hint=f'Write "2026-11-24 09:00" for the clock at the site ({zone_name}), or 2026-11-24T09:00+01:00.',
            exit_code=Exit.USAGE,
        ) from None


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
