"""What hostile and unlucky callers send to every field of every route: an answer that names it, never a 5xx of ours."""

import json
from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import JsonValue
from starlette.types import Message

from api.gate.bodies import MOST_VALUES
from api.gate.routes import BoundedRoute
from domain.people import Role
from tests.api.bodies import Maker, endless, fields, operations, put
from tests.api.house import House, body

MOST_FIELDS = 400
# Where Temporal would be asked there is nothing in these tests: that is said with 503.
OURS = {HTTPStatus.SERVICE_UNAVAILABLE}

# Values of every kind of trouble, as JSON where Python has no word for them.
FAMILIES: dict[str, str] = {
    "nesting": "[" * 150 + "]" * 150,
    "deeper than anybody reads": "[" * 5_000 + "]" * 5_000,
    "a long name": json.dumps({"n" * 10_000: 1}),
    "many digits": "9" * 4_000,
    "more digits than Python reads": "9" * 5_000,
    "a number beyond all bounds": "1e999",
    "a name twice": '{"a": 1, "a": 2}',
    "half a character": '"\\ud800"',
    "NaN": "NaN",
    "the year 0": '"0000-01-01T00:00:00Z"',
    "the end of all years": '"9999-12-31T23:59:59-14:00"',
    "a digit that is none": '"²"',
    "NUL": '"a\\u0000b"',
    "a long text": json.dumps("x" * 20_000),
    "lists in place of anything": "[1, 1, 1]",
    "a negative number": "-9223372036854775809",
    "the other direction": json.dumps("\u202emoc.elpmaxe\u200b"),
}


def sent(where: JsonValue, family: str) -> bytes:
    return json.dumps(where).replace('"@here@"', FAMILIES[family]).encode()


@pytest.mark.parametrize("family", FAMILIES)
async def test_whatever_stands_in_a_field_is_answered_and_named(cut_off: House, family: str) -> None:
    admin = await cut_off.caller(Role.ADMIN, "admin")
    document = cut_off.app.openapi()
    maker = Maker(document)
    tried: set[tuple[str, str | int]] = set()

    for operation in operations(document):
        smallest = maker.smallest(operation.schema)
        for at in _new(fields(maker, operation.schema), tried, operation.name):
            answer = await admin.request(
                operation.method,
                operation.url,
                content=sent(put(smallest, at, "@here@"), family),
                headers={"Content-Type": "application/json", "Idempotency-Key": "k1"},
            )

            where = f"{operation.name} {at}: {answer.status_code} {answer.text[:300]}"
            assert answer.status_code < 500 or answer.status_code in OURS, where
            if answer.status_code >= 400:
                assert body(answer)["errors"], where


def _new(
    places: Iterator[tuple[str | int, ...]], tried: set[tuple[str, str | int]], operation: str
) -> list[tuple[str | int, ...]]:
    """Bodies share models: a field that was tried in one needs no trial in the next."""
    found = [at for at in places if (("/".join(map(str, at[-2:-1])) or operation), at[-1] if at else "") not in tried]
    tried |= {(("/".join(map(str, at[-2:-1])) or operation), at[-1] if at else "") for at in found}
    return found[:MOST_FIELDS]


@pytest.mark.parametrize("family", ["half a character", "NUL", "a digit that is none", "a long text", "many digits"])
async def test_whatever_stands_in_an_address_is_answered(cut_off: House, family: str) -> None:
    admin = await cut_off.caller(Role.ADMIN, "admin")
    text = json.loads(FAMILIES[family]) if FAMILIES[family].startswith('"') else FAMILIES[family]
    written = "".join(f"%{byte:02x}" for byte in str(text)[:3_000].encode("utf-8", "surrogatepass"))

    for path, methods in cut_off.app.openapi()["paths"].items():
        if "get" not in methods or path == "/api/v1/events":
            continue
        names = [one["name"] for one in methods["get"].get("parameters", ()) if one["in"] == "query"]
        filled = "/".join(written if part.startswith("{") else part for part in path.split("/"))
        plain = "/".join("1" if part.startswith("{") else part for part in path.split("/"))
        for url in (filled, *(f"{plain}?{name}={written}" for name in names)):
            answer = await admin.get(url)

            assert answer.status_code < 500 or answer.status_code in OURS, f"{url[:200]}: {answer.text[:300]}"


