"""`imac vendor`: who repairs what, and what each vendor has promised."""

import sys
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import RenderableType
from rich.text import Text

from cli.arguments import VendorId
from cli.asking import ASKING, Asking
from cli.contracts.contract import content_of, read
from cli.http import Api, parsed, path
from cli.moments import clock_at, hours, rough
from cli.tables import filled, stacked, table
from cli.words import heading
from connectors.contract_files import read_vendor_file
from documents.wording import word
from domain.people import Language
from domain.vendors.certificates import CertificateKind, ListedCertificate
from domain.vendors.directories import Directory, Responsible, VendorFile
from domain.vendors.vendor import Vendor, VendorWork, certificates_of

CustomerOption = Annotated[str | None, Parameter(help="Customer; defaults to rows for all customers.")]


async def list_vendors(*, asking: Asking = ASKING) -> None:
    """List vendors with their targets."""
    async with asking.api() as api:
        answer = await api.get(path("vendors"))
    asking.show(answer, lambda: vendors_table(parsed(tuple[Vendor, ...], answer), asking.language))


async def show(vendor: VendorId, /, *, asking: Asking = ASKING) -> None:
    """Show a vendor's people, contracts and certificates."""
    async with asking.api() as api:
        answer = await api.get(path("vendors", vendor))
    asking.show(answer, lambda: picture(parsed(Vendor, answer), asking.language))


async def certificates(
    *,
    vendor: Annotated[str | None, Parameter(help="Certificates of this vendor only.")] = None,
    kind: Annotated[CertificateKind | None, Parameter(help="Certificates of this kind only.")] = None,
    ends_by: Annotated[date | None, Parameter(help="Only those that end by this day.")] = None,
    asking: Asking = ASKING,
) -> None:
    """List certificates of vendors; those that end next come first."""
    query = {"vendor": vendor, "kind": kind, "ends_by": ends_by.isoformat() if ends_by else None}
    async with asking.api() as api:
        answer = await api.get(path("vendor-certificates"), query)
    found = parsed(tuple[ListedCertificate, ...], answer)
    asking.show(answer, lambda: certificates_table(found, asking.language))


async def who(
    *,
    manufacturer: str | None = None,
    product_class: Annotated[str | None, Parameter(name="--class")] = None,
    site: str | None = None,
    work: VendorWork = VendorWork.SERVICE,
    customer: str | None = None,
    asking: Asking = ASKING,
) -> None:
    """Show responsible vendors, first choice first, with their deadlines if dispatched now.

    Parameters
    ----------
    manufacturer
        Manufacturer of the asset.
    product_class
        Category of the asset.
    site
        Site of the asset.
    work
        What is to be done: work on it, carry it, or take it for good.
    customer
        Customer; not needed with a site.
    """
    named = {"manufacturer": manufacturer, "product_class": product_class, "site": site, "customer": customer}
    query = named | {"work": work}
    async with asking.api() as api:
        answer = await api.get(path("directory", "responsible"), query)
    asking.show(answer, lambda: responsible_table(parsed(tuple[Responsible, ...], answer), asking.language))


async def directory(*, customer: CustomerOption = None, asking: Asking = ASKING) -> None:
    """Show the vendor directory."""
    async with asking.api() as api:
        answer = await api.get(path("directory"), {"customer": customer})
    asking.show(answer, lambda: rows_table([parsed(Directory, answer)], asking.language))


async def import_file(file: Path, /, *, asking: Asking = ASKING) -> None:
    """Import vendors, their people and the directory. Unchanged entries stay as they are.

    Parameters
    ----------
    file
        YAML, as in examples/vendors.yaml.
    """
    brought = read(read_vendor_file, content_of(file), file.name, asking.language)
    async with asking.api() as api:
        saved = await bring_in(api, brought)
    if asking.json:
        sys.stdout.write(f"{saved.model_dump_json()}\n")
        return
    tables = vendors_table(saved.vendors, asking.language), rows_table(saved.directories, asking.language)
    asking.console.print(stacked(*tables))


async def bring_in(api: Api, brought: VendorFile) -> VendorFile:
    """Everything as the API has saved it, with versions. Each is whole or not saved at all."""
    for person in brought.people:
        await api.put(path("people", person.id), person)
    vendors = [parsed(Vendor, await api.put(path("vendors", vendor.id), vendor)) for vendor in brought.vendors]
    directories = [parsed(Directory, await api.put(path("directory"), rows)) for rows in brought.directories]
    return brought.but(vendors=tuple(vendors), directories=tuple(directories))


def vendors_table(vendors: Sequence[Vendor], language: Language) -> RenderableType:
    made = table(language, "id", "version", "name", "customer", "contract", ">response", ">resolution", "zone", "until")
    return filled(made, (row for vendor in vendors for row in _promises(vendor)))


def _promises(vendor: Vendor) -> Iterator[tuple[object, ...]]:
    named = (vendor.id, vendor.version, vendor.name, vendor.customer)
    for uc in vendor.contracts:
        yield (*named, uc.id, hours(uc.response), hours(uc.resolution), uc.calendar.zone, uc.valid_until)
    if not vendor.contracts:
        yield named


def picture(vendor: Vendor, language: Language) -> RenderableType:
    answers = rough(timedelta(minutes=vendor.answer_minutes))
    contracts = (
        (uc.id, word("vendor_work", uc.work, language), uc.account_no, uc.valid_from, uc.valid_until)
        for uc in vendor.contracts
    )
    certificates = ((uc.id, known.kind, known.valid_until) for uc in vendor.contracts for known in uc.certificates)
    reached = [(", ".join(vendor.people), vendor.phone, answers)]
    return stacked(
        vendors_table([vendor], language),
        filled(table(language, "person", "phone", ">answers_within"), reached),
        filled(table(language, "contract", "work", "account_no", "valid_from", "valid_until"), contracts),
        filled(table(language, "contract", "certificate", "valid_until"), certificates),
        *([certificates_table(certificates_of([vendor]), language)] if vendor.certificates else []),
    )


def certificates_table(found: Sequence[ListedCertificate], language: Language) -> RenderableType:
    made = table(language, "vendor", "certificate", "number", "valid_from", "valid_until", "scope")
    for one in found:
        held = one.certificate
        kind = word("certificate_kind", held.kind, language)
        filled(made, [(one.vendor, kind, held.number, held.valid_from, held.valid_until, held.scope)])
    return made


def responsible_table(found: Sequence[Responsible], language: Language) -> RenderableType:
    """Times are those of the vendor's own clock."""
    made = table(
        language, "vendor", "name", "contract", "account_no", "phone", "respond_by", "resolve_by", "zone", "note"
    )
    for one in found:
        times = clock_at(one.respond_by, one.zone), clock_at(one.resolve_by, one.zone)
        lapsed = (f"{known.kind} {heading('expired_since', language)} {known.valid_until}" for known in one.lapsed)
        row = (one.vendor, one.name, one.contract, one.account_no, one.phone, *times, one.zone)
        filled(made, [(*row, Text(", ".join(lapsed), "bold red"))])
    return made


def rows_table(directories: Sequence[Directory], language: Language) -> RenderableType:
    made = table(language, "customer", "manufacturer", "product_class", "site", "vendor", "contract")
    anything = Text(heading("any", language), "dim")
    for found in directories:
        for row in found.rows:
            parts = (found.customer, row.manufacturer, row.product_class, row.site)
            filled(made, [(*(anything if part is None else part for part in parts), row.vendor, row.contract)])
    return made
