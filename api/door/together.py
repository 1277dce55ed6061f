"""One look at the tables for all who ask for the same in the same moment."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class AskedTogether(Generic[K, V]):
    """A look begins after everybody whom it answers has asked: nobody is told what stood before that."""

    def __init__(self, look: Callable[[set[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._look = look
        self._asked: set[K] = set()
        self._next: asyncio.Task[Mapping[K, V]] | None = None

    async def of(self, wanted: Iterable[K]) -> Mapping[K, V]:
        """Of everything that was asked for, more than what is wanted here."""
        self._asked |= set(wanted)
        if self._next is None:
            self._next = asyncio.create_task(self._begin())
        # Whoever is cancelled takes it from nobody else, and leaves no connection behind.
        return await asyncio.shield(self._next)

    async def _begin(self) -> Mapping[K, V]:
        # Those who were woken by the same news ask before this goes on.
        await asyncio.sleep(0)
        asked, self._asked, self._next = self._asked, set(), None
        return await self._look(asked)
