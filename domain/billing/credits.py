"""Credit notes: what is taken back of an invoice, never more than was charged; the invoice stays as it is."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from domain.billing.facts import Credited, CreditedLine
from domain.billing.invoices import CreditNote, Invoice
from domain.billing.money import NOTHING, allocated
from domain.billing.vat import Vat, tax
from domain.refusals import Problem, Unacceptable


class Creditable:
    """An invoice with what is left of each of its lines; an allowance counts against the lines it was given on."""

    def __init__(self, invoice: Invoice, unit: Decimal) -> None:
        self._invoice, self._unit = invoice, unit
        self._left = [line.amount for line in invoice.lines]
        for allowance in invoice.allowances:
            vat = Vat(allowance.category, allowance.rate)
            places = [place for place, line in enumerate(invoice.lines) if line.vat == vat and line.amount > 0]
            weights = [invoice.lines[place].amount for place in places]
            for place, share in zip(places, allocated(allowance.amount, weights, unit), strict=True):
                self._left[place] -= share
        self._whole = list(self._left)
        self._credited: defaultdict[Vat, Decimal] = defaultdict(Decimal)

    def take(self, credit: Credited) -> CreditNote:
        """Raises `Unacceptable` where more would be taken back than was charged."""
        taken: defaultdict[Vat, Decimal] = defaultdict(Decimal)
        for place, amount in self._asked(credit):
            taken[self._invoice.lines[place].vat] += amount
            self._left[place] -= amount
        net = sum(taken.values(), NOTHING)
        if net <= 0:
            raise Unacceptable(Problem(code="credit_above_charge", at="/facts", values={"fact": credit.id}))
        vat = NOTHING
        for rate, amount in taken.items():
            before = tax(self._credited[rate], rate, self._unit)
            self._credited[rate] += amount
            # Together the notes have the rounded tax of all that they credit.
            vat += tax(self._credited[rate], rate, self._unit) - before
        net = net.quantize(self._unit)
        return CreditNote(ref=credit.id, net=net, vat=vat.quantize(self._unit), gross=(net + vat).quantize(self._unit))

    def _asked(self, credit: Credited) -> Iterator[tuple[int, Decimal]]:
        if not credit.lines:
            if self._left != self._whole:
                raise Unacceptable(Problem(code="credit_above_charge", at="/facts", values={"fact": credit.id}))
            yield from enumerate(self._left)
            return
        for asked in credit.lines:
            yield from self._of_line(credit, asked if isinstance(asked, CreditedLine) else CreditedLine(line=asked))

    def _of_line(self, credit: Credited, asked: CreditedLine) -> Iterator[tuple[int, Decimal]]:
        places = self._places(asked.line)
        if not places:
            values = {"fact": credit.id, "line": f"{asked.line}"}
            raise Unacceptable(Problem(code="credit_line_unknown", at="/facts", values=values))
        left = sum((self._left[place] for place in places), NOTHING)
        rest = left if asked.amount is None else asked.amount
        if rest > left or (asked.amount is None and not left and any(self._whole[place] for place in places)):
            raise Unacceptable(Problem(code="credit_above_charge", at="/facts", values={"fact": credit.id}))
        for place in places:
            share = self._left[place] if asked.amount is None else min(rest, self._left[place])
            rest -= share
            yield place, share

    def _places(self, asked: str | int) -> list[int]:
        """Lines by their reference, or one by its place."""
        lines = self._invoice.lines
        named = [place for place, line in enumerate(lines) if line.ref == asked]
        if named or not str(asked).isdecimal():
            return named
        return [int(asked)] if int(asked) < len(lines) else []


def credit_notes(credits_: Iterable[Credited], invoices: Sequence[Invoice], unit: Decimal) -> Iterator[CreditNote]:
    """In the order in which they were told."""
    creditable = [Creditable(invoice, unit) for invoice in invoices]
    for credit in sorted(credits_, key=lambda one: (one.told.timestamp() if one.told else 0, one.id)):
        if credit.invoice >= len(creditable):
            values = {"fact": credit.id, "count": f"{len(creditable)}"}
            raise Unacceptable(Problem(code="credit_invoice_unknown", at="/facts", values=values))
        yield creditable[credit.invoice].take(credit)
