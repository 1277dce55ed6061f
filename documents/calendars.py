"""Shifts as an iCalendar document (RFC 5545), which calendar programs fetch again and again."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from documents.wording import word
from domain.oncall.rota import Rota
from domain.oncall.shifts import Shift
from domain.people import Language

# Octets without the line break; what goes on begins with a blank.
LINE = 75
REFRESH = "PT1H"
_SPECIAL = re.compile(r"([\\;,])")


def shifts_calendar(
    rota: Rota, shifts: Sequence[Shift], names: Mapping[str, str], language: Language, now: datetime
) -> str:
    """`names` are people's; who is not among them is shown by their id."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//imacflow//on-call//DE",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(rota.name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}",
        f"X-PUBLISHED-TTL:{REFRESH}",
    ]
    for shift in shifts:
        lines += _event(rota, shift, names, language, now)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _event(rota: Rota, shift: Shift, names: Mapping[str, str], language: Language, now: datetime) -> Iterator[str]:
    who = names.get(shift.person or "", shift.person or "")
    layer = word("rota_layer", shift.layer, language)
    yield "BEGIN:VEVENT"
    # The same shift keeps its id however often it is fetched, so that programs do not show it twice.
    yield f"UID:{rota.id}-{shift.layer}-{_instant(shift.start)}-{shift.person}@imacflow"
    yield f"DTSTAMP:{_instant(now)}"
    yield f"DTSTART:{_instant(shift.start)}"
    yield f"DTEND:{_instant(shift.end)}"
    yield f"SUMMARY:{_text(f'{who}, {layer}: {rota.name}')}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _folded(line: str) -> Iterator[str]:
    """In pieces of 75 octets at most, never within a character."""
    piece = ""
    for sign in line:
        if len(f"{piece}{sign}".encode()) > LINE:
            yield piece
            piece = " "
        piece += sign
    yield piece
