"""Pieces of work, cut where they are paid differently: at service hours, periods and prices; rounded up once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from domain.billing.agreement import Agreement
from domain.billing.facts import WorkDone
from domain.billing.prices import PriceBook
from domain.billing.rounding import rounded_once
from domain.billing.runs import BillingRuns
from domain.billing.tariffs import Tariff
from domain.times import DAY, MINUTE, offsets

DAY_MINUTES = 24 * 60
PLAIN = Decimal(1)


class WorkPiece(NamedTuple):
    """Minutes of one entry that lie in one period, under one set of terms and one factor."""

    n: int
    day: date
    minutes: int
    factor: Decimal
    terms: Tariff


@dataclass(frozen=True, slots=True)
class WorkEntry:
    work: WorkDone
    day: date
    terms: Tariff
    pieces: list[WorkPiece]


class Cutter:
    """Cuts work under the prices of one book."""

    def __init__(self, agreement: Agreement, book: PriceBook, runs: BillingRuns) -> None:
        self._agreement, self._book, self._runs = agreement, book, runs
        self._place = runs.periods.place
        self._holidays = frozenset(agreement.holidays)
        self._by_accepted = agreement.price_date == "accepted"
        self._edges = cache(self._edges_of)

    def price_day(self, accepted: datetime | None, day: date) -> date:
        """Whose prices count: those of the day on which the order was accepted, or those of the day itself."""
        if accepted is None or not self._by_accepted:
            return day
        return self._runs.periods.local_day(accepted)

    def entry(self, work: WorkDone, minutes: int) -> WorkEntry | None:
        """None where nothing was agreed on yet."""
        day = self._runs.periods.local_day(work.start)
        priced = self.price_day(work.accepted, day)
        terms = self._book.at(priced)
        if terms is None:
            return None
        pinned = terms if self._by_accepted and work.accepted is not None else None
        return WorkEntry(work, day, terms, self._merged(self._stretches(work.start, minutes), work.role, pinned))

    def _merged(self, days: Iterable[tuple[date, int, int]], role: str, pinned: Tariff | None) -> list[WorkPiece]:
        pieces: list[WorkPiece] = []
        for day, begin, end in days:
            terms = pinned or self._book.at(day)
            assert terms is not None, "terms that count on a day go on counting"
            n = self._runs.of(day)
            for minutes, factor in self._by_factor(day, begin, end, terms):
                last = pieces[-1] if pieces else None
                if last is not None and (last.n, last.factor) == (n, factor) and _cost_alike(last.terms, terms, role):
                    pieces[-1] = last._replace(minutes=last.minutes + minutes)
                else:
                    pieces.append(WorkPiece(n, day, minutes, factor, terms))
        return pieces

    def _stretches(self, start: datetime, minutes: int) -> Iterator[tuple[date, int, int]]:
        """Local days with minutes [begin, end) of each; between two changes of the clocks local time runs evenly."""
        end = start + minutes * MINUTE
        local = self._runs.periods.local(start)
        if local.utcoffset() == end.astimezone(self._place).utcoffset():
            yield from _days(local, minutes)
            return
        done = 0
        for _, until, _ in offsets(self._place, start, end):
            upto = min(minutes, -(-(until - start) // MINUTE))
            if upto > done:
                yield from _days((start + timedelta(minutes=done)).astimezone(self._place), upto - done)
            done = max(done, upto)

    def _by_factor(self, day: date, begin: int, end: int, terms: Tariff) -> Iterator[tuple[int, Decimal]]:
        factors = terms.factors
        if day in self._holidays:
            yield end - begin, factors.after_hours if factors.holiday is None else factors.holiday
            return
        if self._agreement.hours is None:
            yield end - begin, PLAIN
            return
        for since, until, is_open in self._edges(day.weekday()):
            minutes = min(end, until) - max(begin, since)
            if minutes > 0:
                yield minutes, PLAIN if is_open else factors.after_hours

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


def _cost_alike(one: Tariff, other: Tariff, role: str) -> bool:
    """The same version, in which what was indexed is not the hour of this role."""
    return one is other or (one.since == other.since and one.hourly.get(role) == other.hourly.get(role))


def _days(local: datetime, minutes: int) -> Iterator[tuple[date, int, int]]:
    day, begin = local.date(), local.hour * 60 + local.minute
    while minutes > 0:
        end = min(DAY_MINUTES, begin + minutes)
        yield day, begin, end
        minutes -= end - begin
        day, begin = day + DAY, 0


def rounded_up(entries: Iterable[WorkEntry], runs: BillingRuns) -> Iterator[tuple[WorkEntry, list[WorkPiece]]]:
    """Entries come in order of start. All of a role on a local day are rounded together where the terms say so."""
    together: dict[tuple[object, ...], list[WorkEntry]] = {}
    for entry in entries:
        if entry.terms.rounding.per == "entry":
            yield from _rounded([entry])
            continue
        # What stands on an invoice is rounded by itself: what is told later comes with another.
        invoice = runs.placed(runs.of(entry.day), entry.work.told)
        together.setdefault((entry.work.role, entry.day, entry.terms.rounding, invoice), []).append(entry)
    for many in together.values():
        yield from _rounded(many)


def _rounded(entries: Sequence[WorkEntry]) -> Iterator[tuple[WorkEntry, list[WorkPiece]]]:
    cut = [piece.minutes for entry in entries for piece in entry.pieces]
    charged = rounded_once(cut, entries[-1].terms.rounding)
    if charged == cut:
        yield from ((entry, entry.pieces) for entry in entries)
        return
    left = iter(charged)
    for entry in entries:
        yield entry, [_at(piece, next(left)) for piece in entry.pieces]


def _at(piece: WorkPiece, minutes: int) -> WorkPiece:
    # Thousands of times: `_replace` takes ten times as long.
    return piece if piece.minutes == minutes else WorkPiece(piece.n, piece.day, minutes, piece.factor, piece.terms)
