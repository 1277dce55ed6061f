"""What an order changes in the asset register when its work is done."""

from domain.assets.asset import Asset, AssetChange
from domain.contracts.chains import AssetUpdate
from domain.kinds import OrderKind
from domain.orders.erasures import name_of, proven
from domain.orders.order import Order
from domain.orders.progress import Progress


def asset_changes(order: Order, progress: Progress, step: AssetUpdate) -> tuple[AssetChange, ...]:
    """One change per asset. In an Add only the new parts change: they become part of what they were fitted to.

    A repair leaves alone what the register says rightly already: only what was in repair is in use again.
    """
    erased = proven(order, progress.assets, progress.given)
    named = {asset.tag for asset in order.assets}
    changing = [asset for asset in progress.assets if order.chain.kind != OrderKind.ADD or asset.tag not in named]
    changes = ((asset, _change(order, step, asset, name_of(asset) in erased)) for asset in changing)
    is_repair = order.chain.kind == OrderKind.BREAK_FIX
    return tuple(change for asset, change in changes if not is_repair or change.applied_to(asset) != asset)


def _change(order: Order, step: AssetUpdate, asset: Asset, erased: bool) -> AssetChange:
    request = order.request
    host = order.assets[0] if order.chain.kind == OrderKind.ADD else None
    if step.vacate:
        return AssetChange(
            tag=asset.tag, status=step.goal, was=asset.status, vacate=True, erased_by=order.no if erased else None
        )
    return AssetChange(
        tag=asset.tag,
        status=step.goal,
        was=asset.status,
        place=host.place if host else request.target,
        holder=host.holder if host else request.holder,
        model=request.new_model,
        part_of=host.tag if host else None,
        erased_by=order.no if erased else None,
    )
