"""When work is possible: a wave's window, the access hours of sites, freezes and technicians' hours, in minutes."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from domain.clocks.calendars import Calendar
from domain.clocks.timetables import Coverage
from domain.moves.plans.desk_sequence import Job
from domain.moves.plans.plan import Basis
from domain.moves.plans.waves import Freeze, Wave
from domain.times import DAY, MINUTE, first_instant, zone

Spans = tuple[tuple[int, int], ...]
MIDNIGHT = time()
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SUNDAY = 6


class WorkingSpan(NamedTuple):
    """A stretch in which a technician works, and the day it counts for: the one on which it begins."""

    start: int
    end: int
    day: int


class Where(NamedTuple):
    """All on which it depends when a job can be done, whoever does it."""

    wave: str
    source: str
    target: str
    day: date | None
    hour: time | None


def where(job: Job, wave: Wave) -> Where:
    return Where(wave.id, job.source.site, job.target.site, job.workplace.day, job.workplace.hour)


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


class CrewHours:
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
        return self.possible(where(job, wave))

    def pieces_for(self, job: Job, wave: Wave, technician: str) -> tuple[WorkingSpan, ...]:
        """Stretches in which this technician may do this job, each within one shift."""
        return self.pieces(where(job, wave), technician)

    def local_day(self, site: str, minutes: int) -> date:
        return instant(minutes).astimezone(zone(self._access[site].zone)).date()

    def frozen(self, wave: Wave, job: Job) -> list[Freeze]:
        """The freezes that take time from this wave for this job."""
        window = (self.windows[wave.id],)
        sites = (None, job.source.site, job.target.site)
        return [f for f in self._freezes if f.site in sites and common(window, (_around(f),))]

    def without_freezes(self, job: Job, wave: Wave) -> Spans:
        return self._both(where(job, wave))

    def shift_day(self, technician: str, wave: str, start: int, site: str) -> int:
        """The day for which work counts that somebody was given, be it outside their hours."""
        days = (shift.day for shift in self.shifts(technician, wave) if shift.start <= start < shift.end)
        return next(days, self.local_day(site, start).toordinal())

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

    def _both(self, at: Where) -> Spans:
        spans = common(self.access(at.source, at.wave), self.access(at.target, at.wave))
        return spans if at.day is None else common(spans, (_day(self._access[at.target], at.day, at.hour or MIDNIGHT),))

    def _possible(self, at: Where) -> Spans:
        closed = (_around(freeze) for freeze in self._freezes if freeze.site in (None, at.source, at.target))
        return without(self._both(at), closed)

    def _shifts(self, technician: str, wave_id: str) -> tuple[WorkingSpan, ...]:
        """A technician who is always there starts a new day at midnight, any other with a new opening."""
        wave, calendar = self._waves[wave_id], self._technicians[technician].hours
        # Shifts are looked up from further out, so that the window does not cut off where one begins.
        openings = calendar.timetable.between(wave.start - 2 * DAY, wave.end + 2 * DAY)
        found = []
        for start, end in zip(openings.starts, openings.ends, strict=True):
            whole = _midnights(calendar, start, end) if end - start > DAY else [(start, end)]
            for begin, finish in whole:
                day = begin.astimezone(zone(calendar.zone)).date().toordinal()
                found.append(WorkingSpan(minute(begin), _last(finish), day))
        return tuple(found)

    def _pieces(self, at: Where, technician: str) -> tuple[WorkingSpan, ...]:
        spans = self.possible(at)
        return tuple(
            WorkingSpan(start, end, shift.day)
            for shift in self.shifts(technician, at.wave)
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


def _day(calendar: Calendar, day: date, hour: time) -> tuple[int, int]:
    """The day from that hour on."""
    start, end = datetime.combine(day, hour), datetime.combine(day + DAY, MIDNIGHT)
    return minute(first_instant(start, calendar.zone)), _last(first_instant(end, calendar.zone))


def _midnights(calendar: Calendar, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    place = zone(calendar.zone)
    first, last = start.astimezone(place).date(), end.astimezone(place).date()
    days = [first + n * DAY for n in range(1, (last - first).days + 1)]
    edges = [start, *(datetime.combine(day, time(), place).astimezone(UTC) for day in days), end]
    return [(a, b) for a, b in pairwise(edges) if a < b]
