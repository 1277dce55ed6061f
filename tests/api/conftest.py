"""The API as callers meet it: a real database, a real Temporal server, and keys for the people of the example world."""

import asyncio
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from api.app import create_app
from cli.stack.temporal_server import HOST, prepare_namespace, server_answers, server_command
from db.engine import Database
from settings import Settings
from tests.api.house import House, opened
from tests.world import furnish


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Random requests are drawn while they are collected, by every process: half a minute before its first test."""
    return True if collection_path.name == "test_document.py" and config.getoption("markexpr") != "slow" else None


@pytest.fixture(scope="session")
def temporal_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server for all tests of this process; every test has a task queue of its own."""
    port = free_port()
    command = server_command(tmp_path_factory.mktemp("temporal"), "default", port=port, ui_port=None)
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        asyncio.run(_prepared({"TEMPORAL_ADDRESS": f"{HOST}:{port}", "TEMPORAL_NAMESPACE": "default"}))
        yield f"{HOST}:{port}"
    finally:
        server.terminate()
        server.wait()


async def _prepared(environment: dict[str, str]) -> None:
    while not await server_answers(environment):  # noqa: ASYNC110  # there is nobody who could set an event
        await asyncio.sleep(0.1)
    await prepare_namespace(environment)


def free_port() -> int:
    with closing(socket.create_server((HOST, 0))) as free:
        port: int = free.getsockname()[1]
    return port


@pytest.fixture
async def house(
    database: Database, temporal_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    """The API with the example world in its tables, and no worker."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", temporal_address)
    await furnish(database)
    settings = Settings(
        data_dir=tmp_path, database_url=database.url, task_queue=f"api-{uuid4().hex}", computing_rate=1_000_000
    )
    async with opened(settings, database) as house:
        yield house


@pytest.fixture
async def cut_off(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """The API with nothing where Temporal should be."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"{HOST}:{free_port()}")
    await furnish(database)
    settings = Settings(data_dir=tmp_path, database_url=database.url, task_queue="nobody", computing_rate=1_000_000)
    async with opened(settings, database) as house:
        yield house


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    return create_app(Settings()).openapi()
