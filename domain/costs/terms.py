"""Whose prices count: those of a contract's version, as orders are charged by them, or terms that are only supposed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from domain.billing.agreement import Agreement, Simulation
from domain.billing.checks import problems
from domain.billing.prices import PriceBook
from domain.billing.rounding import Rounding
from domain.billing.tariffs import Factors, LateCancellation, Tariff, Travel
from domain.billing.vat import Vat, VatCategory
from domain.clocks.calendars import Calendar
from domain.clocks.closures import MIDNIGHT
from domain.contracts.catalogue import Pricing
from domain.contracts.contract import Contract
from domain.contracts.offers import offer_of
from domain.contracts.prices import PriceList
from domain.costs.cases import INCIDENT, ChargedCase
from domain.people import Role
from domain.refusals import Problem
from domain.times import DAY, FIRST_DAY

# What contracts are priced in.
CURRENCY = "EUR"
WHOLE_DAY = (0, MIDNIGHT)
NO_TAX = Vat(VatCategory.OUTSIDE, Decimal(0))


@dataclass(frozen=True)
class CostSpan:
    """Local days, both within."""

    since: date
    until: date


class PriceTerms:
    """A version of a contract. `is_pinned`: items cost what the cases say themselves, and not what it lists.

    Its calendar has the holidays of the time asked for.
    """

    def __init__(self, contract: Contract, span: CostSpan, *, is_pinned: bool = False) -> None:
        self.contract, self.prices = contract, contract.prices
        calendar = contract.calendar
        self._is_pinned = is_pinned
        self.agreement = Agreement.model_construct(
            currency=CURRENCY,
            zone=calendar.zone,
            anchor=span.since.replace(day=1),
            months=1,
            since=span.since,
            until=span.until,
            vat=NO_TAX,
            hours=None if calendar.always else calendar.weekly,
            holidays=tuple(closed_days(calendar, span)),
            terms=(tariff_of(contract.prices),),
        )

    def whole(self, case: ChargedCase) -> Decimal | None:
        """What it costs whatever it takes; None by time and material.

        What was quoted was agreed for it alone: others' terms go before it only with a price for just this.
        """
        listed = self._listed(case)
        if case.quote is not None and (self._is_pinned or listed is None):
            return None if case.quote_at_most else case.quote
        return listed

    def _listed(self, case: ChargedCase) -> Decimal | None:
        pricing, price = self._offered(case)
        if pricing is not None:
            return {Pricing.FLAT: price, Pricing.INCLUDED: Decimal(0)}.get(pricing)
        kinds: Mapping[str, Decimal] = {f"{kind}": amount for kind, amount in self.prices.flat.items()}
        return kinds.get(case.kind)

    def _offered(self, case: ChargedCase) -> tuple[Pricing | None, Decimal | None]:
        if self._is_pinned or case.item is None:
            return case.pricing, case.price
        return self._items.get(case.item, (None, None))

    @cached_property
    def _items(self) -> dict[str, tuple[Pricing, Decimal | None]]:
        offers = [offer_of(self.contract, item) for item in self.contract.catalogue]
        return {one.id: (one.pricing, one.price) for one in offers}

    def charges(self, case: ChargedCase) -> bool:
        """Whether it charges anything for a case of this kind."""
        if case.kind == INCIDENT and not self._is_pinned:
            return self.prices.incidents == "charge"
        return case.is_charged

    def visits(self, case: ChargedCase) -> int:
        """How many are charged: each that was not for nothing, or one for an order."""
        if not self.prices.travel:
            return 0
        if self.prices.travel_per == "visit":
            return sum(log.is_visit and not log.wasted for log in case.logs)
        return int(any(log.is_visit for log in case.logs))

    def role(self, case: ChargedCase, role: Role) -> Role:
        """Who has no hour of their own works on an incident at a technician's."""
        return role if case.kind != INCIDENT or role in self.prices.hourly else Role.TECHNICIAN

    def lists(self, part: str) -> bool:
        return part in self.prices.parts


class SupposedTerms:
    """Terms as `imac invoice simulate` takes them. They count for all of the time that is asked for.

    The first of them count from the first day on that is asked about, whatever day stands there.
    """

    def __init__(self, written: Agreement, span: CostSpan, earliest: date) -> None:
        first = min(written.terms, key=lambda one: one.since)
        terms = tuple(
            one.but(since=min(one.since, earliest, span.since)) if one is first else one for one in written.terms
        )
        self.agreement = written.but(since=span.since, until=span.until, terms=terms)
        self._book = PriceBook(self.agreement)

    def name(self, case: ChargedCase) -> str:
        """What it is priced as: its item where the terms know it, otherwise its kind."""
        return case.item if case.item is not None and case.item in self._names else case.kind

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(name for one in self.agreement.terms for name in (*one.flat, *one.bands, *one.includes))

    def is_flat(self, case: ChargedCase) -> bool:
        return any(one.is_flat(self.name(case)) for one in self.agreement.terms)

    def flat(self, case: ChargedCase, day: date) -> Decimal | None:
        terms = self._book.at(day)
        return terms.flat.get(self.name(case)) if terms else None

    def lists(self, part: str) -> bool:
        return any(part in one.parts for one in self.agreement.terms)


AnyTerms = PriceTerms | SupposedTerms


def tariff_of(prices: PriceList) -> Tariff:
    """What of a price list is charged the same way everywhere; who has no hour costs nothing."""
    return Tariff.model_construct(
        since=FIRST_DAY,
        hourly={role: prices.hourly.get(role, Decimal(0)) for role in Role},
        rounding=Rounding(step=prices.rounding_minutes),
        factors=Factors(after_hours=prices.after_hours_factor),
        parts=dict(prices.parts),
        travel=Travel(per_visit=prices.travel),
        wasted_visit=prices.wasted_visit or None,
        late_cancellation=_late(prices),
    )


def _late(prices: PriceList) -> LateCancellation | None:
    if not prices.late_cancellation:
        return None
    return LateCancellation(price=prices.late_cancellation, hours=Decimal(prices.late_cancellation_hours))


def closed_days(calendar: Calendar, span: CostSpan) -> Iterator[date]:
    """Days without service, and those before and after them that an entry may reach into."""
    first, last = span.since - 2 * DAY, span.until + 2 * DAY
    found = {day for closure in calendar.closures for day, part in closure.within(first, last) if part == WHOLE_DAY}
    if not calendar.always:
        found |= {one.day for one in calendar.holidays if first <= one.day <= last}
    yield from sorted(found)


def parted_days(calendar: Calendar, span: CostSpan) -> list[date]:
    """Days that are closed for a part only: rating knows whole ones."""
    found = {
        day
        for closure in calendar.closures
        for day, part in closure.within(span.since, span.until)
        if part != WHOLE_DAY
    }
    return sorted(found)


def supposed_problems(written: Agreement, at: str = "/terms") -> list[Problem]:
    """All that is wrong with terms that are supposed."""
    since = min(one.since for one in written.terms)
    # From which day they count is said by whoever asks.
    asked = Simulation.model_construct(
        contract=written.but(since=max(since, written.begins), until=None), facts=(), bill=(0,), freezes={}
    )
    found = [one.but(at=f"{at}{one.at.removeprefix('/contract')}") for one in problems(asked)]
    if written.currency != CURRENCY:
        values = {"currency": written.currency, "own": CURRENCY}
        found.append(Problem(code="currency_differs", at=f"{at}/currency", values=values))
    return found
