"""Cases as `billing.rating` prices them under one choice of terms: lines, each with the case and the day it is for."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from domain.billing.agreement import Agreement
from domain.billing.facts import WorkDone
from domain.billing.invoices import Rated
from domain.billing.periods import Periods
from domain.billing.rating import rate
from domain.billing.tariffs import LineReason
from domain.contracts.prices import PriceList
from domain.costs.cases import ChargedCase
from domain.costs.cost import CostReason
from domain.costs.facts import Origin, ToldFacts, most_of
from domain.costs.terms import AnyTerms, CostSpan
from domain.refusals import Problem, Unacceptable
from domain.times import DAY

MOST_FACTS = 20_000
# Sums of some reasons only move from one invoice to the next.
_MOVED = frozenset({LineReason.CARRIED_FORWARD, LineReason.BROUGHT_FORWARD, LineReason.CREDITED_BY_NOTE})
_BY_TIME = frozenset({LineReason.TIME, LineReason.OVERAGE, LineReason.TRAVEL})


class CostLine(NamedTuple):
    """`case` is its number, empty where it belongs to none."""

    case: str
    reason: CostReason
    amount: Decimal
    day: date


class RatedSide:
    """What all cases come to under one choice of terms."""

    def __init__(self) -> None:
        self.lines: list[CostLine] = []
        self.facts = 0
        self.as_charged: set[str] = set()

    @property
    def charged(self) -> list[CostLine]:
        return [line for line in self.lines if line.reason is not LineReason.SLA_CREDIT]

    @property
    def credits(self) -> Decimal:
        return total(line for line in self.lines if line.reason is LineReason.SLA_CREDIT)


class CaseRating:
    """The same cases under one choice of terms after the other."""

    def __init__(self, span: CostSpan, zone_name: str, own: Mapping[int, PriceList]) -> None:
        self._span, self._zone, self._own = span, zone_name, own

    def rate(self, side: RatedSide, terms: AnyTerms, cases: Sequence[ChargedCase]) -> None:
        """Twice where work came to more than was promised at most: then that is charged in place of it."""
        lines, told = self._lines(terms, cases, {})
        capped = _capped(lines, terms, cases)
        if capped:
            lines, told = self._lines(terms, cases, capped)
        side.lines += lines
        side.facts += len(told.facts)
        side.as_charged |= told.as_charged
        _check_size(side.facts)

    def _lines(
        self, terms: AnyTerms, cases: Sequence[ChargedCase], capped: Mapping[str, Decimal]
    ) -> tuple[list[CostLine], ToldFacts]:
        told = ToldFacts(terms, self._span, self._zone, self._own)
        told.tell(cases, capped)
        _check_size(len(told.facts))
        agreement = terms.agreement
        periods = Periods(agreement.anchor, agreement.months, agreement.zone)
        # One more on either side: work runs over the last midnight, and zones may differ.
        bill = range(periods.of(self._span.since) - 1, periods.of(self._span.until) + 2)
        try:
            rated = rate(agreement, told.facts, bill)
        except Unacceptable as refused:
            raise Unacceptable(*_unpriced(refused.problems, told)) from refused
        return list(_of(rated, told.origins, agreement, self._span)), told


def _check_size(facts: int) -> None:
    if facts > MOST_FACTS:
        raise Unacceptable(Problem(code="cost_too_much", at="/from", values={"most": f"{MOST_FACTS}"}))


def _capped(lines: Iterable[CostLine], terms: AnyTerms, cases: Iterable[ChargedCase]) -> dict[str, Decimal]:
    """What is promised at most, of the cases that came to more by time."""
    most = {case.no: limit for case in cases if (limit := most_of(case, terms, case.accepted.date())) is not None}
    if not most:
        return {}
    came: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.reason in _BY_TIME:
            came[line.case] += line.amount
    return {no: limit for no, limit in most.items() if came[no] > limit}


def _of(rated: Rated, origins: Mapping[str, Origin], agreement: Agreement, span: CostSpan) -> Iterator[CostLine]:
    for invoice in rated.invoices:
        due = invoice.start if agreement.timing == "advance" else invoice.end - DAY
        due = min(max(due, span.since), span.until)
        for line in invoice.lines:
            origin = origins.get(line.ref)
            if line.reason in _MOVED:
                continue
            if origin is None:
                yield CostLine("", line.reason, line.amount, due)
            else:
                yield CostLine(origin.case.no, origin.reason or line.reason, line.amount, origin.day)
        for off in invoice.allowances:
            yield CostLine("", "discount", -off.amount, due)


def _unpriced(problems: Iterable[Problem], told: ToldFacts) -> Iterator[Problem]:
    """One for each role, called by the first case in which it worked."""
    roles: dict[str, str] = {}
    for fact in told.facts:
        if isinstance(fact, WorkDone):
            roles.setdefault(fact.role, told.origins[fact.id].case.no)
    named = dict.fromkeys(one.values["role"] for one in problems if "role" in one.values)
    yield from (
        Problem(code="cost_role_unpriced", at="/terms", values={"role": role, "case": roles[role]}) for role in named
    )


def total(lines: Iterable[CostLine]) -> Decimal:
    return sum((line.amount for line in lines), Decimal("0.00"))
