"""What of a later OpenAPI document breaks a client that was generated from an earlier one.

What is sent may be taken more freely, what is answered may say more: additions break nobody. Clients must bear a value
of an enumeration, or a kind of thing told apart by its discriminator, that they do not know yet.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.api.schema_breaks import Node, Sides, schema_breaks

METHODS = ("get", "put", "post", "delete", "patch", "options", "head", "trace")


class Call(NamedTuple):
    """An operation as it was and as it is; `at` is how people name it."""

    at: str
    before: Node
    after: Node


def breaks(before: Node, after: Node) -> list[str]:
    """Sentences, each naming the place; empty where every old client goes on working."""
    return list(dict.fromkeys([*_gone_schemas(before, after), *_call_breaks(before, after)]))


def _gone_schemas(before: Node, after: Node) -> Iterator[str]:
    there = after.get("components", {}).get("schemas", {})
    for name in before.get("components", {}).get("schemas", {}):
        if name not in there:
            yield f"schema {name}: gone"


def _call_breaks(before: Node, after: Node) -> Iterator[str]:
    for path, item in before["paths"].items():
        now = after["paths"].get(path, {})
        for method in METHODS:
            if method in item and method not in now:
                yield f"{method.upper()} {path}: gone"
            elif method in item:
                call = Call(f"{method.upper()} {path}", item[method], now[method])
                sides = Sides(before, after)
                yield from _operation_breaks(call)
                yield from _parameter_breaks(call, sides)
                yield from _body_breaks(call, sides)
                yield from _answer_breaks(call, sides)


def _operation_breaks(call: Call) -> Iterator[str]:
    was, now = call.before.get("operationId"), call.after.get("operationId")
    if was != now:
        yield f"{call.at}: called {now} instead of {was}"
    if call.after.get("security") and not call.before.get("security"):
        yield f"{call.at}: a key is newly needed"


def _parameter_breaks(call: Call, sides: Sides) -> Iterator[str]:
    was, now = (
        {(one["in"], one["name"]): one for one in side.get("parameters", ())} for side in (call.before, call.after)
    )
    for key, one in was.items():
        at = f"{call.at}: {'/'.join(key)}"
        if key not in now:
            yield f"{at}: gone"
            continue
        if now[key].get("required") and not one.get("required"):
            yield f"{at}: newly required"
        yield from schema_breaks(one.get("schema", {}), now[key].get("schema", {}), at, sides, sent=True)
    for key, one in now.items():
        if key not in was and one.get("required"):
            yield f"{call.at}: {'/'.join(key)}: newly required"


def _body_breaks(call: Call, sides: Sides) -> Iterator[str]:
    was, now = call.before.get("requestBody"), call.after.get("requestBody")
    if was is None:
        if now is not None and now.get("required"):
            yield f"{call.at}: body: newly required"
        return
    if now is None:
        yield f"{call.at}: body: gone"
        return
    if now.get("required") and not was.get("required"):
        yield f"{call.at}: body: newly required"
    yield from _content_breaks(was, now, f"{call.at}: body", sides, sent=True)


def _answer_breaks(call: Call, sides: Sides) -> Iterator[str]:
    for status, was in call.before.get("responses", {}).items():
        now = call.after.get("responses", {}).get(status)
        at = f"{call.at}: answer {status}"
        if now is None:
            yield f"{at}: gone"
            continue
        yield from (
            f"{at}: header {name}: gone" for name in was.get("headers", {}) if name not in now.get("headers", {})
        )
        yield from _content_breaks(was, now, at, sides, sent=False)


def _content_breaks(was: Node, now: Node, at: str, sides: Sides, *, sent: bool) -> Iterator[str]:
    there: dict[str, Any] = now.get("content", {})
    for kind, one in was.get("content", {}).items():
        if kind not in there:
            yield f"{at}: {kind}: gone"
        else:
            yield from schema_breaks(one.get("schema", {}), there[kind].get("schema", {}), at, sides, sent=sent)
