"""The asset register that is ours: the assets, and every change of their life with before and after."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, UniqueConstraint, bindparam, delete, func, insert, or_, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select

from db.columns import UtcDateTime
from db.engine import Glance
from db.search import asset_thing, find_by, find_no_more_by
from domain.assets.asset import Asset, AssetStatus, LifeEntry
from domain.assets.search import words_of
from domain.ids import order_no_of, order_workflow_id
from domain.place_names import spot
from domain.places import Place

ORDERS = order_workflow_id("")
BATCH = 5_000
_DIGITS = re.compile("[0-9]+")


class AssetRow(SQLModel, table=True):
    """Tags are unique within a customer, not across customers."""

    __tablename__ = "assets"

    customer: str = Field(primary_key=True, max_length=64)
    tag: str = Field(primary_key=True, max_length=64)
    status: str = Field(max_length=16, index=True)
    model: str | None = Field(default=None, max_length=200)
    serial: str | None = Field(default=None, max_length=200, index=True)
    site: str | None = Field(default=None, max_length=64, index=True)
    holder: str | None = Field(default=None, max_length=200)
    asset: str = Field(sa_type=Text)

    def as_asset(self) -> Asset:
        return Asset.model_validate_json(self.asset)


class AssetLifeRow(SQLModel, table=True):
    """One change. `under` is the business key of what was done: a repeat finds it and changes nothing."""

    __tablename__ = "asset_life"
    __table_args__ = (UniqueConstraint("under", "customer", "tag"),)

    id: int | None = Field(default=None, primary_key=True)
    under: str = Field(max_length=200)
    customer: str = Field(max_length=64)
    tag: str = Field(max_length=64, index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    source: str = Field(max_length=128)
    before: str | None = Field(default=None, sa_type=Text)
    after: str = Field(sa_type=Text)

    def as_entry(self) -> LifeEntry:
        before = None if self.before is None else Asset.model_validate_json(self.before)
        return LifeEntry(at=self.at, source=self.source, before=before, after=Asset.model_validate_json(self.after))


_BY_TAG = select(AssetRow.asset).where(
    col(AssetRow.customer) == bindparam("customer"), col(AssetRow.tag).in_(bindparam("tags", expanding=True))
)


async def assets_by_tag(session: Glance, customer: str, tags: Sequence[str]) -> tuple[Asset, ...]:
    """Those that exist, in the order of `tags`."""
    if not tags:
        return ()
    texts = (await session.execute(_BY_TAG, {"customer": customer, "tags": list(tags)})).scalars()
    found = {asset.tag: asset for asset in map(Asset.model_validate_json, texts)}
    return tuple(found[tag] for tag in dict.fromkeys(tags) if tag in found)


async def owners_of(session: AsyncSession, tag: str, customers: tuple[str, ...] | None) -> Sequence[str]:
    """Those of these customers, or of all, who have an asset of this tag."""
    query = select(AssetRow.customer).where(col(AssetRow.tag) == tag).order_by(col(AssetRow.customer))
    if customers is not None:
        query = query.where(col(AssetRow.customer).in_(customers))
    return (await session.execute(query)).scalars().all()


async def of_other_customers(
    session: AsyncSession, customer: str, serials: Sequence[str], among: tuple[str, ...] | None
) -> frozenset[str]:
    """Those of the serials that assets of other customers have, as far as `among` goes; None is all of them."""
    query = select(AssetRow.serial).where(
        col(AssetRow.serial).in_(bindparam("serials", expanding=True)), col(AssetRow.customer) != customer
    )
    if among is not None:
        query = query.where(col(AssetRow.customer).in_(among))
    found = (await session.execute(query, {"serials": list(serials)})).scalars()
    return frozenset(serial for serial in found if serial is not None)


async def assets_in_use(session: AsyncSession, customer: str, sites: Iterable[str]) -> tuple[Asset, ...]:
    """Everything that is deployed at these sites."""
    query = select(AssetRow.asset).where(
        col(AssetRow.customer) == customer,
        col(AssetRow.site).in_(tuple(sites)),
        col(AssetRow.status) == AssetStatus.DEPLOYED,
    )
    return tuple(map(Asset.model_validate_json, (await session.execute(query)).scalars()))


async def assets_at(session: AsyncSession, customer: str, place: Place) -> tuple[Asset, ...]:
    """What is in use at exactly this desk, however its place is written."""
    # However a room and a desk are written, their digits are in it.
    digits = {run for part in spot(place)[-2:] for run in _DIGITS.findall(part)}
    query = select(AssetRow.asset).where(
        col(AssetRow.customer) == customer,
        col(AssetRow.site) == place.site,
        col(AssetRow.status) == AssetStatus.DEPLOYED,
        *(col(AssetRow.asset).contains(run) for run in sorted(digits)),
    )
    found = map(Asset.model_validate_json, (await session.execute(query)).scalars())
    return tuple(asset for asset in found if asset.place is not None and spot(asset.place) == spot(place))


async def in_stock(session: AsyncSession, customer: str, model: str, limit: int) -> tuple[Asset, ...]:
    query = (
        select(AssetRow)
        .where(
            col(AssetRow.customer) == customer,
            col(AssetRow.status) == AssetStatus.IN_STOCK,
            func.lower(col(AssetRow.model)) == model.lower(),
        )
        .order_by(col(AssetRow.tag))
        .limit(limit)
    )
    return tuple(row.as_asset() for row in (await session.execute(query)).scalars())


async def written_assets(session: AsyncSession, customer: str) -> Sequence[str]:
    """All of a customer's assets as they are stored: reading many thousands of them is no work for the loop."""
    query = select(AssetRow.asset).where(col(AssetRow.customer) == customer).order_by(col(AssetRow.tag))
    return (await session.execute(query)).scalars().all()


