"""The end of the journal, read once for everybody who follows it."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from api.door.watch import KeyWatch, to_its_end
from db.cases.journal import JournalRow, events_after, newest
from db.engine import Database
from domain.keys import Key

log = structlog.get_logger()

# How soon news is seen; no deadline depends on it.
PAUSE = timedelta(milliseconds=300)
BATCH = 500
# A key that another process has revoked is noticed after this time also when nothing happens.
LOOK_EVERY = timedelta(seconds=5)
# A follower who is this far behind is cut off and resumes where they stopped.
MOST_WAITING = 1_000


class Subscriber:
    """One subscriber: what came before `told_from` is read from the table, what comes after it is told."""

    def __init__(self, database: Database, key: Key | None, watch: KeyWatch, told_from: int) -> None:
        self._database = database
        self.key = key
        self._watch = watch
        self._customers = key.customers if key is not None else None
        self._told_from = told_from
        # One place is kept for the end.
        self._news: asyncio.Queue[JournalRow | None] = asyncio.Queue(MOST_WAITING + 1)

    @property
    def begins_after(self) -> int:
        """The journal id after which it is told what comes."""
        return self._told_from

    async def events(self, after: int | None) -> AsyncIterator[JournalRow]:
        """Everything after a journal id, or from now on, once and in order, until the follower is cut off."""
        last = self._told_from if after is None else after
        while last < self._told_from:
            rows = [row for row in await read(self._database, last, self._customers) if number(row) <= self._told_from]
            if self.key is not None and await self._watch.ended({self.key}):
                return
            for row in rows:
                if self._is_over():
                    return
                yield row
            last = number(rows[-1]) if rows else self._told_from
        while (told := await self._news.get()) is not None:
            if self._is_over():
                return
            if number(told) > last:
                yield told

    def _is_over(self) -> bool:
        return self.key is not None and self._watch.has_ended(self.key)

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
        self.watch = KeyWatch(database)
        self._followers: set[Subscriber] = set()
        self._seen = 0
        self._looking: asyncio.Task[None] | None = None
        self._looked = 0.0
        self._beginning = asyncio.Lock()

    @property
    def followers(self) -> int:
        return len(self._followers)

    @asynccontextmanager
    async def following(self, key: Key | None) -> AsyncIterator[Subscriber]:
        """Without a key, everything: for ourselves."""
        async with self._beginning:
            if self._looking is None or self._looking.done():
                async with self._database.reading() as session:
                    self._seen = await newest(session)
                self._looking = asyncio.create_task(self._look())
        follower = Subscriber(self._database, key, self.watch, self._seen)
        self._followers.add(follower)
        try:
            yield follower
        finally:
            self._followers.discard(follower)

    def end(self, key_id: str) -> None:
        """At once, for whoever is being answered with this key."""
        self.watch.revoked(key_id)
        self._cut_off({follower for follower in self._followers if follower.key and follower.key.id == key_id})

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
                await self._look_at_keys(is_due=bool(rows))
            except SQLAlchemyError:
                log.warning("journal cannot be read")
                self._cut_off(self._followers)
                return
            for row in rows:
                self._seen = number(row)
                self._cut_off({follower for follower in self._followers if not follower.tell(row)})

    async def _look_at_keys(self, *, is_due: bool) -> None:
        """Before each batch of news, and now and then while there is none."""
        now, keys = time.monotonic(), {follower.key for follower in self._followers if follower.key}
        if is_due or now - self._looked > LOOK_EVERY.total_seconds():
            self._looked = now
            ended = await self.watch.ended(keys)
        else:
            ended = {key for key in keys if self.watch.has_ended(key)}
        self._cut_off({follower for follower in self._followers if follower.key in ended})

    def _cut_off(self, followers: set[Subscriber]) -> None:
        for follower in followers:
            follower.cut_off()
        self._followers = self._followers - followers


async def read(database: Database, after: int, customers: tuple[str, ...] | None) -> Sequence[JournalRow]:
    return await to_its_end(_read(database, after, customers))


async def _read(database: Database, after: int, customers: tuple[str, ...] | None) -> Sequence[JournalRow]:
    async with database.reading() as session:
        return await events_after(session, after, customers, BATCH)


def number(row: JournalRow) -> int:
    assert row.id is not None  # it was read from the table
    return row.id
