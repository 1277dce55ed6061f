"""The pages as browsers meet them: the house of the API's tests, with the pages beside it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from fastapi import FastAPI
from playwright.async_api import Browser, async_playwright, expect

from api.app import life_under
from db.engine import Database
from settings import Settings
from tests.api.conftest import temporal_address
from tests.api.house import House
from tests.web.browsers import Running, browser_needed, browser_options, running_stack
from tests.web.sights import Things, shown_things
from tests.web.visitors import Site
from tests.workshop import foreman
from tests.world import furnish
from web.rendering import Renders
from web.site import create_site

__all__ = ["temporal_address"]
# Making one takes long, and all that differs between two of them is opened with its life.
_IDLE: list[FastAPI] = []


@pytest.fixture
async def site(
    database: Database, temporal_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Site]:
    """The site with the example world in its tables, and no worker."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal_address)
    await furnish(database)
    settings = Settings(data_dir=tmp_path, database_url=database.url, task_queue=f"web-{uuid4().hex}")
    app = _IDLE.pop() if _IDLE else create_site(settings)
    app.state.renders = Renders()
    async with life_under(settings, foreman())(app), AsyncExitStack() as closing:
        yield Site(House(app, database, settings, closing))
    # What failed inside is not used again.
    _IDLE.append(app)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The whole product, for those who look at it with a browser."""
    browser_needed()
    with running_stack(tmp_path_factory.mktemp("pages") / "var") as stack:
        yield stack


@pytest.fixture(scope="session")
def things(running: Running) -> Things:
    return shown_things(running)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    # Whatever a busy machine has not shown by then it never will.
    expect.set_options(timeout=60_000)
    async with async_playwright() as played:
        browser = await played.chromium.launch(executable_path=browser_needed(), args=browser_options())
        yield browser
        await browser.close()
