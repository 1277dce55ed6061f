"""Vendors: who they are, what they have promised us, and what they are certified for; what ends next comes first."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from api.dependencies import Tables
from api.policy import Operation
from api.queries import QueryValue
from api.vendors.vendor import show_vendor, show_vendors
from db.vendors.directories import directory_of
from documents.service_hours import service_hours
from domain.values import Slug
from domain.vendors.directories import Responsibility
from domain.vendors.vendor import UnderpinningContract, certificates_of
from web.marks import Mark
from web.moments import day_of
from web.order_sheets import names_of
from web.rendering import page
from web.session import Reader, Signed

router = APIRouter(include_in_schema=False)
VENDORS = "/vendors"
# Whoever has to see to another one has begun by then.
SOON = timedelta(days=60)
Reading = Annotated[Reader, Depends(Signed(Operation.READ_VENDORS))]


class VendorQuery(QueryValue):
    """Which version; the one in force if none is named."""

    version: int | None = Field(default=None, ge=1, le=10**9)


@dataclass(frozen=True)
class Promised:
    """One underpinning contract, with its hours in words."""

    contract: UnderpinningContract
    hours: str


class ValidOn:
    """Whether something holds on a day, and whether it will for long."""

    def __init__(self, today: date) -> None:
        self._today = today

    def __call__(self, valid_from: date, valid_until: date | None) -> tuple[Mark, str]:
        if valid_from > self._today:
            return Mark.WAIT, "not_yet_in_force"
        if valid_until is None or valid_until > self._today + SOON:
            return Mark.OK, "in_force"
        return (Mark.FAILED, "run_out") if valid_until < self._today else (Mark.GO, "ends_soon")


@router.get(VENDORS, name="vendorsPage")
async def list_page(request: Request, reader: Reading, database: Tables) -> Response:
    vendors = await show_vendors(reader.key, database)
    values = {
        "vendors": sorted(vendors, key=lambda one: one.name.casefold()),
        "certificates": certificates_of(vendors),
        "responsible": await _responsible(reader, database),
        "called": {one.id: one.name for one in vendors},
        "validity": ValidOn(day_of(reader.now, reader.zone)),
        "now": reader.now,
    }
    return page(request, "vendors.html", reader.look, values, reader=reader)


async def _responsible(reader: Reader, database: Tables) -> list[tuple[str | None, Responsibility]]:
    """Whom the rows of one customer are for, and those of all of them last."""
    customers = [reader.key.customer] if reader.key.customer else sorted(reader.customers)
    async with database.reading() as session:
        found = [await directory_of(session, one) for one in (*customers, None)]
    return [(directory.customer, row) for directory in found for row in directory.rows]


@router.get(f"{VENDORS}/{{vendor_id}}", name="vendorPage")
async def vendor_page(
    request: Request, vendor_id: Slug, query: Annotated[VendorQuery, Query()], reader: Reading, database: Tables
) -> Response:
    vendor = await show_vendor(vendor_id, reader.key, database, Response(), query.version)
    language, now = reader.look.language, reader.now
    promised = [Promised(one, service_hours(one.calendar, language)) for one in vendor.contracts]
    values = {
        "vendor": vendor,
        "promised": promised,
        "certificates": [one.certificate for one in certificates_of([vendor])],
        "names": await names_of(vendor.people, reader, database),
        "validity": ValidOn(day_of(now, reader.zone)),
        "now": now,
    }
    return page(request, "vendor.html", reader.look, values, reader=reader)