@dataclass(frozen=True)
class AssetFilter:
    """What a list is narrowed to; None means any. `customers` is the caller's scope, None being all."""

    customers: tuple[str, ...] | None = None
    status: AssetStatus | None = None
    site: str | None = None
    search: str | None = None


async def list_assets(
    session: AsyncSession, wanted: AssetFilter, *, after: tuple[str, str] | None = None, limit: int = 50
) -> tuple[Asset, ...]:
    """By customer and tag; one more than the limit, so that the caller sees whether there is a next page."""
    place = tuple_(col(AssetRow.customer), col(AssetRow.tag))
    query = select(AssetRow).order_by(col(AssetRow.customer), col(AssetRow.tag)).limit(limit + 1)
    if wanted.customers is not None:
        query = query.where(col(AssetRow.customer).in_(wanted.customers))
    if wanted.status is not None:
        query = query.where(col(AssetRow.status) == wanted.status)
    if wanted.site is not None:
        query = query.where(col(AssetRow.site) == wanted.site)
    if wanted.search:
        columns = (col(AssetRow.tag), col(AssetRow.model), col(AssetRow.serial), col(AssetRow.holder))
        query = query.where(or_(*(column.icontains(wanted.search, autoescape=True) for column in columns)))
    if after is not None:
        query = query.where(place > after)
    return tuple(row.as_asset() for row in (await session.execute(query)).scalars())


async def life_of(session: AsyncSession, customer: str, tag: str) -> Sequence[AssetLifeRow]:
    """From the first tag that it had."""
    whole: list[AssetLifeRow] = []
    until: int | None = None
    while True:
        query = select(AssetLifeRow).where(col(AssetLifeRow.customer) == customer, col(AssetLifeRow.tag) == tag)
        if until is not None:
            query = query.where(col(AssetLifeRow.id) < until)
        lived = (await session.execute(query.order_by(col(AssetLifeRow.id)))).scalars().all()
        # Another thing may have had the tag before: the life of this one begins where it took it.
        begun = next((at for at in reversed(range(len(lived))) if _took_tag(lived[at])), 0)
        whole = [*lived[begun:], *whole]
        first = lived[begun].as_entry().before if lived else None
        if first is None or first.tag == tag:
            return whole
        tag, until = first.tag, lived[begun].id


def _took_tag(row: AssetLifeRow) -> bool:
    before = row.as_entry().before
    return before is None or before.tag != row.tag


async def changes_under(session: AsyncSession, key: str) -> Sequence[AssetLifeRow]:
    """What was changed under a business key, in the order in which it was done; undoing it has a key of its own."""
    query = select(AssetLifeRow).where(col(AssetLifeRow.under) == key).order_by(col(AssetLifeRow.id))
    return (await session.execute(query)).scalars().all()


@dataclass(frozen=True)
class RegisterEntry:
    """Under which business key the register is changed, by whom and when."""

    under: str
    source: str
    at: datetime

    def line(self, asset: Asset, before: Asset | None) -> AssetLifeRow:
        return AssetLifeRow(
            under=self.under,
            customer=asset.customer,
            tag=asset.tag,
            at=self.at,
            source=self.source,
            before=before.model_dump_json(exclude_defaults=True) if before else None,
            after=asset.model_dump_json(exclude_defaults=True),
        )


def _row(asset: Asset) -> AssetRow:
    return AssetRow(
        customer=asset.customer,
        tag=asset.tag,
        status=asset.status,
        model=asset.model,
        serial=asset.serial,
        site=asset.place.site if asset.place else None,
        holder=asset.holder,
        asset=asset.model_dump_json(exclude_defaults=True),
    )


async def store_asset(
    session: AsyncSession, asset: Asset, *, before: Asset | None, under: str, source: str, at: datetime
) -> None:
    """Writes the asset and the line of its life in the caller's transaction."""
    await session.merge(_row(asset))
    session.add(RegisterEntry(under, source, at).line(asset, before))
    await _found_by(session, [(before, asset)])


