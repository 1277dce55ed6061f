"""What a database promises whoever writes to it."""

import asyncio
import random

from sqlalchemy import text

from db.engine import Database
from tests.patience import PATIENCE


async def test_writers_who_are_cancelled_anywhere_leave_no_lock_and_no_row(database: Database) -> None:
    async def write(mark: int) -> None:
        async with database.writing() as session:
            await session.execute(text("SELECT count(*) FROM marks"))
            await session.execute(text(f"INSERT INTO marks VALUES ({mark})"))
            await session.execute(text("SELECT count(*) FROM marks"))
            await asyncio.Event().wait()

    async with database.writing() as session:
        await session.execute(text("CREATE TABLE marks (mark INTEGER)"))
    moments = random.Random(4)  # moments, not secrets
    ends = []
    for _ in range(40):
        writers = [asyncio.ensure_future(write(mark)) for mark in range(3)]
        await asyncio.sleep(moments.random() * 0.006)
        for writer in writers:
            writer.cancel()
        # Whoever logs the error holds the frames of the cancelled writer, and with them its cursor.
        ends += await asyncio.gather(*writers, return_exceptions=True)
        async with asyncio.timeout(PATIENCE), database.writing() as session:
            kept = (await session.execute(text("SELECT mark FROM marks"))).scalars().all()
        assert kept == []

    assert {type(end) for end in ends} == {asyncio.CancelledError}
