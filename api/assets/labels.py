"""Labels of assets: as data, and by their millimetres on paper."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import Field

from api.dependencies import May, Now, Spoken, Tables
from api.gate.routes import BoundedRoute
from api.headers import PDF, file_of, file_response
from api.jobs import labels_pdf
from api.policy import Operation
from api.queries import QueryValue
from api.workshop import AtWorkshop
from connectors.links import Links
from db.assets.asset import assets_by_tag
from db.engine import Database
from domain.assets.asset import Asset
from domain.assets.labels import MEASURES, MOST_LABELS, MOST_ON_A_PAGE, Label, LabelFormat, LabelSheet
from domain.keys import Key, must_see
from domain.people import Language
from domain.refusals import Problem, Unacceptable, Unknown, refuse_if
from domain.values import AssetTag, Slug

router = APIRouter(route_class=BoundedRoute, prefix="/labels", tags=["assets"])

Reading = Annotated[Key, Depends(May(Operation.READ_ASSETS))]


class LabelQuery(QueryValue):
    """`tag` may be repeated; each is printed once, in this order."""

    customer: Slug | None = Field(
        default=None, description="Owner of the assets; optional for keys limited to one customer."
    )
    tag: tuple[AssetTag, ...] = Field(min_length=1, max_length=MOST_LABELS)
    format: LabelFormat = Field(default=LabelFormat.A4_70X36, description="Width by height of a label, in mm.")
    start: int = Field(
        default=1, ge=1, le=MOST_ON_A_PAGE, description="First free label of a sheet that was used before."
    )
    lang: Language | None = Field(default=None, description="Language; overrides Accept-Language.")


async def label_sheet(request: Request, query: LabelQuery, caller: Key, database: Database, now: Now) -> LabelSheet:
    """Raises `Unacceptable` naming every tag that there is not, `Unknown` for another's customer."""
    owner = query.customer or caller.customer
    if owner is None:
        raise Unacceptable(Problem(code="missing", at="/query/customer"))
    must_see(caller, owner, Unknown(Problem(code="asset_unknown", values={"tag": query.tag[0]})))
    measures = MEASURES[query.format]
    if query.start > measures.a_page:
        most = f"{measures.a_page}"
        raise Unacceptable(Problem(code="label_beyond_sheet", at="/query/start", values={"most": most}))
    tags = tuple(dict.fromkeys(query.tag))
    async with database.reading() as session:
        found = {asset.tag: asset for asset in await assets_by_tag(session, owner, tags)}
    refuse_if([Problem(code="asset_unknown", at="/query/tag", values={"tag": tag}) for tag in tags if tag not in found])
    links: Links = request.app.state.links
    labels = tuple(_label(found[tag], links.base) for tag in tags)
    return LabelSheet(format=query.format, start=query.start, day=now.date(), labels=labels)


def _label(asset: Asset, base: str) -> Label:
    named = " ".join(part for part in (asset.manufacturer, asset.model) if part) or asset.category
    return Label(tag=asset.tag, name=named, serial=asset.serial, address=f"{base}/assets/{quote(asset.tag, safe='')}")


async def _these(
    request: Request, query: Annotated[LabelQuery, Query()], caller: Reading, database: Tables, now: Now
) -> LabelSheet:
    return await label_sheet(request, query, caller, database, now)


TheseLabels = Annotated[LabelSheet, Depends(_these)]


@router.get("", operation_id="getLabels")
async def show_labels(sheet: TheseLabels) -> LabelSheet:
    """Get what is printed on the labels of assets; the address is what their code says."""
    return sheet


@router.get("/pdf", operation_id="getLabelsPdf", response_class=Response, responses={200: file_of(PDF)})
async def show_labels_pdf(sheet: TheseLabels, workshop: AtWorkshop, language: Spoken) -> Response:
    """Get the labels as PDF/A, to be printed at their actual size."""
    return await printed_labels(sheet, workshop, language)


async def printed_labels(sheet: LabelSheet, workshop: AtWorkshop, language: Language) -> Response:
    printed = await workshop.make(labels_pdf, sheet, language)
    return file_response(printed, PDF, f"labels-{sheet.format}.pdf", language)
