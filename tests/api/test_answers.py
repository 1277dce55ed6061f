"""Answers are domain types: a row of a table in one would publish columns nobody has promised."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel
from sqlmodel import SQLModel

from api.app import create_app
from settings import Settings


def _types(annotation: Any) -> Iterator[type]:  # noqa: ANN401  # whatever stands in an annotation
    """All classes that stand in it, however deep, those in the fields of models too."""
    waiting, seen = [annotation], set()
    while waiting:
        one = waiting.pop()
        waiting += get_args(one)
        if isinstance(one, type) and one not in seen:
            seen.add(one)
            yield one
            if issubclass(one, BaseModel):
                waiting += [field.annotation for field in one.model_fields.values()]
                waiting += [field.return_type for field in one.model_computed_fields.values()]
                waiting += [base for base in one.__mro__[1:] if issubclass(base, BaseModel)]


def _answers() -> Iterator[tuple[str, object]]:
    for context in iter_route_contexts(create_app(Settings()).routes):
        route = getattr(context, "route", context)
        if isinstance(route, APIRoute):
            models = [route.response_model, *(other.get("model") for other in route.responses.values())]
            name = f"{', '.join(sorted(route.methods or ()))} {route.path}"
            yield from ((name, model) for model in models if model is not None)


@pytest.mark.parametrize("model", [pytest.param(model, id=name) for name, model in _answers()])
def test_no_answer_holds_a_row_of_a_table(model: object) -> None:
    assert [one.__name__ for one in _types(model) if issubclass(one, SQLModel)] == []


def test_rows_are_found_where_they_hide() -> None:
    class Row(SQLModel):
        no: int

    class Hiding(BaseModel):
        rows: dict[str, tuple[Row | None, ...]]

    assert Row in _types(list[Hiding])
    assert len(list(_answers())) > 80
