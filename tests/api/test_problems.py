"""Problems: one shape for everything that goes wrong, in German and English, and nothing of our insides."""

from collections.abc import AsyncIterator
from http import HTTPStatus

import pytest
from fastapi import FastAPI
from sqlalchemy.exc import IntegrityError, OperationalError

from api.dependencies import _now
from domain.people import Role
from tests.api.house import INSTALL, ORDERS, House, body

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        pytest.param("GET", "/api/v1/nothing", 404, None, id="no such address"),
        pytest.param("GET", "/api/v1/orders/", 404, None, id="a slash too much"),
        pytest.param("GET", "/api/v1/orders/O-AAAAA-AAAAA", 404, None, id="no such order"),
        pytest.param("DELETE", "/api/v1/orders", 405, "GET, POST", id="no such method"),
        pytest.param("PATCH", "/api/v1/contracts/adler-2026", 405, "GET, PUT", id="no such method on one thing"),
        pytest.param("GET", "/api/v1/orders/a%00b", 422, None, id="a NUL in the address"),
        pytest.param("GET", "/api/v1/orders/%ff%fe", 422, None, id="no UTF-8 in the address"),
        pytest.param("GET", "/api/v1/assets/a%00b", 422, None, id="a NUL in a tag"),
        pytest.param("GET", "/api/v1/contracts/x/chains/explode", 422, None, id="no such kind"),
        pytest.param("GET", "/api/v1/sites?x=1", 422, None, id="a parameter nobody knows"),
        pytest.param("GET", "/api/v1/events?after=-1", 422, None, id="before the beginning"),
    ],
)
async def test_every_refusal_has_the_same_shape(
    house: House, method: str, path: str, status: int, allow: str | None
) -> None:
    desk = await house.coordinator()

    answer = await desk.request(method, path, headers=GERMAN)

    assert (answer.status_code, answer.headers.get("Allow")) == (status, allow)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Content-Language"] == "de"
    problem = body(answer)
    assert problem["type"].startswith("urn:imacflow:problem:")
    assert (problem["status"], problem["title"] != "") == (status, True)
    assert all(fault["message"] for fault in problem["errors"])


async def test_field_errors_are_said_all_at_once_in_both_languages(cut_off: House) -> None:
    desk = await cut_off.coordinator()
    asked = INSTALL | {"kind": "explode", "assets": ["NB-100", "?"], "colour": "red"}
    del asked["site"]

    german = body(await desk.post(ORDERS, json=asked, headers=GERMAN))
    english = body(await desk.post(ORDERS, json=asked, headers={"Accept-Language": "fr, en;q=0.1"}))

    places = {"/kind", "/assets/1", "/colour", "/site"}
    assert {fault["at"] for fault in german["errors"]} == places
    assert {fault["at"] for fault in english["errors"]} == places
    texts = [{fault["message"] for fault in problem["errors"]} for problem in (german, english)]
    assert not texts[0] & texts[1]


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        pytest.param(b"contract=adler", "application/x-www-form-urlencoded", 415, id="a form"),
        pytest.param(b"<order/>", "text/xml", 415, id="XML"),
        pytest.param(b"{}", "", 415, id="no type"),
        pytest.param(b"{}", "application/merge-patch+json", 422, id="a kind of JSON"),
        pytest.param(b"", "application/json", 422, id="nothing"),
        pytest.param(b"x" * 1_000_001, "application/json", 413, id="more than 1 MB"),
    ],
)
async def test_only_json_of_a_bearable_size_is_read(cut_off: House, content: bytes, kind: str, status: int) -> None:
    desk = await cut_off.coordinator()

    answer = await desk.post(ORDERS, content=content, headers={"Content-Type": kind} if kind else {})

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")


async def test_a_body_whose_length_nobody_told_is_counted_as_it_comes(cut_off: House) -> None:
    desk = await cut_off.coordinator()

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(2_000):
            yield b" " * 1_000

    answer = await desk.post(ORDERS, content=endless(), headers={"Content-Type": "application/json"})

    assert answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def failing(app: FastAPI, error: Exception) -> None:
    async def fails() -> None:
        raise error

    app.dependency_overrides[_now] = fails


async def test_our_own_mistakes_say_nothing_of_our_insides(cut_off: House) -> None:
    desk = await cut_off.coordinator()
    failing(cut_off.app, RuntimeError("password=hunter2"))

    answer = await desk.get(ORDERS)

    assert (answer.status_code, body(answer)["type"]) == (500, "urn:imacflow:problem:unexpected")
    assert "hunter2" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_with_the_database_away_the_caller_is_asked_to_come_back(cut_off: House) -> None:
    desk = await cut_off.coordinator()
    failing(cut_off.app, OperationalError("SELECT secret", {}, OSError("connection refused")))

    answer = await desk.get(ORDERS)

    assert (answer.status_code, answer.headers["Retry-After"]) == (HTTPStatus.SERVICE_UNAVAILABLE, "5")
    assert "secret" not in answer.text


