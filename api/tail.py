"""The end of the journal, read once for everybody who follows it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from db.engine import Database
from db.journal import JournalRow, events_after, newest

log = structlog.get_logger()

# How soon news is seen; no deadline depends on it.
PAUSE = timedelta(milliseconds=300)
BATCH = 500
# A follower who is this far behind is cut off and resumes where they stopped.
MOST_WAITING = 1_000


class Subscriber:
    """One subscriber: what came before `told_from` is read from the table, what comes after it is told."""

    def __init__(self, database: Database, customers: tuple[str, ...] | None, told_from: int) -> None:
        self._database = database
        self._customers = customers
        self._told_from = told_from
        # One place is kept for the end.
        self._news: asyncio.Queue[JournalRow | None] = asyncio.Queue(MOST_WAITING + 1)

    async def events(self, after: int | None) -> AsyncIterator[JournalRow]:
        """Everything after a journal id, or from now on, once and in order, until the follower is cut off."""
        last = self._told_from if after is None else after
        while last < self._told_from:
            rows = [row for row in await read(self._database, last, self._customers) if number(row) <= self._told_from]
            for row in rows:
                yield row
            last = number(rows[-1]) if rows else self._told_from
        while (told := await self._news.get()) is not None:
            if number(told) > last:
                yield told

    def tell(self, row: JournalRow) -> bool:
        """False when the follower does not keep up."""
        if self._customers is None or row.customer in self._customers:
            self._news.put_nowait(row)
        return self._news.qsize() < MOST_WAITING

    def cut_off(self) -> None:
        """What waits is left unread: the follower asks for it again after the last event it has seen."""
        while not self._news.empty():
            self._news.get_nowait()
        self._news.put_nowait(None)


class JournalTail:
    """Looks for news only while somebody follows."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._followers: set[Subscriber] = set()
        self._seen = 0
        self._looking: asyncio.Task[None] | None = None
        self._beginning = asyncio.Lock()

    @asynccontextmanager
    async def following(self, customers: tuple[str, ...] | None) -> AsyncIterator[Subscriber]:
        async with self._beginning:
            if self._looking is None or self._looking.done():
                async with self._database.reading() as session:
                    self._seen = await newest(session)
                self._looking = asyncio.create_task(self._look())
        follower = Subscriber(self._database, customers, self._seen)
        self._followers.add(follower)
        try:
            yield follower
        finally:
            self._followers.discard(follower)

    async def close(self) -> None:
        self._cut_off(self._followers)
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(PAUSE.total_seconds())
            if not self._followers:
                return
            try:
                rows = await read(self._database, self._seen, None)
            except SQLAlchemyError:
                log.warning("journal cannot be read")
                self._cut_off(self._followers)
                return
            for row in rows:
                self._seen = number(row)
                self._cut_off({follower for follower in self._followers if not follower.tell(row)})

    def _cut_off(self, followers: set[Subscriber]) -> None:
        for follower in followers:
            follower.cut_off()
        self._followers = self._followers - followers


async def read(database: Database, after: int, customers: tuple[str, ...] | None) -> Sequence[JournalRow]:
    async with database.reading() as session:
        return await events_after(session, after, customers, BATCH)


def number(row: JournalRow) -> int:
    assert row.id is not None  # it was read from the table
    return row.id
