"""What is taken at its word: once and for all, however many models name it."""

from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from domain.values import Few, Value


class Part(Value):
    minutes: int = 0
    since: datetime | None = None


class Whole(Value):
    parts: Few[Part] = ()


def size(schema: Any) -> int:  # noqa: ANN401  # core schemas are made of mappings and sequences
    below = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list | tuple) else ()
    return 1 + sum(size(one) for one in below)


def test_a_value_does_not_grow_with_the_models_that_name_it() -> None:
    before = size(Part.__pydantic_core_schema__)

    for _ in range(3):
        TypeAdapter(tuple[Whole, dict[str, Part]])

    assert size(Part.__pydantic_core_schema__) == before
