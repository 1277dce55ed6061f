"""What terms and facts are refused for: all problems at once, each with its place."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from domain.billing.agreement import Agreement, Simulation
from domain.billing.charges import part_price
from domain.billing.facts import (
    Adjusted,
    Bought,
    Cancelled,
    Corrected,
    Fact,
    OrderDone,
    PartUsed,
    Terminated,
    VisitMade,
    VisitWasted,
    WorkDone,
)
from domain.billing.money import decimals, unit_of
from domain.billing.periods import Periods
from domain.billing.prices import PriceBook
from domain.billing.tariffs import Tariff
from domain.billing.vat import TAXED, Vat
from domain.refusals import Problem
from domain.times import LAST_DAY

# Each of them is looked at again for every piece of work.
_LOOKED_AT_AGAIN = frozenset({"purchase", "correct", "reprice", "terminate", "credit"})
MOST_OF_A_KIND = 1_000


def unique(facts: Iterable[Fact]) -> list[Fact]:
    """The same fact twice is one."""
    return [*{fact.id: fact for fact in facts}.values()]


def problems(asked: Simulation) -> Iterator[Problem]:
    agreement = asked.contract
    yield from _of_agreement(agreement)
    for place, terms in enumerate(agreement.terms):
        yield from _of_terms(agreement, terms, f"/contract/terms/{place}")
    periods = Periods(agreement.anchor, agreement.months, agreement.zone)
    yield from _of_bill(asked.bill, periods)
    yield from _of_facts(agreement, asked.facts, periods)


def _of_agreement(agreement: Agreement) -> Iterator[Problem]:
    first = min(terms.since for terms in agreement.terms)
    if first > agreement.begins:
        yield Problem(
            code="terms_gap", at="/contract/terms", values={"since": f"{agreement.begins}", "first": f"{first}"}
        )
    for day, many in Counter(terms.since for terms in agreement.terms).items():
        if many > 1:
            yield Problem(code="terms_overlap", at="/contract/terms", values={"day": f"{day}"})
    if agreement.until is not None and agreement.until < agreement.begins:
        yield Problem(
            code="contract_ends_early",
            at="/contract/until",
            values={"since": f"{agreement.begins}", "until": f"{agreement.until}"},
        )
    yield from _of_vat(agreement.vat, "/contract/vat")


def _of_terms(agreement: Agreement, terms: Tariff, at: str) -> Iterator[Problem]:
    yield from too_fine(terms, agreement.currency, at)
    for name, many in Counter(fee.id for fee in terms.fees).items():
        if many > 1:
            yield Problem(code="fee_twice", at=f"{at}/fees", values={"fee": name})
    for place, fee in enumerate(terms.fees):
        if fee.vat is not None:
            yield from _of_vat(fee.vat, f"{at}/fees/{place}/vat")
    if terms.sla is not None and terms.fee(terms.sla.fee) is None:
        yield Problem(code="sla_fee_unknown", at=f"{at}/sla/fee", values={"fee": terms.sla.fee})
    if terms.minimum is not None and terms.cap is not None and terms.minimum.amount > terms.cap.amount:
        yield Problem(
            code="minimum_above_cap",
            at=f"{at}/minimum/amount",
            values={"minimum": f"{terms.minimum.amount}", "cap": f"{terms.cap.amount}"},
        )


# Numbers that are no prices: what is multiplied with them is rounded.
_NO_PRICES = frozenset(
    {"split", "parts_markup", "factors", "free_km", "hours", "percent", "percent_of_fee", "cap_percent", "below"}
    | {"quantity", "km", "vat"}
)


def too_fine(value: Any, currency: str, at: str) -> Iterator[Problem]:  # noqa: ANN401  # models, mappings, sequences
    """Prices with more decimals than their currency has."""
    if isinstance(value, Decimal):
        most = decimals(currency) or 0
        exponent = value.normalize().as_tuple().exponent
        if isinstance(exponent, int) and -exponent > most:
            yield Problem(
                code="price_too_fine", at=at, values={"price": f"{value}", "currency": currency, "decimals": f"{most}"}
            )
        return
    for name, below in _below(value):
        if name not in _NO_PRICES:
            yield from too_fine(below, currency, f"{at}/{name}")


def _below(value: object) -> Iterator[tuple[str, object]]:
    fields = getattr(type(value), "model_fields", None)
    if fields is not None:
        yield from ((field.alias or name, getattr(value, name)) for name, field in fields.items())
    elif isinstance(value, Mapping):
        yield from ((f"{name}", below) for name, below in value.items())
    elif isinstance(value, tuple):
        yield from ((f"{place}", below) for place, below in enumerate(value))


def _of_vat(vat: Vat, at: str) -> Iterator[Problem]:
    if vat.rate and vat.category not in TAXED:
        yield Problem(code="vat_rate_not_zero", at=at, values={"category": vat.category, "rate": f"{vat.rate}"})


def _of_bill(bill: Sequence[int], periods: Periods) -> Iterator[Problem]:
    if any(one >= other for one, other in pairwise(bill)):
        yield Problem(code="bill_not_rising", at="/bill", values={})
    yield from (
        Problem(code="period_too_far", at=f"/bill/{place}", values={"period": f"{n}", "last": f"{LAST_DAY}"})
        for place, n in enumerate(bill)
        if not periods.reaches(n)
    )


def _of_facts(agreement: Agreement, facts: Sequence[Fact], periods: Periods) -> Iterator[Problem]:
    seen: dict[str, Fact] = {}
    placed: list[tuple[str, Fact]] = []
    for place, fact in enumerate(facts):
        if fact.id not in seen:
            seen[fact.id] = fact
            placed.append((f"/facts/{place}", fact))
        elif seen[fact.id] != fact:
            yield Problem(code="fact_contradicts", at=f"/facts/{place}", values={"fact": fact.id})
    for kind, many in Counter(fact.type for fact in seen.values()).items():
        if kind in _LOOKED_AT_AGAIN and many > MOST_OF_A_KIND:
            yield Problem(code="facts_too_many", at="/facts", values={"type": kind, "most": f"{MOST_OF_A_KIND}"})
    ends = [fact.on for fact in seen.values() if isinstance(fact, Terminated)]
    last_day = min([*ends, agreement.until or LAST_DAY])
    book = PriceBook(agreement)
    for at, fact in placed:
        yield from too_fine(fact, agreement.currency, at)
        yield from _of_fact(agreement, fact, at, seen)
        if isinstance(fact, WorkDone):
            day = periods.local_day(fact.start)
            if not agreement.begins <= day <= last_day:
                yield Problem(code="work_outside_term", at=f"{at}/start", values={"fact": fact.id, "day": f"{day}"})
        yield from _unpriced(agreement, fact, book, periods, at)


def _of_fact(agreement: Agreement, fact: Fact, at: str, seen: Mapping[str, Fact]) -> Iterator[Problem]:
    if isinstance(fact, Corrected) and not isinstance(seen.get(fact.of), WorkDone):
        yield Problem(code="fact_unknown", at=f"{at}/of", values={"fact": fact.of})
    elif isinstance(fact, Bought) and fact.expires < fact.on:
        yield Problem(code="block_expires_early", at=f"{at}/expires", values={"fact": fact.id})
    elif isinstance(fact, Terminated) and fact.on < agreement.begins:
        yield Problem(
            code="contract_ends_early", at=f"{at}/on", values={"since": f"{agreement.begins}", "until": f"{fact.on}"}
        )


def _unpriced(agreement: Agreement, fact: Fact, book: PriceBook, periods: Periods, at: str) -> Iterator[Problem]:
    days = list(_price_days(agreement, fact, periods))
    if any(book.at(day) is None for day in days):
        yield Problem(code="terms_missing", at=at, values={"fact": fact.id, "day": f"{days[-1]}"})
    elif isinstance(fact, PartUsed):
        if fact.vat is not None:
            yield from _of_vat(fact.vat, f"{at}/vat")
        if part_price(fact, book.at(days[0]), unit_of(agreement.currency)) is None:
            yield Problem(code="part_unpriced", at=f"{at}/part", values={"part": fact.part})


def _price_days(agreement: Agreement, fact: Fact, periods: Periods) -> Iterator[date]:
    """The days whose terms a fact needs, but those of work, which is within the term."""
    if isinstance(fact, PartUsed | VisitMade | VisitWasted | Cancelled | Adjusted):
        yield periods.local_day(fact.at)
    elif isinstance(fact, OrderDone):
        yield periods.local_day(fact.done)
    if isinstance(fact, OrderDone | WorkDone) and fact.accepted is not None and agreement.price_date == "accepted":
        yield periods.local_day(fact.accepted)
