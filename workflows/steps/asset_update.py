from temporalio import workflow

from activities.assets import Assets, ChangeAssets, Undo
from domain.contracts.chains import AssetUpdate
from domain.orders.register_changes import asset_changes
from workflows.order_case import OrderCase


async def perform(case: OrderCase, step: AssetUpdate) -> None:
    order = case.order
    if not step.irreversible:
        case.will_undo(step.id)
    changed = await case.act(
        Assets.change_assets,
        ChangeAssets(
            key=_key(case, step),
            customer=order.customer,
            order_no=order.no,
            changes=asset_changes(order, case.progress, step),
            at=workflow.now(),
        ),
        summary="update the asset register",
    )
    now = {asset.tag: asset for asset in changed}
    case.advance(case.progress.but(assets=tuple(now.get(asset.tag, asset) for asset in case.progress.assets)))
    case.settle(step.id)


async def undo(case: OrderCase, step: AssetUpdate) -> None:
    await case.act(
        Assets.undo_assets,
        Undo(key=_key(case, step), at=workflow.now()),
        summary="put the asset register back",
    )


def _key(case: OrderCase, step: AssetUpdate) -> str:
    return f"assets:{case.order.no}/{step.id}"
