"""Following events: everybody gets all of theirs, once, in order, also after they were cut off."""

import asyncio
import json
import logging
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Annotated

import httpx2
import pytest
import uvicorn
from fastapi import Depends, Response

from activities.records import ProjectEntry, Records
from api import tail
from api.dependencies import May
from api.door import watch
from api.policy import Operation
from db.access.keys import add_key, revoke_key
from domain.cases.events import Event
from domain.keys import Grant, Key
from domain.kinds import OrderKind
from domain.moves.launched.project_progress import begin
from domain.moves.plans.launches import Launch
from domain.people import MACHINE, Role
from tests.api.house import House, body, opened, write_order
from tests.patience import until
from tests.world import CONTRACT, DESK, HQ, order, request

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


async def follower(
    house: House, url: str, *, role: Role = Role.AUDITOR, customer: str | None = None
) -> httpx2.AsyncClient:
    key = await house.key(role, customer=customer)
    headers = {"Authorization": f"Bearer {key}"}
    client = httpx2.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=60)
    return await house.closing.enter_async_context(client)


async def place(house: House, no: str, customer: str = "adler") -> None:
    asked = request(OrderKind.INSTALL, target=DESK, assets=["NB-100"])
    await write_order(house.database, order(asked, datetime.now(UTC)).but(no=no, customer=customer))


async def launch_project(house: House, project: str) -> None:
    at = datetime.now(UTC)
    launch = Launch(
        project=project,
        customer="adler",
        contract=CONTRACT.id,
        name="Haus B",
        site=HQ.id,
        zone=HQ.access.zone,
        plan=1,
        received_at=at,
        launched_by="p-koch",
        approver="p-huber",
        calendar=CONTRACT.calendar,
        waves=(),
    )
    launched = Event(seq=1, at=at, what="launched", actor=MACHINE)
    progress = begin(launch).but(seq=1)
    entry = ProjectEntry(launch=launch, progress=progress, events=(launched,), deadline=None, at=at)
    await Records(house.database).record_project(entry)


class News:
    """What one follower is told."""

    def __init__(self, source: httpx2.EventSource) -> None:
        self.told = aiter(source)
        self.last_id = ""

    async def orders(self, count: int) -> list[str]:
        """The orders of the next events."""
        events = [await anext(self.told) for _ in range(count)]
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


async def test_what_happens_to_move_projects_reaches_those_who_may_read_them(cut_off: House) -> None:
    told = {}
    async with served(cut_off) as url:
        for role in (Role.APPROVER, Role.TECHNICIAN, Role.TEAM_LEAD):
            async with (await follower(cut_off, url, role=role, customer="adler")).sse(EVENTS) as source:
                await launch_project(cut_off, f"P-{role}")
                await place(cut_off, f"O-{role}")
                news = await anext(aiter(source))
                told[role] = json.loads(news.data)["case"]

    assert told == {
        Role.APPROVER: f"project/P-{Role.APPROVER}",
        Role.TECHNICIAN: f"project/P-{Role.TECHNICIAN}",
        Role.TEAM_LEAD: f"order/O-{Role.TEAM_LEAD}",
    }


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


async def ends(news: News) -> bool:
    """Whether nothing more comes, rather sooner than later."""
    async with asyncio.timeout(40):
        return [event async for event in news.told if event.event == "placed"] == []


@pytest.mark.parametrize("after", [None, 0], ids=["live", "catching up"])
async def test_a_stream_ends_at_once_when_its_key_is_revoked_here(cut_off: House, after: int | None) -> None:
    admin = await cut_off.caller(Role.ADMIN)
    async with served(cut_off) as url:
        auditor = await follower(cut_off, url)
        key_id = auditor.headers["Authorization"].split("_")[1]
        params = {} if after is None else {"after": after}
        async with auditor.sse(EVENTS, params=params) as source:
            await place(cut_off, "O-1")
            news = News(source)
            assert await news.orders(1) == ["O-1"]
            began = time.monotonic()
            revoked = await admin.delete(f"/api/v1/keys/{key_id}")
            assert await ends(news)
            seconds = time.monotonic() - began

    assert revoked.status_code == HTTPStatus.NO_CONTENT
    assert seconds < tail.LOOK_EVERY.total_seconds()


