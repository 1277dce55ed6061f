"""What breaks in one place of a document, where something is sent or answered."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Node = dict[str, Any]
LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")


@dataclass
class Sides:
    """Both documents; `seen` keeps what was compared already, since schemas may hold themselves."""

    before: Node
    after: Node
    seen: set[tuple[str, str, bool]] = field(default_factory=set)


def schema_breaks(was: Node, now: Node, at: str, sides: Sides, *, sent: bool) -> Iterator[str]:
    named, called = _name(was), _name(now)
    if named and called and named != called:
        yield f"{at}: called {called} instead of {named}"
    olds, news = _kinds(was, sides.before), _kinds(now, sides.after)
    if len(olds) == len(news) == 1:
        yield from _one_breaks(olds[0], news[0], at, sides, sent=sent)
        return
    if was.get("discriminator", {}).get("propertyName") != now.get("discriminator", {}).get("propertyName"):
        yield f"{at}: told apart by another field"
    yield from _choice_breaks(olds, news, at, sides, sent=sent)


def _choice_breaks(olds: list[Node], news: list[Node], at: str, sides: Sides, *, sent: bool) -> Iterator[str]:
    by_key = {_key(one): one for one in news}
    for one in olds:
        if _key(one) in by_key:
            yield from _one_breaks(one, by_key[_key(one)], at, sides, sent=sent)
        elif sent or one.get("properties"):
            yield f"{at}: {_key(one)} is no longer among what can stand here"
    known = {_key(one) for one in olds}
    for one in news:
        # Another object is a kind that can be told apart; another type is nothing a client could have foreseen.
        if not sent and _key(one) not in known and not one.get("properties"):
            yield f"{at}: can newly be {_key(one)}"


def _one_breaks(was: Node, now: Node, at: str, sides: Sides, *, sent: bool) -> Iterator[str]:
    met = (str(was.get("name")), str(now.get("name")), sent)
    if met in sides.seen:
        return
    if "name" in was and "name" in now:
        sides.seen.add(met)
    yield from _type_breaks(was, now, at, sent=sent)
    yield from _value_breaks(was, now, at, sent=sent)
    if sent:
        yield from _bound_breaks(was, now, at)
    yield from _field_breaks(was, now, at, sides, sent=sent)
    yield from _part_breaks(was, now, at, sides, sent=sent)


def _type_breaks(was: Node, now: Node, at: str, *, sent: bool) -> Iterator[str]:
    narrow, wide = (was, now) if sent else (now, was)
    fits = wide.get("type") in (None, narrow.get("type")) or (wide["type"], narrow.get("type")) == ("number", "integer")
    if not fits:
        yield f"{at}: {now.get('type', 'anything')} instead of {was.get('type', 'anything')}"
    elif was.get("format") != now.get("format"):
        yield f"{at}: format {now.get('format')} instead of {was.get('format')}"


def _value_breaks(was: Node, now: Node, at: str, *, sent: bool) -> Iterator[str]:
    old, new = _values(was), _values(now)
    if old is not None and new is not None:
        yield from (f"{at}: the value {value} is gone" for value in old if value not in new)
    elif sent and new is not None:
        yield f"{at}: only some values are taken"
    elif not sent and old is not None:
        yield f"{at}: any value can be answered"


def _bound_breaks(was: Node, now: Node, at: str) -> Iterator[str]:
    for name in (*LEAST, *MOST):
        if name in now and (name not in was or (now[name] > was[name] if name in LEAST else now[name] < was[name])):
            yield f"{at}: {name} is {now[name]}"
    if "pattern" in now and now["pattern"] != was.get("pattern"):
        yield f"{at}: another pattern"


def _field_breaks(was: Node, now: Node, at: str, sides: Sides, *, sent: bool) -> Iterator[str]:
    old, new = was.get("properties", {}), now.get("properties", {})
    for name, one in old.items():
        if name in new:
            yield from schema_breaks(one, new[name], f"{at}/{name}", sides, sent=sent)
        else:
            yield f"{at}/{name}: gone"
    musts, needed = set(was.get("required", ())), set(now.get("required", ()))
    if sent:
        yield from (f"{at}/{name}: newly required" for name in sorted(needed - musts))
    else:
        yield from (f"{at}/{name}: no longer always there" for name in sorted(musts - needed) if name in new)


def _part_breaks(was: Node, now: Node, at: str, sides: Sides, *, sent: bool) -> Iterator[str]:
    for part in ("items", "additionalProperties", "propertyNames"):
        old, new = was.get(part, True), now.get(part, True)
        if isinstance(old, dict) and isinstance(new, dict):
            yield from schema_breaks(old, new, f"{at}/*", sides, sent=sent)
        elif (new if sent else old) is not True and old != new and not (part == "additionalProperties" and not sent):
            yield f"{at}: other {part}"
    for part in ("patternProperties", "prefixItems"):
        pairs = _parts(was.get(part, {})), _parts(now.get(part, {}))
        if pairs[0].keys() != pairs[1].keys():
            yield f"{at}: other {part}"
        for key in pairs[0].keys() & pairs[1].keys():
            yield from schema_breaks(pairs[0][key], pairs[1][key], f"{at}/*", sides, sent=sent)


def _parts(written: Node | list[Node]) -> dict[str, Node]:
    return written if isinstance(written, dict) else {str(number): one for number, one in enumerate(written)}


def _name(schema: Node) -> str | None:
    ref: str | None = schema.get("$ref")
    return ref.rpartition("/")[2] if ref else None


def _kinds(schema: Node, document: Node) -> list[Node]:
    """The alternatives that can stand here, each looked up; `name` tells what they are called."""
    name = _name(schema)
    if name:
        return [
            one | {"name": one.get("name", name)} for one in _kinds(document["components"]["schemas"][name], document)
        ]
    choices = [*schema.get("oneOf", ()), *schema.get("anyOf", ())]
    if choices:
        return [kind for choice in choices for kind in _kinds(choice, document)]
    if isinstance(schema.get("type"), list):
        return [schema | {"type": one} for one in schema["type"]]
    return [schema]


def _key(schema: Node) -> str:
    return str(schema.get("name") or schema.get("const") or schema.get("type", "anything"))


def _values(schema: Node) -> list[object] | None:
    if "const" in schema:
        return [schema["const"]]
    values: list[object] | None = schema.get("enum")
    return values
