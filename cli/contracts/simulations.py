"""`imac invoice simulate`: what a contract would cost, worked out from a file, here and without a stack."""

import sys
from collections.abc import Iterator
from pathlib import Path

from rich.console import RenderableType
from rich.text import Text

from cli.asking import ASKING, Asking
from cli.contracts.contract import content_of
from cli.errors import CliError, Exit
from cli.tables import filled, stacked, table
from cli.words import heading, phrase
from connectors.simulation_files import read_simulation
from documents.wording import word
from domain.billing.agreement import Simulation
from domain.billing.invoices import CreditNote, Invoice, QuotaUse, Rated
from domain.billing.rating import simulate as rated_of
from domain.people import Language
from domain.refusals import Refused


async def simulate(file: Path, /, *, asking: Asking = ASKING) -> None:
    """Work out the invoices of a contract from a file with its terms and facts. Nothing is changed.

    With --json a document that is refused comes to {"refused":true}; why stands in the error output.

    Parameters
    ----------
    file
        JSON or YAML, as in docs/billing.md.
    """
    try:
        rated = rated_of(read_simulation(content_of(file), Simulation))
    except Refused as refused:
        if asking.json:
            sys.stdout.write('{"refused":true}\n')
        raise CliError("simulation_refused", Exit.REFUSED, file=file.name, problems=refused.problems) from None
    if asking.json:
        sys.stdout.write(f"{rated.model_dump_json(by_alias=True, exclude_defaults=True)}\n")
    else:
        asking.console.print(picture(rated, asking.language))


def picture(rated: Rated, language: Language) -> RenderableType:
    notes = [notes_table(rated.credit_notes, language)] if rated.credit_notes else []
    return stacked(*(part for one in rated.invoices for part in invoice_picture(one, language)), *notes)


def invoice_picture(invoice: Invoice, language: Language) -> Iterator[RenderableType]:
    yield Text(phrase("billing_period", language, start=invoice.start, end=invoice.end), "bold")
    made = table(language, "line", "about", ">minutes", "drawn_from", "cost_centre", "", ">amount")
    filled(made, lines(invoice, language))
    made.add_section()
    yield filled(made, sums(invoice, language))
    if invoice.quota is not None:
        yield Text(minutes(invoice.quota, language))


def minutes(used: QuotaUse, language: Language) -> str:
    return phrase(
        "quota_used",
        language,
        granted=used.granted,
        drawn=used.drawn,
        carried=used.carried,
        lapsed=used.lapsed,
        blocked=used.blocked,
        owed=used.owed,
    )


def lines(invoice: Invoice, language: Language) -> Iterator[tuple[object, ...]]:
    for line in invoice.lines:
        source = word("minutes_from", line.source, language) if line.source in ("period", "carried") else line.source
        late = heading("told_late", language) if line.late else ""
        reason = word("line_reason", line.reason, language)
        yield reason, line.ref, line.minutes, source, line.cost_centre, late, line.amount


def sums(invoice: Invoice, language: Language) -> Iterator[tuple[object, ...]]:
    for off in invoice.allowances:
        yield heading("discount", language), f"{off.category} {off.rate} %", "", "", "", "", -off.amount
    yield heading("net", language), "", "", "", "", "", invoice.net
    for tax in invoice.vat:
        yield heading("vat", language), f"{tax.category} {tax.rate} %", "", "", "", "", tax.amount
    yield heading("gross", language), "", "", "", "", "", Text(f"{invoice.gross}", "bold")
    if invoice.skonto is not None:
        offer = phrase("skonto_offered", language, percent=invoice.skonto.percent, days=invoice.skonto.days)
        yield heading("skonto", language), offer, "", "", "", "", invoice.skonto.amount
    if invoice.vat_in is not None:
        yield heading("vat", language), invoice.vat_in.currency, "", "", "", "", invoice.vat_in.amount


def notes_table(notes: tuple[CreditNote, ...], language: Language) -> RenderableType:
    made = table(language, "credit_note", ">net", ">vat", ">gross")
    return filled(made, ((note.ref, note.net, note.vat, note.gross) for note in notes))
