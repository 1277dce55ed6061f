"""Posting what an order costs, and taking it back."""

from temporalio import activity

from activities.failures import impossible
from connectors.billing import BillingSystem
from domain.contracts.prices import ChargeContradicted, Charges
from domain.times import Instant
from domain.values import Slug, Value


class Post(Value):
    charges: Charges
    at: Instant


class Reverse(Value):
    order_no: Slug
    at: Instant


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
        await self._system.reverse(asked.order_no, asked.at)
