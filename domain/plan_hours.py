"""When work is possible: a wave's window, the access hours of sites, freezes and technicians' hours, in minutes."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from domain.calendars import Calendar
from domain.desk_orders import Job
from domain.plans import Basis
from domain.times import DAY, zone
from domain.timetables import Coverage
from domain.waves import Freeze, Wave

Spans = tuple[tuple[int, int], ...]
MINUTE = timedelta(minutes=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SUNDAY = 6


class Shift(NamedTuple):
    """A stretch in which a technician works, and the day it counts for: the one on which it begins."""

    start: int
    end: int
    day: int


def minute(at: datetime) -> int:
    """The first full minute that is not before this instant."""
    return -((EPOCH - at) // MINUTE)


def instant(minutes: int) -> datetime:
    return EPOCH + minutes * MINUTE


def common(ours: Spans, theirs: Spans) -> Spans:
    both = ((max(a, c), min(b, d)) for a, b in ours for c, d in theirs if c < b and a < d)
    return tuple(span for span in both if span[0] < span[1])


def without(spans: Spans, closed: Iterable[tuple[int, int]]) -> Spans:
    for start, end in closed:
        parts = (part for a, b in spans for part in ((a, min(b, start)), (max(a, end), b)))
        spans = tuple(part for part in parts if part[0] < part[1])
    return spans


class Hours:
    """Answers from one basis; each is worked out once."""

    def __init__(self, basis: Basis) -> None:
        self._access = {site.id: site.access for site in basis.sites}
        self._technicians = {technician.id: technician for technician in basis.technicians}
        self._freezes = basis.freezes
        self.windows = {wave.id: (minute(wave.start), _last(wave.end)) for wave in basis.waves}
        self.access = lru_cache(maxsize=None)(self._accessible)
        self.possible = lru_cache(maxsize=None)(self._possible)
        self.shifts = lru_cache(maxsize=None)(self._shifts)
        self.pieces = lru_cache(maxsize=None)(self._pieces)
        self._waves = {wave.id: wave for wave in basis.waves}

    def open_for(self, job: Job, wave: Wave) -> Spans:
        return self.possible(wave.id, job.source.site, job.target.site, job.workplace.day)

    def pieces_for(self, job: Job, wave: Wave, technician: str) -> tuple[Shift, ...]:
        """Stretches in which this technician may do this job, each within one shift."""
        return self.pieces((wave.id, job.source.site, job.target.site, job.workplace.day), technician)

    def local_day(self, site: str, minutes: int) -> date:
        return instant(minutes).astimezone(zone(self._access[site].zone)).date()

    def frozen(self, wave: Wave, job: Job) -> list[Freeze]:
        """The freezes that take time from this wave for this job."""
        window = (self.windows[wave.id],)
        sites = (None, job.source.site, job.target.site)
        return [f for f in self._freezes if f.site in sites and common(window, (_around(f),))]

    def without_freezes(self, job: Job, wave: Wave) -> Spans:
        return self._both(wave.id, job.source.site, job.target.site, job.workplace.day)

    def _accessible(self, site: str, wave_id: str) -> Spans:
        wave, calendar = self._waves[wave_id], self._access[site]
        if wave.reason is not None:
            calendar = calendar.model_copy(update={"holidays": ()})
        holidays = {holiday.day for holiday in self._access[site].holidays}
        spans = (
            (minute(piece.start), _last(piece.end))
            for piece in calendar.timetable.pieces(wave.start, wave.end)
            if piece.state.coverage is Coverage.OPEN
            if wave.reason is not None or (piece.day.weekday() != SUNDAY and piece.day not in holidays)
        )
        return _joined(spans)

    def _both(self, wave_id: str, source: str, target: str, day: date | None) -> Spans:
        spans = common(self.access(source, wave_id), self.access(target, wave_id))
        return spans if day is None else common(spans, (_day(self._access[target], day),))

    def _possible(self, wave_id: str, source: str, target: str, day: date | None) -> Spans:
        spans = self._both(wave_id, source, target, day)
        return without(spans, (_around(f) for f in self._freezes if f.site in (None, source, target)))

    def _shifts(self, technician: str, wave_id: str) -> tuple[Shift, ...]:
        """A technician who is always there starts a new day at midnight, any other with a new opening."""
        wave, calendar = self._waves[wave_id], self._technicians[technician].hours
        # Shifts are looked up from further out, so that the window does not cut off where one begins.
        openings = calendar.timetable.between(wave.start - 2 * DAY, wave.end + 2 * DAY)
        found = []
        for start, end in zip(openings.starts, openings.ends, strict=True):
            whole = _midnights(calendar, start, end) if end - start > DAY else [(start, end)]
            for begin, finish in whole:
                day = begin.astimezone(zone(calendar.zone)).date().toordinal()
                found.append(Shift(minute(begin), _last(finish), day))
        return tuple(found)

    def _pieces(self, where: tuple[str, str, str, date | None], technician: str) -> tuple[Shift, ...]:
        spans = self.possible(*where)
        return tuple(
            Shift(start, end, shift.day)
            for shift in self.shifts(technician, where[0])
            for start, end in common(spans, ((shift.start, shift.end),))
        )


def _last(at: datetime) -> int:
    """The last full minute that is not after this instant."""
    return (at - EPOCH) // MINUTE


def _around(freeze: Freeze) -> tuple[int, int]:
    return _last(freeze.start), minute(freeze.end)


def _joined(spans: Iterable[tuple[int, int]]) -> Spans:
    found: list[tuple[int, int]] = []
    for start, end in spans:
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], end)
        elif start < end:
            found.append((start, end))
    return tuple(found)


def _day(calendar: Calendar, day: date) -> tuple[int, int]:
    start, end = (datetime.combine(d, time(), zone(calendar.zone)) for d in (day, day + DAY))
    return minute(start.astimezone(UTC)), _last(end.astimezone(UTC))


def _midnights(calendar: Calendar, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    place = zone(calendar.zone)
    first, last = start.astimezone(place).date(), end.astimezone(place).date()
    days = [first + n * DAY for n in range(1, (last - first).days + 1)]
    edges = [start, *(datetime.combine(day, time(), place).astimezone(UTC) for day in days), end]
    return [(a, b) for a, b in pairwise(edges) if a < b]