async def store_assets(
    session: AsyncSession, changes: Sequence[tuple[Asset | None, Asset]], entry: RegisterEntry
) -> None:
    """Many at once, as pairs of before and after: before is None for those that are not in the register yet."""
    changes = [*changes, *await _parts_of_retagged(session, changes)]
    retagged = [before for before, after in changes if before is not None and before.tag != after.tag]
    for some in _batched([asset.tag for asset in retagged]):
        whose = col(AssetRow.customer) == retagged[0].customer
        await session.execute(delete(AssetRow).where(whose, col(AssetRow.tag).in_(some)))
    new = [_row(after).model_dump() for before, after in changes if before is None or before.tag != after.tag]
    changed = [_row(after).model_dump() for before, after in changes if before is not None and before.tag == after.tag]
    lines = [entry.line(after, before).model_dump(exclude={"id"}) for before, after in changes]
    if new:
        await session.execute(insert(AssetRow), new)
    if changed:
        await session.execute(update(AssetRow), changed)
    if lines:
        await session.execute(insert(AssetLifeRow), lines)
    await _found_by(session, changes)


async def _found_by(session: AsyncSession, changes: Sequence[tuple[Asset | None, Asset]]) -> None:
    """By what they are found now, and no more by what was true of them before."""
    new = []
    for before, after in changes:
        words = words_of(after)
        if before is not None:
            is_same = before.tag == after.tag
            gone = words_of(before)
            words, gone = (words - gone, gone - words) if is_same else (words, gone)
            await find_no_more_by(session, asset_thing(before.customer, before.tag), gone)
        new.append((asset_thing(after.customer, after.tag), words))
    await find_by(session, new)


async def _parts_of_retagged(
    session: AsyncSession, changes: Sequence[tuple[Asset | None, Asset]]
) -> list[tuple[Asset, Asset]]:
    """What is built into something whose tag is another now, with that tag; what changes anyway is told by the list."""
    new_tag = {before.tag: after.tag for before, after in changes if before is not None and before.tag != after.tag}
    listed = {after.tag for _, after in changes} | new_tag.keys()
    found = []
    for old, new in new_tag.items():
        query = select(AssetRow.asset).where(
            col(AssetRow.customer) == changes[0][1].customer,
            col(AssetRow.asset).contains(f'"part_of":"{old}"', autoescape=True),
        )
        for text in (await session.execute(query)).scalars():
            part = Asset.model_validate_json(text)
            if part.tag not in listed:
                found.append((part, part.but(part_of=new)))
    return found


async def held_for_import(
    session: AsyncSession, customer: str, tags: Sequence[str], serials: Sequence[str]
) -> tuple[dict[str, Asset], dict[str, str]]:
    """Assets by tag and tags by serial; nobody else changes them if the caller has taken the register's turn."""
    assets: dict[str, Asset] = {}
    bearers: dict[str, str] = {}
    for some in _batched(tags):
        query = select(AssetRow.asset).where(col(AssetRow.customer) == customer, col(AssetRow.tag).in_(some))
        for text in (await session.execute(query)).scalars():
            asset = Asset.model_validate_json(text)
            assets[asset.tag] = asset
    for some in _batched(serials):
        bearing = select(AssetRow.serial, AssetRow.tag).where(
            col(AssetRow.customer) == customer, col(AssetRow.serial).in_(some)
        )
        bearers |= {serial: tag for serial, tag in await session.execute(bearing) if serial is not None}
    return assets, bearers


async def tags_of(session: AsyncSession, customer: str) -> Sequence[tuple[str, str | None]]:
    """All of a customer's, with the serials of what bears them."""
    query = select(AssetRow.tag, AssetRow.serial).where(col(AssetRow.customer) == customer)
    return [(tag, serial) for tag, serial in await session.execute(query)]


async def last_orders(session: AsyncSession, customer: str, tags: Sequence[str]) -> dict[str, str]:
    """The orders that have changed these assets last; assets that something else has changed since are left out."""
    found: dict[str, str] = {}
    for some in _batched(tags):
        newest = (
            select(func.max(AssetLifeRow.id))
            .where(col(AssetLifeRow.customer) == customer, col(AssetLifeRow.tag).in_(some))
            .group_by(col(AssetLifeRow.tag))
        )
        query = select(AssetLifeRow.tag, AssetLifeRow.source).where(col(AssetLifeRow.id).in_(newest))
        for tag, source in await session.execute(query):
            if source.startswith(ORDERS):
                found[tag] = order_no_of(source)
    return found


def _batched(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """Databases take only so many values in one question."""
    return (names[at : at + BATCH] for at in range(0, len(names), BATCH))
