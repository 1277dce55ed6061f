"""The pages as browsers meet them: the house of the API's tests, with the pages beside it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from fastapi import FastAPI

from api.app import life_under
from db.engine import Database
from settings import Settings
from tests.api.conftest import temporal_address
from tests.api.house import House
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
