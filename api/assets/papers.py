"""All papers of one asset: whatever it went through."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.assets.asset import Owner, known_asset
from api.cases.standing import order_as_written
from api.dependencies import InContext, May
from api.gate.routes import BoundedRoute
from api.orders.late import with_late_said
from api.policy import Operation
from db.assets.asset import ORDERS, life_of
from db.orders import open_orders_with, orders_of
from domain.ids import order_no_of
from domain.keys import Key
from domain.orders.papers import AssetPaper, asset_paper
from domain.values import AssetTag

router = APIRouter(route_class=BoundedRoute, prefix="/assets", tags=["assets"])

Reading = Annotated[Key, Depends(May(Operation.READ_ORDERS))]


@router.get("/{tag:path}/papers", operation_id="listAssetPapers")
async def show_asset_papers(
    tag: AssetTag, caller: Reading, context: InContext, customer: Owner = None
) -> tuple[AssetPaper, ...]:
    """List what is kept of an asset by the orders that it was in: files, and what proves it erased."""
    asset = await known_asset(tag, customer, caller, context.database)
    async with context.database.reading() as session:
        life = await life_of(session, asset.customer, tag)
        numbers = {order_no_of(row.source) for row in life if row.source.startswith(ORDERS)}
        rows = [*await orders_of(session, sorted(numbers)), *await open_orders_with(session, asset.customer, tag)]
    orders = {row.no: order_as_written(row) for row in rows if row.customer == asset.customer and row.progress}
    tags = {tag, *(row.tag for row in life)}
    found = []
    for _, ended in sorted(orders.items()):
        one = await with_late_said(ended, context)
        if (paper := asset_paper(one.order, one.progress, tags)) is not None:
            found.append(paper)
    return tuple(found)
