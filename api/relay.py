"""Waking groups of alerts: what intake has made durable reaches Temporal, now or when that is back."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from db.alerts.groups import all_dirty
from db.engine import Database
from domain.alerts.groups import Waking
from workflows.client import Temporal, TemporalAway

log = structlog.get_logger()

# Every group that is woken may open an incident, which is work for everybody behind this. When many wait, as they do in
# a storm, they are spread so that people are heard in between; a single one is woken at once.
SPREAD = timedelta(seconds=15)
LONGEST_GAP = timedelta(milliseconds=250)
FIRST_PAUSE = timedelta(milliseconds=500)
LONGEST_PAUSE = timedelta(seconds=30)


class AlertRelay:
    """Sleeps while nothing is to be woken. What a process before it has left, it takes over when it starts."""

    def __init__(self, database: Database, temporal: Temporal) -> None:
        self._database = database
        self._temporal = temporal
        self._waiting: dict[str, Waking] = {}
        self._news = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._running = asyncio.create_task(self._run())

    async def close(self) -> None:
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running

    def wake(self, groups: Iterable[Waking]) -> None:
        """Durable already: losing this only makes it later."""
        self._waiting |= {waking.group: waking for waking in groups}
        if self._waiting:
            self._news.set()

    async def _run(self) -> None:
        pause = FIRST_PAUSE
        has_taken_over = False
        while True:
            try:
                if not has_taken_over:
                    await self._take_over()
                    has_taken_over = True
                await self._news.wait()
                await self._wake_next()
                pause = FIRST_PAUSE
            except (TemporalAway, SQLAlchemyError) as error:
                log.warning("alerts wait", groups=len(self._waiting), cause=str(error.__cause__ or error))
                await asyncio.sleep(pause.total_seconds())
                pause = min(2 * pause, LONGEST_PAUSE)

    async def _take_over(self) -> None:
        async with self._database.reading() as session:
            self.wake(await all_dirty(session))

    async def _wake_next(self) -> None:
        # Taken off first: while it is being woken it may get news that ask for another waking.
        waking = self._waiting.pop(next(iter(self._waiting)))
        try:
            await self._temporal.wake_group(waking)
        except TemporalAway:
            self._waiting.setdefault(waking.group, waking)
            raise
        if not self._waiting:
            self._news.clear()
            return
        await asyncio.sleep(min(SPREAD / len(self._waiting), LONGEST_GAP).total_seconds())
