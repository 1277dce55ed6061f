"""The ledger: what stands in it can be worked out from its own columns, and is only ever added to."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from db.engine import Database
from db.ledger import Ledger, LedgerRow, entries_of
from domain.contracts.prices import ChargeLine, Charges, cents, piece, time_line

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
PART = piece("part-0", "part", "ram-16", Decimal("62.50"), 2)


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


def worked(minutes: int, hourly: str = "500.00", factor: str = "1") -> ChargeLine:
    price, times = Decimal(hourly), Decimal(factor)
    return time_line("time-0", "work", minutes=minutes, charged=minutes, hourly=price, factor=times)


def charges(*lines: ChargeLine, n: int = 1) -> Charges:
    return Charges(order_no="O-1", customer="adler", contract="adler-2026", lines=lines, n=n)


async def entries(database: Database) -> Sequence[LedgerRow]:
    async with database.reading() as session:
        return await entries_of(session, "O-1")


async def test_quantity_times_price_is_the_amount_also_of_what_takes_it_back(
    ledger: Ledger, database: Database
) -> None:
    await ledger.charge(charges(worked(460), PART), AT)
    await ledger.reverse("O-1", LATER)

    kept = await entries(database)

    assert [(row.key, int(row.quantity), row.unit, f"{row.amount:.2f}", row.minutes) for row in kept] == [
        ("bill:O-1/part-0/1", 2, "piece", "125.00", 0),
        ("bill:O-1/time-0/1", 460, "minute", "3833.33", 460),
        ("bill:O-1/part-0/1/reverse", -2, "piece", "-125.00", 0),
        ("bill:O-1/time-0/1/reverse", -460, "minute", "-3833.33", -460),
    ]
    assert all(cents(row.quantity * row.unit_price * row.factor / row.per) == row.amount for row in kept)
