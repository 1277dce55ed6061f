"""Work as lines: drawn from what was granted or bought, charged by time, included, or given away."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import chain, pairwise
from operator import attrgetter

from domain.billing.agreement import Agreement
from domain.billing.entries import Cutter, Pieces, WorkDay, WorkPiece, rounded_together
from domain.billing.facts import Amendment, Corrected, Repriced, WorkDone
from domain.billing.invoices import InvoiceLine
from domain.billing.money import NOTHING, rounded, unit_of
from domain.billing.prices import PriceBook
from domain.billing.quotas import Demand, Drawn, Pools
from domain.billing.rounding import by_the_hour
from domain.billing.runs import BillingRuns
from domain.billing.tariffs import LineReason, Tariff
from domain.refusals import Problem
from domain.times import DAY

# How many recalculations are kept: those of a period and its neighbours, before and after an amendment.
KEPT = 8
# A piece of work, and why it costs nothing. A bare tuple: there are hundreds of thousands of them.
WorkStretch = tuple[WorkDone, WorkPiece, LineReason | None]


class ChargedWork:
    """All work of a contract. `known` says how many of the amendments, in the order in which they were told, count."""

    def __init__(
        self, agreement: Agreement, runs: BillingRuns, works: Sequence[WorkDone], amendments: Sequence[Amendment]
    ) -> None:
        self._agreement, self._runs = agreement, runs
        self._unit = unit_of(agreement.currency)
        self.amendments = sorted(amendments, key=lambda one: (one.told, one.id))
        self.unpriced: dict[str, Problem] = {}
        self._by_invoice: defaultdict[int, list[WorkDone]] = defaultdict(list)
        self._sources: defaultdict[int, set[int]] = defaultdict(set)
        self._number: dict[str, int] = {}
        # The first period of which there is work.
        self.first: int | None = None
        self._take_in(works)
        self._cutter = lru_cache(KEPT)(self._cutter_with)
        self._batch = lru_cache(KEPT)(self._batch_with)

    def _take_in(self, works: Sequence[WorkDone]) -> None:
        of, placed, local_day = self._runs.of, self._runs.placed, self._runs.periods.local_day
        days: set[tuple[date, datetime | None]] = set()
        for work in works:
            day, told = local_day(work.start), work.told
            days.add((day, told))
            self._by_invoice[placed(of(day), told)].append(work)
        for day, told in days:
            own = of(day)
            # However long work is, it ends within two days.
            for n in range(own, of(day + 2 * DAY) + 1):
                self._sources[placed(n, told)].add(placed(own, told))
        self.first = min((of(day) for day, _ in days), default=None)
        numbers: Counter[tuple[str, int]] = Counter()
        for invoice in sorted(self._by_invoice):
            _sort(self._by_invoice[invoice])
            for work in self._by_invoice[invoice]:
                if work.kind is not None and work.chargeable:
                    own = of(local_day(work.start))
                    numbers[work.kind, own] += 1
                    self._number[work.id] = numbers[work.kind, own]

    def _all(self) -> Iterator[WorkDone]:
        return (work for many in self._by_invoice.values() for work in many)

    def known(self, at: datetime) -> int:
        return sum(one.told <= at for one in self.amendments)

    def lines(self, n: int, pools: Pools, known: int) -> Iterator[InvoiceLine]:
        """Of the invoice of period n, in order of start; what is drawn is taken from the pools."""
        reason, vat, nothing = LineReason.TIME, self._agreement.vat, rounded(NOTHING, self._unit)
        for work, piece, free in self._of_invoice(n, known):
            if free is not None:
                yield InvoiceLine(free, work.id, nothing, vat, piece.minutes, "", "", piece.n != n)
                continue
            # Nearly all work is of this kind, and costs what was worked out for the same minutes before.
            amount = None if pools.holds_any else piece.rates.amount(work.role, piece.minutes)
            if amount is not None:
                yield InvoiceLine(reason, work.id, amount, vat, piece.minutes, "", "", piece.n != n)
            else:
                yield from self._charged(work, piece, pools, late=piece.n != n)

    def _of_invoice(self, n: int, known: int) -> Iterable[WorkStretch]:
        batches = [batch for source in sorted(self._sources[n]) if (batch := self._batch(source, known).get(n))]
        if all(_begun(one[-1]) < _begun(other[0]) for one, other in pairwise(batches)):
            return chain.from_iterable(batches)
        return sorted(chain.from_iterable(batches), key=_begun)

    def amount(self, n: int, pools: Pools, known: int) -> Decimal:
        return sum((line.amount for line in self.lines(n, pools, known)), NOTHING)

    def touched(self, amendment: Amendment) -> set[int]:
        """The invoices that an amendment may change."""
        if isinstance(amendment, Corrected):
            of = [one for one in self._all() if one.id == amendment.of]
        else:
            of = [one for one in self._all() if one.role == amendment.role]
        sources = {self._runs.place(one.start, one.told)[1] for one in of}
        return {n for n, from_these in self._sources.items() if from_these & sources}

    def _cutter_with(self, known: int) -> Cutter:
        reprices = [one for one in self.amendments[:known] if isinstance(one, Repriced)]
        return Cutter(self._agreement, PriceBook(self._agreement, reprices), self._runs)

    def _batch_with(self, source: int, known: int) -> dict[int, list[WorkStretch]]:
        """What began in the period of one invoice, by the invoice with which it comes; in order of start."""
        cutter, placed = self._cutter(known), self._runs.placed
        minutes = {one.of: one.minutes for one in self.amendments[:known] if isinstance(one, Corrected)}
        together: list[tuple[WorkDone, WorkDay, Pieces]] = []
        batch: defaultdict[int, list[WorkStretch]] = defaultdict(list)
        for work in self._by_invoice[source]:
            begin = cutter.begin(work)
            if begin is None:
                continue
            terms = begin[0].terms
            if work.chargeable and terms.is_flat(work.kind):
                continue
            free = self._free(work, terms)
            is_alone = free is None and terms.rounding.per == "entry"
            pieces = cutter.pieces(work, minutes.get(work.id, work.minutes), begin, rounded_up=is_alone)
            if free is None and not is_alone:
                together.append((work, begin[0], pieces))
                continue
            for piece in pieces:
                batch[placed(piece.n, work.told)].append((work, piece, free))
        for work, pieces in rounded_together(together, self._runs):
            for piece in pieces:
                batch[placed(piece.n, work.told)].append((work, piece, None))
        for stretches in batch.values() if together else ():
            stretches.sort(key=_begun)
        return batch

    def _free(self, work: WorkDone, terms: Tariff) -> LineReason | None:
        if not work.chargeable:
            return LineReason.GOODWILL
        if work.kind is not None and self._number[work.id] <= terms.includes.get(work.kind, 0):
            return LineReason.INCLUDED
        return None

    def _charged(self, work: WorkDone, piece: WorkPiece, pools: Pools, *, late: bool) -> Iterator[InvoiceLine]:
        for drawn in self._drawn(work, piece, pools):
            amount = self._amount(work, piece, drawn)
            if amount is not None:
                yield InvoiceLine(
                    drawn.reason, work.id, amount, self._agreement.vat, drawn.minutes, drawn.source, late=late
                )

    def _drawn(self, work: WorkDone, piece: WorkPiece, pools: Pools) -> Iterable[Drawn]:
        factor = piece.rates.factor
        if not pools.holds_any:
            return (Drawn(LineReason.TIME, piece.minutes, factor=factor),)
        return pools.draw(Demand(piece.n, piece.day, piece.minutes, factor, work.approved))

    def _amount(self, work: WorkDone, piece: WorkPiece, drawn: Drawn) -> Decimal | None:
        """None where terms without any price of an hour charge nothing by time."""
        if drawn.reason in (LineReason.DRAWN, LineReason.OWED):
            return rounded(NOTHING, self._unit)
        prices = piece.rates.terms.hourly
        hourly = drawn.hourly if drawn.hourly is not None else prices.get(work.role)
        if hourly is None:
            if prices or drawn.reason is LineReason.OVERAGE:
                values = {"role": work.role, "fact": work.id}
                self.unpriced[work.id] = Problem(code="role_unpriced", at="/contract/terms", values=values)
            return None
        return rounded(by_the_hour(drawn.minutes, hourly, drawn.factor), self._unit)


def _begun(one: WorkStretch) -> tuple[datetime, str]:
    return one[0].start, one[0].id


def _sort(works: list[WorkDone]) -> None:
    """By their start, and of those that began at once by their id: what is sorted already keeps its order."""
    works.sort(key=attrgetter("id"))
    works.sort(key=attrgetter("start"))
