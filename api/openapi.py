"""What the OpenAPI document says beside what the routes say themselves."""

import re
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from pydantic import JsonValue

from api.problems import ProblemDocument

TAGS = [
    {"name": "orders", "description": "Place, find and steer orders."},
    {"name": "incidents", "description": "Report, find and look after incidents."},
    {"name": "assets", "description": "The asset register and its history."},
    {"name": "imports", "description": "Asset lists as CSV or XLSX."},
    {"name": "projects", "description": "Office moves: the list of who goes where, checked and staged, and its plan."},
    {"name": "contracts", "description": "Contracts by version, and the service chains they promise."},
    {"name": "sla", "description": "Promises explained, what-ifs, and what new service hours would do."},
    {"name": "customers", "description": "Customers, sites and people."},
    {"name": "rotas", "description": "Who is on call when, and where nobody is."},
    {"name": "vendors", "description": "Who repairs what, and what vendors have promised."},
    {"name": "pages", "description": "Who is called about what, and who has taken it over."},
    {"name": "channels", "description": "How people are reached: mail, chats, SMS, webhooks."},
    {"name": "alerts", "description": "What monitoring systems say, what comes of it, and maintenance windows."},
    {"name": "keys", "description": "API keys: who made them, until when they last, when they were used."},
    {"name": "door", "description": "What the door refused, and who changed keys and channels."},
    {"name": "events", "description": "Everything that happens, live."},
    {"name": "health", "description": "For load balancers and supervisors."},
]
_REASONS = {
    400: "The body cannot be read.",
    401: "No key, or none that is valid.",
    403: "The key's role may not do this.",
    404: "Unknown, or another customer's.",
    409: "Not possible as things stand.",
    412: "It has changed since the caller has read it (`If-Match`).",
    413: "The body is too large.",
    415: "The body's format is not read.",
    422: "The request is not valid; every problem is listed.",
    503: "A dependency is out of reach, or short of space: ask again after `Retry-After` seconds, under the same key.",
}
_GENERIC = re.compile(r"^([A-Za-z0-9]+)_([A-Za-z0-9]+)_")
_SCHEMAS = "#/components/schemas/"
_TAG = {"description": "What `If-Match` asks for.", "schema": {"type": "string"}}
_SCHEMA = {"$ref": f"{_SCHEMAS}ProblemDocument"}
# FastAPI's own type for additional responses.
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": reason, "content": {"application/problem+json": {"schema": _SCHEMA}}}
    for status, reason in _REASONS.items()
}
TOO_FAST: dict[int | str, dict[str, Any]] = {
    429: {
        "description": "Faster than agreed. The alerts were kept all the same; send on after `Retry-After` seconds.",
        "content": {"application/problem+json": {"schema": _SCHEMA}},
    }
}


def describe(app: FastAPI) -> None:
    """Adds the problem's schema, which no route names as its answer, and gives every schema a name that stays."""
    written = app.openapi

    def whole() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = written()
            schema = ProblemDocument.model_json_schema(ref_template=f"{_SCHEMAS}{{model}}")
            document["components"]["schemas"] |= schema.pop("$defs") | {"ProblemDocument": schema}
            _show_tags(document["paths"])
            app.openapi_schema = _with_lasting_names(document)
        return app.openapi_schema

    app.openapi = whole  # type: ignore[method-assign]  # the way FastAPI documents


def _with_lasting_names(document: dict[str, Any]) -> dict[str, Any]:
    """Classes by their names, whatever else stands in the document; generators name their types after the titles."""
    schemas = document["components"]["schemas"]
    names = {name: _lasting(name) for name in schemas}
    assert len(set(names.values())) == len(names), "two schemas would get one name"
    named = {names[name]: schema | {"title": names[name]} for name, schema in sorted(schemas.items())}
    document["components"]["schemas"] = {name: _with_files(schema) for name, schema in named.items()}
    links = {f"{_SCHEMAS}{old}": f"{_SCHEMAS}{new}" for old, new in names.items()}
    return {part: _referring(written, links) for part, written in document.items()}


def _with_files(schema: dict[str, Any]) -> dict[str, Any]:
    """Says of a file that it is one in the way that generators understand, beside that of JSON Schema."""
    for field in schema.get("properties", {}).values():
        if "contentMediaType" in field:
            field["format"] = "binary"
    return schema


def _lasting(name: str) -> str:
    """What is sent otherwise than it is shown bears the plain name where it is shown."""
    if name.startswith("Body_"):
        operation = name.removeprefix("Body_")
        return f"{operation[0].upper()}{operation[1:]}Form"
    return _GENERIC.sub(r"\1Of\2", name).removesuffix("-Output").replace("-Input", "Input")


def _referring(node: JsonValue, names: Mapping[str, str]) -> JsonValue:
    if isinstance(node, dict):
        return {key: _referring(below, names) for key, below in node.items()}
    if isinstance(node, list):
        return [_referring(below, names) for below in node]
    return names.get(node, node) if isinstance(node, str) else node


def _show_tags(paths: dict[str, dict[str, Any]]) -> None:
    """Whatever can be saved by `If-Match` tells its tag when it is read and when it is saved."""
    for operations in paths.values():
        put = operations.get("put", {})
        if any(parameter["name"] == "if-match" for parameter in put.get("parameters", ())):
            for operation in (put, operations["get"]):
                operation["responses"]["200"]["headers"] = {"ETag": _TAG}
