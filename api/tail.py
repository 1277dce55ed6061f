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


class Follower:
    """One subscriber's share of the news, in order. None is the end."""

    def __init__(self, customers: tuple[str, ...] | None) -> None:
        self._customers = customers
        self._news: asyncio.Queue[JournalRow | None] = asyncio.Queue(MOST_WAITING + 1)

    @property
    def is_too_slow(self) -> bool:
        return self._news.qsize() >= MOST_WAITING

    def tell(self, row: JournalRow) -> None:
        if self._customers is None or row.customer in self._customers:
            self._news.put_nowait(row)

    def end(self) -> None:
        """Leaves what is waiting unread: the follower asks for it again after the last it has seen."""
        while not self._news.empty():
            self._news.get_nowait()
        self._news.put_nowait(None)

    async def news(self) -> AsyncIterator[JournalRow]:
        while (row := await self._news.get()) is not None:
            yield row


class JournalTail:
    """Looks for news only while somebody follows."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._followers: set[Follower] = set()
        self._seen = 0
        self._looking: asyncio.Task[None] | None = None
        self._beginning = asyncio.Lock()

    async def follow(self, customers: tuple[str, ...] | None, after: int | None) -> AsyncIterator[JournalRow]:
        """Everything after a journal id, or from now on; ends when the follower is too slow or the database is away."""
        async with self._following(customers) as follower:
            # What came before this moment is read from the table, what comes after it is told.
            told_from = self._seen
            last = told_from if after is None else after
            while last < told_from:
                rows = [row for row in await self._read(last, customers) if (row.id or 0) <= told_from]
                for row in rows:
                    yield row
                last = (rows[-1].id or 0) if rows else told_from
            async for row in follower.news():
                if (row.id or 0) > last:
                    yield row

    async def close(self) -> None:
        for follower in self._followers:
            follower.end()
        if self._looking is not None:
            self._looking.cancel()
            with suppress(asyncio.CancelledError):
                await self._looking

    @asynccontextmanager
    async def _following(self, customers: tuple[str, ...] | None) -> AsyncIterator[Follower]:
        follower = Follower(customers)
        async with self._beginning:
            if self._looking is None or self._looking.done():
                async with self._database.reading() as session:
                    self._seen = await newest(session)
                self._looking = asyncio.create_task(self._look())
        self._followers.add(follower)
        try:
            yield follower
        finally:
            self._followers.discard(follower)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(PAUSE.total_seconds())
            if not self._followers:
                return
            try:
                rows = await self._read(self._seen, None)
            except SQLAlchemyError:
                log.warning("journal cannot be read")
                self._cut_off(self._followers)
                return
            for row in rows:
                self._seen = row.id or self._seen
                for follower in self._followers:
                    follower.tell(row)
                self._cut_off({follower for follower in self._followers if follower.is_too_slow})

    async def _read(self, after: int, customers: tuple[str, ...] | None) -> Sequence[JournalRow]:
        async with self._database.reading() as session:
            return await events_after(session, after, customers, BATCH)

    def _cut_off(self, followers: set[Follower]) -> None:
        for follower in followers:
            follower.end()
        self._followers = self._followers - followers
