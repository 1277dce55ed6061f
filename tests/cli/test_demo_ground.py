"""Where demonstrations may play: keys of invented people have no business beside those of a house at work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from cli.demo.people import demo_refusal
from cli.http import Api
from db.engine import open_database
from domain.people import Role
from settings import Settings
from tests.api.house import House, opened
from tests.postgres import Postgres
from tests.world import furnish

HERE, ELSEWHERE = "http://127.0.0.1", "http://imac.example.com"


@pytest.fixture
async def house(postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """An API on a database server, with the example's customer in its tables."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    with postgres.database() as url:
        database = open_database(url)
        await furnish(database)
        settings = Settings(data_dir=tmp_path, database_url=url, link_secret="shared by all")
        async with opened(settings, database) as house:
            yield house
        await database.close()


@asynccontextmanager
async def asking(house: House, url: str) -> AsyncIterator[tuple[Api, str]]:
    key = await house.key(Role.ADMIN, "admin")
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(house.app), base_url=url, headers=headers) as client:
        yield Api(client), key


async def refusal(house: House, url: str = HERE, database_url: str = "") -> str | None:
    settings = house.settings.model_copy(update={"database_url": database_url or house.settings.database_url})
    async with asking(house, url) as (admin, key):
        refused = await demo_refusal(admin, key, "adler", settings)
    return None if refused is None else refused.code


async def test_a_demonstration_plays_on_a_database_server_until_somebody_else_is_at_home_there(house: House) -> None:
    alone = await refusal(house)
    await house.second_customer()
    beside = await refusal(house)

    assert (alone, beside) == (None, "demo_beside_others")


async def test_it_makes_keys_in_no_tables_but_those_of_the_api_and_of_this_machine(
    house: House, postgres: Postgres
) -> None:
    with postgres.database() as other, postgres.empty_database() as empty:
        found = [await refusal(house, database_url=url) for url in (other, empty)]
    found.append(await refusal(house, ELSEWHERE))

    assert found == ["demo_other_database", "schema_behind", "demo_elsewhere"]
