"""What programs stand on, when it is half there: one sentence, soon, and nothing of a secret."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from cli.errors import CliError
from cli.stack import ground
from cli.stack.ground import database_trouble, namespace_trouble, opened, silent_database, temporal_trouble
from settings import Settings
from tests.postgres import Postgres, postgres_host
from workflows.namespace import look, prepare


@pytest.fixture
async def mute(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """A port that takes every connection and says nothing."""
    monkeypatch.setattr(ground, "ANSWER_WITHIN", timedelta(seconds=1))

    async def take(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def test_a_server_that_takes_the_line_and_says_nothing_is_given_up(
    mute: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{mute}")

    async with asyncio.timeout(30):
        async with opened(Settings(database_url=f"postgresql://u:c4n4ry@127.0.0.1:{mute}/d")) as database:
            silent = await database_trouble(database)
        away = await temporal_trouble()

    assert isinstance(silent, CliError)
    assert isinstance(away, CliError)
    assert (silent.code, away.code) == ("database_silent", "temporal_away")
    assert silent.values["reason"] == away.values["reason"] == "> 1 s"


@pytest.fixture
def crowded() -> Iterator[str]:
    """A server of PostgreSQL on which every connection that others may have is taken."""
    with postgres_host() as (host, user):
        with psycopg.connect(host=host, user=user, dbname="postgres", autocommit=True) as owner:
            owner.execute("CREATE ROLE few LOGIN CONNECTION LIMIT 1")
        url = f"postgresql://few@/postgres?host={host}"
        with psycopg.connect(url):
            yield url


async def test_a_full_database_says_so(crowded: str) -> None:
    async with opened(Settings(database_url=crowded)) as database:
        trouble = await database_trouble(database)

    assert isinstance(trouble, CliError)
    assert trouble.code == "database_full"
    assert "too many connections" in str(trouble.values["reason"])


async def test_a_namespace_is_lengthened_and_completed_but_never_shortened(dev_server: WorkflowEnvironment) -> None:
    address = dev_server.client.service_client.config.target_host
    client = await Client.connect(address, namespace="house")

    made = await prepare(client, timedelta(days=2))
    short = namespace_trouble(client, made, timedelta(days=30))
    longer, again = await prepare(client, timedelta(days=30)), await prepare(client, timedelta(days=2))
    nowhere = await look(await Client.connect(address, namespace="nowhere"))

    assert (made.retention, made.missing) == (timedelta(days=2), ())
    assert short is not None
    assert (short.code, short.values["days"], short.values["wanted"]) == ("retention_short", 2, 30)
    assert longer.retention == again.retention == timedelta(days=30)
    assert nowhere.retention is None


async def test_a_folder_without_a_database_is_asked_without_making_one(tmp_path: Path) -> None:
    file = tmp_path / "none.db"

    async with opened(Settings(database_url=f"sqlite:///{file}")) as database:
        trouble = await database_trouble(database)

    assert isinstance(trouble, CliError)
    assert (trouble.code, file.exists()) == ("schema_behind", False)


# Somebody else's table, a right that is missing, a server that lets itself only be read.
REFUSALS = {
    "already exists": "CREATE TABLE orders ()",
    "permission denied": "SET ROLE pg_monitor",
    "read-only transaction": "SET default_transaction_read_only = on",
}


@pytest.mark.parametrize("words", REFUSALS)
async def test_a_database_that_says_no_is_not_called_silent(words: str, postgres: Postgres) -> None:
    with postgres.empty_database() as url:
        engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(text(REFUSALS[words]))
            with pytest.raises(DBAPIError) as said:
                await connection.execute(text("CREATE TABLE orders ()"))
        await engine.dispose()

    refused = silent_database(said.value)

    assert refused.code == "database_refused"
    assert words in str(refused.values["reason"])
