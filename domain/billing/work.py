"""Work as lines: drawn from what was granted or bought, charged by time, included, or given away."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import NamedTuple

from domain.billing.agreement import Agreement
from domain.billing.entries import Cutter, WorkEntry, WorkPiece, rounded_up
from domain.billing.facts import Amendment, Corrected, Repriced, WorkDone
from domain.billing.invoices import InvoiceLine
from domain.billing.money import NOTHING, rounded, unit_of
from domain.billing.prices import PriceBook
from domain.billing.quotas import Demand, Drawn, Pools
from domain.billing.rounding import by_the_hour
from domain.billing.runs import BillingRuns
from domain.billing.tariffs import LineReason
from domain.refusals import Problem
from domain.times import DAY

# How many recalculations are kept: those of a period and its neighbours, before and after an amendment.
KEPT = 8


class WorkStretch(NamedTuple):
    """`free` is why it costs nothing."""

    work: WorkDone
    piece: WorkPiece
    free: LineReason | None


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
        numbers: Counter[tuple[str, int]] = Counter()
        # However long work is, it ends within two days.
        last_of = cache(lambda day: self._runs.of(day + 2 * DAY))
        placed = [(self._runs.place(work.start, work.told), work) for work in works]
        self.first = min((own for (own, _), _ in placed), default=None)
        for (own, invoice), work in sorted(placed, key=lambda one: (one[0][1], one[1].start, one[1].id)):
            self._by_invoice[invoice].append(work)
            last = last_of(self._runs.periods.local_day(work.start))
            for n in range(own, last + 1):
                self._sources[self._runs.placed(n, work.told)].add(invoice)
            if work.kind is not None and work.chargeable:
                numbers[work.kind, own] += 1
                self._number[work.id] = numbers[work.kind, own]

    def _all(self) -> Iterator[WorkDone]:
        return (work for many in self._by_invoice.values() for work in many)

    def known(self, at: datetime) -> int:
        return sum(one.told <= at for one in self.amendments)

    def lines(self, n: int, pools: Pools, known: int) -> Iterator[InvoiceLine]:
        """Of the invoice of period n, in order of start; what is drawn is taken from the pools."""
        stretches = [one for source in sorted(self._sources[n]) for one in self._batch(source, known).get(n, ())]
        if len(self._sources[n]) > 1:
            stretches.sort(key=lambda one: (one.work.start, one.work.id))
        for work, piece, free in stretches:
            if free is None:
                yield from self._charged(work, piece, pools, late=piece.n != n)
            else:
                nothing = rounded(NOTHING, self._unit)
                yield InvoiceLine(free, work.id, nothing, self._agreement.vat, piece.minutes, late=piece.n != n)

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
        """What began in the period of one invoice, by the invoice with which it comes."""
        cutter = self._cutter(known)
        minutes = {one.of: one.minutes for one in self.amendments[:known] if isinstance(one, Corrected)}
        charged: list[WorkEntry] = []
        batch: dict[int, list[WorkStretch]] = {}
        for work in self._by_invoice[source]:
            entry = cutter.entry(work, minutes.get(work.id, work.minutes))
            if entry is None or (work.chargeable and entry.terms.is_flat(work.kind)):
                continue
            free = self._free(work, entry)
            if free is None:
                charged.append(entry)
            else:
                self._sort_in(entry, entry.pieces, free, batch)
        for entry, pieces in rounded_up(charged, self._runs):
            self._sort_in(entry, pieces, None, batch)
        for stretches in batch.values():
            stretches.sort(key=lambda one: (one.work.start, one.work.id))
        return batch

    def _sort_in(
        self,
        entry: WorkEntry,
        pieces: Sequence[WorkPiece],
        free: LineReason | None,
        batch: dict[int, list[WorkStretch]],
    ) -> None:
        for piece in pieces:
            invoice = self._runs.placed(piece.n, entry.work.told)
            batch.setdefault(invoice, []).append(WorkStretch(entry.work, piece, free))

    def _free(self, work: WorkDone, entry: WorkEntry) -> LineReason | None:
        if not work.chargeable:
            return LineReason.GOODWILL
        if work.kind is not None and self._number[work.id] <= entry.terms.includes.get(work.kind, 0):
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
        if not pools.holds_any:
            return (Drawn(LineReason.TIME, piece.minutes, factor=piece.factor),)
        return pools.draw(Demand(piece.n, piece.day, piece.minutes, piece.factor, work.approved))

    def _amount(self, work: WorkDone, piece: WorkPiece, drawn: Drawn) -> Decimal | None:
        """None where terms without any price of an hour charge nothing by time."""
        if drawn.reason in (LineReason.DRAWN, LineReason.OWED):
            return rounded(NOTHING, self._unit)
        hourly = drawn.hourly if drawn.hourly is not None else piece.terms.hourly.get(work.role)
        if hourly is None:
            if piece.terms.hourly or drawn.reason is LineReason.OVERAGE:
                values = {"role": work.role, "fact": work.id}
                self.unpriced[work.id] = Problem(code="role_unpriced", at="/contract/terms", values=values)
            return None
        return rounded(by_the_hour(drawn.minutes, hourly, drawn.factor), self._unit)
