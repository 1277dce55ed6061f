"""milliseconds of a page, against the API's own answer for the same data; and one change with 500 open pages.

The site runs in this process behind a socket; whoever asks does little, but does it here as well. At one reader
a page is made anew each time; of 50 at once, one has it made and the others wait. As many callers ask the API.
With 500 open pages each has a stream, and asks for its page when it hears of it; beside it, each page for itself.
Bars: 95 of 100 within 80 ms at one reader and 250 ms at 50; a project of 10,000 rows within 1 s; the last of 500
within 3 s; 40 kB and 1 s until the first paint at 1.6 Mbit/s with 150 ms on the way.
"""

import asyncio
import resource
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from time import perf_counter, process_time
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from playwright.async_api import async_playwright

from bench.ground.callers import Caller, caller, get
from bench.ground.page_stock import add_day, add_exceptions, add_project, tell_project
from bench.ground.report import Figure, print_table
from bench.ground.stand import times
from bench.listing import fill
from cli.stack.ports import PortChooser
from cli.stack.temporal_server import HOST
from db.access.keys import add_key
from db.access.sessions import open_session
from db.engine import Database, open_database
from db.schema import migrate
from domain.keys import Grant
from domain.moves.plans.launches import Launch
from domain.people import Role
from settings import Settings
from tests.web.browsers import browser_here, browser_options
from tests.world import furnish
from web.rendering import Leaf, Renders, Values
from web.session import Reader
from web.site import create_site

BOARD_ROWS = times("BOARD_ROWS", 1_000)
PROJECT_ROWS = times("PROJECT_ROWS", 10_000)
EXCEPTIONS = times("EXCEPTIONS", 2_000)
STOPS = times("STOPS", 40)
READERS = times("READERS", 50)
ROUNDS = times("PAGE_ROUNDS", 4)
OPEN_PAGES = times("OPEN_PAGES", 500)
PROJECTS = times("OPEN_PROJECTS", 100)
_SMALL = 40
# A single reader is asked more often: of so few answers nobody knows the slowest.
_ALONE = 5
_OK, _BUSY = 200, 503
# In seconds.
_AGAIN = 0.5
_MILLI, _KILO = 1e3, 1e3
_FILES = 8_000
# What a phone has where it is bad.
_SLOW = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 200_000}
# Said as soon as it is known, which may be after the page has come.
_PAINT = """new Promise((known) => new PerformanceObserver((seen) => {
  const [first] = seen.getEntriesByName("first-contentful-paint");
  if (first) known(first.startTime);
}).observe({ type: "paint", buffered: true }))"""


@dataclass(frozen=True)
class MeasuredPage:
    """A page, and what the API is asked to say as much."""

    name: str
    page: str
    api: tuple[str, ...]
    role: Role = Role.COORDINATOR


def _pages() -> tuple[MeasuredPage, ...]:
    def board(name: str, project: str, asked: str = "") -> MeasuredPage:
        api = f"/api/v1/projects/{project}"
        rows = f"{api}/workplaces?limit=50" + (f"&{asked}" if asked else "")
        page = f"/projects/{project}" + (f"?{asked}" if asked else "")
        return MeasuredPage(name, page, (f"{api}/standing", rows))

    day = f"{datetime.now(UTC):%Y-%m-%d}"
    visits = f"/api/v1/orders?technician=p-lang&day={day}&sort=starts_at&limit=200"
    return (
        board(f"board, {BOARD_ROWS:,} rows", "board"),
        board(f"project, {PROJECT_ROWS:,} rows", "large"),
        board(f"project, {PROJECT_ROWS:,} rows, exceptions", "large", "state=exception"),
        board(f"project, {PROJECT_ROWS:,} rows, a wave", "large", "wave=w000"),
        MeasuredPage("orders", "/orders", ("/api/v1/orders?limit=50",)),
        MeasuredPage(f"exceptions, {EXCEPTIONS:,} open", "/exceptions", ("/api/v1/awaited?exception=true&limit=50",)),
        MeasuredPage(f"my day, {STOPS} stops", "/my-day", (visits,), Role.TECHNICIAN),
    )


def run() -> list[Figure]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, _FILES)), hard))
    return asyncio.run(_run())


