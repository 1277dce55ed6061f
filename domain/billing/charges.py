"""What is not charged by time: orders at flat prices, parts, travel, visits for nothing, late cancellations, blocks."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from domain.billing.agreement import Agreement
from domain.billing.entries import Cutter
from domain.billing.facts import (
    Adjusted,
    Bought,
    Cancelled,
    Fact,
    OrderDone,
    PartUsed,
    VisitMade,
    VisitWasted,
)
from domain.billing.invoices import InvoiceLine
from domain.billing.money import NOTHING, rounded, unit_of
from domain.billing.prices import PriceBook
from domain.billing.runs import BillingRuns
from domain.billing.tariffs import LineReason, Tariff

SECONDS = 3600
Dated = PartUsed | VisitMade | VisitWasted | Cancelled | Adjusted


def part_price(part: PartUsed, terms: Tariff | None, unit: Decimal) -> Decimal | None:
    """Of one piece: its own, or what it cost with the mark-up, or the list's."""
    if part.unit_price is not None:
        return part.unit_price
    if part.cost is not None:
        return rounded(part.cost * (terms.parts_markup if terms else 1), unit)
    return terms.parts.get(part.part) if terms else None


def visit_price(fact: VisitMade | VisitWasted | Cancelled, terms: Tariff) -> Decimal | None:
    """None where nothing was agreed on, and for a cancellation in time."""
    if isinstance(fact, VisitWasted):
        return terms.wasted_visit
    if isinstance(fact, VisitMade):
        travel = terms.travel
        return None if travel is None else travel.price(fact.km)
    late = terms.late_cancellation
    if late is None or fact.appointment - fact.at >= timedelta(seconds=int(late.hours * SECONDS)):
        return None
    return late.price


class PieceCharges:
    def __init__(self, agreement: Agreement, book: PriceBook, runs: BillingRuns) -> None:
        self._agreement, self._book, self._runs = agreement, book, runs
        self._cutter = Cutter(agreement, book, runs)
        self._unit = unit_of(agreement.currency)

    def lines(self, facts: Sequence[Fact]) -> dict[int, list[InvoiceLine]]:
        """By the period with whose invoice they come, in order of their day."""
        found: defaultdict[int, list[InvoiceLine]] = defaultdict(list)
        for n, line in self._orders([one for one in facts if isinstance(one, OrderDone)]):
            found[n].append(line)
        dated = [one for one in facts if isinstance(one, Dated)]
        for one in sorted(dated, key=lambda one: (one.at, one.id)):
            own, n = self._runs.place(one.at, one.told)
            amount = self._amount(one)
            if amount is None:
                continue
            vat = (one.vat if isinstance(one, PartUsed) else None) or self._agreement.vat
            found[n].append(InvoiceLine(_reason(one), one.id, rounded(amount, self._unit), vat, late=n != own))
        blocks = [one for one in facts if isinstance(one, Bought)]
        for block in sorted(blocks, key=lambda one: (one.on, one.id)):
            own, n = self._runs.place_day(block.on, block.told)
            amount = rounded(block.price, self._unit)
            found[n].append(InvoiceLine(LineReason.PURCHASE, block.id, amount, self._agreement.vat, late=n != own))
        return found

    def _amount(self, fact: Dated) -> Decimal | None:
        """None where nothing was agreed on for it."""
        if isinstance(fact, Adjusted):
            return fact.amount
        terms = self._book.at(self._runs.periods.local_day(fact.at))
        if isinstance(fact, PartUsed):
            price = part_price(fact, terms, self._unit)
            return None if price is None else price * fact.quantity
        return visit_price(fact, terms) if terms else None

    def _orders(self, orders: Iterable[OrderDone]) -> Iterator[tuple[int, InvoiceLine]]:
        """Those of an invoice in the order in which they were done; what is told later comes after what stands."""
        placed = [(*self._runs.place(one.done, one.told), one) for one in orders]
        placed.sort(key=lambda one: (one[1], one[2].done, one[2].id))
        included: Counter[tuple[str, int]] = Counter()
        charged: list[tuple[int, int, OrderDone, Tariff]] = []
        for own, n, order in placed:
            day = self._runs.periods.local_day(order.done)
            in_force, priced = self._book.at(day), self._book.at(self._cutter.price_day(order.accepted, day))
            if in_force is not None and included[order.kind, own] < in_force.includes.get(order.kind, 0):
                included[order.kind, own] += 1
                yield n, self._order(LineReason.INCLUDED, order, NOTHING, late=n != own)
            elif priced is not None and priced.is_flat(order.kind):
                charged.append((own, n, order, priced))
        yield from self._by_number(charged)

    def _by_number(self, orders: Sequence[tuple[int, int, OrderDone, Tariff]]) -> Iterator[tuple[int, InvoiceLine]]:
        """Each at its place among those of its kind in the period or the year, or by their number up to its invoice."""
        upto: Counter[tuple[str, str, int, int]] = Counter()
        totals: Counter[tuple[str, str, int]] = Counter()
        for own, n, order, _ in orders:
            for span, window in (("period", own), ("year", self._runs.periods.year_of(own))):
                totals[order.kind, span, window] += 1
                upto[order.kind, span, window, n] = totals[order.kind, span, window]
        reached: Counter[tuple[str, str, int]] = Counter()
        for own, n, order, terms in orders:
            year = self._runs.periods.year_of(own)
            reached[order.kind, "period", own] += 1
            reached[order.kind, "year", year] += 1
            band = terms.bands.get(order.kind)
            if band is None:
                price = terms.flat[order.kind]
            else:
                among = (order.kind, band.per, own if band.per == "period" else year)
                price = band.price(reached[among] if band.mode == "graduated" else upto[*among, n])
            yield n, self._order(LineReason.FLAT, order, price, late=n != own)

    def _order(self, reason: LineReason, order: OrderDone, price: Decimal, *, late: bool) -> InvoiceLine:
        return InvoiceLine(reason, order.id, rounded(price, self._unit), self._agreement.vat, late=late)


def _reason(fact: Dated) -> LineReason:
    return {
        PartUsed: LineReason.PART,
        VisitMade: LineReason.TRAVEL,
        VisitWasted: LineReason.WASTED_VISIT,
        Cancelled: LineReason.LATE_CANCELLATION,
        Adjusted: LineReason.ADJUST,
    }[type(fact)]


def refund(bought: Bought, left: int, unit: Decimal) -> Decimal:
    """What comes back of a block that ends with minutes left."""
    return rounded(Fraction(bought.price) * left / bought.minutes, unit)


def block_ends(bought: Bought, last_day: date) -> date:
    return min(bought.expires, last_day)
