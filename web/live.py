"""Which cases have changed, for open pages: each then asks for its own address again."""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import StreamingResponse

from api.dependencies import Tail
from api.door.paces import paces_of
from api.door.visit import visit_of
from api.door.watch import KeyWatch
from api.events import may_know
from api.policy import Operation
from api.tail import Subscriber
from domain.ids import case_of_log
from domain.keys import Key
from web.session import Reader, Signed

router = APIRouter(include_in_schema=False)

AT_MOST_EVERY = timedelta(milliseconds=500)
HEARTBEAT = timedelta(seconds=15)
RETRY = timedelta(seconds=2)
# As long as a page takes that somebody else has had made: so much later each of many is told the same, in no order.
_A_PAGE = timedelta(milliseconds=2)
_LATEST = timedelta(seconds=1)
# Whoever has missed more is told to look at everything anew.
MOST_MISSED = 1_000
_ALL = "*"


class Lives:
    """The streams that are open in this process, by session: whose session ends hears it at once."""

    def __init__(self) -> None:
        self._open: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._hearing: dict[int, tuple[Key, Gathered]] = {}

    def tell(self, case: str, may_know: Callable[[Key], bool]) -> None:
        """That something has changed which no journal notes."""
        for key, news in self._hearing.values():
            if may_know(key):
                news.add(case)

    def turn(self) -> float:
        """In seconds: some moment within which all who hear the same can be answered, so that others get in between."""
        return random.random() * min(len(self._hearing) * _A_PAGE, _LATEST).total_seconds()

    @contextmanager
    def hearing(self, key: Key, news: "Gathered") -> Iterator[None]:
        self._hearing[id(news)] = key, news
        try:
            yield
        finally:
            del self._hearing[id(news)]

    def end(self, sessions: Iterable[str]) -> None:
        for session in sessions:
            for over in self._open.get(session, ()):
                over.set()

    def end_all(self) -> None:
        self.end(list(self._open))

    @asynccontextmanager
    async def open(self, session: str) -> AsyncIterator[asyncio.Event]:
        over = asyncio.Event()
        self._open[session].add(over)
        try:
            yield over
        finally:
            self._open[session].discard(over)
            if not self._open[session]:
                del self._open[session]


@dataclass
class Gathered:
    """What has changed since it was last said."""

    cases: dict[str, None] = field(default_factory=dict)
    last: int = 0
    there: asyncio.Event = field(default_factory=asyncio.Event)
    is_over: bool = False

    def add(self, case: str, number: int | None = None) -> None:
        """Without a number, where it is noted nowhere: who comes back later has missed nothing that counts."""
        self.cases[case] = None
        self.last = self.last if number is None else number
        self.there.set()

    def end(self) -> None:
        self.is_over = True
        self.there.set()

    def taken(self) -> str:
        said = f"id: {self.last}\ndata: {json.dumps(list(self.cases))}\n\n"
        self.cases.clear()
        self.there.clear()
        return said


async def _stream(
    request: Request,
    reader: Annotated[Reader, Depends(Signed(Operation.FOLLOW_EVENTS))],
    tail: Tail,
    last_event_id: Annotated[int | None, Header(ge=0, le=2**53)] = None,
) -> AsyncIterator[AsyncIterator[str]]:
    lives: Lives = request.app.state.lives
    with paces_of(request).streaming(reader.key.id, visit_of(request).address):
        # Before the answer begins: whoever reads a page after that misses nothing in between.
        async with tail.following(reader.key) as follower, lives.open(reader.session.id) as over:
            yield _said(follower, reader, lives, over, tail.watch, last_event_id)


@router.get("/live", name="live")
async def follow(lines: Annotated[AsyncIterator[str], Depends(_stream)]) -> StreamingResponse:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(lines, media_type="text/event-stream", headers=headers)


async def _said(
    follower: Subscriber, reader: Reader, lives: Lives, over: asyncio.Event, watch: KeyWatch, after: int | None
) -> AsyncIterator[str]:
    news, begun = Gathered(), follower.begins_after
    news.last = after if after is not None else begun
    # All lose their line when the server is started anew, and do not come back in the same moment.
    retry = RETRY.total_seconds() + lives.turn()
    yield f"retry: {retry * 1000:.0f}\nid: {news.last}\n: {reader.key.role}\n\n"
    if after is not None and begun - after > MOST_MISSED:
        news.add(_ALL, begun)
        after = None
    gathering = asyncio.create_task(_gather(follower, reader, news, after))
    ending = asyncio.create_task(_end(news, over))
    try:
        with lives.hearing(reader.key, news):
            while True:
                with suppress(TimeoutError):
                    await asyncio.wait_for(news.there.wait(), HEARTBEAT.total_seconds())
                goes_on = not news.is_over and await _goes_on(watch, reader)
                if goes_on:
                    await asyncio.sleep(lives.turn())
                if news.is_over or not goes_on:
                    yield "event: over\ndata: []\n\n"
                    return
                yield news.taken() if news.cases else ": still here\n\n"
                await asyncio.sleep(AT_MOST_EVERY.total_seconds())
    finally:
        gathering.cancel()
        ending.cancel()


async def _gather(follower: Subscriber, reader: Reader, news: Gathered, after: int | None) -> None:
    async for row in follower.events(after):
        if may_know(reader.key, row.workflow_id, row.as_event()):
            news.add(case_of_log(row.workflow_id), row.id or 0)
    news.end()


async def _end(news: Gathered, over: asyncio.Event) -> None:
    await over.wait()
    news.end()


async def _goes_on(watch: KeyWatch, reader: Reader) -> bool:
    """With each message and each heartbeat; the key is looked at by whoever tells us the news."""
    session = await watch.session(reader.session.id)
    is_same = session is not None and session.acts_as == reader.session.acts_as
    return session is not None and is_same and session.is_open_at(datetime.now(UTC))
