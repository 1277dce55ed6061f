"""A real server and those who waste its time: whatever they do, it goes on answering everybody else."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI, Request

from api.gate import connections
from api.gate.bytes import BodyLimit
from api.gate.connections import PunctualProtocol
from api.problems import answer_problems
from cli.stack.programs import api_command
from cli.stack.temporal_server import HOST
from settings import Settings
from tests.api.conftest import free_port

LET_GO_WITHIN = 1.0
HEAD = b"POST /echo HTTP/1.1\r\nHost: imacflow.test\r\nContent-Length: 5000\r\n\r\n"
PIPELINED = b"GET /echo HTTP/1.1\r\nHost: x\r\n\r\n" + b"\0rubbish\r\n\r\n" * 50


async def _echo(request: Request) -> int:
    return len(await request.body())


async def _live() -> str:
    return "up"


@contextmanager
def served(most: int = 800) -> Iterator[int]:
    """The gate without the house behind it, in a thread of its own."""
    app = FastAPI()
    app.add_api_route("/echo", _echo, methods=["POST", "GET"])
    app.add_api_route("/health/live", _live)
    app.add_middleware(BodyLimit, patience=connections.HEAD_WITHIN)
    answer_problems(app)
    port = free_port()
    config = uvicorn.Config(
        app, HOST, port, log_level="critical", http=PunctualProtocol, limit_concurrency=most, lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.02)
        yield port
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the product is, with a second in place of its ten."""
    monkeypatch.setattr(connections, "HEAD_WITHIN", connections.HEAD_WITHIN / (10 / LET_GO_WITHIN))


def dripped(line: socket.socket, sent: bytes, longest: float) -> bytes:
    """A byte now and then until the server lets go; what it says then."""
    line.settimeout(0.05)
    said, until = b"", time.monotonic() + longest
    for place in range(10_000):
        assert time.monotonic() < until, "it still listens"
        try:
            if sent:
                line.sendall(sent[place % len(sent) : place % len(sent) + 1])
            part = line.recv(65_536)
        except TimeoutError:
            continue
        except OSError:
            return said
        if not part:
            return said
        said += part
    return said


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    ("first", "sent", "answer"),
    [
        pytest.param(b"", b"", b"408", id="says nothing"),
        pytest.param(b"GET /echo HTTP/1.1\r\nX: ", b"a", b"408", id="drips the head"),
        pytest.param(HEAD, b"a", b"408", id="drips the body"),
        pytest.param(HEAD, b"", b"408", id="owes the body"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"", b"400", id="speaks otherwise"),
        pytest.param(
            b"GET /echo HTTP/1.1\r\nHost: x\r\n\r\n" + b"\0rubbish\r\n\r\n" * 50, b"", b"400", id="rubbish after"
        ),
        pytest.param(b"GET /echo HTTP/1.1\r\nX: " + b"a" * 100_000, b"", b"400", id="a head without end"),
    ],
)
def test_whoever_wastes_time_is_let_go(first: bytes, sent: bytes, answer: bytes) -> None:
    with served() as port, socket.create_connection((HOST, port)) as line:
        line.sendall(first)

        said = dripped(line, sent, longest=20)

        after = httpx2.get(f"http://{HOST}:{port}/echo", trust_env=False, timeout=20)
    assert answer in said
    assert after.status_code == 200


def test_many_who_waste_time_keep_nobody_waiting() -> None:
    with served() as port, ExitStack() as closing:
        for number in range(300):
            line = closing.enter_context(socket.create_connection((HOST, port)))
            line.sendall((b"", b"GET /ec", HEAD)[number % 3])

        since = time.monotonic()
        answers = [httpx2.get(f"http://{HOST}:{port}/echo", trust_env=False, timeout=20) for _ in range(20)]

        assert {answer.status_code for answer in answers} == {200}
        assert time.monotonic() - since < 8


def test_whoever_is_too_much_is_told_so_and_supervisors_are_not() -> None:
    with served(most=10) as port, ExitStack() as closing:
        for _ in range(10):
            closing.enter_context(socket.create_connection((HOST, port)))
        url = f"http://{HOST}:{port}"

        full = httpx2.get(f"{url}/echo", headers={"Accept-Language": "de"}, trust_env=False, timeout=20)
        lives = httpx2.get(f"{url}/health/live", trust_env=False, timeout=20)
        closing.close()
        time.sleep(0.2)
        after = httpx2.get(f"{url}/echo", trust_env=False, timeout=20)

    assert (full.status_code, full.headers["Content-Type"]) == (503, "application/problem+json")
    assert full.json()["errors"][0]["code"] == "too_many_connections"
    assert (full.headers["Retry-After"], full.headers["Content-Language"]) == ("5", "de")
    assert (lives.status_code, after.status_code) == (200, 200)


def test_the_program_is_told_how_many_and_whom_to_believe() -> None:
    alone = api_command(Settings(connections=99), 8080)
    behind = api_command(Settings.model_validate({"trusted_proxies": "10.0.0.0/8, ::1"}), 8080)

    assert "--limit-concurrency=99" in alone
    assert "--no-proxy-headers" in alone
    assert "--no-proxy-headers" not in behind
    assert "--forwarded-allow-ips=10.0.0.0/8,::1/128" in behind


def test_nobody_is_a_proxy_for_the_whole_world_by_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAC_TRUSTED_PROXIES", "*")

    with pytest.raises(ValueError, match="trusted_proxies"):
        Settings()


WHO = """
from fastapi import FastAPI, Request

def create_app():
    app = FastAPI()

    @app.get("/")
    async def who(request: Request) -> str:
        return request.client.host

    return app
"""


@contextmanager
def program(folder: Path, command: tuple[str, ...], environment: Mapping[str, str]) -> Iterator[None]:
    (folder / "who.py").write_text(WHO)
    said = [part.replace("cli.stack.loading:app", "who:create_app") for part in command]
    path = os.pathsep.join([str(folder), *sys.path])
    started = subprocess.Popen([*said, "--log-level=critical"], env={**environment, "PYTHONPATH": path})
    try:
        yield
    finally:
        started.terminate()
        started.wait(30)


@pytest.mark.parametrize(
    ("proxies", "seen"),
    [
        pytest.param("", "127.0.0.1", id="nobody is believed"),
        pytest.param("10.0.0.0/8", "127.0.0.1", id="another proxy is"),
        pytest.param("127.0.0.1", "198.51.100.7", id="this one is"),
    ],
)
def test_an_address_is_what_the_connection_says_or_a_proxy_that_we_trust(
    tmp_path: Path, proxies: str, seen: str
) -> None:
    port = free_port()
    settings = Settings.model_validate({"trusted_proxies": proxies})
    # What stands in the environment is no way around it.
    environment = {"PATH": os.environ["PATH"], "FORWARDED_ALLOW_IPS": "*"}
    with program(tmp_path, api_command(settings, port), environment):
        forged = {"X-Forwarded-For": "198.51.100.7"}
        for _ in range(200):
            try:
                answer = httpx2.get(f"http://{HOST}:{port}/", headers=forged, trust_env=False)
                break
            except httpx2.TransportError:
                time.sleep(0.1)

    assert answer.json() == seen