async def test_every_list_mapping_and_text_of_a_request_has_an_end_that_the_document_says(cut_off: House) -> None:
    assert list(endless(cut_off.app.openapi())) == []


async def test_every_route_with_a_body_reads_it_within_bounds(cut_off: House) -> None:
    routes = [context.original_route for context in iter_route_contexts(cut_off.app.routes)]

    with_body = [route for route in routes if isinstance(route, APIRoute) and route.body_field is not None]

    assert with_body
    assert [route.path for route in with_body if not isinstance(route, BoundedRoute)] == []


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        pytest.param(b'{"a": 1, "a": 2}', "json_name_twice", id="a name twice"),
        pytest.param(b'{"a": [{"b": 1, "b": 1}]}', "json_name_twice", id="a name twice, deeper down"),
        pytest.param(b"[" * 300 + b"]" * 300, "json_too_deep", id="nested too deeply"),
        pytest.param(b"[1" + b",1" * MOST_VALUES + b"]", "json_too_many_values", id="too many values"),
        pytest.param(b"[[" + b"],[" * MOST_VALUES + b"]]", "json_too_many_values", id="too many empty lists"),
        pytest.param(b'{"a": NaN}', "json_malformed", id="not a number"),
        pytest.param(b'{"a": 1e999}', "finite_number", id="infinite"),
        pytest.param(b"{'a': 1}", "json_malformed", id="Python rather than JSON"),
        pytest.param(b'{"a": 1,}', "json_malformed", id="a comma too many"),
        pytest.param(b'{"a": 1} {"a": 1}', "json_malformed", id="two bodies"),
        pytest.param('{"a": "ä"}'.encode("latin-1"), "json_malformed", id="another encoding"),
        pytest.param(b'"' + b'\\"' * 100_000, "json_malformed", id="a text that never ends"),
        pytest.param(b'{"title": "\\u0000"}', "character_forbidden", id="NUL"),
        pytest.param(b'{"\\ud800": 1}', "character_forbidden", id="half a character as a name"),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused_with_its_place(cut_off: House, raw: bytes, code: str) -> None:
    desk = await cut_off.coordinator()

    answer = await desk.post("/api/v1/incidents", content=raw, headers={"Content-Type": "application/json"})

    assert (answer.status_code, body(answer)["errors"][0]["code"]) == (422, code)


async def test_a_text_full_of_commas_is_one_value(cut_off: House) -> None:
    desk = await cut_off.coordinator()

    answer = await desk.post("/api/v1/incidents", json={"title": "," * (MOST_VALUES + 1)})

    assert {fault["code"] for fault in body(answer)["errors"]} == {"missing", "string_too_long"}


async def test_a_byte_order_mark_is_no_fault(cut_off: House) -> None:
    desk = await cut_off.coordinator()

    answer = await desk.post(
        "/api/v1/incidents", content=b"\xef\xbb\xbf{}", headers={"Content-Type": "application/json"}
    )

    assert {fault["code"] for fault in body(answer)["errors"]} == {"missing"}


async def test_a_stranger_is_refused_before_their_body_is_read(cut_off: House) -> None:
    stranger, sent_chunks = await cut_off.client({"Authorization": "Bearer imac_nobody"}), 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent_chunks
        while sent_chunks < 1_000:
            sent_chunks += 1
            yield b"[" * 10_000

    answer = await stranger.post("/api/v1/projects/x/lists", content=chunks())

    assert (answer.status_code, sent_chunks) == (401, 0)


async def test_whoever_hangs_up_in_the_middle_of_a_body_is_no_fault_of_ours(cut_off: House) -> None:
    key = await cut_off.key(Role.COORDINATOR, "p-koch")
    headers = [(b"authorization", f"Bearer {key}".encode()), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/api/v1/incidents", "headers": headers, "query_string": b""}
    came: list[Message] = [{"type": "http.request", "body": b'{"a', "more_body": True}, {"type": "http.disconnect"}]
    answered: list[int] = []

    async def receive() -> Message:
        return came.pop(0)

    async def send(message: Message) -> None:
        answered.append(message.get("status", 0))

    await cut_off.app({**scope, "client": ("127.0.0.1", 1), "server": ("test", 80), "scheme": "http"}, receive, send)

    assert answered[0] == HTTPStatus.BAD_REQUEST
