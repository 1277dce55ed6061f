"""How often each key and each address may have something written, computed or followed: of one API process."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from math import ceil
from time import time

from fastapi import Request
from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from api.door.visit import visit_of
from domain.door import MANY, household
from domain.refusals import Problem, TooFast
from settings import Settings

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
# A house full of people behind one address, or a proxy nobody has told us of.
KEYS_PER_ADDRESS = 4
# So many callers are counted each for themselves; whoever comes when they are that many shares one count.
MOST_CALLERS = 2_000
# Long enough that a burst is no offence, short enough to wait for.
_SECONDS = 10
# When a stream of one's own ends nobody knows.
_STREAMS_AGAIN = 30


class Paced(StrEnum):
    WRITING = "writing"
    COMPUTING = "computing"
    SEARCHING = "searching"


_TOO_FAST = {
    Paced.WRITING: "writing_too_fast",
    Paced.COMPUTING: "computing_too_fast",
    Paced.SEARCHING: "searching_too_fast",
}


class Paces:
    """Several processes let that many times as much through."""

    def __init__(self, settings: Settings) -> None:
        self._counts = MemoryStorage()
        self._limiter = FixedWindowRateLimiter(self._counts)
        self._streams: Counter[str] = Counter()
        self._most_streams = settings.streams
        self._most = {
            Paced.WRITING: RateLimitItemPerSecond(ceil(settings.write_rate * _SECONDS), _SECONDS),
            Paced.COMPUTING: RateLimitItemPerMinute(settings.computing_rate),
            Paced.SEARCHING: RateLimitItemPerMinute(settings.search_rate),
        }

    async def take_as_key(self, what: Paced, key: str) -> None:
        """Raises `TooFast`."""
        await self._take(self._most[what], what, f"key/{key}")

    async def take_at_address(self, what: Paced, address: str) -> None:
        """Raises `TooFast`."""
        most = self._most[what]
        several = type(most)(most.amount * KEYS_PER_ADDRESS, most.multiples)
        await self._take(several, what, f"address/{household(address)}")

    @contextmanager
    def streaming(self, key: str, address: str) -> Iterator[None]:
        """Raises `TooFast` if as many as may be are under way."""
        counts = {f"key/{key}": 1, f"address/{household(address)}": KEYS_PER_ADDRESS}
        if any(self._streams[caller] >= self._most_streams * times for caller, times in counts.items()):
            raise TooFast(Problem(code="too_many_streams", values={"most": f"{self._most_streams}"}), _STREAMS_AGAIN)
        self._streams.update(counts.keys())
        try:
            yield
        finally:
            self._streams.subtract(counts.keys())
            # What is at nought would otherwise stay for every address that ever came.
            self._streams = +self._streams

    async def _take(self, most: RateLimitItem, what: Paced, caller: str) -> None:
        counted = f"{what}/{caller}"
        if len(self._counts.storage) >= MOST_CALLERS and most.key_for(counted) not in self._counts.storage:
            counted = f"{what}/{MANY}"
        if await self._limiter.hit(most, counted):
            return
        wait = ceil((await self._limiter.get_window_stats(most, counted)).reset_time - time())
        seconds = {"seconds": f"{max(wait, 1)}"}
        raise TooFast(Problem(code=_TOO_FAST[what], values=seconds), max(wait, 1))


def paces_of(request: Request) -> Paces:
    paces: Paces = request.app.state.paces
    return paces


async def pace_computing(request: Request) -> None:
    """Raises `TooFast`. Once for each request, however many jobs it takes."""
    visit = visit_of(request)
    paces = paces_of(request)
    if visit.caller is not None:
        await paces.take_as_key(Paced.COMPUTING, visit.caller.id)
    await paces.take_at_address(Paced.COMPUTING, visit.address)
