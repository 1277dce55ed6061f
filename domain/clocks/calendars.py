"""When a service is open: weekly windows, closures and public holidays in the wall time of one zone.

The definition is the minute walk: an instant is open if its local wall time lies in a window and in
no closure. The repeated autumn hour is therefore open twice and the skipped spring hour never, and
an overnight window is cut day by day: a holiday on Tuesday closes the part of Monday's night that
lies after midnight, and leaves the part before it.
"""

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import chain, count, islice, pairwise
from typing import Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from domain.clocks.closures import (
    LONGEST_CLOSURE,
    MIDNIGHT,
    Closure,
    Holiday,
    WallWindow,
    after_midnight,
    before_midnight,
    longest_closed,
)
from domain.clocks.timetables import Coverage, DayPart, State, Timetable
from domain.clocks.windows import TimeRules, Windows
from domain.times import DAY, Instant, ZoneName, utc, zone
from domain.values import Exact, Few, ShortText, Thousands

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
WEEK = len(WEEKDAYS)


OPEN, CLOSED = State(Coverage.OPEN), State(Coverage.CLOSED)


class Weekly(Exact, TimeRules):
    """Half-open windows [from, to); one whose end is not after its start runs over midnight."""

    mon: Few[WallWindow] = ()
    tue: Few[WallWindow] = ()
    wed: Few[WallWindow] = ()
    thu: Few[WallWindow] = ()
    fri: Few[WallWindow] = ()
    sat: Few[WallWindow] = ()
    sun: Few[WallWindow] = ()

    @cached_property
    def days(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """What lies open in minutes of each weekday, last night's rest included."""
        windows = (self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun)
        return tuple(tuple(chain(before_midnight(windows[day]), after_midnight(windows[day - 1]))) for day in range(7))


class Segment(BaseModel):
    """A stretch of time and what the calendar says of it; no reason means simply outside the windows."""

    model_config = ConfigDict(frozen=True)

    start: Instant
    end: Instant
    kind: Coverage
    why: str = ""


class Calendar(Exact, TimeRules):
    """A versioned service window. `always` is 24×7: closures close it, public holidays do not."""

    zone: ZoneName
    weekly: Weekly = Weekly()
    always: bool = False
    closures: tuple[Closure, ...] = Field(default=(), max_length=100)
    region: ShortText = ""
    holidays: Thousands[Holiday] = ()
    holidays_version: ShortText = ""
    version: int = 1
    note: ShortText = ""

    @model_validator(mode="after")
    def _opens(self) -> Self:
        if self.always and any(self.weekly.days):
            raise PydanticCustomError(
                "calendar_always_and_weekly", "a calendar is either always open or has weekly windows"
            )
        if not self.always and not any(self.weekly.days):
            raise PydanticCustomError("calendar_never_opens", "a calendar without windows never opens")
        if self._longest_closed >= LONGEST_CLOSURE.days:
            said = "a calendar must open at least once in {days} days"
            raise PydanticCustomError("calendar_closed_too_long", said, {"days": LONGEST_CLOSURE.days})
        return self

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        return self.timetable.elapsed(start, end)

    def add(self, start: datetime, span: timedelta) -> datetime:
        return self.timetable.add(start, span)

    def is_open(self, at: datetime) -> bool:
        local = utc(at).astimezone(zone(self.zone))
        minute = local.hour * 60 + local.minute
        return any(part.start <= minute < part.end and part.state == OPEN for part in self._parts_of(local.date()))

    def windows(self, start: datetime, end: datetime, tzdata: str = "") -> Windows:
        """What a workflow needs to compute with these hours between two instants, to the full second."""
        first = utc(start).replace(microsecond=0)
        last = (utc(end) + timedelta(microseconds=999_999)).replace(microsecond=0)
        openings = self.timetable.between(first, last)
        return Windows(
            start=first,
            end=last,
            opens=tuple(zip(openings.starts, openings.ends, strict=True)),
            calendar_version=str(self.version),
            region=self.region,
            holidays_version=self.holidays_version,
            tzdata=tzdata,
        )

    def segments(self, start: datetime, end: datetime) -> list[Segment]:
        """Why time did or did not count, without gaps from start to end."""
        segments: list[Segment] = []
        for piece in self.timetable.pieces(utc(start), utc(end)):
            begin, (kind, why) = piece.start, piece.state
            if segments and (segments[-1].kind, segments[-1].why) == piece.state:
                begin = segments.pop().start
            segments.append(Segment(start=begin, end=piece.end, kind=kind, why=why))
        return segments

    def add_working_days(self, start: datetime, days: int) -> datetime:
        """The last closing time of the n-th local day with service after the day of the start."""
        if days < 1:
            raise ValueError("At least one working day must be added.")
        today = utc(start).astimezone(zone(self.zone)).date()
        closings = (closing for n in count(1) if (closing := self._closing(today + n * DAY)))
        return next(islice(closings, days - 1, None))

    def _closing(self, day: date) -> datetime | None:
        noon = datetime.combine(day, time(12), UTC)
        pieces = self.timetable.pieces(noon - 2 * DAY, noon + 2 * DAY)
        return max((piece.end for piece in pieces if piece.day == day and piece.state == OPEN), default=None)

    @cached_property
    def timetable(self) -> Timetable:
        return Timetable(zone(self.zone), self._parts_of)

    def _parts_of(self, day: date) -> tuple[DayPart, ...]:
        closed = self._closed_in(day.year, day.month).get(day, [])
        rest = self._state_without_closures(day)
        spans = chain(rest, closed)
        edges = sorted({0, MIDNIGHT, *chain.from_iterable(span for span, _ in spans)})
        place = {edge: number for number, edge in enumerate(edges)}
        states = [CLOSED] * (len(edges) - 1)
        # What closes first in the list says why: it is painted over the others.
        for (start, end), state in chain(rest, reversed(closed)):
            states[place[start] : place[end]] = [state] * (place[end] - place[start])
        return tuple(DayPart(start, end, state) for (start, end), state in zip(pairwise(edges), states, strict=True))

    def _closed_in(self, year: int, month: int) -> dict[date, list[tuple[tuple[int, int], State]]]:
        """By day what closures close, in the order of their list; worked out once a month, as most have none."""
        known = self._closed_by_month.get((year, month))
        if known is None:
            known = self._closed_by_month[year, month] = defaultdict(list)
            first = date(year, month, 1)
            for closure in self.closures:
                for day, span in closure.within(first, first + 30 * DAY):
                    known[day].append((span, State(Coverage.CLOSED, closure.why)))
        return known

    @cached_property
    def _closed_by_month(self) -> dict[tuple[int, int], dict[date, list[tuple[tuple[int, int], State]]]]:
        return {}

    def _state_without_closures(self, day: date) -> list[tuple[tuple[int, int], State]]:
        if self.always:
            return [((0, MIDNIGHT), OPEN)]
        if day in self._holiday_names:
            return [((0, MIDNIGHT), State(Coverage.HOLIDAY, self._holiday_names[day]))]
        return [(span, OPEN) for span in self.weekly.days[day.weekday()]]

    @cached_property
    def _longest_closed(self) -> int:
        """Kept, as pydantic asks again whenever a calendar becomes a part of something."""
        if self.always:
            return longest_closed([((0, MIDNIGHT),)] * 7, self.closures, ())
        return longest_closed(self.weekly.days, self.closures, self._holiday_names)

    @cached_property
    def _holiday_names(self) -> dict[date, str]:
        return {holiday.day: holiday.name for holiday in self.holidays}