async def _run() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="imac-bench-") as name:
        url = f"sqlite+aiosqlite:///{name}/imacflow.db"
        await asyncio.to_thread(migrate, url)
        database = open_database(url)
        launched = await _stocked(database)
        settings = Settings(data_dir=Path(name), database_url=url, streams=2 * OPEN_PAGES, log_level="warning")
        async with _served(settings) as house:
            for role, person in ((Role.COORDINATOR, "p-koch"), (Role.TECHNICIAN, "p-lang")):
                await house.let_in(database, role, person)
            figures = _said(await house.seen_by_many(database, launched))
            for asked in _pages():
                figures += _said(await house.compared(asked))
            figures += _said(await house.weighed())
        await database.close()
    return figures


def _said(figures: list[Figure]) -> list[Figure]:
    """At once, as it takes minutes until all is known."""
    print_table(figures)
    return figures


async def _stocked(database: Database) -> list[Launch]:
    await furnish(database)
    await fill(database)
    await add_exceptions(database, EXCEPTIONS)
    await add_day(database, "p-lang", STOPS)
    await add_project(database, "board", BOARD_ROWS)
    await add_project(database, "large", PROJECT_ROWS)
    return [await add_project(database, f"small-{n:03}", _SMALL) for n in range(PROJECTS)]


@dataclass
class PageHouse:
    app: FastAPI
    port: int
    cookies: dict[Role, Mapping[str, str]]
    keys: dict[Role, Mapping[str, str]]

    async def let_in(self, database: Database, role: Role, person: str) -> None:
        now = datetime.now(UTC)
        async with database.writing() as session:
            made = await add_key(session, Grant(role=role, person=person), now)
            cookie = await open_session(session, made, now, "bench")
        look = "imac-look=en-light"
        self.cookies[role] = {"cookie": f"imac={cookie}; {look}", "accept": "text/html", "accept-encoding": "gzip"}
        self.keys[role] = {"authorization": f"Bearer {made.key}"}

    async def compared(self, asked: MeasuredPage) -> list[Figure]:
        page = [get(asked.page, self.cookies[asked.role])]
        api = [get(path, self.keys[asked.role]) for path in asked.api]
        figures = []
        for readers in (1, READERS):
            ours = await self._times(page, readers, anew=True)
            bare = await self._times(api, readers, anew=False)
            who = f"{asked.name}, {readers} reader{'s' if readers > 1 else ''}"
            for percent in (50, 95, 99):
                mine, theirs = (quantiles(taken, n=100)[percent - 1] * _MILLI for taken in (ours, bare))
                figures.append(Figure(f"{who}, p{percent}", mine, theirs, theirs / mine, "ms"))
        return figures

    async def _times(self, requests: Sequence[bytes], readers: int, *, anew: bool) -> list[float]:
        taken: list[float] = []
        async with AsyncExitStack() as open_:
            callers = [await open_.enter_async_context(caller(HOST, self.port)) for _ in range(readers)]
            await asyncio.gather(*(_timed(one, requests) for one in callers))
            for _ in range(ROUNDS if readers > 1 else ROUNDS * _ALONE):
                if anew:
                    self.app.state.renders = Renders()
                taken += await asyncio.gather(*(_timed(one, requests) for one in callers))
        return taken

    async def seen_by_many(self, database: Database, launched: Sequence[Launch]) -> list[Figure]:
        figures = []
        for name, projects in ((f"{PROJECTS} projects", launched), ("one project", launched[:1])):
            told = [launched.index(one) for one in projects]
            shared = await self._one_change(database, launched, told, Renders())
            alone = await self._one_change(database, launched, told, EachForItself())
            what = f"{OPEN_PAGES} open pages of {name}"
            for part, mine, theirs in zip(("renders", "CPU seconds", "the last has it, s"), shared, alone, strict=True):
                figures.append(Figure(f"{what}, {part}", mine, theirs, theirs / mine, part.rpartition(" ")[2]))
        return figures

    async def _one_change(
        self, database: Database, launched: Sequence[Launch], told: Sequence[int], renders: Renders
    ) -> tuple[float, float, float]:
        """Renders made, seconds of CPU of all of us, seconds until the last of the open pages shows it."""
        self.app.state.renders = renders
        async with AsyncExitStack() as open_:
            readers = [
                await open_.enter_async_context(self._reader(launched[told[n % len(told)]].project))
                for n in range(OPEN_PAGES)
            ]
            before, spent = renders.count, process_time()
            waiting = [asyncio.create_task(reader.sees_it()) for reader in readers]
            begin = perf_counter()
            for number in told:
                self._seqs[number] = self._seqs.get(number, 1) + 1
                await tell_project(database, launched[number], self._seqs[number])
            ends = await asyncio.gather(*waiting)
            return renders.count - before, process_time() - spent, max(ends) - begin

    @property
    def _seqs(self) -> dict[int, int]:
        seqs: dict[int, int] = self.__dict__.setdefault("seqs", {})
        return seqs

    @asynccontextmanager
    async def _reader(self, project: str) -> AsyncIterator["WatchedPage"]:
        cookie = self.cookies[Role.COORDINATOR]
        async with caller(HOST, self.port) as page:
            reader, writer = await asyncio.open_connection(HOST, self.port)
            try:
                writer.write(get("/live", cookie))
                asked = get(f"/projects/{project}", cookie)
                opened = WatchedPage(reader, page, asked, f"project/{project}")
                await opened.begin()
                yield opened
            finally:
                writer.close()

    async def weighed(self) -> list[Figure]:
        path = browser_here()
        if path is None:
            print("Nothing is weighed: there is no browser here.")
            return []
        figures = []
        async with async_playwright() as played:
            browser = await played.chromium.launch(executable_path=path, args=browser_options())
            for asked in _pages():
                cookie = self.cookies[asked.role]["cookie"].partition(";")[0].partition("=")[2]
                weight, paint = await _painted(browser, f"http://{HOST}:{self.port}", asked.page, cookie)
                figures.append(Figure(f"{asked.name}, first visit", weight / _KILO, None, None, "kB"))
                figures.append(Figure(f"{asked.name}, first paint at 1.6 Mbit/s", paint / _MILLI, None, None, "s"))
            await browser.close()
        return figures


