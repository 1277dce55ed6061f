"""Which price counts on which day: the terms in force, as indexing and later prices have changed them."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache, cached_property, partial

from domain.billing.agreement import Agreement, Indexing, Raised
from domain.billing.facts import Repriced
from domain.billing.money import rounded, unit_of
from domain.billing.periods import segment
from domain.billing.tariffs import Tariff

Raise = Callable[[Decimal], Decimal]


class PriceBook:
    """All terms of a contract in the order of their days; `reprices` are those that are known."""

    def __init__(self, agreement: Agreement, reprices: Sequence[Repriced] = ()) -> None:
        self._agreement = agreement
        self._reprices = sorted(reprices, key=lambda one: (one.since, one.told, one.id))
        written = sorted(agreement.terms, key=lambda one: one.since)
        first = written[0].since
        days = [
            *(one.since for one in written),
            *(one.since for one in agreement.indexing),
            *(one.since for one in self._reprices),
        ]
        # Before the first terms there is nothing that could change.
        self.edges = sorted({day for day in days if day >= first})
        self._written = {one.since: one for one in written}
        # By its place among `terms`; -1 before the first.
        self.place = cache(partial(segment, self.edges))

    @cached_property
    def terms(self) -> list[Tariff]:
        """Those that count from each edge on."""
        terms: list[Tariff] = []
        for day in self.edges:
            agreed = self._written.get(day)
            # Terms that are agreed later stand as they are written.
            now = agreed if agreed is not None else self._raised(terms[-1], day)
            for one in self._reprices:
                if one.since == day:
                    now = now.but(hourly={**now.hourly, one.role: one.hourly})
            terms.append(now)
        return terms

    def at(self, day: date) -> Tariff | None:
        place = self.place(day)
        return self.terms[place] if place >= 0 else None

    def changes(self, first: date, last: date) -> list[date]:
        """The days after `first`, up to `last`, from which other terms count."""
        return self.edges[bisect_right(self.edges, first) : bisect_right(self.edges, last)]

    def _raised(self, terms: Tariff, day: date) -> Tariff:
        unit = unit_of(self._agreement.currency)
        for one in self._agreement.indexing:
            factor = rise(one)
            if one.since == day and factor != 1:
                terms = raised(terms, frozenset(one.of), partial(_times, factor=factor, unit=unit))
        return terms


def rise(one: Indexing) -> Fraction:
    """By what prices are multiplied: 1 where the index has not reached its threshold."""
    if one.percent is not None:
        return 1 + Fraction(one.percent) / 100
    if one.index is None or one.base_index is None:
        return Fraction(1)
    factor = Fraction(one.index) / Fraction(one.base_index)
    return factor if (factor - 1) * 100 >= Fraction(one.threshold) else Fraction(1)


def _times(price: Decimal, factor: Fraction, unit: Decimal) -> Decimal:
    return rounded(Fraction(price) * factor, unit)


def raised(terms: Tariff, of: frozenset[Raised], up: Raise) -> Tariff:
    """The same terms with each of these prices raised, and rounded, once."""
    changes: dict[str, object] = {}
    if Raised.FEES in of:
        changes["fees"] = tuple(fee.but(amount=up(fee.amount)) for fee in terms.fees)
    if Raised.FLAT in of:
        changes["flat"] = _each(terms.flat, up)
        changes["bands"] = {
            kind: band.but(steps=tuple(step.but(price=up(step.price)) for step in band.steps))
            for kind, band in terms.bands.items()
        }
    if Raised.HOURLY in of:
        changes["hourly"] = _each(terms.hourly, up)
        if terms.quota is not None and terms.quota.overage_hourly is not None:
            changes["quota"] = terms.quota.but(overage_hourly=up(terms.quota.overage_hourly))
    if Raised.PARTS in of:
        changes["parts"] = _each(terms.parts, up)
    return terms.but(**changes, **_raised_visits(terms, of, up))


def _raised_visits(terms: Tariff, of: frozenset[Raised], up: Raise) -> dict[str, object]:
    changes: dict[str, object] = {}
    if Raised.TRAVEL in of and terms.travel is not None:
        travel = terms.travel
        changes["travel"] = travel.but(per_visit=up(travel.per_visit), per_km=up(travel.per_km))
    if Raised.WASTED_VISIT in of and terms.wasted_visit is not None:
        changes["wasted_visit"] = up(terms.wasted_visit)
    if Raised.LATE_CANCELLATION in of and terms.late_cancellation is not None:
        late = terms.late_cancellation
        changes["late_cancellation"] = late.but(price=up(late.price))
    return changes


def _each(prices: dict[str, Decimal], up: Raise) -> dict[str, Decimal]:
    return {name: up(price) for name, price in prices.items()}
