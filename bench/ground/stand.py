"""The servers a bench runs on: Temporal as `imac up` starts it, the API and workers, each a program of its own."""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import IO

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from cli.stack.ports import PortChooser
from cli.stack.programs import APP_DIR, api_command
from cli.stack.temporal_server import HOST, prepare_namespace, server_answers, server_command, worker_polls
from cli.stack.up import api_answers
from db.engine import Database, open_database
from db.schema import migrate
from settings import Settings
from tests.world import furnish

QUEUE = "bench"
BARE_QUEUE = "bench-bare"
FAILED = "Completing activity as failed"
WORKER = (sys.executable, "-m", "bench.ground.serve")


def times(name: str, default: int) -> int:
    """How often to do something; `IMAC_BENCH_…` in the environment says otherwise."""
    return int(os.environ.get(f"IMAC_BENCH_{name}", default))


@dataclass(frozen=True)
class Served:
    port: int
    pid: int


@dataclass(frozen=True)
class Stand:
    """One Temporal server, known by its process, and one database, nobody working on them yet."""

    folder: Path
    server: int
    environment: Mapping[str, str]
    client: Client
    database: Database

    @asynccontextmanager
    async def api(self, factory: str = "") -> AsyncIterator[Served]:
        """The product's, or what another factory makes, served alike."""
        port = _port()
        # Writing a line per request is left to whoever runs the product with it.
        command = (*api_command(Settings(), port), "--log-level=warning")
        if factory:
            own = command.index("--factory") + 1
            command = (*command[:own], factory, f"--app-dir={APP_DIR}", *command[own + 2 :])
        with program(command, self.environment) as running:
            await until(partial(_listens, port) if factory else partial(api_answers, f"http://{HOST}:{port}"))
            yield Served(port, running.pid)

    @asynccontextmanager
    async def worker(self, mail: str = "") -> AsyncIterator[int]:
        """Works on cases and on what they are measured against, under the same settings; mail may go to the `sink`.

        Yields its process id.
        """
        log = self.folder / "worker.log"
        with log.open("w") as errors, program((*WORKER, mail), self.environment, errors) as running:
            for queue in (QUEUE, BARE_QUEUE):
                await until(partial(worker_polls, self.environment, queue))
            yield running.pid
        if repeated := log.read_text().count(FAILED):
            print(f"(activities that failed or took longer than a quick try may, and were repeated: {repeated})")


@asynccontextmanager
async def stand(config: Mapping[str, str] = MappingProxyType({}), url: str | None = None) -> AsyncIterator[Stand]:
    """With `config` in place of what the product tells its server; on SQLite, or the database at `url`."""
    with tempfile.TemporaryDirectory(prefix="imac-bench-") as name:
        folder = Path(name)
        port = _port()
        url = url or f"sqlite+aiosqlite:///{folder}/imacflow.db"
        environment = os.environ | {
            "TEMPORAL_ADDRESS": f"{HOST}:{port}",
            "TEMPORAL_NAMESPACE": "default",
            "IMAC_DATA_DIR": name,
            "IMAC_DATABASE_URL": url,
            "IMAC_TASK_QUEUE": QUEUE,
            # Asked for where the database is a server.
            "IMAC_LINK_SECRET": "of-this-bench-alone-of-this-bench-alone",
        }
        usual = server_command(folder, "default", port=port, ui_port=None)
        told = {key: f"--dynamic-config-value={key}=" for key in config}
        command = [option for option in usual if not option.startswith(tuple(told.values()))]
        command += [f"{told[key]}{value}" for key, value in config.items()]
        with program(command, environment) as server:
            await until(partial(server_answers, environment))
            await prepare_namespace(environment)
            await asyncio.to_thread(migrate, url)
            database = open_database(url)
            await furnish(database)
            client = await Client.connect(f"{HOST}:{port}", data_converter=pydantic_data_converter)
            yield Stand(folder, server.pid, environment, client, database)
            await database.close()


@contextmanager
def program(
    command: Sequence[str], environment: Mapping[str, str], errors: IO[str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    running = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=errors)
    try:
        yield running
    finally:
        running.terminate()
        running.wait()


async def until(answers: Callable[[], Awaitable[bool]], *, within: float = 600) -> None:
    async with asyncio.timeout(within):
        while not await answers():  # noqa: ASYNC110  # there is nobody who could set an event
            await asyncio.sleep(0.1)


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    return True


def _port() -> int:
    return PortChooser().choose(HOST, asked=None, preferred=17_000 + os.getpid() % 10_000, option="--port")
