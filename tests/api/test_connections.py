"""A real server and those who waste its time: whatever they do, it goes on answering everybody else."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI, Request, Response

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


async def _much() -> Response:
    return Response(b"a" * 3_000_000)


@contextmanager
def served(most: int = 800) -> Iterator[int]:
    """The gate without the house behind it, in a thread of its own."""
    app = FastAPI()
    for path in ("/echo", "/api/echo"):
        app.add_api_route(path, _echo, methods=["POST", "GET"])
    app.add_api_route("/health/live", _live)
    app.add_api_route("/much", _much)
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

        answers = [httpx2.get(f"http://{HOST}:{port}/echo", trust_env=False, timeout=20) for _ in range(20)]

        assert {answer.status_code for answer in answers} == {200}


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


def connected(port: int, source: str = HOST) -> socket.socket:
    return socket.create_connection((HOST, port), timeout=20, source_address=(source, 0))


def answer_to(line: socket.socket, path: str = "/echo") -> bytes:
    line.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    said = b""
    while part := line.recv(65_536):
        said += part
    return said


def test_one_address_takes_no_more_than_its_part_and_the_others_are_served() -> None:
    with served(most=40) as port, ExitStack() as closing:
        greedy = [closing.enter_context(connected(port, "127.0.0.2")) for _ in range(200)]

        others = [answer_to(closing.enter_context(connected(port, f"127.0.0.{number}"))) for number in range(3, 20)]
        one_too_many, lives = answer_to(greedy[10]), answer_to(greedy[11], "/health/live")
        first = answer_to(greedy[0])
        rest = {line.recv(100) for line in greedy[100:]}

    assert {answer[:12] for answer in (first, lives, *others)} == {b"HTTP/1.1 200"}
    assert (one_too_many[:12], b"too_many_connections" in one_too_many) == (b"HTTP/1.1 503", True)
    assert b"Retry-After" in one_too_many or b"retry-after" in one_too_many
    assert rest == {b""}


def test_who_gets_a_seat_later_is_served_then() -> None:
    with served(most=4) as port, connected(port, "127.0.0.2") as first, connected(port, "127.0.0.2") as second:
        first.close()
        time.sleep(0.2)

        assert answer_to(second)[:12] == b"HTTP/1.1 200"


def test_a_proxy_that_we_trust_speaks_for_many() -> None:
    with served(most=40) as port, ExitStack() as closing:
        lines = [closing.enter_context(connected(port)) for _ in range(30)]

        assert {answer_to(line)[:12] for line in lines} == {b"HTTP/1.1 200"}


@pytest.mark.parametrize("times", [1, 20], ids=["one answer", "one after another"])
def test_whoever_does_not_take_the_answer_is_let_go(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    monkeypatch.setattr(connections, "TAKEN_WITHIN", timedelta(seconds=1))
    with served() as port, socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        line.connect((HOST, port))
        line.sendall(b"GET /much HTTP/1.1\r\nHost: x\r\n\r\n" * times)

        time.sleep(4)

        line.settimeout(10)
        came = 0
        with suppress(ConnectionResetError):
            while part := line.recv(65_536):
                came += len(part)
        assert came < 3_000_000 * times


def test_whoever_takes_it_slowly_gets_it_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "TAKEN_WITHIN", timedelta(seconds=2))
    with served() as port, socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        line.connect((HOST, port))
        line.sendall(b"GET /much HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        came = 0
        while part := line.recv(50_000):
            came += len(part)
            time.sleep(0.1)

    assert came > 3_000_000


def chunked(size: int, count: int) -> bytes:
    return (b"%x\r\n" % size + b"a" * size + b"\r\n") * count


CHUNKED = b"POST /api/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
NOWHERE = CHUNKED.replace(b"/api/echo", b"/nowhere")


@pytest.mark.parametrize(
    ("sent", "answers"),
    [
        pytest.param(
            b"%sContent-Length: 4\r\n\r\n0\r\n\r\n" % CHUNKED + PIPELINED, [b"400"], id="two lengths of one body"
        ),
        pytest.param(CHUNKED + b"\r\n" + chunked(1, 20_000) + b"0\r\n\r\n", [b"400"], id="a body in crumbs"),
        pytest.param(CHUNKED + b"\r\n" + chunked(1, 150) + b"0\r\n\r\n", [b"200"], id="a few crumbs"),
        pytest.param(CHUNKED + b"\r\n" + chunked(300, 3000) + b"0\r\n\r\n", [b"200"], id="a body in pieces"),
        pytest.param(b"GET /echo HTTP/1.1\r\n" + b"a:\r\n" * 30_000 + b"\r\n", [b"400"], id="a head of crumbs"),
        pytest.param(b"GET /echo HTTP/1.1\r\nHost: x\r\n" + b"a:\r\n" * 120 + b"\r\n", [b"400"], id="many headers"),
        pytest.param(b"GET /echo HTTP/1.1\r\nHost: x\r\n" + b"a:\r\n" * 90 + b"\r\n", [b"200"], id="headers enough"),
        pytest.param(
            CHUNKED.replace(b"/api/echo", b"/nowhere") + b"\r\n" + b"zz\r\nrubbish\r\n" * 9,
            [b"404"],
            id="after the answer",
        ),
    ],
)
def test_what_two_may_read_differently_or_costs_too_much_is_refused(
    caplog: pytest.LogCaptureFixture, sent: bytes, answers: list[bytes]
) -> None:
    with served() as port, connected(port) as line:
        head, _, rest = sent.partition(b"\r\n\r\n")
        line.sendall(head + b"\r\n\r\n")
        time.sleep(0.2)
        with suppress(OSError):
            line.sendall(rest)
        line.settimeout(1)
        said = b""
        with suppress(OSError):
            while part := line.recv(65_536):
                said += part

    assert [part[:3] for part in said.split(b"HTTP/1.1 ")[1:]] == answers
    assert "Fatal error" not in caplog.text


def test_the_program_is_told_how_many_and_whom_to_believe() -> None:
    alone = api_command(Settings(connections=99), 8080)
    behind = api_command(Settings.model_validate({"trusted_proxies": "10.0.0.0/8, ::1"}), 8080)

    assert "--limit-concurrency=99" in alone
    assert "--no-proxy-headers" in alone
    assert "--no-proxy-headers" not in behind
    assert "--forwarded-allow-ips=10.0.0.0/8,::1/128" in behind


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("trusted_proxies", "*", id="everybody"),
        pytest.param("trusted_proxies", "10.0.0.7, 0.0.0.0/0", id="everybody, as a network"),
        pytest.param("trusted_proxies", "::/0", id="everybody, as a network of IPv6"),
        pytest.param("trusted_proxies", "10.0.0.1/8", id="no network"),
        *(
            pytest.param(rate, value, id=f"{rate} {value}")
            for rate in ("write_rate", "alert_rate")
            for value in ("inf", "nan", "1e308", "0")
        ),
    ],
)
def test_nobody_sets_a_limit_that_is_none_by_mistake(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"IMAC_{name.upper()}", value)

    with pytest.raises(ValueError, match=name):
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
    # Served as it is told to, but without what the product waits for before.
    served = {"cli.stack.loading:app": "who:create_app", "cli.stack.loading": "uvicorn"}
    said = [served.get(part, part) for part in command if part != "api"]
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
