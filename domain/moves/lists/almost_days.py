"""What people write in a column for days that names no single one: a calendar week, a span, a day without its year."""

import re
from datetime import date
from typing import NamedTuple

from domain.moves.lists.cells import CENTURY, MONTH, WEEKDAY, day_and_time, moment

_WEEKS = "kw|cw|wk|week|woche|kalenderwoche|calendar week"
_ITS_YEAR = r"(?:\s*[/,.\- ]\s*(?P<{}>\d{{4}}|\d{{2}}))?"
_WEEK = re.compile(
    rf"(?:in\s+)?(?:der\s+)?(?:{_WEEKS})\.?\s*(?P<week>\d{{1,2}})\.?{_ITS_YEAR.format('year')}"
    rf"|(?P<before>\d{{1,2}})\.?\s*(?:{_WEEKS}){_ITS_YEAR.format('its')}"
    r"|(?P<iso>\d{4})-?w(?P<number>\d{1,2})"
)
# Not that day, but all from there on, until then, or around it.
_SPAN = re.compile(
    r"(?:(?:frühestens )?ab(?: dem)?|bis(?: zum)?|vor(?: dem)?|nach(?: dem)?|seit|frühestens|spätestens|um den"
    r"|ende|anfang|mitte|from|until|till|by|before|after|since|on or after|no later than|earliest|latest|around"
    r"|early|mid|late|starting|end of|beginning of)\s+(?P<day>\S.*)"
)
_RANGE = re.compile(
    r"\d{1,2}\.(?:\s*\d{1,2}\.)?(?:\s*\d{2,4})?\s*(?:[-–—/]|bis|und|oder|to|or)\s*\d{1,2}\.\s*\d{1,2}\.(?:\s*\d{2,4})?"
)
_MONTH_ALONE = re.compile(r"(?P<month>[a-zä]+)\.?(?:\s+\d{4})?|(?:19|20|21)\d\d-\d\d|q[1-4](?:[/ ]?\d{2,4})?")
_YEARLESS = re.compile(r"(?P<day>\d{1,2})\.\s*(?P<month>\d{1,2})\.?|(?P<on>\d{1,2})\.?\s+(?P<named>[a-zä]+)\.?")


class AlmostDay(NamedTuple):
    """Why a text is no single day, and the day that may be meant."""

    code: str
    nearest: date | None = None


def almost_day(text: str, today: date) -> AlmostDay | None:
    """None where nothing of the kind can be made out."""
    plain = WEEKDAY.sub("", " ".join(text.split()).removeprefix("'")).lower()
    if found := _WEEK.fullmatch(plain):
        week = int(found["week"] or found["before"] or found["number"])
        return AlmostDay("week_is_no_day", _monday(week, found["year"] or found["its"] or found["iso"], today))
    if _RANGE.fullmatch(plain):
        return AlmostDay("day_is_a_span")
    if found := _SPAN.fullmatch(plain):
        at = day_and_time(found["day"])
        return AlmostDay("day_is_a_span", at[0] if at else _next_such(found["day"], today))
    if nearest := _next_such(plain, today):
        return AlmostDay("day_without_year", nearest)
    if (found := _MONTH_ALONE.fullmatch(plain)) and (found["month"] is None or found["month"] in MONTH):
        return AlmostDay("day_is_a_span")
    return None


def _monday(week: int, year: str | None, today: date) -> date | None:
    """Of that week; without a year of the next one to come."""
    if year is None:
        mondays = (_monday(week, f"{at}", today) for at in (today.year, today.year + 1))
        return next((day for day in mondays if day and day >= today), None)
    try:
        return date.fromisocalendar(int(year) if len(year) > len("26") else CENTURY + int(year), week, 1)
    except ValueError:
        return None


def _next_such(written: str, today: date) -> date | None:
    found = _YEARLESS.fullmatch(written)
    if found is None:
        return None
    day, month = found["day"] or found["on"], found["month"] or str(MONTH.get(found["named"], 0))
    days = (moment(f"{year}", month, day, None, None) for year in (today.year, today.year + 1))
    return next((at[0] for at in days if at and at[0] >= today), None)
