"""What is not charged by time: orders at flat prices, parts, travel, visits for nothing, late cancellations, blocks."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter

from domain.billing.agreement import Agreement
from domain.billing.entries import Cutter
from domain.billing.facts import (
    Adjusted,
    Bought,
    Cancelled,
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
REASONS: dict[type[Dated], LineReason] = {
    PartUsed: LineReason.PART,
    VisitMade: LineReason.TRAVEL,
    VisitWasted: LineReason.WASTED_VISIT,
    Cancelled: LineReason.LATE_CANCELLATION,
    Adjusted: LineReason.ADJUST,
}


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
        # Orders of other kinds cost nothing by themselves, and count for nothing.
        self._priced = {kind for terms in book.terms for kind in (*terms.flat, *terms.bands, *terms.includes)}

    def lines(
        self, orders: Iterable[OrderDone], dated: Iterable[Dated], blocks: Iterable[Bought]
    ) -> dict[int, list[InvoiceLine]]:
        """By the period with whose invoice they come, in order of their day."""
        found: defaultdict[int, list[InvoiceLine]] = defaultdict(list)
        for n, line in self._orders(orders):
            found[n].append(line)
        own_vat, unit = self._agreement.vat, self._unit
        # What is sorted already keeps its order: of those that happened at once the id decides.
        for one in sorted(sorted(dated, key=attrgetter("id")), key=attrgetter("at")):
            day = self._runs.periods.local_day(one.at)
            amount = self._amount(one, day)
            if amount is None:
                continue
            own, n = self._runs.place_day(day, one.told)
            vat = (one.vat or own_vat) if isinstance(one, PartUsed) else own_vat
            line = InvoiceLine(REASONS[type(one)], one.id, rounded(amount, unit), vat, None, "", "", n != own)
            found[n].append(line)
        for block in sorted(blocks, key=lambda one: (one.on, one.id)):
            own, n = self._runs.place_day(block.on, block.told)
            amount = rounded(block.price, unit)
            found[n].append(InvoiceLine(LineReason.PURCHASE, block.id, amount, own_vat, late=n != own))
        return found

    def _amount(self, fact: Dated, day: date) -> Decimal | None:
        """None where nothing was agreed on for it."""
        if isinstance(fact, Adjusted):
            return fact.amount
        terms = self._book.at(day)
        if isinstance(fact, PartUsed):
            price = part_price(fact, terms, self._unit)
            return None if price is None else price * fact.quantity
        return visit_price(fact, terms) if terms else None

    def _orders(self, orders: Iterable[OrderDone]) -> Iterator[tuple[int, InvoiceLine]]:
        """Those of an invoice in the order in which they were done; what is told later comes after what stands."""
        placed = [(*self._runs.place(one.done, one.told), one) for one in orders if one.kind in self._priced]
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


def refund(bought: Bought, left: int, unit: Decimal) -> Decimal:
    """What comes back of a block that ends with minutes left."""
    return rounded(Fraction(bought.price) * left / bought.minutes, unit)


def block_ends(bought: Bought, last_day: date) -> date:
    return min(bought.expires, last_day)