async def _painted(browser: Any, base: str, path: str, cookie: str) -> tuple[float, float]:  # noqa: ANN401  # a Browser
    """Bytes that came over the line, and milliseconds until something was to be seen."""
    context = await browser.new_context(viewport={"width": 390, "height": 844})
    await context.add_cookies([{"name": "imac", "value": cookie, "url": base, "httpOnly": True}])
    page = await context.new_page()
    line = await context.new_cdp_session(page)
    received: list[float] = []
    line.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    await line.send("Network.enable")
    await line.send("Network.emulateNetworkConditions", _SLOW)
    await page.goto(f"{base}{path}", wait_until="load")
    paint = await page.evaluate(_PAINT)
    await context.close()
    return sum(received), float(paint)


class EachForItself(Renders):
    """As it would be without sharing: nobody takes what another has had made."""

    async def show(
        self, request: Request, reader: Reader, leaf: Leaf, values: Callable[[], Awaitable[Values]]
    ) -> Response:
        self._made.clear()
        return await super().show(request, reader, leaf, values)


@dataclass
class WatchedPage:
    """A stream, and a page that is asked for again when the stream names its case."""

    stream: asyncio.StreamReader
    page: Caller
    asked: bytes
    case: str

    async def begin(self) -> None:
        head = await self.stream.readuntil(b"\r\n\r\n")
        assert b" 200 " in head.partition(b"\r\n")[0], head
        assert await self.page.send(self.asked) == _OK

    async def sees_it(self) -> float:
        while f'"{self.case}"'.encode() not in await self.stream.readline():
            pass
        # Where each is made for itself, more are asked for than there are connections: a browser asks again.
        while (status := await self.page.send(self.asked)) == _BUSY:  # noqa: ASYNC110  # the server tells nobody
            await asyncio.sleep(_AGAIN)
        assert status == _OK, status
        return perf_counter()


async def _timed(one: Caller, requests: Sequence[bytes]) -> float:
    begin = perf_counter()
    for request in requests:
        status = await one.send(request)
        assert status == _OK, (status, request)
    return perf_counter() - begin


@asynccontextmanager
async def _served(settings: Settings) -> AsyncIterator[PageHouse]:
    app = create_site(settings)
    port = PortChooser().choose(HOST, asked=None, preferred=18_000, option="--port")
    config = uvicorn.Config(
        app,
        host=HOST,
        port=port,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=1,
        timeout_keep_alive=600,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  # it tells nobody
        await asyncio.sleep(0.05)
    try:
        yield PageHouse(app, port, {}, {})
    finally:
        server.should_exit = True
        await serving
