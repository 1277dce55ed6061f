"""Changes of the register as histories have them: those it does not have are written, in the order they were done."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, func, select

from db.assets.asset import AssetLifeRow, RegisterEntry, assets_by_tag, changes_under, store_asset
from db.turns import take_register_turn
from domain.assets.asset import Asset

WAITED = timedelta(minutes=1)


class RegisterChange(NamedTuple):
    """All that was done at once under one business key. `undoes` is the key of what was put back, else None.

    Then `afters` are as they were until that.
    """

    entry: RegisterEntry
    customer: str
    afters: tuple[Asset, ...]
    undoes: str | None = None


class HeldChange(NamedTuple):
    same: int
    missing: int
    different: int


async def held_change(session: AsyncSession, change: RegisterChange) -> HeldChange:
    known = {row.tag: row for row in await changes_under(session, change.entry.under)}
    there = [asset for asset in change.afters if asset.tag in known]
    # How it was before is known here only, not to whoever puts it back.
    same = sum(change.undoes is not None or Asset.model_validate_json(known[one.tag].after) == one for one in there)
    return HeldChange(same, len(change.afters) - len(there), len(there) - same)


async def bring_change_back(session: AsyncSession, change: RegisterChange) -> None:
    """What it was before is what the register has now, as all that was done earlier has been brought back."""
    await take_register_turn(session, change.customer)
    known = {row.tag for row in await changes_under(session, change.entry.under)}
    afters = change.afters if change.undoes is None else await _before(session, change.undoes)
    for after in afters:
        if after.tag in known:
            continue
        now = next(iter(await assets_by_tag(session, change.customer, [after.tag])), None)
        if await _is_newest(session, after, change.entry.at):
            entry = change.entry
            await store_asset(session, after, before=now, under=entry.under, source=entry.source, at=entry.at)
        else:
            session.add(change.entry.line(after, None))


async def changed_by(session: AsyncSession, sources: Sequence[str]) -> Sequence[str]:
    """The business keys under which they have changed the register, once for each asset."""
    query = select(AssetLifeRow.under).where(col(AssetLifeRow.source).in_(sources))
    return (await session.execute(query)).scalars().all()


async def _before(session: AsyncSession, under: str) -> tuple[Asset, ...]:
    """Newest first, as whatever undoes it goes."""
    done = reversed(await changes_under(session, under))
    return tuple(Asset.model_validate_json(row.before) for row in done if row.before is not None)


async def _is_newest(session: AsyncSession, asset: Asset, at: datetime) -> bool:
    """Whether nothing that is known has changed it later; who waits for a turn is done later than asked."""
    lived = select(func.max(AssetLifeRow.at)).where(
        col(AssetLifeRow.customer) == asset.customer, col(AssetLifeRow.tag) == asset.tag
    )
    last = (await session.execute(lived)).scalar_one()
    return last is None or last <= at + WAITED
