"""Following events: everybody gets all of theirs, once, in order, also after they were cut off."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime

import httpx2
import uvicorn

from api import tail
from domain.kinds import OrderKind
from domain.people import Role
from tests.api.house import House, write_order
from tests.world import DESK, order, request

EVENTS = "/api/v1/events"


@asynccontextmanager
async def served(house: House) -> AsyncIterator[str]:
    """The API behind a real server: events do not end, and only a server sends them as they come."""
    server = uvicorn.Server(uvicorn.Config(house.app, lifespan="off", log_level="error", timeout_graceful_shutdown=1))
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        serving = asyncio.create_task(server.serve([listening]))
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


async def follower(house: House, url: str, *, customer: str | None = None) -> httpx2.AsyncClient:
    key = await house.key(Role.AUDITOR, customer=customer)
    client = httpx2.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"}, trust_env=False)
    return await house.closing.enter_async_context(client)


async def place(house: House, no: str, customer: str = "adler") -> None:
    asked = request(OrderKind.INSTALL, target=DESK, assets=["NB-100"])
    await write_order(house.database, order(asked, datetime.now(UTC)).but(no=no, customer=customer))


class News:
    """What one follower is told."""

    def __init__(self, source: httpx2.EventSource) -> None:
        self._told = aiter(source)
        self.last_id = ""

    async def orders(self, count: int) -> list[str]:
        """The orders of the next events."""
        events = [await anext(self._told) for _ in range(count)]
        assert {event.event for event in events} == {"placed"}
        self.last_id = events[-1].id
        return [json.loads(event.data)["order"] for event in events]


async def test_news_reaches_those_who_may_see_it(cut_off: House) -> None:
    async with served(cut_off) as url:
        adler, falke = [await follower(cut_off, url, customer=name) for name in ("adler", "falke")]
        await place(cut_off, "O-BEFORE")
        async with adler.sse(EVENTS) as adlers, falke.sse(EVENTS) as falkes:
            for no, customer in (("O-1", "adler"), ("O-2", "falke"), ("O-3", "adler")):
                await place(cut_off, no, customer)

            told = await News(adlers).orders(2), await News(falkes).orders(1)

    assert told == (["O-1", "O-3"], ["O-2"])


async def test_who_was_cut_off_goes_on_after_the_last_event_they_saw(cut_off: House) -> None:
    async with served(cut_off) as url:
        auditor = await follower(cut_off, url)
        async with auditor.sse(EVENTS) as source:
            await place(cut_off, "O-1")
            seen = News(source)
            assert await seen.orders(1) == ["O-1"]
        for no in ("O-2", "O-3"):
            await place(cut_off, no)

        async with auditor.sse(EVENTS, headers={"Last-Event-ID": seen.last_id}) as source:
            news = News(source)
            missed = await news.orders(2)
            await place(cut_off, "O-4")
            live = await news.orders(1)
        async with auditor.sse(EVENTS, params={"after": 0}) as source:
            everything = await News(source).orders(4)

    assert (missed, live) == (["O-2", "O-3"], ["O-4"])
    assert everything == ["O-1", "O-2", "O-3", "O-4"]


async def test_a_slow_follower_is_let_go_and_can_resume(cut_off: House) -> None:
    journal = tail.JournalTail(cut_off.database)
    async with journal.following(None) as slow, journal.following(None) as quick:
        for number in range(3):
            await place(cut_off, f"O-{number}")
        news = quick.events(None)
        seen = [(await anext(news)).id for _ in range(3)]
        slow.cut_off()

        rest = [row async for row in slow.events(None)]

    assert (rest, seen) == ([], [1, 2, 3])
    await journal.close()
