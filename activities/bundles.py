"""What a bundle has done for it: its orders are placed."""

from temporalio import activity

from activities.moves import Orders
from domain.orders.order import Order


class Bundles:
    def __init__(self, orders: Orders) -> None:
        self._orders = orders

    @activity.defn
    async def place_part(self, part: Order) -> None:
        """Placed twice it is one order."""
        await self._orders.ensure_order(part)
