"""milliseconds of a page, against the API's own answer for the same data; and one change with 500 open pages.

The site runs in this process behind a socket, as it is served; those who ask are a process of their own. At one reader
a page is made anew each time; of 50 at once, one has it made and the others wait. Each reader has a name, a key and a
session of their own, but for a day, which is one technician's. As many callers ask the API. With 500 open pages each
has a stream, and asks for its page when it hears of it; beside it, each page for itself. CPU is the server's.
Bars: 95 of 100 within 80 ms at one reader and 250 ms at 50; a project of 10,000 rows within 1 s; the last of 500
within 3 s; 40 kB and 1 s until the first paint at 1.6 Mbit/s with 150 ms on the way.
"""

import asyncio
import resource
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from time import perf_counter, process_time
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from playwright.async_api import async_playwright

from api.gate.connections import PunctualProtocol
from bench.ground.askers import Askers, Watched, askers
from bench.ground.callers import get
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
from web.rendering import Given, Leaf, LeafLook, Renders
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
            # The first of them stands in the tables with a name.
            coordinators = ("p-koch", *(f"p-{n:03}" for n in range(1, max(READERS, OPEN_PAGES))))
            await house.let_in(database, Role.COORDINATOR, coordinators)
            await house.let_in(database, Role.TECHNICIAN, ["p-lang"])
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
    """`cookies` and `keys` are headers of those who were let in."""

    app: FastAPI
    askers: Askers
    cookies: dict[Role, list[Mapping[str, str]]]
    keys: dict[Role, list[Mapping[str, str]]]

    async def let_in(self, database: Database, role: Role, people: Sequence[str]) -> None:
        now = datetime.now(UTC)
        for person in people:
            async with database.writing() as session:
                made = await add_key(session, Grant(role=role, person=person), now)
                cookie = await open_session(session, made, now, "bench")
            worn = {"cookie": f"imac={cookie}; imac-look=en-light", "accept": "text/html", "accept-encoding": "gzip"}
            self.cookies.setdefault(role, []).append(worn)
            self.keys.setdefault(role, []).append({"authorization": f"Bearer {made.key}"})

    async def compared(self, asked: MeasuredPage) -> list[Figure]:
        figures = []
        for readers in (1, READERS):
            cookies, keys = (_taking(whose[asked.role], readers) for whose in (self.cookies, self.keys))
            page = [[get(asked.page, cookie)] for cookie in cookies]
            api = [[get(path, key) for path in asked.api] for key in keys]
            ours, bare = await self._times(page), await self._times(api)
            who = f"{asked.name}, {readers} reader{'s' if readers > 1 else ''}"
            for percent in (50, 95, 99):
                mine, theirs = (quantiles(taken, n=100)[percent - 1] * _MILLI for taken in (ours, bare))
                figures.append(Figure(f"{who}, p{percent}", mine, theirs, theirs / mine, "ms"))
        return figures

    async def _times(self, readers: Sequence[Sequence[bytes]]) -> list[float]:
        taken: list[float] = []
        await self.askers.timed(readers)
        for _ in range(ROUNDS if len(readers) > 1 else ROUNDS * _ALONE):
            self.app.state.renders = Renders()
            taken += await self.askers.timed(readers)
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
        """Renders made, seconds of CPU of the server, seconds until the last of the open pages shows it."""
        self.app.state.renders = renders
        projects = [launched[told[n % len(told)]].project for n in range(OPEN_PAGES)]
        both = zip(projects, _taking(self.cookies[Role.COORDINATOR], OPEN_PAGES), strict=True)
        await self.askers.watch([_watched(project, cookie) for project, cookie in both])
        before, spent, begin = renders.count, process_time(), perf_counter()
        for number in told:
            self._seqs[number] = self._seqs.get(number, 1) + 1
            await tell_project(database, launched[number], self._seqs[number])
        ends = await self.askers.ends()
        return renders.count - before, process_time() - spent, max(ends) - begin

    @property
    def _seqs(self) -> dict[int, int]:
        seqs: dict[int, int] = self.__dict__.setdefault("seqs", {})
        return seqs

    async def weighed(self) -> list[Figure]:
        path = browser_here()
        if path is None:
            print("Nothing is weighed: there is no browser here.")
            return []
        figures = []
        async with async_playwright() as played:
            browser = await played.chromium.launch(executable_path=path, args=browser_options())
            for asked in _pages():
                cookie = self.cookies[asked.role][0]["cookie"].partition(";")[0].partition("=")[2]
                weight, paint = await _painted(browser, f"http://{HOST}:{self.askers.port}", asked.page, cookie)
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

    async def show(self, request: Request, reader: Reader, leaf: Leaf | LeafLook, values: Given) -> Response:
        self.forget()
        return await super().show(request, reader, leaf, values)


def _taking(whose: Sequence[Mapping[str, str]], readers: int) -> list[Mapping[str, str]]:
    return [whose[n % len(whose)] for n in range(readers)]


def _watched(project: str, cookie: Mapping[str, str]) -> Watched:
    page = get(f"/projects/{project}", cookie)
    return Watched(get("/live", cookie).decode(), f"project/{project}", page.decode())


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
        http=PunctualProtocol,
        timeout_graceful_shutdown=1,
        timeout_keep_alive=600,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  # it tells nobody
        await asyncio.sleep(0.05)
    try:
        async with askers(HOST, port) as asking:
            yield PageHouse(app, asking, {}, {})
    finally:
        server.should_exit = True
        await serving
