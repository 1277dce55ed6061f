"""What clients are generated from: lasting names, bodies that can be sent as they are described, and no riddles."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import jsonschema_rs
import pytest
from pydantic import BaseModel, JsonValue

from api.app import create_app
from domain.people import Role
from settings import Settings
from tests.api.house import House

SCHEMAS = "#/components/schemas/"
VERBS = {
    "get": {"get", "list", "follow", "check"},
    "put": {"put"},
    "delete": {"delete"},
    "post": {
        "accept",
        "add",
        "answer",
        "approve",
        "ask",
        "check",
        "command",
        "confirm",
        "leave",
        "create",
        "import",
        "launch",
        "make",
    }
    | {"place", "post", "preview", "report", "reschedule", "try"},
}


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def nodes(node: JsonValue, at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of the document with a JSON pointer to it."""
    if isinstance(node, dict):
        yield at, node
        for key, below in node.items():
            yield from nodes(below, f"{at}/{key}")
    elif isinstance(node, list):
        for position, below in enumerate(node):
            yield from nodes(below, f"{at}/{position}")


def validator(document: dict[str, Any], schema: dict[str, Any]) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for({**schema, "components": document["components"]})


def test_a_schema_is_called_as_its_class_is_and_nothing_of_its_home_is_in_the_name(document: dict[str, Any]) -> None:
    named = document["components"]["schemas"]

    assert [name for name in named if not re.fullmatch("[A-Z][A-Za-z0-9]+", name) or name.startswith("Body")] == []
    assert {name: schema["title"] for name, schema in named.items() if schema["title"] != name} == {}


def test_the_document_is_the_same_whenever_it_is_asked_for(document: dict[str, Any]) -> None:
    app = create_app(Settings())

    assert [app.openapi(), app.openapi()] == [document, document]


def test_every_reference_leads_to_a_schema(document: dict[str, Any]) -> None:
    told = {value for _, node in nodes(document) for value in node.values() if str(value).startswith(SCHEMAS)}

    assert told - {f"{SCHEMAS}{name}" for name in document["components"]["schemas"]} == set()


def test_every_operation_has_an_id_chosen_by_hand(document: dict[str, Any]) -> None:
    found = [(method, path, operation["operationId"]) for method, path, operation in operations(document)]

    unlike = [
        one
        for one in found
        if (said := re.fullmatch("([a-z]+)([A-Z][a-z]+)+", one[2])) is None or said[1] not in VERBS[one[0]]
    ]
    assert unlike == []
    assert [name for name, times in Counter(name for _, _, name in found).items() if times > 1] == []


def test_where_several_things_can_stand_a_field_tells_which(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    silent = []
    for at, node in nodes(document):
        members = [one["$ref"] for one in (*node.get("oneOf", ()), *node.get("anyOf", ())) if "$ref" in one]
        things = {ref for ref in members if schemas[ref.removeprefix(SCHEMAS)]["type"] == "object"}
        told = node.get("discriminator", {})
        if len(things) > 1 and not (told.get("propertyName") and things == set(told.get("mapping", {}).values())):
            silent.append(at)

    assert silent == []


def test_a_duration_of_an_answer_is_written_as_the_document_says(document: dict[str, Any]) -> None:
    """Clocks run to the microsecond, and what is left of one that is overdue is less than nothing."""
    models = {model.__name__: model for model in below(BaseModel)}
    lengths = [timedelta(hours=1, seconds=5, microseconds=745_272), timedelta(days=400, microseconds=1)]
    wrong = []
    for model, name, schema in durations(document):
        for length in [*lengths, *(-length for length in lengths if signed_of(schema))]:
            answer = models[model].model_construct(None, **{name: length}).model_dump_json(include={name})
            written = json.loads(answer)[name]
            known = jsonschema_rs.validator_for(schema, validate_formats=True)
            wrong += [] if known.is_valid(written) else [(model, name, written)]

    assert {signed_of(schema) for _, _, schema in durations(document)} == {False, True}
    assert wrong == []


def durations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for model, schema in document["components"]["schemas"].items():
        if model == "Threshold":
            # Whole minutes, as a contract has them.
            continue
        for name, field in schema.get("properties", {}).items():
            for choice in field.get("anyOf", (field,)):
                if choice.get("format") == "duration" or signed_of(choice):
                    yield model, name, choice


def signed_of(schema: dict[str, Any]) -> bool:
    return str(schema.get("pattern")).startswith("^-?P")


def below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for one in model.__subclasses__():
        yield one
        yield from below(one)


def test_a_default_is_written_as_its_field_is(document: dict[str, Any]) -> None:
    wrong = [
        (at, node["default"])
        for at, node in nodes(document["components"]["schemas"])
        if "default" in node and not validator(document, node).is_valid(node["default"])
    ]

    assert wrong == []


def test_every_file_in_a_form_is_binary(document: dict[str, Any]) -> None:
    files = [node for _, node in nodes(document) if "contentMediaType" in node]

    assert len(files) == 5
    assert all(file["format"] == "binary" for file in files)


def test_every_example_is_as_its_body_is_described(document: dict[str, Any]) -> None:
    checked, wrong = 0, []
    for method, path, operation in operations(document):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            for name, example in content.get("examples", {}).items():
                checked += 1
                found = validator(document, content["schema"]).iter_errors(example["value"])
                wrong += [(method, path, name, error.message) for error in found]

    assert checked > 20
    assert wrong == []


@pytest.mark.parametrize("path", ["contracts", "customers", "sites", "people"])
async def test_what_is_shown_can_be_sent_back(path: str, house: House, document: dict[str, Any]) -> None:
    """Typed clients can do no more than the document says."""
    asked = await (await house.caller(Role.ADMIN)).get(f"/api/v1/{path}")
    (item,) = (item for name, item in document["paths"].items() if re.fullmatch(rf"/api/v1/{path}/{{\w+}}", name))
    body = validator(document, item["put"]["requestBody"]["content"]["application/json"]["schema"])

    shown = asked.json()

    assert shown
    assert [error.message for one in shown for error in body.iter_errors(one)] == []


async def test_nobody_waits_for_the_document_but_who_has_asked_for_it(tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=tmp_path))
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://imacflow.test") as anybody:
        asked = asyncio.gather(*(anybody.get("/openapi.json") for _ in range(3)))
        lives = 0
        while not asked.done():
            lives += (await anybody.get("/health/live")).is_success
            await asyncio.sleep(0.001)
        answers = await asked

    assert lives > 10
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json() == app.openapi()
