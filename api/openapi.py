"""What the OpenAPI document says beside what the routes say themselves."""

from typing import Any

from fastapi import FastAPI

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
    {"name": "keys", "description": "API keys."},
    {"name": "events", "description": "Everything that happens, live."},
    {"name": "health", "description": "For load balancers and supervisors."},
]
_REASONS = {
    400: "The body cannot be read.",
    401: "No key, or none that is valid.",
    403: "The key's role may not do this.",
    404: "Unknown, or another customer's.",
    409: "Not possible as things stand.",
    413: "The body is too large.",
    415: "The body's format is not read.",
    422: "The request is not valid; every problem is listed.",
    503: "A dependency is out of reach; nothing has happened, ask again after `Retry-After` seconds.",
}
_SCHEMA = {"$ref": "#/components/schemas/ProblemDocument"}
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
    """Adds the problem's schema, which no route names as its answer, to the document."""
    written = app.openapi

    def with_problems() -> dict[str, Any]:
        document = written()
        schema = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
        document["components"]["schemas"] |= schema.pop("$defs") | {"ProblemDocument": schema}
        return document

    app.openapi = with_problems  # type: ignore[method-assign]  # the way FastAPI documents
