"""Values of any model, made from its schema: the n-th one takes the n-th of every choice there is."""

from typing import TypeVar, cast

from pydantic import JsonValue, TypeAdapter

T = TypeVar("T")
WRITTEN = {
    "date-time": "2027-11-22T08:00:00Z",
    "date": "2027-11-22",
    "time": "08:00:00",
    "duration": "PT90M",
    "uuid": "00000000-0000-4000-8000-000000000001",
}
# What must agree with another field, or with the world.
KNOWN: dict[str, JsonValue] = {
    "zone": "Europe/Berlin",
    "end": "2027-11-22T10:00:00Z",
    "until": "2027-11-22T10:00:00Z",
    "max_until": "2027-11-22T10:00:00Z",
    "case": "order/x-1",
    "weekly": {"mon": [["08:00", "17:00"]]},
    "closures": [],
    "region": "DE-BY",
    "always": False,
    "opens": [],
    "digest": "ab" * 32,
}
NAME = "x-1"
Schema = dict[str, JsonValue]
_SCHEMAS: dict[object, Schema] = {}


def sample(kind: type[T], n: int = 0, /, **fields: JsonValue) -> T:
    schema = _SCHEMAS.get(kind)
    if schema is None:
        schema = _SCHEMAS.setdefault(kind, TypeAdapter(kind).json_schema())
    made = _Sampled(cast(Schema, schema.get("$defs", {})), n).of(schema)
    return TypeAdapter(kind).validate_python(made | fields if isinstance(made, dict) else made)


class _Sampled:
    def __init__(self, known: Schema, n: int) -> None:
        self._known = known
        self._n = n

    def of(self, schema: Schema) -> JsonValue:
        if "$ref" in schema:
            return self.of(cast(Schema, self._known[f"{schema['$ref']}".rpartition("/")[2]]))
        if "const" in schema:
            return schema["const"]
        for choices in ("enum", "oneOf", "anyOf"):
            if choices in schema:
                return self._one_of(cast(list[JsonValue], schema[choices]), is_value=choices == "enum")
        return self._plain(schema)

    def _one_of(self, choices: list[JsonValue], *, is_value: bool) -> JsonValue:
        real = choices if is_value else [one for one in choices if one != {"type": "null"}]
        # A decimal may be written as a text too.
        real = [one for one in real if isinstance(one, dict) and one.get("type") == "number"] or real
        chosen = real[self._n % len(real)]
        return chosen if is_value else self.of(cast(Schema, chosen))

    def _plain(self, schema: Schema) -> JsonValue:
        match schema.get("type"):
            case "object":
                return self._object(schema)
            case "array":
                items = schema.get("items", schema.get("prefixItems"))
                parts = items if isinstance(items, list) else [items] if isinstance(items, dict) else []
                return [self.of(cast(Schema, part)) for part in parts]
            case "integer" | "number":
                return schema.get("minimum", 1)
            case "boolean":
                return self._n % 2 == 0
        return WRITTEN.get(f"{schema.get('format')}", NAME)

    def _object(self, schema: Schema) -> JsonValue:
        fields = cast(dict[str, Schema], schema.get("properties", {}))
        if not fields and isinstance(rest := schema.get("additionalProperties"), dict):
            keys = schema.get("propertyNames")
            return {f"{self.of(keys)}" if isinstance(keys, dict) else NAME: self.of(rest)}
        return {name: KNOWN[name] if name in KNOWN else self.of(field) for name, field in fields.items()}
