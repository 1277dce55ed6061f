"""Real cases under a contract's own terms and under others: by month, by reason and by case."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.billing.agreement import Agreement
from domain.billing.periods import months_later
from domain.contracts.contract import Contract
from domain.costs.cases import INCIDENT, ChargedCase
from domain.costs.cost import REASONS, CaseCost, ContractCost, CostMonth, CostReason, CostRow, CostTerms
from domain.costs.rated import CaseRating, CostLine, RatedSide, total
from domain.costs.terms import CURRENCY, AnyTerms, CostSpan, PriceTerms, SupposedTerms, parted_days
from domain.times import DAY

MOST_CASES = 10_000
# Three years, and a day more in case one of them is a leap year.
LONGEST = 3 * 365 + 1
CASES_SHOWN = 10


@dataclass(frozen=True)
class CostGround:
    """What is compared. `versions` are those to which cases are pinned; all calendars have their holidays."""

    contract: str
    zone: str
    span: CostSpan
    cases: Sequence[ChargedCase]
    versions: tuple[Contract, ...]
    like: Contract | None = None
    supposed: Agreement | None = None


def compare(ground: CostGround) -> ContractCost:
    """Raises `Unacceptable` for too many facts, and for work of roles that the other terms do not price."""
    versions = {one.version: PriceTerms(one, ground.span, is_pinned=True) for one in ground.versions}
    own, other = RatedSide(), _other_terms(ground)
    by_version: dict[int, list[ChargedCase]] = defaultdict(list)
    for case in ground.cases:
        by_version[case.version].append(case)
    rating = CaseRating(ground.span, ground.zone, {version: one.prices for version, one in versions.items()})
    for version, cases in sorted(by_version.items()):
        rating.rate(own, versions[version], cases)
    beside = RatedSide() if other is not None else None
    if beside is not None and other is not None:
        rating.rate(beside, other, ground.cases)
    return _told(ground, own, beside)


def _other_terms(ground: CostGround) -> AnyTerms | None:
    if ground.like is not None:
        return PriceTerms(ground.like, ground.span)
    if ground.supposed is None:
        return None
    earliest = min((case.accepted.date() - DAY for case in ground.cases), default=ground.span.since)
    return SupposedTerms(ground.supposed, ground.span, earliest)


def _told(ground: CostGround, own: RatedSide, other: RatedSide | None) -> ContractCost:
    mine, theirs = own.charged, other.charged if other else None
    rows = tuple(_rows(mine, theirs))
    calendars = [one.calendar for one in (*ground.versions, ground.like) if one is not None]
    return ContractCost.model_construct(
        contract=ground.contract,
        currency=CURRENCY,
        zone=ground.zone,
        since=ground.span.since,
        until=ground.span.until,
        terms=CostTerms(contract=ground.contract, versions=tuple(sorted(one.version for one in ground.versions))),
        other_terms=_named(ground),
        counted=len(ground.cases),
        facts=own.facts,
        own=total(mine),
        other=total(theirs) if theirs is not None else None,
        own_credits=own.credits,
        other_credits=other.credits if other else None,
        rows=rows,
        months=tuple(_months(ground.span, mine, theirs)),
        decided=tuple(_decided(rows)),
        cases=tuple(_cases(ground, mine, theirs)) if theirs is not None else (),
        as_charged=tuple(sorted(other.as_charged)) if other else (),
        closed_in_part=tuple(sorted({day for one in calendars for day in parted_days(one, ground.span)})),
    )


def _named(ground: CostGround) -> CostTerms | None:
    if ground.like is not None:
        return CostTerms(contract=ground.like.id, versions=(ground.like.version,))
    return CostTerms() if ground.supposed is not None else None


def _rows(own: Iterable[CostLine], other: Iterable[CostLine] | None) -> Iterator[CostRow]:
    """In the order in which reasons stand on invoices."""
    mine, theirs = _by_reason(own), _by_reason(other) if other is not None else None
    for reason in REASONS:
        here, there = mine.get(reason, []), theirs.get(reason, []) if theirs is not None else None
        if here or there:
            yield CostRow(
                reason=reason,
                own=sum(here, Decimal(0)),
                own_lines=len(here),
                other=sum(there, Decimal(0)) if there is not None else None,
                other_lines=len(there) if there is not None else None,
            )


def _by_reason(lines: Iterable[CostLine]) -> dict[CostReason, list[Decimal]]:
    found: dict[CostReason, list[Decimal]] = defaultdict(list)
    for line in lines:
        found[line.reason].append(line.amount)
    return dict(found)


def _months(span: CostSpan, own: Sequence[CostLine], other: Sequence[CostLine] | None) -> Iterator[CostMonth]:
    mine, theirs = _by_month(own), _by_month(other or ())
    first = span.since.replace(day=1)
    while first <= span.until:
        following = months_later(first, 1)
        here = mine.get(first, [])
        there = theirs.get(first, []) if other is not None else None
        yield CostMonth.model_construct(
            since=max(first, span.since),
            until=min(following - DAY, span.until),
            own=total(here),
            other=total(there) if there is not None else None,
            rows=tuple(_rows(here, there)),
        )
        first = following


def _by_month(lines: Iterable[CostLine]) -> dict[date, list[CostLine]]:
    found: dict[date, list[CostLine]] = defaultdict(list)
    for line in lines:
        found[line.day.replace(day=1)].append(line)
    return found


def _decided(rows: Iterable[CostRow]) -> Iterator[CostRow]:
    differing = [row for row in rows if row.other is not None and row.other != row.own]
    yield from sorted(differing, key=lambda row: -abs((row.other or Decimal(0)) - row.own))


def _cases(ground: CostGround, own: Iterable[CostLine], other: Iterable[CostLine]) -> Iterator[CaseCost]:
    mine, theirs = _by_case(own), _by_case(other)
    incidents = {case.no for case in ground.cases if case.kind == INCIDENT}
    nothing: list[CostLine] = []
    found = [
        CaseCost(
            kind="incident" if no in incidents else "order",
            no=no,
            own=total(mine.get(no, nothing)),
            own_reasons=_reasons(mine.get(no, nothing)),
            other=total(theirs.get(no, nothing)),
            other_reasons=_reasons(theirs.get(no, nothing)),
        )
        for no in dict.fromkeys((*mine, *theirs))
    ]
    differing = [one for one in found if one.own != one.other]
    yield from sorted(differing, key=lambda one: (-abs(one.other - one.own), one.no))[:CASES_SHOWN]


def _by_case(lines: Iterable[CostLine]) -> dict[str, list[CostLine]]:
    found: dict[str, list[CostLine]] = defaultdict(list)
    for line in lines:
        if line.case:
            found[line.case].append(line)
    return found


def _reasons(lines: Iterable[CostLine]) -> tuple[CostReason, ...]:
    return tuple(dict.fromkeys(line.reason for line in lines))
