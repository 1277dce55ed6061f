"""What has left a customer's sites as waste in one calendar year."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from api.dependencies import InContext
from api.orders.waste import show_report_csv, waste_in
from api.policy import Operation
from api.queries import QueryValue
from domain.refusals import Problem, Unacceptable
from domain.times import FIRST_DAY, LAST_DAY
from domain.values import Slug
from web.moments import day_of
from web.rendering import page
from web.session import Reader, Signed

router = APIRouter(include_in_schema=False)
WASTE = "/waste"
Reading = Annotated[Reader, Depends(Signed(Operation.READ_ORDERS))]
# So many years back one is led to; any other is named in the address.
_YEARS = 5


class WasteQuery(QueryValue):
    """The only customer, and this year, unless others are named."""

    customer: Slug | None = None
    year: int | None = Field(default=None, ge=FIRST_DAY.year, le=LAST_DAY.year)


@router.get(WASTE, name="wastePage")
async def waste_page(
    request: Request, query: Annotated[WasteQuery, Query()], reader: Reading, context: InContext
) -> Response:
    customer, year = _meant(query, reader, context.now)
    report = await waste_in(customer, year, reader.key, context) if customer is not None else None
    this_year = day_of(context.now, reader.zone).year
    values = {
        "report": report,
        "customer": customer,
        "year": year,
        "customers": sorted(reader.customers.items(), key=lambda one: one[1].casefold()),
        "years": sorted({year, *range(this_year, this_year - _YEARS, -1)}, reverse=True),
        "now": context.now,
    }
    return page(request, "waste.html", reader.look, values, reader=reader)


@router.get(f"{WASTE}.csv", name="wasteFile")
async def waste_file(query: Annotated[WasteQuery, Query()], reader: Reading, context: InContext) -> Response:
    customer, year = _meant(query, reader, context.now)
    if customer is None:
        raise Unacceptable(Problem(code="missing", at="/query/customer"))
    report = await waste_in(customer, year, reader.key, context)
    return await show_report_csv(report, context, reader.look.language)


def _meant(query: WasteQuery, reader: Reader, now: datetime) -> tuple[str | None, int]:
    only = next(iter(reader.customers)) if len(reader.customers) == 1 else None
    return query.customer or reader.key.customer or only, query.year or day_of(now, reader.zone).year
