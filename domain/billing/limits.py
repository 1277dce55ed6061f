"""What is looked at when all lines of an invoice are there: credits for broken levels, cap, minimum, discount."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from domain.billing.agreement import Agreement
from domain.billing.facts import Breached, Measured
from domain.billing.invoices import InvoiceAllowance, InvoiceLine
from domain.billing.money import NOTHING, allocated, rounded, unit_of
from domain.billing.prices import PriceBook
from domain.billing.runs import BillingRuns
from domain.billing.tariffs import LineReason, Sla, SlaCredit, Tariff
from domain.billing.vat import Vat, by_rate
from domain.times import DAY

Level = Breached | Measured


class SlaCredits:
    """Only what was approved, in order of id, together no more than a share of the fee as it was billed."""

    def __init__(self, agreement: Agreement, book: PriceBook, runs: BillingRuns, levels: Iterable[Level]) -> None:
        self._agreement, self._book, self._runs = agreement, book, runs
        self._unit = unit_of(agreement.currency)
        self._due: defaultdict[int, list[tuple[int, Level]]] = defaultdict(list)
        for level in sorted(levels, key=lambda one: one.id):
            if level.approved:
                own, n = runs.place(level.at, level.told)
                self._due[n].append((own, level))
        self._fees: dict[tuple[int, str], Decimal] = {}
        self._given: defaultdict[tuple[int, str], Decimal] = defaultdict(Decimal)

    def lines(self, n: int, billed: Sequence[InvoiceLine]) -> Iterator[InvoiceLine]:
        if not self._due:
            return
        for line in billed:
            if line.reason is LineReason.FEE:
                self._fees[n, line.ref] = self._fees.get((n, line.ref), NOTHING) + line.amount
        for own, level in self._due.get(n, ()):
            terms = self._book.at(self._runs.periods.local_day(level.at))
            sla = terms.sla if terms else None
            credit = credit_for(level, sla) if sla else None
            if terms is None or sla is None or credit is None:
                continue
            amount = self._capped(credit, sla, own)
            if amount:
                fee = terms.fee(sla.fee)
                vat = (fee.vat if fee else None) or self._agreement.vat
                yield InvoiceLine(LineReason.SLA_CREDIT, level.id, -amount, vat, late=own != n)

    def _capped(self, credit: SlaCredit, sla: Sla, own: int) -> Decimal:
        key = (own, sla.fee)
        fee = self._fees.get(key, NOTHING)
        amount = credit.amount if credit.percent_of_fee is None else _percent(fee, credit.percent_of_fee)
        amount = rounded(amount or NOTHING, self._unit)
        if sla.cap_percent is not None:
            amount = min(amount, rounded(_percent(fee, sla.cap_percent), self._unit) - self._given[key])
        self._given[key] += amount
        return amount


def credit_for(level: Level, sla: Sla) -> SlaCredit | None:
    if isinstance(level, Breached):
        return sla.response if level.clock == "response" else sla.resolution
    missed = [step for step in sla.availability if level.percent < step.below]
    return min(missed, key=lambda step: step.below, default=None)


def _percent(amount: Decimal, percent: Decimal) -> Fraction:
    return Fraction(amount) * Fraction(percent) / 100


def limited(
    agreement: Agreement, terms: Tariff, lines: Sequence[InvoiceLine], share: Fraction
) -> Iterator[InvoiceLine]:
    """First the cap, then the minimum. `share` is which part of the period the contract is in force."""
    unit = unit_of(agreement.currency)
    capped: list[InvoiceLine] = []
    if terms.cap is not None:
        counted = _counted(lines, terms.cap.counts)
        over = sum((line.amount for line in counted), NOTHING) - terms.cap.amount
        if over > 0:
            capped = list(_taken_off(counted, over, unit))
            yield from capped
    if terms.minimum is None or not share:
        return
    minimum = rounded(Fraction(terms.minimum.amount) * (share if terms.minimum.prorate else 1), unit)
    used = sum((line.amount for line in _counted(lines, terms.minimum.counts)), NOTHING)
    if terms.cap is not None and {*terms.cap.counts} & {*terms.minimum.counts}:
        used += sum((line.amount for line in capped), NOTHING)
    if used < minimum:
        yield InvoiceLine(LineReason.MINIMUM, "", minimum - used, agreement.vat)


def _counted(lines: Iterable[InvoiceLine], reasons: Collection[LineReason]) -> list[InvoiceLine]:
    return [line for line in lines if line.reason in reasons]


def _taken_off(lines: Sequence[InvoiceLine], over: Decimal, unit: Decimal) -> Iterator[InvoiceLine]:
    """From each tax rate its share."""
    by_vat: defaultdict[Vat, Decimal] = defaultdict(Decimal)
    for line in lines:
        by_vat[line.vat] += line.amount
    taxed = {vat: amount for vat, amount in by_vat.items() if amount > 0}
    for vat, amount in zip(taxed, allocated(over, [*taxed.values()], unit), strict=True):
        if amount:
            yield InvoiceLine(LineReason.CAP, "", -amount, vat)


def discounted(terms: Tariff, lines: Sequence[InvoiceLine], unit: Decimal) -> Iterator[InvoiceAllowance]:
    if terms.discount is None:
        return
    for taxed in by_rate(((line.vat, line.amount) for line in lines), unit):
        amount = rounded(_percent(taxed.base, terms.discount.percent), unit)
        if amount > 0:
            yield InvoiceAllowance("discount", amount, *taxed.vat)


def part_in_force(agreement: Agreement, runs: BillingRuns, n: int, last_day: date) -> Fraction:
    """Which part of the days of a period the contract is in force."""
    start, end = runs.periods.start(n), runs.periods.end(n)
    days = (min(end, last_day + DAY) - max(start, agreement.begins)).days
    return Fraction(max(0, days), (end - start).days)
