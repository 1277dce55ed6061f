"""The asset register: what there is, and what became of it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from api.cursors import Cursor, CursorPage, page, read_cursor
from api.dependencies import May, Tables, scope_of
from api.gate.routes import BoundedRoute
from api.policy import Operation
from api.queries import QueryValue
from db.assets.asset import AssetFilter, assets_by_tag, life_of, list_assets
from domain.assets.asset import Asset, AssetStatus, LifeEntry
from domain.keys import Key, must_see
from domain.refusals import Problem, Unacceptable, Unknown
from domain.values import AssetTag, Line, Slug

router = APIRouter(route_class=BoundedRoute, prefix="/assets", tags=["assets"])

Reading = Annotated[Key, Depends(May(Operation.READ_ASSETS))]
Owner = Annotated[Slug | None, Query(description="Owner of the asset; optional for keys limited to one customer.")]
_BY_TAG = "assets tag"


class AssetQuery(QueryValue):
    """`search` looks into tag, model, serial and holder."""

    customer: Slug | None = None
    status: AssetStatus | None = None
    site: Slug | None = None
    search: Line | None = None
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=500)


@router.get("", operation_id="listAssets")
async def show_assets(query: Annotated[AssetQuery, Query()], caller: Reading, database: Tables) -> CursorPage[Asset]:
    """List assets by customer and tag, page by page."""
    wanted = AssetFilter(scope_of(caller, query.customer), query.status, query.site, query.search)
    after = read_cursor(query.cursor, _BY_TAG)
    async with database.reading() as session:
        assets, last = page(await list_assets(session, wanted, after=after, limit=query.limit), query.limit)
    cursor = Cursor(sort=_BY_TAG, after=(last.customer, last.tag)) if last else None
    return CursorPage(items=assets, next=str(cursor) if cursor else None)


@router.get("/{tag:path}/life", operation_id="getAssetLife")
async def show_life(tag: AssetTag, caller: Reading, database: Tables, customer: Owner = None) -> list[LifeEntry]:
    """Get the history of an asset: every change, before and after, oldest first."""
    asset = await known_asset(tag, customer, caller, database)
    async with database.reading() as session:
        return [row.as_entry() for row in await life_of(session, asset.customer, tag)]


@router.get("/{tag:path}", operation_id="getAsset")
async def show_asset(tag: AssetTag, caller: Reading, database: Tables, customer: Owner = None) -> Asset:
    """Get an asset from the register."""
    return await known_asset(tag, customer, caller, database)


async def known_asset(tag: str, customer: str | None, caller: Key, database: Tables) -> Asset:
    owner = customer or caller.customer
    if owner is None:
        raise Unacceptable(Problem(code="missing", at="/query/customer"))
    nobodys = Unknown(Problem(code="asset_unknown", values={"tag": tag}))
    must_see(caller, owner, nobodys)
    async with database.reading() as session:
        found = await assets_by_tag(session, owner, [tag])
    if not found:
        raise nobodys
    return found[0]
