"""The asset register in our own database."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from db.assets.asset import assets_by_tag, changes_under, in_stock, store_asset
from db.engine import Database
from db.turns import take_register_turn
from domain.assets.asset import Asset, AssetChange, AssetStatus, Wanted
from domain.ids import order_workflow_id
from domain.refusals import Problem, RegisterRefused


class OwnRegister:
    """Satisfies `connectors.registers.AssetRegister`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def reserve(
        self,
        key: str,
        customer: str,
        order_no: str,
        tags: tuple[str, ...],
        wanted: tuple[Wanted, ...],
        at: datetime,
    ) -> tuple[Asset, ...]:
        async with self._database.writing() as session:
            await take_register_turn(session, customer)
            done = await changes_under(session, key)
            if done:
                return tuple(Asset.model_validate_json(row.after) for row in done)
            picked = await _picked(session, customer, tags, wanted)
            changes = tuple(
                AssetChange(tag=asset.tag, status=AssetStatus.RESERVED, reserved_for=order_no) for asset in picked
            )
            return await _apply(session, key, order_no, zip(picked, changes, strict=True), at)

    async def change(
        self, key: str, customer: str, order_no: str, changes: tuple[AssetChange, ...], at: datetime
    ) -> tuple[Asset, ...]:
        async with self._database.writing() as session:
            await take_register_turn(session, customer)
            done = await changes_under(session, key)
            if done:
                return tuple(Asset.model_validate_json(row.after) for row in done)
            tags = [change.tag for change in changes]
            known = {asset.tag: asset for asset in await assets_by_tag(session, customer, tags)}
            for tag in tags:
                if tag not in known:
                    raise RegisterRefused(Problem(code="asset_unknown", values={"tag": tag}))
            return await _apply(session, key, order_no, ((known[change.tag], change) for change in changes), at)

    async def undo(self, key: str, at: datetime) -> None:
        async with self._database.writing() as session:
            done = await changes_under(session, key)
            for customer in sorted({row.customer for row in done}):
                await take_register_turn(session, customer)
            if await changes_under(session, f"{key}/undo"):
                return
            for row in reversed(done):
                (now,) = await assets_by_tag(session, row.customer, [row.tag])
                if now != Asset.model_validate_json(row.after):
                    raise RegisterRefused(Problem(code="asset_changed_since", values={"tag": row.tag}))
                if row.before is not None:
                    before = Asset.model_validate_json(row.before)
                    await store_asset(session, before, before=now, under=f"{key}/undo", source=row.source, at=at)


async def _picked(
    session: AsyncSession, customer: str, tags: tuple[str, ...], wanted: tuple[Wanted, ...]
) -> tuple[Asset, ...]:
    named = await assets_by_tag(session, customer, tags)
    for tag in tags:
        if tag not in {asset.tag for asset in named}:
            raise RegisterRefused(Problem(code="asset_unknown", values={"tag": tag}))
    for asset in named:
        if asset.status != AssetStatus.IN_STOCK:
            values = {"tag": asset.tag, "status": asset.status, "order": asset.reserved_for or ""}
            raise RegisterRefused(Problem(code="asset_not_free", values=values))
    picked = list(named)
    for item in wanted:
        stock = await in_stock(session, customer, item.model, item.quantity + len(picked))
        free = [asset for asset in stock if asset not in picked][: item.quantity]
        if len(free) < item.quantity:
            values = {"model": item.model, "quantity": str(item.quantity), "in_stock": str(len(free))}
            raise RegisterRefused(Problem(code="out_of_stock", values=values))
        picked += free
    return tuple(picked)


async def _apply(
    session: AsyncSession, key: str, order_no: str, changes: Iterable[tuple[Asset, AssetChange]], at: datetime
) -> tuple[Asset, ...]:
    changed = []
    for asset, change in changes:
        problem = change.problem_with(asset)
        if asset.reserved_for not in (None, order_no):
            values = {"tag": asset.tag, "status": asset.status, "order": asset.reserved_for or ""}
            problem = Problem(code="asset_not_free", values=values)
        if problem is not None:
            raise RegisterRefused(problem)
        after = change.applied_to(asset)
        source = order_workflow_id(order_no)
        await store_asset(session, after, before=asset, under=key, source=source, at=at)
        changed.append(after)
    return tuple(changed)
