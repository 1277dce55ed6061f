"""What has happened, as terms want to be told it: each set of them prices other things."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from domain.billing.facts import (
    Adjusted,
    Breached,
    Cancelled,
    Fact,
    OrderDone,
    PartUsed,
    VisitMade,
    VisitWasted,
    WorkDone,
)
from domain.billing.tariffs import LineReason
from domain.contracts.prices import PriceList
from domain.costs.cases import INCIDENT, CaseLog, ChargedCase
from domain.costs.terms import AnyTerms, CostSpan, PriceTerms, SupposedTerms
from domain.times import zone

Caps = Mapping[str, Decimal]


class Origin(NamedTuple):
    """Of which case a fact is, on which local day; `reason` where it is told in place of something else."""

    case: ChargedCase
    day: date
    reason: LineReason | None = None


class ToldFacts:
    """Those that lie within the time asked for, by the days of one zone.

    `own` are the prices of each version. `capped` are cases that come to what was promised at most. `as_charged` are
    parts for which these terms have no price: they cost what they were charged.
    """

    def __init__(self, terms: AnyTerms, span: CostSpan, zone_name: str, own: Mapping[int, PriceList]) -> None:
        self._terms, self._span, self._zone, self._own = terms, span, zone(zone_name), own
        self.facts: list[Fact] = []
        self.origins: dict[str, Origin] = {}
        self.as_charged: set[str] = set()

    def tell(self, cases: Iterable[ChargedCase], capped: Caps) -> None:
        of = _Priced(self._terms) if isinstance(self._terms, PriceTerms) else _Supposed(self._terms)
        for case in cases:
            for fact, at, reason in of.facts(case, capped):
                self._add(fact, at, reason, case)

    def _add(self, fact: Fact, at: datetime, reason: LineReason | None, case: ChargedCase) -> None:
        day = at.astimezone(self._zone).date()
        if not self._span.since <= day <= self._span.until:
            return
        changes: dict[str, object] = {"id": f"{len(self.facts)}"}
        if isinstance(fact, PartUsed) and fact.unit_price is None and not self._terms.lists(fact.part):
            self.as_charged.add(fact.part)
            changes["unit_price"] = self._own[case.version].parts.get(fact.part, Decimal(0))
        self.facts.append(fact.model_copy(update=changes))
        self.origins[self.facts[-1].id] = Origin(case, day, reason)


# A fact, when it happened, and as what it is told where that is not what it says.
_Told = tuple[Fact, datetime, LineReason | None]
_UNNAMED = "-"


class _Priced:
    """As orders and incidents are charged by a price list (`orders.charges`, `incidents.charges`)."""

    def __init__(self, terms: PriceTerms) -> None:
        self._terms = terms

    def facts(self, case: ChargedCase, capped: Caps) -> Iterator[_Told]:
        if not self._terms.charges(case):
            return
        if case.kind == INCIDENT or case.is_completed or self._terms.prices.unfinished == "charge":
            whole = self._terms.whole(case) if case.is_completed and case.kind != INCIDENT else None
            whole = capped.get(case.no) if whole is None else whole
            yield from _at(whole, case) if whole is not None else self._by_time(case)
            yield from _parts(case)
        yield from _wasted(case)
        yield from _cancelled(case)

    def _by_time(self, case: ChargedCase) -> Iterator[_Told]:
        for log in case.logs:
            if log.minutes:
                yield _work(log, self._terms.role(case, log.role))
        if case.is_completed:
            visits = [log for log in case.logs if log.is_visit]
            charged = self._terms.visits(case)
            # Those that were for nothing come last: of an order's one visit the first that was not is told.
            for log in sorted(visits, key=lambda log: log.wasted)[:charged]:
                yield VisitMade(type="visit", id=_UNNAMED, at=log.started_at), log.started_at, None


class _Supposed:
    """As documents of `imac invoice simulate` tell it."""

    def __init__(self, terms: SupposedTerms) -> None:
        self._terms = terms

    def facts(self, case: ChargedCase, capped: Caps) -> Iterator[_Told]:
        for breach in case.breaches:
            yield Breached(type="breach", id=_UNNAMED, clock=breach.clock, at=breach.at, approved=True), breach.at, None
        if not case.is_charged and case.kind != INCIDENT:
            return
        yield from self._work(case, capped)
        yield from _parts(case)
        yield from _wasted(case)
        yield from _cancelled(case)

    def _work(self, case: ChargedCase, capped: Caps) -> Iterator[_Told]:
        whole = capped.get(case.no)
        if whole is None and case.is_completed and case.quote is not None and not self._terms.is_flat(case):
            whole = None if case.quote_at_most else case.quote
        if whole is not None:
            yield from _at(whole, case)
            return
        kind = self._terms.name(case)
        if case.is_completed:
            done = OrderDone(type="order", id=_UNNAMED, kind=kind, done=case.ended, accepted=case.accepted)
            yield done, case.ended, None
        for log in case.logs:
            if log.minutes:
                # What is not completed has no price as a whole: it costs its time, at most that price.
                named = kind if case.is_completed or case.kind == INCIDENT else None
                yield _work(log, log.role, named, case.accepted)
            if log.is_visit and not log.wasted and case.is_completed:
                yield VisitMade(type="visit", id=_UNNAMED, at=log.started_at), log.started_at, None


def most_of(case: ChargedCase, terms: AnyTerms, day: date) -> Decimal | None:
    """What work on a case comes to at most: what was quoted so, and of one that was not completed its whole price."""
    if case.kind == INCIDENT:
        return None
    whole = terms.whole(case) if isinstance(terms, PriceTerms) else terms.flat(case, day)
    if case.is_completed:
        return case.quote if case.quote_at_most and whole is None else None
    return whole if whole is not None else case.quote


def _at(price: Decimal, case: ChargedCase) -> Iterator[_Told]:
    yield Adjusted(type="adjust", id=_UNNAMED, amount=price, at=case.ended), case.ended, LineReason.FLAT


def _work(log: CaseLog, role: str, kind: str | None = None, accepted: datetime | None = None) -> _Told:
    told = WorkDone(
        type="work",
        id=_UNNAMED,
        role=role,
        kind=kind,
        start=log.started_at,
        minutes=log.minutes,
        accepted=accepted,
    )
    return told, log.started_at, None


def _parts(case: ChargedCase) -> Iterator[_Told]:
    for log in case.logs:
        for use in log.parts:
            told = PartUsed(
                type="part",
                id=_UNNAMED,
                part=use.part,
                quantity=Decimal(use.quantity),
                unit_price=use.unit_price,
                at=log.started_at,
            )
            yield told, log.started_at, None


def _wasted(case: ChargedCase) -> Iterator[_Told]:
    for log in case.logs:
        if log.wasted:
            yield VisitWasted(type="wasted", id=_UNNAMED, at=log.started_at), log.started_at, None


def _cancelled(case: ChargedCase) -> Iterator[_Told]:
    if case.cancelled_at is not None and case.appointment is not None:
        told = Cancelled(type="cancel", id=_UNNAMED, at=case.cancelled_at, appointment=case.appointment)
        yield told, case.cancelled_at, None
