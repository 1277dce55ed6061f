"""`imac matrix`: a contract's communications matrix, on the screen and for the customer."""

from collections.abc import Iterator
from pathlib import Path

from rich.console import RenderableType

from cli.arguments import ContractId, ContractVersion
from cli.asking import ASKING, Asking
from cli.errors import CliError, Exit
from cli.http import parsed, path
from cli.tables import filled, stacked, table
from documents.matrix import PrintedCell, PrintedMatrix, printed
from domain.contracts.matrix_sheets import MatrixSheet
from domain.incidents.clocks import clocks_of_cells
from domain.people import Language

FORMATS = (".pdf", ".html")
CONTACTS = ("report_by", "first", "fallback", "monitoring")
CONTACT_HEADINGS = ("report_by", "first_contact", "fallback", "alerts_call")


async def show(contract: ContractId, /, *, version: ContractVersion = None, asking: Asking = ASKING) -> None:
    """Show contacts and targets by priority."""
    async with asking.api() as api:
        answer = await api.get(path("contracts", contract, "matrix"), {"version": version})
    asking.show(answer, lambda: picture(parsed(MatrixSheet, answer), asking.language))


async def save(contract: ContractId, /, *, out: Path, version: ContractVersion = None, asking: Asking = ASKING) -> None:
    """Save the matrix to a file for the customer, in the language of --lang.

    Parameters
    ----------
    out
        Output file, .pdf or .html. The same version always gives the same PDF.
    """
    if out.suffix not in FORMATS:
        raise CliError("matrix_format_unknown", Exit.USAGE, file=out, endings=", ".join(FORMATS))
    async with asking.api() as api:
        query = {"version": version, "lang": asking.language}
        answer = await api.get(path("contracts", contract, f"matrix{out.suffix}"), query)
    write(out, answer.content)
    if not asking.json:
        asking.console.print(f"{out}", markup=False)


def write(out: Path, content: bytes) -> None:
    try:
        out.write_bytes(content)
    except OSError as error:
        raise CliError("file_unwritable", Exit.USAGE, file=out, reason=error.strerror) from None


def picture(sheet: MatrixSheet, language: Language) -> RenderableType:
    matrix = printed(sheet, language)
    facts = [(sheet.contract, sheet.version, sheet.contract_name, sheet.customer, sheet.valid_from, sheet.valid_until)]
    targets = (clock.name if clock.repeats else f">{clock.name}" for clock in clocks_of_cells())
    listed = ((item.name, item.description, item.target) for item in matrix.items)
    orders = [filled(table(language, "item", "description", ">target", title="can_be_ordered"), listed)]
    return stacked(
        filled(table(language, "id", "version", "name", "customer", "valid_from", "valid_until"), facts),
        filled(table(language, "priority", "name", "examples"), judged(matrix)),
        # Side by side they would be too wide for their words.
        filled(table(language, "priority", "when", *CONTACT_HEADINGS), contacts(matrix)),
        filled(table(language, "priority", "when", *targets, "counted"), promised(matrix)),
        filled(table(language, "reach", "address"), ((said.label, said.text) for said in matrix.reach)),
        *(orders if matrix.items else ()),
        filled(table(language, "role", "name", "email"), matrix.people),
    )


def judged(matrix: PrintedMatrix) -> Iterator[tuple[str, ...]]:
    for row in matrix.rows:
        yield row.title, row.name, "\n".join(row.examples)


def contacts(matrix: PrintedMatrix) -> Iterator[tuple[str, ...]]:
    for priority, when, cell in cells(matrix):
        said = {said.label: said.text for said in cell.contact}
        # Not everybody has a fallback.
        yield priority, when, *(said.get(matrix.labels[label], "") for label in CONTACTS)


def promised(matrix: PrintedMatrix) -> Iterator[tuple[str, ...]]:
    for priority, when, cell in cells(matrix):
        yield priority, when, *(said.text for said in cell.targets), cell.counting


def cells(matrix: PrintedMatrix) -> Iterator[tuple[str, str, PrintedCell]]:
    for row in matrix.rows:
        for when, cell in (("in_hours", row.in_hours), ("out_of_hours", row.out_of_hours)):
            if cell is not None:
                yield row.title, matrix.labels[when], cell
