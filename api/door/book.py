"""What happens at the door in masses, refusals and uses of keys: gathered here and written together."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from api.door.strangers import Strangers
from db.access.door import write_entries
from db.access.keys import Use, note_uses
from db.access.sessions import note_seen
from db.engine import Database
from domain.door import DoorEntry, RefusalTally

log = structlog.get_logger()

PAUSE = timedelta(seconds=1)
# How late the last use of a key may be shown.
USES_EVERY = timedelta(seconds=15)


class DoorBook:
    """Of one API process. What cannot be written stays here until it can."""

    def __init__(self, database: Database, strangers: Strangers) -> None:
        self._database = database
        self.strangers = strangers
        self._tally = RefusalTally()
        self._unwritten: list[DoorEntry] = []
        self._uses: dict[str, Use] = {}
        self._seen: dict[str, datetime] = {}
        self._uses_due = datetime.now(UTC) + USES_EVERY
        self._writing = asyncio.Lock()
        self._clock: asyncio.Task[None] | None = None

    def refused(self, entry: DoorEntry) -> None:
        self._tally.add(entry)
        self.strangers.refused(entry)

    def used(self, key: str, at: datetime, address: str) -> None:
        self._uses[key] = Use(key=key, at=at, address=address)

    def seen(self, session: str, at: datetime) -> None:
        self._seen[session] = at

    def start(self) -> None:
        self._clock = asyncio.create_task(self._keep_writing())

    async def close(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            with suppress(asyncio.CancelledError):
                await self._clock
        await self._try_to_write(all_of_it=True)

    async def write(self, *, all_of_it: bool = True) -> None:
        """Whoever reads the log wants to see what has just happened."""
        async with self._writing:
            now = datetime.now(UTC)
            self._unwritten += self._tally.due(now, all_of_it=all_of_it)
            is_due = all_of_it or now >= self._uses_due
            uses, seen = (self._uses, self._seen) if is_due else ({}, {})
            if not self._unwritten and not uses and not seen:
                return
            # They are forgotten when they are safe, and what comes meanwhile is not among them.
            entries, noted, looked = list(self._unwritten), dict(uses), dict(seen)
            async with self._database.writing() as session:
                write_entries(session, entries)
                await note_uses(session, noted.values())
                await note_seen(session, looked)
            self._unwritten = self._unwritten[len(entries) :]
            self._uses = {key: use for key, use in self._uses.items() if noted.get(key) is not use}
            self._seen = {name: at for name, at in self._seen.items() if looked.get(name) != at}
            self._uses_due = now + USES_EVERY

    async def _keep_writing(self) -> None:
        while True:
            await asyncio.sleep(PAUSE.total_seconds())
            await self._try_to_write(all_of_it=False)

    async def _try_to_write(self, *, all_of_it: bool) -> None:
        try:
            await self.write(all_of_it=all_of_it)
            await self.strangers.ask(datetime.now(UTC))
        except (SQLAlchemyError, OSError):
            log.warning("door cannot be written", waiting=len(self._unwritten))
