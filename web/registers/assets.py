"""Assets: found by what they are called, and each with its life, its papers, and what has to do with it."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from api.assets.asset import AssetQuery, known_asset, show_assets
from api.assets.papers import show_asset_papers
from api.dependencies import InContext, Tables
from api.policy import Operation
from api.queries import QueryValue
from db.assets.asset import ORDERS, life_of, owners_of
from domain.assets.asset import AssetStatus, LifeEntry
from domain.ids import order_no_of
from domain.orders.papers import AssetPaper
from domain.refusals import Problem, Unknown
from domain.values import Slug
from web.order_sheets import names_of
from web.refusals import see_other
from web.rendering import page
from web.session import Reader, Signed

router = APIRouter(include_in_schema=False)
ASSETS = "/assets"
Reading = Annotated[Reader, Depends(Signed(Operation.READ_ASSETS))]


class AssetPageQuery(QueryValue):
    """Whose it is, where several have one of the same tag."""

    customer: Slug | None = None


@router.get(ASSETS, name="assetsPage")
async def list_page(
    request: Request, query: Annotated[AssetQuery, Query()], reader: Reading, database: Tables
) -> Response:
    listed = await show_assets(query, reader.key, database)
    values = {
        "listed": listed,
        "query": query,
        "asked": [(name, text) for name, text in request.query_params.multi_items() if name != "cursor"],
        "customers": sorted(reader.customers.items(), key=lambda one: one[1].casefold()),
        "statuses": tuple(AssetStatus),
        "now": reader.now,
    }
    return page(request, "assets.html", reader.look, values, reader=reader)


@router.get(ASSETS + "/{tag:path}", name="assetPage")
async def asset_page(
    request: Request,
    tag: str,
    query: Annotated[AssetPageQuery, Query()],
    reader: Reading,
    context: InContext,
) -> Response:
    """Where the code on a label leads, too. Of several with one tag the reader chooses."""
    database = context.database
    async with database.reading() as session:
        owners = await owners_of(session, tag, reader.key.customers)
        if not owners:
            raise Unknown(Problem(code="asset_unknown", values={"tag": tag}))
        if query.customer is None and len(owners) > 1:
            return see_other(f"/search?{urlencode({'q': tag})}")
    asset = await known_asset(tag, query.customer or owners[0], reader.key, database)
    async with database.reading() as session:
        life = [row.as_entry() for row in await life_of(session, asset.customer, tag)]
    papers: tuple[AssetPaper, ...] = ()
    if reader.may(Operation.READ_ORDERS):
        papers = await show_asset_papers(tag, reader.key, context, asset.customer)
    people = {one.actor.person for paper in papers for one in paper.papers}
    people |= {one.actor.person for paper in papers for one in paper.erasures}
    values = {
        "asset": asset,
        "life": [(entry, _order_of(entry)) for entry in reversed(life)],
        "papers": papers,
        "names": await names_of(people, reader, database),
        "may_read_orders": reader.may(Operation.READ_ORDERS),
        "may_read_incidents": reader.may(Operation.READ_INCIDENTS),
        "now": reader.now,
    }
    return page(request, "asset.html", reader.look, values, reader=reader)


def _order_of(entry: LifeEntry) -> str | None:
    """The number of the order that made this change."""
    return order_no_of(entry.source) if entry.source.startswith(ORDERS) else None
