"""Whatever is asked that a route does not know, twice or without a value is named, at every route alike."""

import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from api.app import create_app
from api.queries import takes_several
from domain.people import Role
from settings import Settings
from tests.api.house import ORDERS, House, body

Document = Mapping[str, Any]
V1 = "/api/v1/"


def _asked(document: Document) -> Iterator[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    """Each route with the parameters it takes once, and those it takes several times."""
    for path, operations in document["paths"].items():
        for method in operations.keys() & {"get", "post", "put", "delete"}:
            asked = [one for one in operations[method].get("parameters", ()) if one["in"] == "query"]
            several = tuple(one["name"] for one in asked if one["schema"].get("type") == "array")
            once = tuple(one["name"] for one in asked if one["name"] not in several)
            takes_files = "multipart/form-data" in operations[method].get("requestBody", {}).get("content", {})
            if path.startswith(V1) and not takes_files:
                yield method, path, once, several


def _faults(answer: httpx2.Response) -> set[tuple[str, str]]:
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY, answer.text
    return {(fault["code"], fault["at"]) for fault in body(answer)["errors"]}


async def test_every_route_names_all_that_is_wrong_with_a_question(cut_off: House, document: Document) -> None:
    boss = await cut_off.caller(Role.ADMIN, "p-koch")

    for method, path, once, several in _asked(document):
        at = path.replace("{", "").replace("}", "")
        twice = [(name, "x") for name in (*once, *several) for _ in range(2)]
        wrong = [("colour", "red"), *twice, ("Limit ", "1"), ("größe", "")]
        answer = await boss.request(method, f"{at}?{urlencode(wrong)}")
        unknown = {("query_unknown", f"/query/{name}") for name in ("colour", "Limit ", "größe")}
        assert _faults(answer) == unknown | {("query_twice", f"/query/{name}") for name in once}, (method, path)
        for name in (*once, *several):
            assert ("query_empty", f"/query/{name}") in _faults(await boss.request(method, f"{at}?{name}=")), path
            assert ("query_empty", f"/query/{name}") in _faults(await boss.request(method, f"{at}?{name}")), path


async def test_a_number_in_a_question_is_a_number_though_all_in_it_is_text(cut_off: House, document: Document) -> None:
    boss = await cut_off.caller(Role.ADMIN, "p-koch")
    asked, refused = 0, []

    for path, operations in document["paths"].items():
        shown = operations.get("get", {})
        is_endless = "text/event-stream" in shown.get("responses", {}).get("200", {}).get("content", {})
        for one in () if is_endless else shown.get("parameters", ()):
            kinds = {kind.get("type") for kind in (one["schema"], *one["schema"].get("anyOf", ()))}
            if one["in"] == "query" and kinds & {"integer", "boolean"}:
                asked += 1
                text = f"{one['schema'].get('minimum', 2)}" if "integer" in kinds else "true"
                answer = await boss.get(f"{re.sub('[{}]', '', path)}?{one['name']}={text}")
                faults = body(answer)["errors"] if answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY else []
                refused += [path for fault in faults if fault["at"] == f"/query/{one['name']}"]

    assert asked > 15
    assert refused == []


async def test_whatever_the_document_says_may_be_asked_is_known(cut_off: House, document: Document) -> None:
    boss = await cut_off.caller(Role.ADMIN, "p-koch")
    refused = []

    for path, operations in document["paths"].items():
        shown = operations.get("get", {})
        is_endless = "text/event-stream" in shown.get("responses", {}).get("200", {}).get("content", {})
        names = [one["name"] for one in shown.get("parameters", ()) if one["in"] == "query"]
        if names and not is_endless:
            said = "&".join(f"{name}=de" for name in names)
            answer = await boss.get(f"{re.sub('[{}]', '', path)}?{said}")
            faults = body(answer)["errors"] if answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY else []
            refused += [(path, fault["at"]) for fault in faults if fault["code"] == "extra_forbidden"]

    assert refused == []


async def test_no_sign_that_a_database_refuses_makes_an_address_fail(cut_off: House, document: Document) -> None:
    boss = await cut_off.caller(Role.ADMIN, "p-koch")
    links = [(method, f"/{page}/{{token}}", (), ()) for method in ("get", "post") for page in ("k", "p")]
    failed = []

    for method, path, once, several in (*_asked(document), *links):
        in_path = [re.sub(r"\{[^}]*\}", "a%00b", path)] if "{" in path else []
        in_query = [f"{re.sub('[{}]', '', path)}?{name}=a%00b" for name in (*once, *several)]
        for address in (*in_path, *in_query):
            answer = await boss.request(method, address)
            failed += [(method, address)] if answer.is_server_error else []

    assert not failed


def test_there_are_routes_to_walk(document: Document) -> None:
    asked = list(_asked(document))
    routes = [getattr(one, "route", one) for one in iter_route_contexts(create_app(Settings()).routes)]
    known = [route for route in routes if isinstance(route, APIRoute)]

    assert 100 < len(asked) <= len(known)
    assert sum(bool(once) for *_, once, _ in asked) > 20
    assert sum(bool(several) for *_, several in asked) >= 4


@pytest.mark.parametrize(
    ("annotation", "several"),
    [(tuple[int, ...], True), (list[str] | None, True), (str | None, False), (int, False), (set[str], True)],
)
def test_what_takes_several_is_known_by_its_type(annotation: object, *, several: bool) -> None:
    assert takes_several(annotation) == several


async def test_what_takes_several_takes_several(cut_off: House) -> None:
    desk = await cut_off.coordinator()

    answer = await desk.get(f"{ORDERS}?state=requested&state=scheduled&lang=de&limit=")

    assert _faults(answer) == {("query_unknown", "/query/lang"), ("query_empty", "/query/limit")}
