from temporalio import workflow

from activities.assets import Assets, Reserve, Undo
from domain.contracts.chains import Reservation
from domain.kinds import OrderKind
from workflows.order_case import OrderCase


async def perform(case: OrderCase, step: Reservation) -> None:
    """Take what was named or wanted from stock. An Add names what gets the part, so only the part is reserved."""
    order = case.order
    tags = () if order.request.kind == OrderKind.ADD else order.request.assets
    case.will_undo(step.id)
    reserved = await case.act(
        Assets.reserve_assets,
        Reserve(
            key=_key(case, step),
            customer=order.customer,
            order_no=order.no,
            tags=tags,
            wanted=order.request.wanted,
            at=workflow.now(),
        ),
        summary="reserve from stock",
    )
    named = tuple(asset for asset in order.assets if asset.tag not in tags)
    case.advance(case.progress.but(assets=(*named, *reserved)))
    case.settle(step.id)


async def undo(case: OrderCase, step: Reservation) -> None:
    await case.act(Assets.undo_assets, Undo(key=_key(case, step), at=workflow.now()), summary="release reservation")
    case.advance(case.progress.but(assets=case.order.assets))


def _key(case: OrderCase, step: Reservation) -> str:
    return f"assets:{case.order.no}/{step.id}"
