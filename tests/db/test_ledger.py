"""The ledger: what stands in it can be worked out from its own columns, and is only ever added to."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from activities.billing import Billing, Post, Reverse
from db.engine import Database
from db.ledger import Ledger, LedgerRow, entries_of
from db.revisions import MIGRATIONS
from domain.contracts.prices import ENDED, ChargeContradicted, ChargeLine, Charges, cents, piece, time_line

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


def test_what_took_an_entry_back_before_is_counted_like_what_does_now(database_url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", database_url.replace("+aiosqlite", "").replace("%", "%%"))
    engine = create_engine(database_url.replace("+aiosqlite", ""))
    texts = {
        "customer": "adler",
        "contract": "c",
        "order_no": "O-1",
        "line": "time-0",
        "reason": "time",
        "text": "work",
    }
    old = texts | {"unit": "hour", "unit_price": 96, "factor": 1, "minutes": 0, "at": AT, "quantity": 2}
    columns = ["key", "kind", "amount", "reverses", *old]
    insertion = text(f"INSERT INTO ledger ({', '.join(columns)}) VALUES ({', '.join(f':{one}' for one in columns)})")
    counted = text("SELECT quantity, per FROM ledger ORDER BY key")

    command.downgrade(config, "0027")
    with engine.begin() as connection:
        connection.execute(insertion, {"key": "a", "kind": "charge", "amount": 192, "reverses": None, **old})
        connection.execute(insertion, {"key": "a/reverse", "kind": "reverse", "amount": -192, "reverses": "a", **old})
    command.upgrade(config, "head")
    with engine.begin() as connection:
        found = [(int(quantity), per) for quantity, per in connection.execute(counted)]
    engine.dispose()

    assert found == [(2, 1), (-2, 1)]


async def test_a_key_that_is_posted_again_is_posted_once(ledger: Ledger, database: Database) -> None:
    await ledger.charge(charges(worked(460)), AT)
    await ledger.charge(charges(worked(460)), LATER)

    assert [(row.key, row.at) for row in await entries(database)] == [("bill:O-1/time-0/1", AT)]


async def test_a_key_that_is_posted_with_other_content_is_refused_and_both_are_named(
    ledger: Ledger, database: Database
) -> None:
    await ledger.charge(charges(worked(460)), AT)

    with pytest.raises(ChargeContradicted) as refused:
        await ledger.charge(charges(PART, worked(300)), LATER)

    (problem,) = refused.value.problems
    assert problem.values["key"] == "bill:O-1/time-0/1"
    assert "quantity 460" in problem.values["kept"]
    assert "amount 3833.33" in problem.values["kept"]
    assert problem.values["asked"] == "quantity 300, amount 2500.00, minutes 300"
    assert [row.key for row in await entries(database)] == ["bill:O-1/time-0/1"]


async def test_what_was_taken_back_and_is_charged_again_counts_under_the_next_number(
    ledger: Ledger, database: Database
) -> None:
    for hour in (0, 2):
        await ledger.charge(charges(PART), AT + timedelta(hours=hour))
        await ledger.reverse("O-1", AT + timedelta(hours=hour + 1))
    await ledger.charge(charges(PART), AT + timedelta(hours=4))

    kept = await entries(database)

    assert [row.key.removeprefix("bill:O-1/part-0/") for row in kept] == ["1", "1/reverse", "2", "2/reverse", "3"]
    assert sum(row.amount for row in kept) == 125


async def test_who_posts_again_late_does_not_charge_again_what_was_taken_back(
    ledger: Ledger, database: Database
) -> None:
    """A try that took longer than anybody waited for it comes through when all is over."""
    await ledger.charge(charges(PART), AT)
    await ledger.reverse("O-1", LATER)
    await ledger.charge(charges(PART), AT)
    await ledger.reverse("O-1", LATER + timedelta(hours=1))

    assert [int(row.amount) for row in await entries(database)] == [125, -125]


async def test_an_order_whose_end_is_done_again_later_is_charged_for_it_once(
    ledger: Ledger, database: Database
) -> None:
    """As when its worker dies after it has charged and before that is on file, or commands overtake it."""
    billing = Billing(ledger)
    await billing.post_charges(Post(charges=charges(worked(460), PART), at=AT))

    for hour in (1, 2, 3):
        at = AT + timedelta(hours=hour)
        await billing.reverse_charges(Reverse(order_no="O-1", at=at))
        await billing.post_charges(Post(charges=charges(PART, n=ENDED), at=at))

    kept = await entries(database)
    assert [row.key.removeprefix("bill:O-1/") for row in kept] == [
        "part-0/1",
        "time-0/1",
        "part-0/1/reverse",
        "part-0/2",
        "time-0/1/reverse",
    ]
    assert sum(row.amount for row in kept) == 125


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger SET amount = 0",
        "DELETE FROM ledger",
        "UPDATE ledger SET key = 'bill:O-2/part-0/1' WHERE key = 'bill:O-1/part-0/1'",
    ],
)
async def test_nobody_changes_or_deletes_what_stands_in_the_ledger(
    ledger: Ledger, database: Database, statement: str
) -> None:
    await ledger.charge(charges(PART), AT)

    with pytest.raises(DBAPIError, match="append-only"):
        async with database.writing() as session:
            await session.execute(text(statement))

    assert [(row.key, int(row.amount)) for row in await entries(database)] == [("bill:O-1/part-0/1", 125)]


async def test_nobody_writes_over_what_stands_in_the_ledger(ledger: Ledger, database: Database) -> None:
    if not database.url.startswith("sqlite"):
        pytest.skip("only SQLite replaces rows")
    await ledger.charge(charges(PART), AT)

    with pytest.raises(DBAPIError, match="append-only"):
        async with database.writing() as session:
            await session.execute(text("INSERT OR REPLACE INTO ledger SELECT * FROM ledger"))
