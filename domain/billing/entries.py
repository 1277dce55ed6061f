"""Pieces of work, cut where they are paid differently: at service hours, periods and prices; rounded up once.

Work is told minute by minute and paid for day by day: what a day costs is worked out once under each set of terms, and
so is what work comes to that lies in one stretch of it.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from domain.billing.agreement import Agreement
from domain.billing.facts import WorkDone
from domain.billing.money import rounded, unit_of
from domain.billing.periods import DAY_MINUTES
from domain.billing.prices import PriceBook
from domain.billing.rounding import by_the_hour, rounded_once
from domain.billing.runs import BillingRuns
from domain.billing.tariffs import Tariff
from domain.times import MINUTE, offsets

PLAIN = Decimal(1)


class HourlyRates:
    """What minutes cost under one set of terms and one factor; each sum is worked out once."""

    def __init__(self, terms: Tariff, factor: Decimal, unit: Decimal) -> None:
        self.terms, self.factor, self._unit = terms, factor, unit
        self.amount = cache(self._amount)

    def _amount(self, role: str, minutes: int) -> Decimal | None:
        """None where this role has no hour."""
        hourly = self.terms.hourly.get(role)
        return None if hourly is None else rounded(by_the_hour(minutes, hourly, self.factor), self._unit)


class WorkPiece(NamedTuple):
    """Minutes of one entry that lie in one period, under one set of terms and one factor."""

    n: int
    day: date
    minutes: int
    rates: HourlyRates


Pieces = tuple[WorkPiece, ...]


class DayStretch(NamedTuple):
    """Minutes [since, until) of a day in which one factor counts; `known` are pieces of it, by their minutes."""

    since: int
    until: int
    rates: HourlyRates
    known: dict[int, Pieces]


class WorkDay(NamedTuple):
    """A whole local day under one set of terms."""

    n: int
    day: date
    terms: Tariff
    up: Callable[[int], int]
    stretches: tuple[DayStretch, ...]

    def piece(self, begin: int, minutes: int, charged: int) -> Pieces | None:
        """Work that is charged with so many minutes; None where it does not lie in one stretch."""
        for _, until, rates, known in self.stretches:
            if begin >= until:
                continue
            if not minutes or begin + minutes > until:
                return None
            found = known.get(charged)
            if found is None:
                found = known[charged] = (WorkPiece(self.n, self.day, charged, rates),)
            return found
        return None


# The day on which work begins, under the terms that count for it; the minute of that day, none where the clocks change
# on it or the next; and the place of the version whose prices it keeps, none where each day has its own.
WorkBegin = tuple[WorkDay, int | None, int | None]


class Cutter:
    """Cuts work under the prices of one book."""

    def __init__(self, agreement: Agreement, book: PriceBook, runs: BillingRuns) -> None:
        self._agreement, self._book, self._runs = agreement, book, runs
        self._place, self._clock = runs.periods.place, runs.periods.clock
        self._holidays = frozenset(agreement.holidays)
        self._by_accepted = agreement.price_date == "accepted"
        self._unit = unit_of(agreement.currency)
        self._edges = cache(self._edges_of)
        self._rates = cache(self._rates_of)
        self._up = cache(lambda place: cache(book.terms[place].rounding.up))
        self._under = cache(self._day_under)
        self._plain = cache(self._day_by_itself)

    def price_day(self, accepted: datetime | None, day: date) -> date:
        """Whose prices count: those of the day on which the order was accepted, or those of the day itself."""
        if accepted is None or not self._by_accepted:
            return day
        return self._runs.periods.local_day(accepted)

    def begin(self, work: WorkDone) -> WorkBegin | None:
        """None where nothing was agreed on yet."""
        pinned = None
        if self._by_accepted and work.accepted is not None:
            pinned = self._book.place(self._runs.periods.local_day(work.accepted))
        minute = self._clock.minute(work.start)
        if minute is None:
            number = work.start.astimezone(self._place).toordinal()
        else:
            number, minute = divmod(minute, DAY_MINUTES)
        day = self._plain(number) if pinned is None else self._under(number, pinned)
        return None if day is None else (day, minute, pinned)

    def pieces(self, work: WorkDone, minutes: int, begin: WorkBegin, *, rounded_up: bool) -> Pieces:
        """As it was told, or rounded up by itself."""
        day, minute, pinned = begin
        if minute is not None:
            charged = day.up(minutes) if rounded_up else minutes
            known = day.piece(minute, minutes, charged)
            if known is not None:
                return known
            days = _days(day.day.toordinal(), minute, minutes)
        else:
            days = self._stretches(work.start, minutes)
        told = self._merged(days, work.role, pinned)
        if not rounded_up:
            return told
        charged_minutes = rounded_once([piece.minutes for piece in told], day.terms.rounding)
        return tuple(map(_at, told, charged_minutes))

    def _merged(self, days: Iterable[tuple[int, int, int]], role: str, pinned: int | None) -> Pieces:
        pieces: list[WorkPiece] = []
        for number, begin, end in days:
            day = self._plain(number) if pinned is None else self._under(number, pinned)
            assert day is not None, "terms that count on a day go on counting"
            for stretch in day.stretches:
                minutes = min(end, stretch.until) - max(begin, stretch.since)
                if minutes <= 0:
                    continue
                piece = WorkPiece(day.n, day.day, minutes, stretch.rates)
                if pieces and _cost_alike(pieces[-1], piece, role):
                    pieces[-1] = _at(pieces[-1], pieces[-1].minutes + minutes)
                else:
                    pieces.append(piece)
        return tuple(pieces)

    def _stretches(self, start: datetime, minutes: int) -> Iterator[tuple[int, int, int]]:
        end = start + minutes * MINUTE
        local = start.astimezone(self._place)
        if local.utcoffset() == end.astimezone(self._place).utcoffset():
            yield from _days(local.toordinal(), local.hour * 60 + local.minute, minutes)
            return
        done = 0
        for _, until, _ in offsets(self._place, start, end):
            upto = min(minutes, -(-(until - start) // MINUTE))
            if upto > done:
                local = (start + timedelta(minutes=done)).astimezone(self._place)
                yield from _days(local.toordinal(), local.hour * 60 + local.minute, upto - done)
            done = max(done, upto)

    def _day_by_itself(self, number: int) -> WorkDay | None:
        """A day, counted as the calendar does, under the terms that are in force on it."""
        return self._under(number, self._book.place(self._runs.periods.day(number)))

    def _day_under(self, number: int, place: int) -> WorkDay | None:
        if place < 0:
            return None
        day, terms = self._runs.periods.day(number), self._book.terms[place]
        stretches: list[DayStretch] = []
        for since, until, factor in self._factors(day, terms):
            last = stretches[-1] if stretches else None
            if last is not None and last.rates.factor == factor:
                stretches[-1] = last._replace(until=until)
            elif until > since:
                stretches.append(DayStretch(since, until, self._rates(place, factor), {}))
        return WorkDay(self._runs.of(day), day, terms, self._up(place), tuple(stretches))

    def _factors(self, day: date, terms: Tariff) -> Iterator[tuple[int, int, Decimal]]:
        factors = terms.factors
        if day in self._holidays:
            yield 0, DAY_MINUTES, factors.after_hours if factors.holiday is None else factors.holiday
        elif self._agreement.hours is None:
            yield 0, DAY_MINUTES, PLAIN
        else:
            for since, until, is_open in self._edges(day.weekday()):
                yield since, until, PLAIN if is_open else factors.after_hours

    def _rates_of(self, place: int, factor: Decimal) -> HourlyRates:
        return HourlyRates(self._book.terms[place], factor, self._unit)

    def _edges_of(self, weekday: int) -> list[tuple[int, int, bool]]:
        """The whole day, open and closed by turns."""
        assert self._agreement.hours is not None
        parts: list[tuple[int, int, bool]] = []
        reached = 0
        for since, until in sorted(self._agreement.hours.days[weekday]):
            if since > reached:
                parts.append((reached, since, False))
            if until > reached:
                parts.append((max(since, reached), until, True))
                reached = until
        return [*parts, (reached, DAY_MINUTES, False)]


def _cost_alike(one: WorkPiece, other: WorkPiece, role: str) -> bool:
    """The same period and version, in which what was indexed is not the hour of this role."""
    if one.n != other.n or one.rates.factor != other.rates.factor:
        return False
    was, now = one.rates.terms, other.rates.terms
    return was is now or (was.since == now.since and was.hourly.get(role) == now.hourly.get(role))


def _days(number: int, begin: int, minutes: int) -> Iterator[tuple[int, int, int]]:
    """Local days, counted as the calendar does, with minutes [begin, end) of each."""
    while minutes > 0:
        end = min(DAY_MINUTES, begin + minutes)
        yield number, begin, end
        minutes -= end - begin
        number, begin = number + 1, 0


def rounded_together(
    entries: Iterable[tuple[WorkDone, WorkDay, Pieces]], runs: BillingRuns
) -> Iterator[tuple[WorkDone, Pieces]]:
    """Entries come in order of start. All of a role on a local day are rounded up together."""
    together: dict[tuple[object, ...], list[tuple[WorkDone, WorkDay, Pieces]]] = {}
    for work, day, pieces in entries:
        # What stands on an invoice is rounded by itself: what is told later comes with another.
        invoice = runs.placed(day.n, work.told)
        together.setdefault((work.role, day.day, day.terms.rounding, invoice), []).append((work, day, pieces))
    for many in together.values():
        told = [piece.minutes for _, _, pieces in many for piece in pieces]
        left = iter(rounded_once(told, many[-1][1].terms.rounding))
        for work, _, pieces in many:
            yield work, tuple(_at(piece, next(left)) for piece in pieces)


def _at(piece: WorkPiece, minutes: int) -> WorkPiece:
    return piece if piece.minutes == minutes else WorkPiece(piece.n, piece.day, minutes, piece.rates)
