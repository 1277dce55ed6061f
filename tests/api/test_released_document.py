"""What clients were generated from goes on working; and what would break them is found and named."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from tests.api.breaks import breaks
from tests.api.released import released

DESK: dict[str, Any] = {
    "type": "object",
    "required": ["id", "state"],
    "properties": {
        "id": {"type": "string", "maxLength": 64},
        "state": {"enum": ["free", "taken"], "type": "string"},
        "since": {"type": "string", "format": "date-time"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "thing": {
            "oneOf": [{"$ref": "#/components/schemas/Lamp"}, {"$ref": "#/components/schemas/Chair"}],
            "discriminator": {"propertyName": "type"},
        },
        "beside": {"anyOf": [{"$ref": "#/components/schemas/Desk"}, {"type": "null"}]},
    },
}
THINGS = {
    name: {"type": "object", "properties": {"type": {"const": name.lower(), "type": "string"}}, "required": ["type"]}
    for name in ("Lamp", "Chair")
}
CALL = {
    "operationId": "putDesk",
    "parameters": [{"in": "query", "name": "lang", "schema": {"type": "string", "enum": ["de", "en"]}}],
    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Desk"}}}},
    "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Desk"}}}}},
}
DOCUMENT = {"paths": {"/desks": {"put": CALL}}, "components": {"schemas": {"Desk": DESK, **THINGS}}}
Change = Callable[[dict[str, Any], dict[str, Any], dict[str, Any]], object]
BODY, ANSWER = "PUT /desks: body", "PUT /desks: answer 200"


def changed(change: Change) -> list[str]:
    """What is found when the document, its call or its schema of a desk has been changed."""
    document = deepcopy(DOCUMENT)
    change(document, document["paths"]["/desks"]["put"], document["components"]["schemas"]["Desk"])
    return breaks(DOCUMENT, document)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        pytest.param(lambda d, c, s: d["paths"].pop("/desks"), "PUT /desks: gone", id="path"),
        pytest.param(lambda d, c, s: d["paths"]["/desks"].pop("put"), "PUT /desks: gone", id="operation"),
        pytest.param(
            lambda d, c, s: c.update(operationId="saveDesk"), "PUT /desks: called saveDesk instead of putDesk", id="id"
        ),
        pytest.param(lambda d, c, s: c.update(security=[{"k": []}]), "PUT /desks: a key is newly needed", id="key"),
        pytest.param(lambda d, c, s: c["parameters"].clear(), "PUT /desks: query/lang: gone", id="parameter"),
        pytest.param(
            lambda d, c, s: c["parameters"][0].update(required=True),
            "PUT /desks: query/lang: newly required",
            id="parameter newly required",
        ),
        pytest.param(
            lambda d, c, s: c["parameters"].append({"in": "query", "name": "at", "required": True}),
            "PUT /desks: query/at: newly required",
            id="new parameter that must be given",
        ),
        pytest.param(
            lambda d, c, s: c["parameters"][0]["schema"]["enum"].remove("de"),
            "PUT /desks: query/lang: the value de is gone",
            id="value of a parameter",
        ),
        pytest.param(lambda d, c, s: c["requestBody"].update(required=True), f"{BODY}: newly required", id="body"),
        pytest.param(lambda d, c, s: c.pop("requestBody"), f"{BODY}: gone", id="no body"),
        pytest.param(
            lambda d, c, s: c["requestBody"].update(content={"text/csv": {}}),
            f"{BODY}: application/json: gone",
            id="body in another format",
        ),
        pytest.param(lambda d, c, s: c["responses"].clear(), f"{ANSWER}: gone", id="answer"),
        pytest.param(
            lambda d, c, s: c["responses"]["200"].update(content={}), f"{ANSWER}: application/json: gone", id="format"
        ),
        pytest.param(
            lambda d, c, s: (
                d["components"]["schemas"].update(Table=d["components"]["schemas"].pop("Chair"))
                or s["properties"]["thing"]["oneOf"][1].update({"$ref": "#/components/schemas/Table"})
            ),
            "schema Chair: gone",
            id="schema called otherwise",
        ),
        pytest.param(lambda d, c, s: s["properties"].pop("tags"), f"{ANSWER}/tags: gone", id="field answered"),
        pytest.param(lambda d, c, s: s["properties"].pop("tags"), f"{BODY}/tags: gone", id="field sent"),
        pytest.param(
            lambda d, c, s: s["required"].append("since"), f"{BODY}/since: newly required", id="field newly required"
        ),
        pytest.param(
            lambda d, c, s: s["required"].append("why") or s["properties"].update(why={"type": "string"}),
            f"{BODY}/why: newly required",
            id="new field that must be sent",
        ),
        pytest.param(
            lambda d, c, s: s["required"].remove("id"), f"{ANSWER}/id: no longer always there", id="field optional"
        ),
        pytest.param(
            lambda d, c, s: s["properties"]["id"].update(type="integer"),
            f"{BODY}/id: integer instead of string",
            id="type sent",
        ),
        pytest.param(
            lambda d, c, s: s["properties"]["tags"]["items"].update(type="integer"),
            f"{ANSWER}/tags/*: integer instead of string",
            id="type answered, in a list",
        ),
        pytest.param(
            lambda d, c, s: s["properties"].update(id={"anyOf": [{"type": "string"}, {"type": "null"}]}),
            f"{ANSWER}/id: can newly be null",
            id="null answered",
        ),
        pytest.param(
            lambda d, c, s: s["properties"].update(beside={"$ref": "#/components/schemas/Desk"}),
            f"{BODY}/beside: null is no longer among what can stand here",
            id="null no longer taken",
        ),
        pytest.param(
            lambda d, c, s: s["properties"]["state"]["enum"].remove("free"),
            f"{BODY}/state: the value free is gone",
            id="value",
        ),
        pytest.param(
            lambda d, c, s: s["properties"]["id"].update(enum=["a"]),
            f"{BODY}/id: only some values are taken",
            id="enum",
        ),
        pytest.param(
            lambda d, c, s: s["properties"]["id"].update(maxLength=8), f"{BODY}/id: maxLength is 8", id="bound"
        ),
        pytest.param(
            lambda d, c, s: s["properties"]["id"].update(pattern="^a"), f"{BODY}/id: another pattern", id="pattern"
        ),
        pytest.param(
            lambda d, c, s: s["properties"]["since"].update(format="date"),
            f"{ANSWER}/since: format date instead of date-time",
            id="format of a text",
        ),
        pytest.param(
            lambda d, c, s: s["properties"]["thing"]["oneOf"].pop(),
            f"{BODY}/thing: Chair is no longer among what can stand here",
            id="kind",
        ),
        pytest.param(
            lambda d, c, s: s["properties"]["thing"]["discriminator"].update(propertyName="kind"),
            f"{BODY}/thing: told apart by another field",
            id="discriminator",
        ),
        pytest.param(
            lambda d, c, s: s.update(additionalProperties=False), f"{BODY}: other additionalProperties", id="closed"
        ),
    ],
)
def test_what_breaks_a_client_is_named(change: Change, found: str) -> None:
    assert found in changed(change)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda d, c, s: d["paths"].update({"/lamps": {"get": CALL}}), id="path"),
        pytest.param(lambda d, c, s: d["paths"]["/desks"].update(get=CALL), id="operation"),
        pytest.param(lambda d, c, s: c["parameters"].append({"in": "query", "name": "at"}), id="parameter"),
        pytest.param(lambda d, c, s: c["responses"].update({"429": {}}), id="refusal"),
        pytest.param(lambda d, c, s: c["requestBody"]["content"].update({"text/csv": {}}), id="format"),
        pytest.param(lambda d, c, s: s["properties"].update(why={"type": "string"}), id="field"),
        pytest.param(lambda d, c, s: s["properties"]["state"]["enum"].append("broken"), id="value"),
        pytest.param(lambda d, c, s: s["properties"]["id"].update(maxLength=100), id="bound"),
        pytest.param(lambda d, c, s: s.update(description="Where somebody works."), id="text"),
        pytest.param(
            lambda d, c, s: (
                d["components"]["schemas"].update(Shelf={**THINGS["Lamp"]})
                or s["properties"]["thing"]["oneOf"].append({"$ref": "#/components/schemas/Shelf"})
            ),
            id="kind",
        ),
    ],
)
def test_additions_break_nobody(change: Change) -> None:
    assert changed(change) == []


def test_every_operation_of_the_released_document_would_be_missed() -> None:
    before = released()
    called = [f"{method.upper()} {path}: gone" for path, item in before["paths"].items() for method in item]

    assert sorted(breaks(before, {**before, "paths": {}})) == sorted(called)


def test_every_schema_of_the_released_document_is_looked_into() -> None:
    before = released()
    schemas = before["components"]["schemas"]
    used = json.dumps(before["paths"])
    fields = {name: list(schema["properties"]) for name, schema in schemas.items() if schema.get("properties")}
    poorer = {
        name: {**schemas[name], "properties": {one: schemas[name]["properties"][one] for one in there[:-1]}}
        for name, there in fields.items()
    }

    found = breaks(before, {**before, "components": {"schemas": {**schemas, **poorer}}})

    for name in fields:
        if f'schemas/{name}"' in used:
            assert any(one.endswith(f"/{fields[name][-1]}: gone") for one in found), name


def test_clients_of_the_last_release_go_on_working(document: dict[str, Any]) -> None:
    """At a release `make openapi` writes the document anew; before that a break needs a decision."""
    assert breaks(released(), document) == []
