"""Door sheets on A4: one for each room, to hang at its door on the day of the move."""

from datetime import datetime

from babel.dates import format_date

from documents.floor_words import clock_time, printed_at, way_to
from documents.notices import LOCALES
from documents.typeset import pdf
from documents.wording import wording
from domain.moves.reports.doors import DoorDesk, DoorRoom, DoorSheets
from domain.people import Language
from domain.times import zone
from domain.values import Value


class PrintedDesk(Value):
    desk: str
    person: str
    whence: str
    when: str
    assets: str


class PrintedDoor(Value):
    room: str
    place: str
    days: str
    desks: tuple[PrintedDesk, ...]


class PrintedDoors(Value):
    """Everything that is shown, in words; the layout only arranges it."""

    language: Language
    labels: dict[str, str]
    name: str
    zone: str
    printed: str
    dated: tuple[int, int, int]
    doors: tuple[PrintedDoor, ...]


def doors_pdf(sheets: DoorSheets, language: Language) -> bytes:
    """The same plan always becomes the same bytes. Blocking."""
    return pdf("doors", printed_doors(sheets, language))


def printed_doors(sheets: DoorSheets, language: Language) -> PrintedDoors:
    made = sheets.made_at.astimezone(zone(sheets.zone))
    return PrintedDoors(
        language=language,
        labels=wording(language).words["door_label"],
        name=sheets.name,
        zone=sheets.zone,
        printed=printed_at(sheets.made_at, sheets.zone, language),
        dated=(made.year, made.month, made.day),
        doors=tuple(_door(room, sheets, language) for room in sheets.rooms),
    )


def _door(room: DoorRoom, sheets: DoorSheets, language: Language) -> PrintedDoor:
    place = room.place
    days = dict.fromkeys(
        _day(desk.start, sheets.zone, language) for desk in sorted(room.desks, key=lambda one: one.start)
    )
    site = sheets.sites.get(place.site, place.site)
    above = (site, place.building, place.floor if place.room else None)
    return PrintedDoor(
        room=place.room or place.floor or place.building or site,
        place=" · ".join(part for part in above if part),
        days=", ".join(days),
        desks=tuple(_desk(desk, sheets, language) for desk in room.desks),
    )


def _desk(desk: DoorDesk, sheets: DoorSheets, language: Language) -> PrintedDesk:
    at = desk.start.astimezone(zone(sheets.zone))
    return PrintedDesk(
        desk=desk.desk or "",
        person=desk.person or "",
        whence=way_to(desk.whence, sheets.sites),
        when=f"{format_date(at, 'E d. MMM' if language == 'de' else 'E d MMM', locale=LOCALES[language])}, "
        f"{clock_time(at, sheets.zone, language)}",
        assets=", ".join(desk.assets),
    )


def _day(at: datetime, zone_name: str, language: Language) -> str:
    return format_date(at.astimezone(zone(zone_name)), "full", locale=LOCALES[language])
