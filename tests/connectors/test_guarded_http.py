"""Nothing behind the wall is reached, by whatever name it goes, and nobody keeps us waiting for ever."""

import asyncio
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from connectors import guarded_http as doors
from connectors.channels import Undeliverable, Unreached
from connectors.guarded_http import PUBLIC, Answer, Forbidden, GuardedHttp, host_problems, retry_after, taken
from tests.http_sink import HttpSink

LOOPBACK = GuardedHttp(allowed=("127.0.0.1",))


async def fetched(door: GuardedHttp, url: str) -> Answer:
    return await door.ask("POST", url, headers={}, content=b"hello")


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "[::1]", "0.0.0.0", "[::]", "127.1", "2130706433", "0x7f.1", "0177.0.0.1"),
        *("10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "100.100.100.200"),
        *("169.254.169.254", "168.63.129.16", "192.0.0.192", "[fe80::1]", "[fd00:ec2::254]", "224.0.0.1"),
        *(
            "[::ffff:127.0.0.1]",
            "[::ffff:10.0.0.1]",
            "[2002:7f00:1::]",
            "[64:ff9b::a00:1]",
            "[::127.0.0.1]",
            "[fec0::1]",
        ),
    ],
)
async def test_private_hosts_are_refused_however_they_are_written(host: str) -> None:
    with pytest.raises(Undeliverable):
        await fetched(PUBLIC, f"http://{host}:9/")

    (problem,) = await host_problems(PUBLIC, f"http://{host}:9/", "/url")
    assert (problem.code, problem.at) == ("host_private", "/url")


@pytest.mark.parametrize(
    ("allowed", "host"),
    [
        pytest.param("127.0.0.1", "127.0.0.1", id="by its address"),
        pytest.param("127.0.0.0/8", "127.0.0.1", id="by its net"),
        pytest.param("LocalHost", "localhost", id="by its name"),
    ],
)
async def test_an_operator_may_allow_a_private_host(allowed: str, host: str) -> None:
    sink = HttpSink(status=204, body=b"")

    async with sink.open():
        answer = await fetched(GuardedHttp((allowed,)), f"http://{host}:{sink.port}/in")

    assert answer.status == 204
    assert [(seen.method, seen.target, seen.body) for seen in sink.received] == [("POST", "/in", b"hello")]
    assert sink.received[0].headers["host"] == f"{host}:{sink.port}"


async def test_a_name_allowed_is_not_its_neighbour() -> None:
    with pytest.raises(Forbidden):
        await fetched(GuardedHttp(("localhost",)), "http://127.0.0.1:9/")


async def test_a_name_that_means_another_host_a_moment_later_is_checked_where_it_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter(["8.8.8.8", "127.0.0.1"])

    async def rebinding(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), 9))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", rebinding)
    saved = await host_problems(PUBLIC, "http://rebind.example.org/", "/url")

    assert saved == []
    with pytest.raises(Forbidden):
        await fetched(PUBLIC, "http://rebind.example.org/")


async def test_one_private_address_among_several_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    async def both(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 9)) for address in ("8.8.8.8", "10.0.0.1")]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", both)

    with pytest.raises(Forbidden):
        await fetched(PUBLIC, "http://mixed.example.org/")


async def test_a_redirect_is_an_answer_and_not_followed() -> None:
    sink, inside = HttpSink(status=307), HttpSink()

    async with sink.open(), inside.open():
        sink.headers = {"Location": f"{inside.url}/secret"}
        answer = await fetched(LOOPBACK, sink.url)

    assert answer.status == 307
    assert inside.received == []
    with pytest.raises(Undeliverable, match="307"):
        taken(answer)


async def test_an_endless_answer_is_cut() -> None:
    sink = HttpSink(body=b"x" * 3_000_000)

    async with sink.open():
        answer = await fetched(LOOPBACK, sink.url)

    assert len(answer.body) == doors.MOST_BYTES


async def test_whoever_does_not_answer_is_tried_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "TOTAL_SECONDS", 0.3)
    sink = HttpSink(silent=True)

    async with sink.open():
        with pytest.raises(Unreached, match="Timeout"):
            await fetched(LOOPBACK, sink.url)
    with pytest.raises(Unreached, match="ConnectError"):
        await fetched(LOOPBACK, sink.url)


async def test_a_host_nobody_knows_is_refused_when_saved_and_tried_again_when_used() -> None:
    (problem,) = await host_problems(PUBLIC, "https://no-such-host.invalid/", "/url")

    assert (problem.code, problem.values) == ("host_not_found", {"host": "no-such-host.invalid"})
    with pytest.raises(Unreached):
        await fetched(PUBLIC, "https://no-such-host.invalid/")


@pytest.mark.parametrize(
    ("status", "raised"),
    [(200, None), (204, None), *((status, Undeliverable) for status in (301, 400, 401, 403, 404, 410, 422))]
    + [(status, Unreached) for status in (408, 425, 429, 500, 502, 503)],
)
def test_what_an_answer_means(status: int, raised: type[Exception] | None) -> None:
    answer = Answer(status, {}, b"")

    if raised is None:
        taken(answer)
    else:
        with pytest.raises(raised, match=f"{status}"):
            taken(answer)


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        pytest.param("120", timedelta(seconds=120), id="seconds"),
        pytest.param("0", timedelta(0), id="at once"),
        pytest.param("9" * 5000, timedelta(hours=1), id="for ever"),
        pytest.param("Sat, 01 Jan 2000 00:00:00 GMT", timedelta(0), id="a date gone by"),
        pytest.param("Fri, 31 Dec 2100 23:59:59 GMT", timedelta(hours=1), id="a date far away"),
        pytest.param("soon", None, id="a word"),
        pytest.param("-5", None, id="before now"),
        pytest.param(None, None, id="nothing"),
    ],
)
def test_how_long_the_other_side_wants_to_be_left_alone(said: str | None, wait: timedelta | None) -> None:
    assert retry_after(said) == wait


def test_a_date_to_come_back_at_is_counted_from_now() -> None:
    said = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)

    assert timedelta(minutes=5) < (retry_after(said) or timedelta(0)) <= timedelta(minutes=10)
