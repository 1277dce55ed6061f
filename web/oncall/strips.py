"""The coming weeks of a rota as strips: a row for each layer, places and widths in percent of the whole."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from babel.dates import format_date

from domain.oncall.shifts import Layer, Shift
from domain.people import Language
from domain.times import day_at
from web.moments import day_of

# Of more days only the first of each week is named.
MOST_NAMED = 16
_WHOLE = 100
_MONDAY, _SATURDAY = 0, 5
_NAMES: dict[Language, str] = {"de": "EE d.", "en": "EE d"}
_DATES: dict[Language, str] = {"de": "d. MMM", "en": "d MMM"}


@dataclass(frozen=True)
class DayMark:
    left: float
    width: float
    words: str
    is_weekend: bool


@dataclass(frozen=True)
class StripPart:
    shift: Shift
    left: float
    width: float
    is_now: bool


@dataclass(frozen=True)
class Strips:
    """`now` is where the present lies."""

    days: tuple[DayMark, ...]
    rows: tuple[tuple[Layer, tuple[StripPart, ...]], ...]
    now: float


def midnights(at: datetime, days: int, zone_name: str) -> list[datetime]:
    """Where its local day and the days after it begin, and where the last one ends."""
    first = day_of(at, zone_name)
    return [day_at(first + timedelta(days=number), zone_name)[0] for number in range(days + 1)]


def strips_of(shifts: Sequence[Shift], edges: Sequence[datetime], now: datetime, language: Language) -> Strips:
    """`edges` are the midnights in between."""
    start, length = edges[0], edges[-1] - edges[0]

    def place(at: datetime) -> float:
        return round(_WHOLE * ((min(max(at, start), edges[-1]) - start) / length), 3)

    rows = tuple((layer, tuple(_part(one, place, now) for one in shifts if one.layer == layer)) for layer in Layer)
    return Strips(tuple(_marks(edges, place, language)), rows, place(now))


def _part(shift: Shift, place: Callable[[datetime], float], now: datetime) -> StripPart:
    left = place(shift.start)
    return StripPart(shift, left, round(place(shift.end) - left, 3), shift.start <= now < shift.end)


def _marks(edges: Sequence[datetime], place: Callable[[datetime], float], language: Language) -> Iterator[DayMark]:
    are_all_named = len(edges) - 1 <= MOST_NAMED
    for start, end in pairwise(edges):
        # Its middle lies on this day in every zone: of an instant alone only the date in its own zone is known.
        day = (start + (end - start) / 2).date()
        is_named = are_all_named or day.weekday() == _MONDAY
        pattern = (_NAMES if are_all_named else _DATES)[language]
        words = format_date(day, pattern, locale=language) if is_named else ""
        yield DayMark(place(start), round(place(end) - place(start), 3), words, day.weekday() >= _SATURDAY)
