"""What the OpenAPI document says beside what the routes say themselves."""

import re
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from pydantic import JsonValue

from api.problems import ProblemDocument

TAGS = [
    {"name": "orders", "description": "Place, search and manage orders."},
    {"name": "incidents", "description": "Report, search and manage incidents."},
    {"name": "assets", "description": "The asset register and its history."},
    {"name": "imports", "description": "Asset lists as CSV, XLSX or ODS."},
    {"name": "projects", "description": "Office moves: staged move lists, plans and launched projects."},
    {"name": "contracts", "description": "Versioned contracts and their service chains."},
    {"name": "sla", "description": "SLA clocks explained, what-ifs and previews of new service hours."},
    {"name": "customers", "description": "Customers, sites and people."},
    {"name": "rotas", "description": "On-call rotas, overrides, swaps and gaps."},
    {"name": "vendors", "description": "Vendors, their contracts and the vendor directory."},
    {"name": "pages", "description": "Pages to on-call people and their acknowledgement."},
    {"name": "channels", "description": "Notification channels: mail, chat, SMS, webhooks."},
    {"name": "alerts", "description": "Alerts from monitoring systems, alert rules and maintenance windows."},
    {"name": "keys", "description": "API keys: creator, expiry and last use."},
    {"name": "door", "description": "Refused requests, and changes to keys and channels."},
    {"name": "checks", "description": "Whether open cases are run and get on."},
    {"name": "awaited", "description": "What cases wait for people to say, and until when."},
    {"name": "search", "description": "Find things by the beginning of a number, name, tag, serial or room."},
    {"name": "events", "description": "Live event stream."},
    {"name": "health", "description": "For load balancers and supervisors."},
]
_REASONS = {
    400: "The body could not be parsed.",
    401: "API key missing or invalid.",
    403: "The role of the key does not allow this.",
    404: "Not found, or it belongs to another customer.",
    405: "Another method was meant; `Allow` names those that exist here.",
    408: "The request came in too slowly.",
    409: "Not possible in the current state.",
    412: "Changed since it was last read (`If-Match`).",
    413: "The body is too large.",
    415: "Unsupported body format.",
    422: "The request is not valid; every problem is listed.",
    429: "Too many requests: retry after `Retry-After` seconds.",
    503: "A dependency is unavailable or out of space: retry after `Retry-After` seconds with the same key.",
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
        "description": "Rate limit exceeded. The alerts were stored; send more after `Retry-After` seconds.",
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
