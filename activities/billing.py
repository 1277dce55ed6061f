"""Posting what an order costs, and taking it back."""

from temporalio import activity

from activities.failures import impossible
from connectors.billing import BillingSystem
from domain.contracts.prices import ENDED, ChargeContradicted, Charges
from domain.times import Instant
from domain.values import Slug, Value


class Post(Value):
    charges: Charges
    at: Instant


class Reverse(Value):
    """All charges of an order but those from the number `spared` on.

    A worker that dies, or is overtaken by commands, while an order ends has its end done again, later: what that has
    charged by then is no charge to be taken back.
    """

    order_no: Slug
    at: Instant
    spared: int | None = ENDED


class Billing:
    def __init__(self, system: BillingSystem) -> None:
        self._system = system

    @activity.defn
    async def post_charges(self, asked: Post) -> None:
        try:
            await self._system.charge(asked.charges, asked.at)
        except ChargeContradicted as contradicted:
            raise impossible(contradicted) from contradicted

    @activity.defn
    async def reverse_charges(self, asked: Reverse) -> None:
        await self._system.reverse(asked.order_no, asked.at, asked.spared)
