"""What was imported: one row per run with its counts and all its problems."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel

from db.assets.asset import RegisterEntry, held_for_import, last_orders, store_assets, tags_of
from db.columns import UtcDateTime
from db.contracts import CustomerRow
from db.engine import Database
from db.orders import orders_naming
from db.turns import take_register_turn
from domain.assets.asset import Asset
from domain.assets.imports import ImportOutcome, ImportPlan, ImportResult, Register, import_id, plan
from domain.assets.lists import AssetList
from domain.names import same_tag
from domain.people import Actor
from domain.refusals import unknown


class ImportRow(SQLModel, table=True):
    __tablename__ = "imports"

    id: str = Field(primary_key=True, max_length=32)
    customer: str = Field(max_length=64, index=True)
    file_name: str = Field(max_length=200)
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str = Field(max_length=64)
    result: str = Field(sa_type=Text)

    def as_result(self) -> ImportResult:
        return ImportResult.model_validate_json(self.result)


async def import_run(session: AsyncSession, run_id: str) -> ImportResult | None:
    row = await session.get(ImportRow, run_id)
    return row.as_result() if row else None


@dataclass(frozen=True)
class Manner:
    """How a list is brought in: only to see what would happen, or even against what orders have done since.

    With `retag`, a new tag beside a known serial is the new tag of what bears it.
    """

    dry_run: bool = False
    overrule: bool = False
    retag: bool = False


async def import_assets(
    database: Database, *, customer: str, found: AssetList, actor: Actor, at: datetime, manner: Manner
) -> ImportResult:
    """Bring a list into the register in one transaction. The same list again changes only what has changed.

    Raises `Unknown` for the customer.
    """
    run_id = import_id(customer, found.table.digest)
    async with database.reading() if manner.dry_run else database.writing() as session:
        await _must_be_known(session, customer)
        await take_register_turn(session, customer)
        planned = await _planned(session, customer, found, manner)
        result = ImportResult(
            id=run_id,
            customer=customer,
            file_name=found.table.file_name,
            at=at,
            actor=actor,
            dry_run=manner.dry_run,
            added=planned.count(ImportOutcome.ADDED),
            changed=planned.count(ImportOutcome.CHANGED),
            unchanged=planned.count(ImportOutcome.UNCHANGED),
            kept=planned.count(ImportOutcome.KEPT),
            with_problems=planned.count(ImportOutcome.PROBLEM),
            rows=planned.rows,
            issues=planned.issues,
            ignored_columns=found.table.ignored,
            unknown_columns=found.unknown_columns,
            unread_sheets=found.table.unread,
            hidden_columns=found.table.hidden,
        )
        if not manner.dry_run:
            # The same file may come again after another has changed what it said.
            entry = RegisterEntry(under=f"import:{run_id}@{at.isoformat()}", source=f"import/{run_id}", at=at)
            await store_assets(session, planned.changes, entry)
            await _write_down(session, result)
    return result


async def _must_be_known(session: AsyncSession, customer: str) -> None:
    if await session.get(CustomerRow, customer) is None:
        raise unknown("customer", customer)


async def _planned(session: AsyncSession, customer: str, found: AssetList, manner: Manner) -> ImportPlan:
    tags = [row.stated.tag for row in found.rows]
    serials = [row.stated.serial for row in found.rows if row.stated.serial]
    assets, bearers = await held_for_import(session, customer, tags, serials)
    known = await tags_of(session, customer)
    alike = {same_tag(tag): tag for tag, _ in known}
    bearers = {same_tag(serial): tag for tag, serial in known if serial} | bearers
    owners: dict[str, Asset] = {}
    if manner.retag:
        bearing = [tag for serial in serials if (tag := bearers.get(serial) or bearers.get(same_tag(serial)))]
        owners, _ = await held_for_import(session, customer, bearing, ())
    named = await orders_naming(session, customer, owners) if owners else {}
    register = Register(assets, bearers, await last_orders(session, customer, tags), alike, owners, named)
    return await asyncio.to_thread(plan, found, customer, register, overrule=manner.overrule)


async def _write_down(session: AsyncSession, result: ImportResult) -> None:
    await session.merge(
        ImportRow(
            id=result.id,
            customer=result.customer,
            file_name=result.file_name,
            at=result.at,
            actor=result.actor.person,
            result=result.model_dump_json(),
        )
    )
