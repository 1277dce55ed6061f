"""Labels of assets: on which sheet or roll, and from which place on."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from api.assets.labels import LabelQuery, label_sheet, printed_labels
from api.dependencies import Tables
from api.policy import Operation
from api.queries import QueryValue
from api.workshop import AtWorkshop
from db.contracts import list_customers
from db.engine import Database
from domain.assets.labels import MEASURES, MOST_LABELS, MOST_ON_A_PAGE, LabelFormat, Measures
from domain.values import AssetTag, Slug
from web.refusals import see_other
from web.rendering import page
from web.session import Reader, Signed

router = APIRouter(include_in_schema=False)
Reading = Annotated[Reader, Depends(Signed(Operation.READ_ASSETS))]
# A tag may hold a space.
_SEPARATORS = re.compile(r"[\r\n,;]+")
_LONGEST_LIST = 4_000


class LabelsAsked(QueryValue):
    """What is known of it already; `tags` are typed, one on each line or with commas between."""

    customer: Slug | None = None
    tag: tuple[AssetTag, ...] = Field(default=(), max_length=MOST_LABELS)
    tags: str | None = Field(default=None, max_length=_LONGEST_LIST)
    format: LabelFormat = LabelFormat.A4_70X36
    start: int = Field(default=1, ge=1, le=MOST_ON_A_PAGE)

    @property
    def every_tag(self) -> list[str]:
        typed = (tag.strip() for tag in _SEPARATORS.split(self.tags or ""))
        return [tag for tag in dict.fromkeys((*self.tag, *typed)) if tag]


@router.get("/assets/labels", name="labelsPage")
async def labels_page(
    request: Request, asked: Annotated[LabelsAsked, Query()], reader: Reading, database: Tables
) -> Response:
    """What is printed, before it is; before that, of which assets."""
    tags = asked.every_tag
    if not tags or (asked.customer or reader.key.customer) is None:
        return await _choosing(request, asked, tags, reader, database)
    if asked.tags is not None:
        named = [("customer", asked.customer)] if asked.customer else []
        return see_other(f"/assets/labels?{urlencode([*named, *(('tag', tag) for tag in tags)])}")
    query = LabelQuery(customer=asked.customer, tag=tuple(tags), format=asked.format, start=asked.start)
    sheet = await label_sheet(request, query, reader.key, database, reader.now)
    values = {
        "sheet": sheet,
        "query": query,
        "formats": tuple((one, measures, *_in_mm(measures)) for one, measures in MEASURES.items()),
        "most": MOST_ON_A_PAGE,
    }
    return page(request, "labels.html", reader.look, values, reader=reader)


async def _choosing(
    request: Request, asked: LabelsAsked, tags: Sequence[str], reader: Reader, database: Database
) -> Response:
    async with database.reading() as session:
        customers = await list_customers(session, reader.key.customers)
    values = {"asked": asked, "tags": tags, "customers": customers, "most": MOST_LABELS, "longest": _LONGEST_LIST}
    return page(request, "labels_of.html", reader.look, values, reader=reader)


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
