"""`rate`: from terms and facts to invoices. Pure: in which order facts come, and how often, changes nothing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import TypeVar, cast

from domain.billing.agreement import Agreement, Simulation
from domain.billing.charges import PieceCharges, block_ends, refund
from domain.billing.checks import problems, unique
from domain.billing.credits import credit_notes
from domain.billing.facts import (
    Adjusted,
    BillingFact,
    Bought,
    Breached,
    Cancelled,
    Corrected,
    Counted,
    Credited,
    Fact,
    Measured,
    OrderDone,
    PartUsed,
    Repriced,
    Terminated,
    VisitMade,
    VisitWasted,
    WorkDone,
)
from domain.billing.fees import Fees
from domain.billing.invoices import (
    CreditNote,
    Invoice,
    InvoiceAllowance,
    InvoiceLine,
    QuotaUse,
    Rated,
    SkontoOffer,
    VatLine,
    VatTold,
)
from domain.billing.limits import SlaCredits, discounted, limited, part_in_force
from domain.billing.money import NOTHING, rounded, unit_of
from domain.billing.prices import PriceBook
from domain.billing.quotas import Pools
from domain.billing.runs import BillingRuns
from domain.billing.tariffs import LineReason, Tariff
from domain.billing.vat import Taxed, Vat, by_rate
from domain.billing.work import ChargedWork
from domain.refusals import refuse_if

F = TypeVar("F", bound=BillingFact)


def simulate(asked: Simulation) -> Rated:
    """Raises `Unacceptable` with all problems of the terms, the facts and the periods."""
    refuse_if(list(problems(asked)))
    return rate(asked.contract, asked.facts, asked.bill, asked.freezes)


def rate(
    agreement: Agreement, facts: Iterable[Fact], bill: Sequence[int], freezes: Mapping[int, datetime] | None = None
) -> Rated:
    """The invoices of these periods, and the credit notes. What came before the first of them counts as invoiced.

    Terms and facts have been looked at by `checks.problems`. Raises `Unacceptable` for what only shows in the
    reckoning: work without a price, and credits above what was charged.
    """
    course = Reckoning(agreement, unique(facts), bill, freezes or {})
    invoices = tuple(course.invoices())
    refuse_if([*course.work.unpriced.values()])
    unit = unit_of(agreement.currency)
    notes = credit_notes(course.of(Credited), invoices, unit)
    return Rated(invoices=invoices, credit_notes=(*notes, *course.final))


class Reckoning:
    """One contract on its way through its periods."""

    def __init__(
        self, agreement: Agreement, facts: Sequence[Fact], bill: Sequence[int], freezes: Mapping[int, datetime]
    ) -> None:
        self._agreement, self._bill = agreement, sorted({*bill})
        self._facts: defaultdict[type[BillingFact], list[BillingFact]] = defaultdict(list)
        for fact in facts:
            self._facts[type(fact)].append(fact)
        self._unit = unit_of(agreement.currency)
        self._runs = BillingRuns(agreement, freezes)
        book = PriceBook(agreement)
        self._book = book
        self._fees = Fees(agreement, book, self._runs, self.of(Counted, Terminated))
        self._charges = PieceCharges(agreement, book, self._runs).lines(
            self.of(OrderDone), self.of(PartUsed, VisitMade, VisitWasted, Cancelled, Adjusted), self.of(Bought)
        )
        self._sla = SlaCredits(agreement, book, self._runs, self.of(Breached, Measured))
        self.work = ChargedWork(agreement, self._runs, self.of(WorkDone), self.of(Corrected, Repriced))
        self._pools = Pools.of(self.of(Bought))
        # As the pools were before the work of each period was drawn.
        self._before: dict[int, Pools] = {}
        self._brought: dict[Vat, Decimal] = {}
        self.final: list[CreditNote] = []

    def of(self, *kinds: type[F]) -> list[F]:
        found = [self._facts[kind] for kind in kinds if kind in self._facts]
        return cast(list[F], [*chain.from_iterable(found)])

    def invoices(self) -> Iterator[Invoice]:
        first, last = self._bill[0], self._bill[-1]
        worked = self.work.first
        asked = {*self._bill}
        for n in range(first if worked is None else min(first, worked), last + 1):
            if n == first:
                self._pools.forget()
            lines, quota = self._period(n)
            if n in asked:
                yield self._invoice(n, lines, quota)

    def _period(self, n: int) -> tuple[list[InvoiceLine], QuotaUse | None]:
        periods, last_day = self._runs.periods, self._last_day(n)
        in_force = part_in_force(self._agreement, self._runs, n, last_day)
        terms = self._terms(n)
        self._pools.begin(n, terms.quota if terms and in_force else None)
        self._before[n] = self._pools.copy()
        lines = [
            *self._fees.lines(n),
            *self._charges.get(n, ()),
            *self.work.lines(n, self._pools, self.work.known(self._runs.invoiced_at(n))),
            *self._amended(n),
            *self._refunds(n, last_day),
        ]
        lines += self._sla.lines(n, lines)
        if terms is not None:
            lines += limited(self._agreement, terms, lines, in_force)
        return lines, self._pools.close(is_last=last_day < periods.end(n))

    def _terms(self, n: int) -> Tariff | None:
        """What counts for a period as a whole: the terms with which it begins."""
        return self._book.at(max(self._runs.periods.start(n), self._agreement.begins))

    def _last_day(self, n: int) -> date:
        return self._fees.last_day(self._runs.fees_known_at(n))

    def _amended(self, n: int) -> Iterator[InvoiceLine]:
        """What corrections and new prices that were told in this period change of what is invoiced already."""
        for place, one in enumerate(self.work.amendments):
            if self._runs.of(self._runs.periods.local_day(one.told)) != n:
                continue
            difference = NOTHING
            for m in sorted(self.work.touched(one)):
                before = self._before.get(m)
                if before is not None and self._runs.invoiced_at(m) < one.told:
                    difference += self._changed(m, before, place)
            if difference:
                yield InvoiceLine(LineReason.ADJUST, one.id, rounded(difference, self._unit), self._agreement.vat)

    def _changed(self, m: int, before: Pools, known: int) -> Decimal:
        """By how much the work of a period would have come to more; minutes of blocks are given back, or taken."""
        was, now = before.copy(), before.copy()
        change = self.work.amount(m, now, known + 1) - self.work.amount(m, was, known)
        for block, old, new in zip(self._pools.blocks, was.blocks, now.blocks, strict=True):
            block.left = max(0, block.left + new.left - old.left)
        return change

    def _refunds(self, n: int, last_day: date) -> Iterator[InvoiceLine]:
        if self._agreement.end_policy != "refund":
            return
        for block in self._pools.blocks:
            if block.left and self._runs.of(block_ends(block.bought, last_day)) <= n:
                amount = refund(block.bought, block.left, self._unit)
                block.left = 0
                yield InvoiceLine(LineReason.REFUND, block.bought.id, -amount, self._agreement.vat)

    def _invoice(self, n: int, lines: list[InvoiceLine], quota: QuotaUse | None) -> Invoice:
        nothing = rounded(NOTHING, self._unit)
        terms = self._terms(n)
        brought = [InvoiceLine(LineReason.BROUGHT_FORWARD, "", amount, vat) for vat, amount in self._brought.items()]
        self._brought = {}
        allowances = tuple(discounted(terms, lines, self._unit)) if terms else ()
        lines = [*lines, *brought]
        taxed = by_rate(_amounts(lines, allowances), self._unit)
        balance = list(self._balanced(n, taxed))
        if balance:
            lines += balance
            taxed = by_rate(_amounts(lines, allowances), self._unit)
        net = sum((one.base for one in taxed), nothing)
        vat = sum((one.amount for one in taxed), nothing)
        return Invoice.model_construct(
            start=self._runs.periods.start(n),
            end=self._runs.periods.end(n),
            lines=tuple(lines),
            net=net,
            vat=tuple(VatLine(one.vat.category, plain(one.vat.rate), one.base, one.amount) for one in taxed),
            gross=net + vat,
            allowances=tuple(replace(one, rate=plain(one.rate)) for one in allowances),
            quota=quota,
            skonto=self._skonto(net + vat),
            vat_in=self._vat_in(vat),
        )

    def _balanced(self, n: int, taxed: Sequence[Taxed]) -> Iterator[InvoiceLine]:
        """An invoice is never negative: the rest goes to the next, or into a note when the contract has ended."""
        net = sum((one.base for one in taxed), NOTHING)
        if net >= 0:
            return
        has_ended = self._last_day(n) < self._runs.periods.end(n)
        for one in taxed:
            if one.base:
                reason = LineReason.CREDITED_BY_NOTE if has_ended else LineReason.CARRIED_FORWARD
                yield InvoiceLine(reason, "", -one.base, one.vat)
                if not has_ended:
                    self._brought[one.vat] = one.base
        if has_ended:
            vat = sum((one.amount for one in taxed), NOTHING)
            self.final.append(CreditNote(ref="final", net=-net, vat=-vat, gross=-(net + vat)))

    def _skonto(self, gross: Decimal) -> SkontoOffer | None:
        offered = self._agreement.skonto
        if offered is None:
            return None
        return SkontoOffer(plain(offered.percent), offered.days, rounded(gross * offered.percent / 100, self._unit))

    def _vat_in(self, vat: Decimal) -> VatTold | None:
        other = self._agreement.vat_currency
        if other is None:
            return None
        return VatTold(other.currency, rounded(vat * other.rate, unit_of(other.currency)))


def _amounts(lines: Iterable[InvoiceLine], allowances: Iterable[InvoiceAllowance]) -> Iterator[tuple[Vat, Decimal]]:
    off = ((Vat(one.category, one.rate), -one.amount) for one in allowances)
    return chain(((line.vat, line.amount) for line in lines), off)


def plain(number: Decimal) -> Decimal:
    """As short as it can be written: 19 and not 19.00, nor 2E+1."""
    return Decimal(f"{number.normalize():f}")
