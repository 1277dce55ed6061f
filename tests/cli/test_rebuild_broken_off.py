"""Whoever breaks `imac rebuild` off hears what has become of the tables."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from cli.asking import Asking
from cli.errors import CliError, Exit
from cli.setup.rebuild import rebuild
from db.schema import migrate


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """The command is a process of its own otherwise, and lets errors only be logged."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


async def test_whoever_breaks_it_off_hears_that_it_may_be_typed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asyncio.Event()

    async def take(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()

    url = f"sqlite:///{tmp_path / 'imacflow.db'}"
    await asyncio.to_thread(migrate, url)
    async with await asyncio.start_server(take, "127.0.0.1", 0) as silent:
        port = silent.sockets[0].getsockname()[1]
        monkeypatch.setenv("IMAC_DATABASE_URL", url)
        monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{port}")
        typed = asyncio.create_task(rebuild(asking=Asking(data_dir=tmp_path)))
        await asked.wait()
        typed.cancel()
        with pytest.raises(CliError) as told:
            await typed

    assert (told.value.code, told.value.exit_code) == ("rebuild_interrupted", Exit.INTERRUPTED)
