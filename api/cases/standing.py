"""Where a case stands: from the tables, or from Temporal as long as no worker has written it down."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from api.dependencies import Context
from domain.keys import Key, must_see
from domain.refusals import Unacceptable, unknown
from workflows.client import CaseExists, Temporal


class Standing(Protocol):
    @property
    def customer(self) -> str: ...


T = TypeVar("T")
S = TypeVar("S", bound=Standing)


@dataclass(frozen=True)
class Standings(Generic[T, S]):
    """One kind of case as the API finds it.

    `written` reads it from the tables, `started` what it was started with from its history, and `begun` says how it
    stood then.
    """

    noun: str
    written: Callable[[AsyncSession, str], Awaitable[S | None]]
    started: Callable[[Temporal, str], Awaitable[T | None]]
    begun: Callable[[T], S]

    async def find(self, no: str, context: Context) -> S | None:
        return await self._written(no, context) or await self._at_start(no, context)

    async def seen(self, no: str, caller: Key, context: Context) -> S:
        """Raises `Unknown` when there is no such case, or none the caller may see."""
        found = await self.find(no, context)
        if found is None:
            raise unknown(self.noun, no)
        must_see(caller, found.customer, unknown(self.noun, no))
        return found

    async def of_customer(self, customer: str, named: Iterable[str], context: Context) -> frozenset[str]:
        """The customer's own cases among these."""
        found = {no: await self.find(no, context) for no in named}
        return frozenset(no for no, standing in found.items() if standing and standing.customer == customer)

    async def once(self, key: str | None, no: str, context: Context, begin: Callable[[], Awaitable[T]]) -> S:
        """The case that a request begins, however often it is sent under one key."""
        if key is None:
            return self.begun(await begin())
        try:
            return await self._written(no, context) or self.begun(await begin())
        except (Unacceptable, CaseExists):
            # Begun before and not written yet; what it names may have moved on since.
            begun = await self._at_start(no, context)
            if begun is None:
                raise
            return begun

    async def _written(self, no: str, context: Context) -> S | None:
        async with context.database.reading() as session:
            return await self.written(session, no)

    async def _at_start(self, no: str, context: Context) -> S | None:
        started = await self.started(context.temporal, no)
        return self.begun(started) if started else None
