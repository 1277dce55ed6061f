"""What an order does in the asset register: reserve, change, and put back."""

from temporalio import activity

from activities.failures import impossible
from connectors.registers import AssetRegister
from domain.assets.asset import Asset, AssetChange, Wanted
from domain.refusals import RegisterRefused
from domain.times import Instant
from domain.values import AssetTag, Slug, Value


class Reserve(Value):
    key: str
    customer: Slug
    order_no: Slug
    tags: tuple[AssetTag, ...]
    wanted: tuple[Wanted, ...]
    at: Instant


class ChangeAssets(Value):
    key: str
    customer: Slug
    order_no: Slug
    changes: tuple[AssetChange, ...]
    at: Instant


class Undo(Value):
    key: str
    at: Instant


class Assets:
    def __init__(self, register: AssetRegister) -> None:
        self._register = register

    @activity.defn
    async def reserve_assets(self, asked: Reserve) -> tuple[Asset, ...]:
        try:
            return await self._register.reserve(
                asked.key, asked.customer, asked.order_no, asked.tags, asked.wanted, asked.at
            )
        except RegisterRefused as refused:
            raise impossible(refused) from refused

    @activity.defn
    async def change_assets(self, asked: ChangeAssets) -> tuple[Asset, ...]:
        try:
            return await self._register.change(asked.key, asked.customer, asked.order_no, asked.changes, asked.at)
        except RegisterRefused as refused:
            raise impossible(refused) from refused

    @activity.defn
    async def undo_assets(self, asked: Undo) -> None:
        try:
            await self._register.undo(asked.key, asked.at)
        except RegisterRefused as refused:
            raise impossible(refused) from refused
