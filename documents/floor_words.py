"""Places and times as sheets say them that are taken along or hung up at doors."""

from collections.abc import Mapping
from datetime import date, datetime

from babel.dates import format_date, format_time

from documents.notices import LOCALES
from domain.contracts.catalogue import in_words
from domain.orders.answers import ItemAnswer, day_answered
from domain.people import Language
from domain.places import Place
from domain.times import zone
from domain.values import Line, Slug


def way_to(place: Place, sites: Mapping[Slug, Line]) -> str:
    parts = (place.building, place.room or place.floor, place.desk)
    return " · ".join(part for part in parts if part) or sites.get(place.site, place.site)


def answer_said(said: ItemAnswer, language: Language) -> str:
    """What was answered to a question of an item; days as the language writes them."""
    day = day_answered(said.answer)
    written = format_date(day, "medium", locale=LOCALES[language]) if day else said.answer
    return in_words(said.name, language, written)


def clock_time(at: datetime, zone_name: str, language: Language) -> str:
    return format_time(at.astimezone(zone(zone_name)), "HH:mm", locale=LOCALES[language])


def printed_day(day: date, language: Language) -> str:
    return str(format_date(day, "short", locale=LOCALES[language]))


def printed_at(at: datetime, zone_name: str, language: Language) -> str:
    day = printed_day(at.astimezone(zone(zone_name)).date(), language)
    return f"{day} {clock_time(at, zone_name, language)}"
