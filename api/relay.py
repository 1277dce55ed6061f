"""Waking groups of alerts: what intake has made durable reaches Temporal, now or when that is back."""

import asyncio
import random
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from db.alerts.groups import overdue, see_to
from db.engine import Database
from domain.alerts.groups import Waking
from domain.times import ZERO
from workflows.answers import TemporalAway

log = structlog.get_logger()

# Every group that is woken may open an incident, which is work for everybody behind this. When many wait, as they do in
# a storm, they are spread so that people are heard in between; a single one is woken at once.
SPREAD = timedelta(seconds=15)
LONGEST_GAP = timedelta(milliseconds=250)
FIRST_PAUSE = timedelta(milliseconds=500)
LONGEST_PAUSE = timedelta(seconds=30)
# Whoever has taken alerts in wakes their group at once. What is still not looked at after this is anybody's.
OVERDUE = timedelta(seconds=10)
LOOK_EVERY = timedelta(seconds=5)
# Processes that were started together need not look together.
JITTER = 0.2


class Waker(Protocol):
    async def wake_group(self, waking: Waking) -> None:
        """Raises `TemporalAway`."""
        ...


class AlertRelay:
    """Wakes what this process has taken in, and what others have left: at its start all, later what is overdue."""

    def __init__(self, database: Database, temporal: Waker) -> None:
        self._database = database
        self._temporal = temporal
        self._waiting: dict[str, Waking] = {}
        self._news = asyncio.Event()
        self._running: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._running = [asyncio.create_task(self._keep_waking()), asyncio.create_task(self._keep_looking())]

    async def close(self) -> None:
        for running in self._running:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    def wake(self, groups: Iterable[Waking]) -> None:
        """Durable already: losing this only makes it later."""
        self._waiting |= {waking.group: waking for waking in groups}
        if self._waiting:
            self._news.set()

    async def _keep_waking(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                await self._news.wait()
                await self._wake_next()
                pause = FIRST_PAUSE
            except TemporalAway as error:
                log.warning("alerts wait", groups=len(self._waiting), cause=error.__cause__ or error)
                await asyncio.sleep(pause.total_seconds())
                pause = min(2 * pause, LONGEST_PAUSE)

    async def _keep_looking(self) -> None:
        age = ZERO
        while True:
            try:
                await self._take_over(age)
                age = OVERDUE
            except SQLAlchemyError as error:
                log.warning("alerts cannot be looked for", cause=type(error).__name__)
            await asyncio.sleep(LOOK_EVERY.total_seconds() * random.uniform(1 - JITTER, 1 + JITTER))

    async def _take_over(self, age: timedelta) -> None:
        """Nothing is written while nothing is overdue."""
        now = datetime.now(UTC)
        async with self._database.reading() as session:
            found = await overdue(session, now - age, now)
        if not found:
            return
        async with self._database.writing() as session:
            taken = await see_to(session, found, now - age, now)
        self.wake(waking for waking in taken if waking.group not in self._waiting)

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
