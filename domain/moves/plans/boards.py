"""The planning board: who is booked when, and where a job still fits without breaking any constraint."""

import random
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from domain.kinds import Leg
from domain.moves.plans.desk_sequence import Job, jobs_of
from domain.moves.plans.hours import CrewHours, Where, WorkingSpan, minute, where
from domain.moves.plans.plan import Assignment, Basis, Technician
from domain.moves.plans.waves import LEAST_REST, LONGEST_DAY, Wave, before

# What a day of 24 hours leaves beside the rest, breaks included.
LONGEST_SPELL = 24 * 60 - LEAST_REST
ALWAYS = (-(1 << 60), 1 << 60)


class Booking(NamedTuple):
    start: int
    end: int
    job: int
    wave: str
    technician: str
    day: int


class Offer(NamedTuple):
    """Somebody who can do a job, and the stretches in which it fits if they are free."""

    technician: Technician
    pieces: tuple[WorkingSpan, ...]


WaveChoice = tuple[Wave, tuple[Offer, ...]]


class Board:
    """Changes only by `book` and `release`; `slot` names nothing that would break a constraint.

    Work is spread over people, or packed into as few full days as can be, which finds room for more. What is kept is
    booked from the beginning, whatever it breaks, and never released.
    """

    def __init__(self, basis: Basis, keep: Sequence[Assignment] = ()) -> None:
        self.basis = basis
        self.hours = CrewHours(basis)
        self.jobs = jobs_of(basis, keep)
        self.is_packed = False
        self.booked: dict[int, Booking] = {}
        self.diary: dict[tuple[str, int], list[Booking]] = defaultdict(list)
        self.rows = {row.key: place for place, row in enumerate(basis.workplaces)}
        self.waves = {wave.id: wave for wave in basis.waves}
        self._before = before(basis.waves)
        self._after = {key: [other for other, early in self._before.items() if key in early] for key in self.waves}
        self.order = {key: place for place, key in enumerate(self._before)}
        self.followers: dict[int, list[int]] = defaultdict(list)
        for job in self.jobs:
            for earlier in job.after:
                self.followers[earlier].append(job.number)
        self.pieces_per_day = {capacity.vendor: capacity.pieces_per_day for capacity in basis.vendors}
        self.carried: Counter[tuple[str, int]] = Counter()
        self.taken: Counter[str] = Counter()
        self._worked: dict[tuple[str, int], int] = {}
        self._in_wave: Counter[tuple[str, str, int]] = Counter()
        self._edges: dict[str, tuple[int, int] | None] = {}
        self._inside: dict[str, set[int]] = defaultdict(set)
        self._site = [job.source.site if job.source.site == job.target.site else None for job in self.jobs]
        self._offers = lru_cache(maxsize=None)(self._offers_in)
        self.candidates = [self._candidates(job) for job in self.jobs]
        self.kept: frozenset[int] = frozenset()
        self._keep(keep)

    def _keep(self, keep: Sequence[Assignment]) -> None:
        numbers = {(job.workplace.key, job.leg): job.number for job in self.jobs}
        for entry in keep:
            start, number = minute(entry.start), numbers[entry.workplace, entry.leg]
            day = self.hours.shift_day(entry.technician, entry.wave, start, entry.target.site)
            self.book(Booking(start, minute(entry.end), number, entry.wave, entry.technician, day))
        self.kept = frozenset(self.booked)

    def _candidates(self, job: Job) -> list[WaveChoice]:
        """The waves and people that could ever do this job, waves in the order in which they run."""
        row = job.workplace
        if job.stuck:
            return []
        waves = (self.waves[wave] for wave in self.order if self.waves[wave].takes(row))
        choices = ((wave, self._offers(where(job, wave), frozenset(row.skills), job.minutes)) for wave in waves)
        return [choice for choice in choices if choice[1]]

    def _offers_in(self, at: Where, skills: frozenset[str], minutes: int) -> tuple[Offer, ...]:
        wave = self.waves[at.wave]
        crew = [one for one in crew_of(wave, self.basis.technicians) if skills <= set(one.skills)]
        offers = []
        for one in sorted(crew, key=lambda one: len(one.skills)):
            if minutes <= min(self.limit(one), wave.daily_minutes):
                pieces = self.hours.pieces(at, one.id)
                offers.append(Offer(one, tuple(piece for piece in pieces if minutes <= piece.end - piece.start)))
        return tuple(offer for offer in offers if offer.pieces)

    def limit(self, technician: Technician) -> int:
        return min(technician.daily_minutes, LONGEST_DAY)

    def book(self, booking: Booking) -> None:
        self.booked[booking.job] = booking
        insort(self.diary[booking.technician, booking.day], booking)
        self._count(booking, 1)
        self._inside[booking.wave].add(booking.job)

    def release(self, numbers: Iterable[int]) -> list[Booking]:
        """Together with all that have waited for them: nobody takes a desk that is no longer left."""
        released, waiting = [], list(numbers)
        while waiting:
            number = waiting.pop()
            if number in self.booked and number not in self.kept:
                waiting += self.followers[number]
                released.append(self._take_out(self.booked.pop(number)))
        return released

    def _take_out(self, booking: Booking) -> Booking:
        self.diary[booking.technician, booking.day].remove(booking)
        self._count(booking, -1)
        self._inside[booking.wave].remove(booking.job)
        return booking

    def _count(self, booking: Booking, sign: int) -> None:
        job = self.jobs[booking.job]
        self._worked.pop((booking.technician, booking.day), None)
        self._edges.pop(booking.wave, None)
        self._in_wave[booking.wave, booking.technician, booking.day] += sign * (booking.end - booking.start)
        if job.leg is not Leg.ON:
            self.taken[booking.wave] += sign
        if job.workplace.vendor is not None:
            self.carried[job.workplace.vendor, self.vendor_day(job, booking.start)] += sign * job.workplace.kit

    def vendor_day(self, job: Job, start: int) -> int:
        return self.hours.local_day(job.target.site, start).toordinal()

    def edges(self, wave: str) -> tuple[int, int] | None:
        """When a wave begins and ends as booked."""
        if wave not in self._edges:
            inside = [self.booked[number] for number in self._inside[wave]]
            self._edges[wave] = (min(b.start for b in inside), max(b.end for b in inside)) if inside else None
        return self._edges[wave]

    def bounds(self, job: Job, wave: Wave) -> tuple[int, int]:
        """What the order of desks and waves leaves; nothing while somebody still sits at the desk."""
        if any(number not in self.booked for number in job.after):
            return 0, 0
        early = [edges[1] for other in self._before[wave.id] if (edges := self.edges(other))]
        late = [edges[0] for other in self._after[wave.id] if (edges := self.edges(other))]
        early += [self.booked[number].end for number in job.after]
        late += [self.booked[number].start for number in self.followers[job.number] if number in self.booked]
        return max(early, default=ALWAYS[0]), min(late, default=ALWAYS[1])

    def choices(self, job: Job) -> Iterator[WaveChoice]:
        """Waves with room left; the second leg of a swap stays in the wave of the first."""
        twin = self.booked.get(job.twin) if job.twin is not None else None
        for wave, offers in self.candidates[job.number]:
            has_room = wave.capacity is None or self.taken[wave.id] < wave.capacity
            if has_room if twin is None else wave.id == twin.wave:
                yield wave, offers

    def slot(self, job: Job, dice: random.Random | None = None, wave: str | None = None) -> Booking | None:
        """The best free place: the first wave that has one, then whoever has the fewest skills, early days, those who
        do not work elsewhere, and what suits spread or packed diaries.

        With dice some places are passed over, so that another attempt ends elsewhere.
        """
        for choice, offers in self.choices(job):
            if wave not in (None, choice.id):
                continue
            bounds = self.bounds(job, choice)
            free = [
                (*self._dearness(offer, booking), booking)
                for offer in offers
                if (dice is None or dice.random() > _PASSED_OVER)
                if (booking := self.place_with(job, choice, offer, bounds)) is not None
            ]
            if free:
                return min(free)[-1]
        return None

    def _dearness(self, offer: Offer, booking: Booking) -> tuple[int, int, bool, int]:
        worked = self.worked(booking.technician, booking.day)
        is_elsewhere = worked > 0 and not self._in_wave[booking.wave, booking.technician, booking.day]
        return len(offer.technician.skills), booking.day, is_elsewhere, -worked if self.is_packed else worked

    def place_with(self, job: Job, wave: Wave, offer: Offer, bounds: tuple[int, int]) -> Booking | None:
        limit, name = self.limit(offer.technician) - job.minutes, offer.technician.id
        of_wave = wave.daily_minutes - job.minutes
        for start, end, day in offer.pieces:
            earliest, latest = max(start, bounds[0]), min(end, bounds[1])
            if latest - earliest < job.minutes or self.worked(name, day) > limit:
                continue
            if self._in_wave[wave.id, name, day] > of_wave:
                continue
            begin = self._gap(job, name, WorkingSpan(earliest, latest, day), limit)
            if begin is not None and not self.carrier_is_full(job, begin):
                return Booking(begin, begin + job.minutes, job.number, wave.id, name, day)
        return None

    def carrier_is_full(self, job: Job, start: int) -> bool:
        vendor = job.workplace.vendor
        if vendor is None or vendor not in self.pieces_per_day:
            return vendor is not None
        return self.carried[vendor, self.vendor_day(job, start)] + job.workplace.kit > self.pieces_per_day[vendor]

    def worked(self, technician: str, day: int) -> int:
        """Minutes of a day, ways between sites included."""
        found = self._worked.get((technician, day))
        if found is None:
            entries = self.diary[technician, day]
            ways = (self._way(a.job, b.job) for a, b in pairwise(entries))
            found = self._worked[technician, day] = sum(b.end - b.start for b in entries) + sum(ways)
        return found

    def _way(self, first: int, second: int) -> int:
        # A job from site to site always has a way before and after it: so whatever is taken out of a diary, what
        # stays there can still be reached.
        one, other = self._site[first], self._site[second]
        return 0 if one == other and one is not None else self.basis.travel_minutes

    def _gap(self, job: Job, technician: str, piece: WorkingSpan, limit: int) -> int | None:
        """The first minute at which the job fits between the entries of a day, with ways and rest on both sides."""
        entries = self.diary[technician, piece.day]
        earliest, latest = self._rested(technician, piece)
        worked = self.worked(technician, piece.day)
        for place in range(len(entries) + 1):
            before, after = entries[place - 1 : place], entries[place : place + 1]
            there = self._way(before[0].job, job.number) if before else 0
            on = self._way(job.number, after[0].job) if after else 0
            instead = self._way(before[0].job, after[0].job) if before and after else 0
            begin = max(earliest, before[0].end + there) if before else earliest
            end = min(latest, after[0].start - on) if after else latest
            if begin + job.minutes <= end and worked + there + on - instead <= limit:
                return begin
        return None

    def _rested(self, technician: str, piece: WorkingSpan) -> tuple[int, int]:
        earliest, latest, day = piece
        if same := self.diary.get((technician, day)):
            earliest, latest = max(earliest, same[-1].end - LONGEST_SPELL), min(latest, same[0].start + LONGEST_SPELL)
        for near in (1, 2):
            if entries := self.diary.get((technician, day - near)):
                earliest = max(earliest, entries[-1].end + LEAST_REST)
            if entries := self.diary.get((technician, day + near)):
                latest = min(latest, entries[0].start - LEAST_REST)
        return earliest, latest


_PASSED_OVER = 0.1


def crew_of(wave: Wave, technicians: Iterable[Technician]) -> list[Technician]:
    return [technician for technician in technicians if not wave.crew or technician.id in wave.crew]


def able(job: Job, technicians: Iterable[Technician]) -> list[Technician]:
    return [technician for technician in technicians if set(job.workplace.skills) <= set(technician.skills)]
