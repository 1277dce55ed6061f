"""What leaves as waste: of one order, and of a customer in a year."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from api.cases.standing import KNOWN_ORDERS
from api.dependencies import Context, InContext, May, Spoken
from api.gate.routes import BoundedRoute
from api.headers import CSV, file_of, file_response
from api.jobs import waste_csv, waste_year
from api.policy import Operation
from db.orders import OrdersThatLeft, orders_that_left
from domain.keys import Key, must_see
from domain.orders.waste import WasteLine, WasteReport, waste_of
from domain.refusals import unknown
from domain.times import FIRST_DAY, LAST_DAY
from domain.values import Slug

router = APIRouter(route_class=BoundedRoute, tags=["orders"])

Reading = Annotated[Key, Depends(May(Operation.READ_ORDERS))]
# No clock is further from UTC.
_ANYWHERE = timedelta(days=1)


@router.get("/orders/{no}/waste", operation_id="listOrderWaste")
async def show_waste(no: Slug, caller: Reading, context: InContext) -> tuple[WasteLine, ...]:
    """List what of an order leaves as waste: as declared, and which code is proposed and why."""
    standing = await KNOWN_ORDERS.seen(no, caller, context)
    return waste_of(standing.order, standing.progress)


async def _report(
    customer: Annotated[Slug, Query()],
    year: Annotated[int, Query(ge=FIRST_DAY.year, le=LAST_DAY.year, description="By the clock at the sites.")],
    caller: Reading,
    context: InContext,
) -> WasteReport:
    return await waste_in(customer, year, caller, context)


async def waste_in(customer: str, year: int, caller: Key, context: Context) -> WasteReport:
    """Raises `Unknown` for a customer that the caller does not see."""
    must_see(caller, customer, unknown("customer", customer))
    start = datetime(year, 1, 1, tzinfo=UTC) - _ANYWHERE
    async with context.database.reading() as session:
        rows: Sequence[OrdersThatLeft] = await orders_that_left(session, customer, since=start)
    return await context.workshop.make(waste_year, rows, customer, year)


ThisYear = Annotated[WasteReport, Depends(_report)]


@router.get("/waste", operation_id="getWasteReport")
async def show_report(report: ThisYear) -> WasteReport:
    """Get what left a customer's sites as waste in one calendar year: the weight by code, and every item."""
    return report


@router.get("/waste.csv", operation_id="getWasteReportCsv", response_class=Response, responses={200: file_of(CSV)})
async def show_report_csv(report: ThisYear, context: InContext, language: Spoken) -> Response:
    """Get every item of the same as CSV, for spreadsheets."""
    written = await context.workshop.make(waste_csv, report, language)
    return file_response(written, CSV, f"waste-{report.customer}-{report.year}-{language}.csv", language)
