"""Labels of assets: on which sheet or roll, and from which place on; and where the code on one leads."""

from decimal import Decimal
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from api.assets.labels import LabelQuery, label_sheet, printed_labels
from api.dependencies import Tables
from api.policy import Operation
from api.workshop import AtWorkshop
from db.assets.asset import is_asset
from domain.assets.labels import MEASURES, MOST_ON_A_PAGE, Measures
from domain.refusals import Problem, Unknown
from web.refusals import see_other
from web.rendering import page
from web.session import Reader, Signed

router = APIRouter(include_in_schema=False)
Reading = Annotated[Reader, Depends(Signed(Operation.READ_ASSETS))]
Searching = Annotated[Reader, Depends(Signed(Operation.SEARCH))]


@router.get("/assets/labels", name="labelsPage")
async def labels_page(
    request: Request, query: Annotated[LabelQuery, Query()], reader: Reading, database: Tables
) -> Response:
    """What is printed, before it is."""
    sheet = await label_sheet(request, query, reader.key, database, reader.now)
    values = {
        "sheet": sheet,
        "query": query,
        "formats": tuple((one, measures, *_in_mm(measures)) for one, measures in MEASURES.items()),
        "most": MOST_ON_A_PAGE,
    }
    return page(request, "labels.html", reader.look, values, reader=reader)


def _in_mm(measures: Measures) -> tuple[Decimal, Decimal]:
    return Decimal(f"{measures.width}"), Decimal(f"{measures.height}")


@router.get("/assets/labels.pdf", name="labelsPdf")
async def labels_file(
    request: Request,
    query: Annotated[LabelQuery, Query()],
    reader: Reading,
    database: Tables,
    workshop: AtWorkshop,
) -> Response:
    sheet = await label_sheet(request, query, reader.key, database, reader.now)
    return await printed_labels(sheet, workshop, reader.look.language)


@router.get("/assets/{tag:path}", name="assetPage")
async def asset_page(tag: str, reader: Searching, database: Tables) -> Response:
    """Where the code on a label leads: to all that has to do with the asset."""
    async with database.reading() as session:
        if not await is_asset(session, tag, reader.key.customers):
            raise Unknown(Problem(code="asset_unknown", values={"tag": tag}))
    return see_other(f"/search?{urlencode({'q': tag})}")
