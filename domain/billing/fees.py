"""Fees: which fee periods are due with an invoice, what they come to by days and units, and what is given back."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from domain.billing.agreement import Agreement
from domain.billing.facts import Counted, Terminated
from domain.billing.invoices import InvoiceLine
from domain.billing.money import allocated, rounded, running, unit_of
from domain.billing.periods import Periods
from domain.billing.prices import PriceBook
from domain.billing.runs import BillingRuns
from domain.billing.tariffs import Fee, LineReason
from domain.billing.units import Units
from domain.times import DAY, LAST_DAY


class FeePeriod(NamedTuple):
    """One period of one fee; a fee of the same id with other months is another."""

    fee: str
    months: int
    n: int


class FeePiece(NamedTuple):
    """The days [start, end) over which a fee stays the same."""

    fee: Fee
    start: date
    end: date


class Fees:
    """Contracts end and counts are told; whatever was invoiced before we heard of it is made up for afterwards."""

    def __init__(
        self, agreement: Agreement, book: PriceBook, runs: BillingRuns, facts: Iterable[Counted | Terminated]
    ) -> None:
        self._agreement, self._book, self._runs = agreement, book, runs
        self._unit = unit_of(agreement.currency)
        news = list(facts)
        self._ends = [one for one in news if isinstance(one, Terminated)]
        self._units = Units(one for one in news if isinstance(one, Counted))
        self._news = sorted((told, isinstance(one, Terminated)) for one in news if (told := one.told) is not None)
        self._own_periods = cache(lambda months: Periods(agreement.anchor, months, agreement.zone))
        terms = (terms for day in book.edges if (terms := book.at(day)))
        self._named = list(dict.fromkeys((fee.id, self._months(fee)) for one in terms for fee in one.fees))

    def last_day(self, known_at: datetime) -> date:
        """Of the contract, as far as it is known."""
        told = [one.on for one in self._ends if one.told <= known_at]
        return min([*told, self._agreement.until or LAST_DAY])

    def lines(self, n: int) -> Iterator[InvoiceLine]:
        """What is due with the invoice of period n, and what has to be made up for."""
        known, before = self._runs.fees_known_at(n), self._runs.fees_known_at(n - 1)
        news = self._news_between(before, known)
        for one in self._near(n, back_to_the_first=bool(news)):
            earlier, due = self._due(one, before), self._due(one, known)
            if earlier is not None and earlier < n:
                if news:
                    yield from self._made_up(one, before, known, late=not any(news))
            elif due is not None and due <= n:
                for fee, amount in self._amounts(one, known):
                    yield from self._told(LineReason.FEE, fee, amount)

    def _news_between(self, before: datetime, known: datetime) -> list[bool]:
        """Of each whether the contract ends by it."""
        return [ends for told, ends in self._news if before < told <= known]

    def _near(self, n: int, *, back_to_the_first: bool) -> Iterator[FeePeriod]:
        periods = self._runs.periods
        start = min(self._agreement.begins, periods.start(n)) if back_to_the_first else periods.start(n)
        for fee, months in self._named:
            own = self._own_periods(months)
            for k in range(own.of(start), own.of(periods.end(n) - DAY) + 1):
                yield FeePeriod(fee, months, k)

    def _due(self, one: FeePeriod, known_at: datetime) -> int | None:
        """With which period it is invoiced; None where it is never in force. With the contract the last one ends."""
        pieces = self._pieces(one, known_at)
        if not pieces:
            return None
        if self._agreement.timing == "advance":
            return self._runs.of(pieces[0].start)
        end = min(self._own_periods(one.months).end(one.n), self.last_day(known_at) + DAY)
        return self._runs.of(end - DAY)

    def _pieces(self, one: FeePeriod, known_at: datetime) -> list[FeePiece]:
        own = self._own_periods(one.months)
        start = max(own.start(one.n), self._agreement.begins)
        end = min(own.end(one.n), self.last_day(known_at) + DAY)
        if start >= end:
            return []
        pieces: list[FeePiece] = []
        for since, until in pairwise((start, *self._book.changes(start, end - DAY), end)):
            terms = self._book.at(since)
            fee = terms.fee(one.fee) if terms else None
            if fee is None or self._months(fee) != one.months:
                continue
            if pieces and pieces[-1].end == since and pieces[-1].fee == fee:
                pieces[-1] = pieces[-1]._replace(end=until)
            else:
                pieces.append(FeePiece(fee, since, until))
        return pieces

    def _amounts(self, one: FeePeriod, known_at: datetime) -> list[tuple[Fee, Decimal]]:
        pieces = self._pieces(one, known_at)
        spans = [(piece.start, piece.end) for piece in pieces]
        if pieces and pieces[0].fee.prorate == "none":
            fee = pieces[0].fee
            days = sum((end - start).days for start, end in spans)
            unit_days = sum(self._units.unit_days(fee, span, spans, known_at) for span in spans)
            return [(fee, rounded(Fraction(fee.amount) * unit_days / days, self._unit))]
        days = self._own_periods(one.months).days(one.n)
        shares = [
            Fraction(piece.fee.amount) * self._units.unit_days(piece.fee, span, spans, known_at) / days
            for piece, span in zip(pieces, spans, strict=True)
        ]
        return list(zip((piece.fee for piece in pieces), running(shares, self._unit), strict=True))

    def _made_up(self, one: FeePeriod, before: datetime, known: datetime, *, late: bool) -> Iterator[InvoiceLine]:
        was, now = self._amounts(one, before), self._amounts(one, known)
        difference = sum((amount for _, amount in now), Decimal(0)) - sum((amount for _, amount in was), Decimal(0))
        if difference:
            reason = LineReason.FEE_CREDIT if difference < 0 else LineReason.FEE
            yield from self._told(reason, (now or was)[-1][0], difference, late=late)

    def _told(self, reason: LineReason, fee: Fee, amount: Decimal, *, late: bool = False) -> Iterator[InvoiceLine]:
        vat = fee.vat or self._agreement.vat
        if not fee.split:
            yield InvoiceLine(reason, fee.id, amount, vat, late=late)
            return
        shares = allocated(amount, [*fee.split.values()], self._unit)
        for centre, share in zip(fee.split, shares, strict=True):
            yield InvoiceLine(reason, fee.id, share, vat, cost_centre=centre, late=late)

    def _months(self, fee: Fee) -> int:
        return fee.months or self._agreement.months