async def test_nothing_is_told_to_a_key_that_another_process_has_revoked(cut_off: House) -> None:
    async with served(cut_off) as url:
        auditor = await follower(cut_off, url)
        async with auditor.sse(EVENTS) as source:
            await place(cut_off, "O-1")
            news = News(source)
            assert await news.orders(1) == ["O-1"]
            async with cut_off.database.writing() as session:
                await revoke_key(session, auditor.headers["Authorization"].split("_")[1], datetime.now(UTC))
            await place(cut_off, "O-2")

            assert await ends(news)


async def test_a_stream_ends_with_its_key(cut_off: House) -> None:
    async with cut_off.database.writing() as session:
        soon = datetime.now(UTC) + timedelta(seconds=6)
        key = await add_key(session, Grant(role=Role.AUDITOR, expires_at=soon), datetime.now(UTC))
    async with served(cut_off) as url:
        client = httpx2.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key.key}"}, trust_env=False)
        async with client, client.sse(EVENTS, timeout=60) as source:
            assert await ends(News(source))

    assert datetime.now(UTC) >= soon


async def test_an_idle_stream_ends_though_nothing_happens(cut_off: House) -> None:
    async with served(cut_off) as url:
        auditor = await follower(cut_off, url)
        async with auditor.sse(EVENTS) as source:
            async with cut_off.database.writing() as session:
                await revoke_key(session, auditor.headers["Authorization"].split("_")[1], datetime.now(UTC))

            assert await ends(News(source))


async def test_a_long_download_breaks_off_when_its_key_is_revoked(
    cut_off: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = b"x" * 8_000_000
    monkeypatch.setattr(watch, "LOOK_EVERY", 0.2)

    async def download(_: Annotated[Key, Depends(May(Operation.READ_ASSETS))]) -> Response:
        return Response(whole)

    cut_off.app.add_api_route("/api/v1/download", download)
    async with served(cut_off) as url:
        auditor = await follower(cut_off, url)
        taken, broke = 0, False
        async with auditor.stream("GET", "/api/v1/download") as answer:
            assert answer.status_code == HTTPStatus.OK
            try:
                async for piece in answer.aiter_bytes(65_536):
                    if taken == 0:
                        async with cut_off.database.writing() as session:
                            key_id = auditor.headers["Authorization"].split("_")[1]
                            await revoke_key(session, key_id, datetime.now(UTC))
                        await asyncio.sleep(1)
                    taken += len(piece)
            except httpx2.RemoteProtocolError:
                broke = True
        again = await auditor.get("/api/v1/download")

    cut_off.app.router.routes.pop()
    assert broke
    assert taken < len(whole)
    assert again.status_code == HTTPStatus.UNAUTHORIZED


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


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
async def test_who_leaves_in_the_middle_of_what_was_missed_is_no_fault_of_ours(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(120):
        await place(house, f"O-{number}")
    key = await house.key(Role.AUDITOR)
    asked = f"GET {EVENTS}?after=0 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
    async with served(house) as url:
        # It does not hand on to others what it has to say.
        logging.getLogger("uvicorn.error").addHandler(caplog.handler)
        for number in range(24):
            reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
            writer.write(asked)
            await reader.read((1, 2_000, 20_000)[number % 3])
            writer.transport.abort()
        while house.app.state.paces._streams:  # noqa: ASYNC110  # there is nobody who could set an event
            await asyncio.sleep(0.05)

    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_a_key_follows_by_so_many_streams_and_whoever_leaves_makes_room(house: House) -> None:
    settings = house.settings.model_copy(update={"streams": 2})
    async with opened(settings, house.database) as strict, served(strict) as url:
        one, other = await follower(strict, url), await follower(strict, url)
        async with one.stream("GET", EVENTS) as first, one.stream("GET", EVENTS):
            third = await one.get(EVENTS)
            async with other.stream("GET", EVENTS) as others:
                pass
            await first.aclose()
            await until(partial(_opens, one))

    assert (third.status_code, body(third)["errors"][0]["code"]) == (429, "too_many_streams")
    assert int(third.headers["Retry-After"]) > 0
    assert others.status_code == HTTPStatus.OK


async def _opens(caller: httpx2.AsyncClient) -> bool:
    async with caller.stream("GET", EVENTS) as answer:
        return answer.status_code == HTTPStatus.OK
