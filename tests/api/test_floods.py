"""The whole API in a process of its own, and senders that never rest: whoever asks whether it lives is told so soon."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from urllib.request import urlopen

import pytest

from cli.stack.programs import api_command
from cli.stack.temporal_server import HOST
from settings import Settings
from tests.api.conftest import free_port
from tests.api.floods import FLOODS
from tests.api.spent import machine
from tests.migrated import Migrated
from tests.patience import eventually

# Of the process that is asked, in seconds of computing: how long it was busy with others between question and answer.
WITHIN = 0.1
TIMES = 20
SUPERVISOR = "127.0.0.9"


@dataclass
class Served:
    port: int
    pid: int

    def computed(self) -> float:
        # As `clock_getcpuclockid` has it for another process.
        return time.clock_gettime((~self.pid << 3) | 2)

    def lives(self) -> bool:
        with socket.create_connection((HOST, self.port), timeout=60, source_address=(SUPERVISOR, 0)) as line:
            line.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            return line.recv(1_000).startswith(b"HTTP/1.1 200")

    def told_within(self) -> float:
        since = self.computed()
        assert self.lives()
        return self.computed() - since


def _begins_to_live(served: Served) -> bool:
    try:
        return served.lives()
    except OSError:
        return False


@pytest.fixture(scope="module")
def served(migrated: Migrated, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    port, folder = free_port(), tmp_path_factory.mktemp("flooded")
    database = migrated.copy_to(folder / "imacflow.db")
    own = {"IMAC_DATA_DIR": f"{folder}", "IMAC_DATABASE_URL": database, "IMAC_LOG_LEVEL": "error"}
    with ended(api_command(Settings(), port), {**own, "TEMPORAL_ADDRESS": f"{HOST}:{free_port()}"}) as started:
        served = Served(port, started.pid)
        eventually(lambda: _begins_to_live(served))
        # Whoever asks for it first has it made, in seconds of computing beside everybody else: no matter of floods.
        urlopen(f"http://{HOST}:{port}/openapi.json", timeout=60).read()
        yield served


@contextmanager
def ended(command: tuple[str, ...], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    started = subprocess.Popen(command, env={**os.environ, **environment}, stderr=subprocess.DEVNULL)
    try:
        yield started
    finally:
        started.kill()
        started.wait()


@contextmanager
def flooded(served: Served, kinds: tuple[str, ...]) -> Iterator[None]:
    """Each kind from an address of its own."""
    own = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = (sys.executable, "-m", "tests.api.floods")
    senders = [
        subprocess.Popen([*command, kind, f"{served.port}", f"127.0.0.{number}"], env={**os.environ, **own})
        for number, kind in enumerate(kinds, 11)
    ]
    try:
        since = served.computed()
        eventually(lambda: served.computed() - since > 0.5)
        assert all(sender.poll() is None for sender in senders)
        yield
    finally:
        for sender in senders:
            sender.kill()
            sender.wait()


@pytest.mark.parametrize(
    "kinds",
    [*((kind,) for kind in FLOODS), ("crumbs", "answers nobody reads", "one request a connection")],
    ids=", ".join,
)
def test_whoever_asks_whether_it_lives_waits_for_no_flood(served: Served, kinds: tuple[str, ...]) -> None:
    with flooded(served, kinds):
        told = sorted(served.told_within() for _ in range(TIMES))
        usual = machine()

    # Now and then the system lets hundreds of new connections in at once, which nobody here can put off.
    assert median(told) < WITHIN * usual, told


def test_four_addresses_that_take_all_seats_do_not_keep_out_whoever_asks_whether_it_lives(served: Served) -> None:
    with flooded(served, ("answers nobody reads",) * 4):
        assert all(served.lives() for _ in range(5))
