"""Bodies made from the OpenAPI document: each route's smallest, its largest, and any with one field put wrong."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

Schema = Mapping[str, Any]
# Texts that most patterns of ours take.
TEXTS = ("a1", "2027-03-01", "2027-03-01T08:00:00+01:00", "08:00", "PT1H", "a@b.example", "+4915112345678")
_FORMATS = {
    "date": "2027-03-01",
    "date-time": "2027-03-01T08:00:00+01:00",
    "time": "08:00",
    "duration": "PT1H",
    "password": "abcdefgh12345678",
}


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    name: str
    schema: Schema

    @property
    def url(self) -> str:
        """With something in place of every name."""
        parts = (
            "1" if part in {"{version}", "{row}"} else "x1" if part.startswith("{") else part
            for part in self.path.split("/")
        )
        return "/".join(parts)


def operations(document: Schema) -> Iterator[Operation]:
    """Those that take JSON."""
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            content = said.get("requestBody", {}).get("content", {})
            if "application/json" in content:
                yield Operation(method, path, said["operationId"], content["application/json"]["schema"])


class Maker:
    """Values that a schema describes, no more of them than the budget allows."""

    def __init__(self, document: Schema, budget: int = 200) -> None:
        self._schemas = document["components"]["schemas"]
        self._left = budget

    def plain(self, schema: Schema) -> Schema:
        """The schema itself, where only its name is given."""
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        return schema

    def smallest(self, schema: Schema) -> JsonValue:
        found = self.plain(schema)
        for choice in ("oneOf", "anyOf"):
            if choice in found:
                return self.smallest(found[choice][0])
        match found.get("type"):
            case "object":
                needed = found.get("required", ())
                return {name: self.smallest(found["properties"][name]) for name in needed}
            case "array":
                items = found.get("prefixItems") or [found.get("items", {})] * found.get("minItems", 0)
                return [self.smallest(item) for item in items]
        return _leaf(found)

    def largest(self, schema: Schema, wrong: bool, depth: int = 0) -> JsonValue:
        """Filled to its limits, or as far as the budget goes; wrong: whatever could be right is a number or a list."""
        found = self.plain(schema)
        self._left -= 1
        for choice in ("oneOf", "anyOf"):
            if choice in found:
                options = [self.plain(option) for option in found[choice]]
                return self.largest(max(options, key=lambda option: len(json.dumps(option))), wrong, depth)
        match found.get("type"):
            case "object":
                return self._object(found, wrong, depth)
            case "array":
                items = found.get("prefixItems") or [found.get("items", {})] * found.get("maxItems", 100)
                return list(self._while_allowed(lambda item: self.largest(item, wrong, depth + 1), items))
        if wrong:
            return [] if found.get("type") in ("integer", "number", "boolean") else 1
        return _leaf(found, long=True)

    def _object(self, found: Schema, wrong: bool, depth: int) -> JsonValue:
        made = {name: self.largest(below, wrong, depth + 1) for name, below in found.get("properties", {}).items()}
        more = found.get("additionalProperties")
        if isinstance(more, dict):
            names = range(found.get("maxProperties", 100))
            of_them = self._while_allowed(lambda n: (f"x{n}", self.largest(more, wrong, depth + 1)), names)
            made |= dict(of_them)
        return made

    def _while_allowed(self, make: Callable[[Any], Any], items: Any) -> Iterator[Any]:  # noqa: ANN401  # of any schema
        for item in items:
            if self._left <= 0:
                return
            yield make(item)


def _leaf(found: Schema, long: bool = False) -> JsonValue:
    for fixed in ("const", "default"):
        if found.get(fixed) is not None:
            return found[fixed]  # type: ignore[no-any-return]  # whatever the document says
    if "enum" in found:
        return found["enum"][0]  # type: ignore[no-any-return]
    match found.get("type"):
        case "integer" | "number":
            return found.get("maximum" if long else "minimum", 1)  # type: ignore[no-any-return]
        case "boolean":
            return True
        case "string":
            text = _FORMATS.get(found.get("format", ""), "a1")
            return text if not long or "format" in found else "a" * min(found.get("maxLength", 20), 4_000)
    return None


def fields(
    maker: Maker, schema: Schema, at: tuple[str | int, ...] = (), seen: tuple[str, ...] = ()
) -> Iterator[tuple[str | int, ...]]:
    """Where a body may hold something, every field of every model once along the way."""
    name = schema.get("$ref", "")
    if name in seen:
        return
    found = maker.plain(schema)
    inner = (*seen, name) if name else seen
    yield at
    for choice in ("oneOf", "anyOf"):
        for option in found.get(choice, ()):
            yield from (place for place in fields(maker, option, at, inner) if place != at)
    for property_name, below in found.get("properties", {}).items():
        yield from fields(maker, below, (*at, property_name), inner)
    if isinstance(found.get("items"), dict):
        yield from fields(maker, found["items"], (*at, 0), inner)
    if isinstance(found.get("additionalProperties"), dict):
        yield from fields(maker, found["additionalProperties"], (*at, "x1"), inner)


def put(body: JsonValue, at: tuple[str | int, ...], value: JsonValue) -> JsonValue:
    """The body with this value there; what is missing on the way is made."""
    if not at:
        return value
    step, *rest = at
    if isinstance(step, int):
        below = body[0] if isinstance(body, list) and body else None
        return [put(below, tuple(rest), value)]
    inner = dict(body) if isinstance(body, dict) else {}
    inner[step] = put(inner.get(step), tuple(rest), value)
    return inner


def endless(document: Schema) -> Iterator[str]:
    """Lists, mappings and texts in requests for which the document names no end."""
    known: set[str] = set()
    maker = Maker(document)
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            for parameter in said.get("parameters", ()):
                yield from _endless(maker, parameter["schema"], f"{method} {path} ?{parameter['name']}", known)
            for content in said.get("requestBody", {}).get("content", {}).values():
                yield from _endless(maker, content["schema"], f"{method} {path}", known)


def _endless(maker: Maker, schema: Schema, at: str, known: set[str]) -> Iterator[str]:
    name = schema.get("$ref", "")
    if name in known:
        return
    known |= {name} - {""}
    found = maker.plain(schema)
    if _has_no_end(found):
        yield at
    options = [*found.get("oneOf", ()), *found.get("anyOf", ()), *found.get("prefixItems", ())]
    # A decimal may be written as a text: how long it is, its digits say.
    is_decimal = any(option.get("type") == "number" for option in options)
    below = [option for option in options if not (is_decimal and option.get("type") == "string")]
    below += [found[key] for key in ("items", "additionalProperties") if isinstance(found.get(key), dict)]
    for one in below:
        yield from _endless(maker, one, at, known)
    for property_name, inner in found.get("properties", {}).items():
        yield from _endless(maker, inner, f"{at}.{property_name}", known)


def _has_no_end(found: Schema) -> bool:
    match found.get("type"):
        case "array":
            return "maxItems" not in found
        case "object":
            return isinstance(found.get("additionalProperties"), dict) and "maxProperties" not in found
        case "string":
            fixed = ("enum", "const", "format", "maxLength", "contentMediaType")
            return not any(key in found for key in fixed)
    return False
