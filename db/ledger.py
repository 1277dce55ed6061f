"""The ledger: append-only entries under business keys; what was wrong is corrected by a counter-entry.

Triggers refuse to change or delete entries. A later migration that copies this table (`batch_alter_table` on SQLite)
has to make them again.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Numeric
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col, select

from db.columns import UtcDateTime
from db.engine import Database
from domain.contracts.prices import ChargeContradicted, Charges, charged_as
from domain.moves.reports.records import LedgerLine
from domain.orders.ledger import LedgerEntry


class LedgerRow(SQLModel, table=True):
    """One `LedgerEntry`, column by column."""

    __tablename__ = "ledger"

    key: str = Field(primary_key=True, max_length=200)
    kind: str = Field(max_length=16)
    customer: str = Field(max_length=64, index=True)
    contract: str = Field(max_length=64, index=True)
    order_no: str = Field(max_length=64, index=True)
    line: str = Field(max_length=64)
    reason: str = Field(max_length=32)
    text: str = Field(max_length=200)
    quantity: Decimal = Field(sa_type=Numeric(12, 4))
    unit: str = Field(max_length=8)
    unit_price: Decimal = Field(sa_type=Numeric(12, 2))
    per: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    factor: Decimal = Field(sa_type=Numeric(6, 2))
    amount: Decimal = Field(sa_type=Numeric(12, 2))
    minutes: int = 0
    reverses: str | None = Field(default=None, max_length=200)
    at: datetime = Field(sa_type=UtcDateTime)

    def as_entry(self) -> LedgerEntry:
        return LedgerEntry.model_validate(self.model_dump())

    def as_line(self) -> LedgerLine:
        facts = self.model_dump(include=set(LedgerLine.model_fields))
        return LedgerLine(order=self.order_no, **facts)


async def write_entries(session: AsyncSession, entries: Sequence[LedgerRow]) -> None:
    """Adds those entries whose key the ledger does not have. Raises `ChargeContradicted` if one says something else."""
    keys = [entry.key for entry in entries]
    rows = (await session.execute(select(LedgerRow).where(col(LedgerRow.key).in_(keys)))).scalars()
    known = {row.key: row.as_entry() for row in rows}
    for entry in entries:
        if entry.key not in known:
            session.add(entry)
            continue
        kept = known[entry.key]
        # Whoever posts again does so later: when is no part of what is said.
        again = entry.as_entry().but(at=kept.at)
        if again != kept:
            raise ChargeContradicted(entry.key, kept, again)


async def entries_of(session: AsyncSession, order_no: str) -> Sequence[LedgerRow]:
    query = select(LedgerRow).where(col(LedgerRow.order_no) == order_no).order_by(col(LedgerRow.at), col(LedgerRow.key))
    return (await session.execute(query)).scalars().all()


async def entries_of_all(session: AsyncSession, order_nos: Sequence[str]) -> Sequence[LedgerRow]:
    query = select(LedgerRow).where(col(LedgerRow.order_no).in_(order_nos))
    return (await session.execute(query.order_by(col(LedgerRow.at), col(LedgerRow.key)))).scalars().all()


class Ledger:
    """Our own billing system; satisfies `connectors.billing.BillingSystem`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def charge(self, charges: Charges, at: datetime) -> None:
        async with self._database.writing() as session:
            await write_entries(session, charged(charges, at, await entries_of(session, charges.order_no)))

    async def reverse(self, order_no: str, at: datetime, spared: int | None = None) -> None:
        async with self._database.writing() as session:
            known = [entry for entry in await entries_of(session, order_no) if can_be_taken_back(entry, spared)]
            await write_entries(session, [counter_entry(entry, at) for entry in known])


def can_be_taken_back(entry: LedgerRow, spared: int | None) -> bool:
    return entry.kind == "charge" and (spared is None or charged_as(entry.key) < spared)


def charged(charges: Charges, at: datetime, known: Iterable[LedgerRow]) -> list[LedgerRow]:
    """Under keys that are free after `known`, or stand for the same. Who comes late posts again what was taken back."""
    taken_back = {entry.reverses for entry in known if entry.reverses is not None and entry.at < at}
    return [
        LedgerRow(
            key=charges.key(line, taken_back),
            kind="charge",
            customer=charges.customer,
            contract=charges.contract,
            order_no=charges.order_no,
            at=at,
            **line.model_dump(),
        )
        for line in charges.lines
    ]


def counter_entry(entry: LedgerRow, at: datetime) -> LedgerRow:
    taken_back = {
        "key": f"{entry.key}/reverse",
        "kind": "reverse",
        "quantity": -entry.quantity,
        "amount": -entry.amount,
        "minutes": -entry.minutes,
        "reverses": entry.key,
        "at": at,
    }
    return LedgerRow(**(entry.model_dump() | taken_back))
