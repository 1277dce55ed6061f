"""Run sheets: a technician's visits of one day, as data and on paper."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from api.dependencies import May, Now, Spoken, Tables
from api.gate.routes import BoundedRoute
from api.headers import PDF, file_of, file_response
from api.jobs import run_sheet_pdf
from api.orders.order import OrderQuery, listed_orders
from api.policy import Operation
from api.workshop import AtWorkshop
from db.contracts import sites_by_id
from db.names import names_within
from domain.keys import Key
from domain.orders.run_sheets import RunSheet, run_stop
from domain.people import Language
from domain.times import Day
from domain.values import Slug

router = APIRouter(route_class=BoundedRoute, prefix="/run-sheets", tags=["orders"])

# More than anybody can do on one day.
MOST_STOPS = 100
_NAMES_AT_ONCE = 50
Reading = Annotated[Key, Depends(May(Operation.READ_ORDERS))]
OnDay = Annotated[Day, Query(description="By the clock at the sites.")]


async def run_sheet(technician: Slug, day: OnDay, caller: Reading, database: Tables, now: Now) -> RunSheet:
    asked = OrderQuery(technician=technician, day=day, sort="starts_at", limit=MOST_STOPS)
    rows, _ = await listed_orders(asked, caller, database)
    orders = [row.as_order() for row in rows]
    people = sorted({technician, *(order.request.requester for order in orders)})
    async with database.reading() as session:
        found = [
            one
            for start in range(0, len(people), _NAMES_AT_ONCE)
            for one in await names_within(session, people[start : start + _NAMES_AT_ONCE], caller.customers)
        ]
        names = {one.id: one.name for one in found}
        seen = (
            run_stop(order, row.as_progress(), names.get(order.request.requester, order.request.requester))
            for order, row in zip(orders, rows, strict=True)
        )
        stops = tuple(stop for stop in seen if stop is not None)
        sites = await sites_by_id(session, sorted(set().union(*(stop.site_ids for stop in stops))))
    return RunSheet(
        technician=technician,
        name=names.get(technician, technician),
        day=day,
        zone=orders[0].terms.access.zone if orders else "UTC",
        made_at=now.replace(second=0, microsecond=0),
        stops=stops,
        sites={site.id: site.name for site in sites},
    )


ThisSheet = Annotated[RunSheet, Depends(run_sheet)]


@router.get("/{technician}", operation_id="getRunSheet")
async def show_run_sheet(sheet: ThisSheet) -> RunSheet:
    """Get a technician's visits of one day with devices, ways and what is to be done, of the orders the caller sees."""
    return sheet


@router.get("/{technician}/pdf", operation_id="getRunSheetPdf", response_class=Response, responses={200: file_of(PDF)})
async def show_run_sheet_pdf(sheet: ThisSheet, workshop: AtWorkshop, language: Spoken) -> Response:
    """Get the same as PDF/A on A4, with boxes to tick."""
    return await printed_sheet(sheet, workshop, language)


async def printed_sheet(sheet: RunSheet, workshop: AtWorkshop, language: Language) -> Response:
    printed = await workshop.make(run_sheet_pdf, sheet, language)
    return file_response(printed, PDF, f"run-sheet-{sheet.technician}-{sheet.day}-{language}.pdf", language)
