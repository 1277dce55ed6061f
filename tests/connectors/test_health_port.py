"""The port beside the work bears whoever talks to it."""

import asyncio
import json
from collections.abc import AsyncIterator
from http import HTTPStatus

import httpx2
import pytest

from connectors import health_port as line
from connectors import worker_health
from connectors.health_port import HealthAnswer, health_port
from connectors.worker_health import WorkerHealth
from tests.patience import PATIENCE, until


async def well() -> bool:
    return True


async def ill() -> bool:
    return False


async def breaks() -> bool:
    raise OSError("c4n4ry")


async def figures() -> str:
    return "temporal_requests 1\n"


async def slow() -> HealthAnswer:
    await asyncio.Event().wait()
    raise AssertionError


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    monkeypatch.setattr(line, "HEAD_WITHIN", 0.5)
    monkeypatch.setattr(line, "ANSWER_WITHIN", 0.5)
    health = WorkerHealth({"polls": well, "database": well}, figures)
    async with health_port("127.0.0.1", 0, {**health.asks, "/slow": slow}) as at:
        yield at


async def spoken(port: int, sent: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    await writer.drain()
    said = await reader.read()
    writer.close()
    return said.partition(b"\r\n")[0]


async def asked(port: int) -> bytes:
    try:
        return await spoken(port, b"GET /health/live HTTP/1.1\r\n\r\n")
    except ConnectionError:
        return b""


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        pytest.param(b"GET /health/live HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 OK", id="as it should"),
        pytest.param(b"GET /health/ready?x=1 HTTP/1.0\r\n\r\n", b"HTTP/1.1 200 OK", id="with a query"),
        pytest.param(b"POST /health/live HTTP/1.1\r\n\r\n", b"HTTP/1.1 405 Method Not Allowed", id="another method"),
        pytest.param(b"GET /api/v1/orders HTTP/1.1\r\n\r\n", b"HTTP/1.1 404 Not Found", id="another path"),
        pytest.param(b"\r\n\r\n", b"HTTP/1.1 404 Not Found", id="nothing"),
        pytest.param(b"\xff\x00" * 20 + b"\r\n\r\n", b"HTTP/1.1 404 Not Found", id="rubbish"),
        pytest.param(b"GET /" + b"a" * 20_000, b"HTTP/1.1 400 Bad Request", id="a head without end"),
        pytest.param(b"GET /hea", b"", id="half a head"),
        pytest.param(b"GET /slow HTTP/1.1\r\n\r\n", b"HTTP/1.1 503 Service Unavailable", id="no answer in time"),
    ],
)
async def test_each_is_answered_once_and_let_go(port: int, sent: bytes, answer: bytes) -> None:
    async with asyncio.timeout(30):
        assert await spoken(port, sent) == answer
        assert await spoken(port, b"GET /health/live HTTP/1.1\r\n\r\n") == b"HTTP/1.1 200 OK"


async def test_a_crowd_of_silent_ones_keeps_nobody_out_for_long(port: int) -> None:
    crowd = [await asyncio.open_connection("127.0.0.1", port) for _ in range(100)]

    answer = await until(lambda: asked(port), lambda said: said == b"HTTP/1.1 200 OK")

    for _, writer in crowd:
        writer.close()
    assert answer == b"HTTP/1.1 200 OK"


async def test_what_is_not_well_or_cannot_be_asked_is_named() -> None:
    health = WorkerHealth({"polls": well, "database": breaks, "tasks": ill}, figures)

    async with health_port("127.0.0.1", 0, health.asks) as port, httpx2.AsyncClient(trust_env=False) as client:
        found = await client.get(f"http://127.0.0.1:{port}/health/ready")
        health.drain()
        drains = await client.get(f"http://127.0.0.1:{port}/health/ready")

    assert found.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert found.json() == {"polls": "up", "database": "down", "tasks": "down"}
    assert drains.json()["polls"] == "drains"
    assert "c4n4ry" not in found.text


async def test_what_never_answers_is_named_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Temporal does whose own database is away: it takes what it is asked and says nothing."""
    monkeypatch.setattr(worker_health, "CHECKED_WITHIN", 0.1)

    async def hangs() -> bool:
        return await asyncio.Future[bool]()

    health = WorkerHealth({"polls": hangs, "database": well}, figures)
    async with asyncio.timeout(PATIENCE):
        told = await health.asks["/health/ready"]()

    assert (told.status, json.loads(told.text)) == (503, {"polls": "down", "database": "up"})