class Busy(Exception):
    sqlstate = "40P01"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        pytest.param(IntegrityError("INSERT", {}, Busy()), 409, "another_was_quicker", id="what another has written"),
        pytest.param(OperationalError("UPDATE", {}, Busy()), 503, "database_busy", id="two who wait for each other"),
    ],
)
async def test_what_the_database_refuses_for_another_writer_is_no_mistake_of_ours(
    cut_off: House, error: Exception, status: int, code: str
) -> None:
    desk = await cut_off.coordinator()
    failing(cut_off.app, error)

    answer = await desk.get(ORDERS)

    assert (answer.status_code, body(answer)["errors"][0]["code"]) == (status, code)
    assert ("Retry-After" in answer.headers) == (status == HTTPStatus.SERVICE_UNAVAILABLE)


async def test_answers_are_neither_kept_nor_framed(cut_off: House) -> None:
    desk = await cut_off.coordinator()

    answer = await desk.get(ORDERS)

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path", ["/docs", "/docs/start.js", "/openapi.json", "/health/live", ORDERS, "/p/x", "/k/x", "/nowhere"]
)
async def test_no_answer_lets_a_page_load_objects_or_be_based_elsewhere(cut_off: House, path: str) -> None:
    nobody = await cut_off.client()

    policy = (await nobody.get(path)).headers["Content-Security-Policy"]

    assert {"object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= set(policy.split("; "))


async def test_the_documentation_needs_no_other_host(cut_off: House) -> None:
    nobody = await cut_off.client()

    page = await nobody.get("/docs")
    parts = [await nobody.get(f"/docs/{name}") for name in ("start.js", "swagger-ui-bundle.js", "swagger-ui.css")]
    other = await nobody.get("/docs/..%2f__init__.py")

    assert "http" not in page.text
    assert "<script>" not in page.text
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    assert [part.status_code for part in parts] == [HTTPStatus.OK] * 3
    assert other.status_code == HTTPStatus.NOT_FOUND


async def test_health_tells_what_is_there(house: House) -> None:
    nobody = await house.client()
    await house.caller(Role.ADMIN, "p-huber")

    live, ready = await nobody.get("/health/live"), await nobody.get("/health/ready")

    assert (live.status_code, ready.status_code) == (HTTPStatus.OK, HTTPStatus.OK)
    assert body(ready) == {"database": "up", "temporal": "up", "space": "enough", "says": []}


async def test_a_malformed_idempotency_key_is_told_what_one_looks_like(cut_off: House) -> None:
    desk = await cut_off.coordinator()

    for key in ("a b", "x" * 201, "ä"):
        answer = await desk.post(ORDERS, json=INSTALL, headers={b"Idempotency-Key": key.encode()})

        assert [(fault["code"], fault["at"]) for fault in body(answer)["errors"]] == [
            ("idempotency_key_malformed", "/header/idempotency-key")
        ]


Part = tuple[str | None, bytes] | tuple[str | None, bytes, str | None]
A_FILE = ("list.csv", b"tag;model\nNB-1;X\n", "text/csv")


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        pytest.param([("file", A_FILE), ("file", A_FILE)], ("form_part_twice", "/file"), id="two files"),
        pytest.param([("file", A_FILE), ("fiel", A_FILE)], ("form_part_unknown", "/fiel"), id="a part nobody knows"),
        pytest.param([("file", (None, b"tag;model"))], ("form_part_no_file", "/file"), id="a text"),
    ],
)
async def test_every_form_takes_one_file_and_nothing_beside(
    cut_off: House, parts: list[tuple[str, Part]], problem: tuple[str, str]
) -> None:
    desk = await cut_off.coordinator()
    document = cut_off.app.openapi()
    forms = [
        path.replace("{project_id}", "haus-b")
        for path, methods in document["paths"].items()
        for operation in methods.values()
        if "multipart/form-data" in operation.get("requestBody", {}).get("content", {})
    ]

    answers = [await desk.post(path, files=parts, params={"customer": "adler"}) for path in forms]

    assert len(forms) >= 2
    for answer in answers:
        found = {(fault["code"], fault["at"]) for fault in body(answer)["errors"]}
        assert problem in found
        assert "UploadFile" not in answer.text
