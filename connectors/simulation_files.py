"""Documents to be worked out, as JSON or YAML files."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from pydantic import BaseModel, JsonValue, ValidationError
from pydantic_core import ErrorDetails, from_json, to_json

from connectors.yaml_files import read_yaml
from domain.billing.agreement import Agreement
from domain.refusals import Problem, Unacceptable

Document = TypeVar("Document", bound=BaseModel)

MOST_BYTES = 20_000_000
MOST_SHOWN = 100
# Kinds between which nothing that was written decides are called so: no field begins with it.
_KIND = "="


def read_simulation(content: bytes, kind: type[Document]) -> Document:
    """Raises `Unacceptable` naming every field that is wrong, the first hundred of them."""
    return as_simulation(read_data(content), kind)


def read_terms(content: bytes) -> Agreement:
    """The contract of such a document, by itself or with the rest of it. Raises as `read_simulation` does."""
    data = read_data(content)
    within = isinstance(data, dict) and isinstance(data.get("contract"), dict)
    return as_simulation(data["contract"] if within and isinstance(data, dict) else data, Agreement)


def read_data(content: bytes) -> JsonValue:
    """What begins with a brace is JSON. Raises `Unacceptable` for what is neither JSON nor YAML, or too much."""
    if len(content) > MOST_BYTES:
        raise Unacceptable(Problem(code="file_too_large", values={"limit": f"{MOST_BYTES}"}))
    return _json(content) if content.lstrip()[:1] == b"{" else read_yaml(content)


def as_simulation(data: JsonValue, kind: type[Document]) -> Document:
    """Raises `Unacceptable` naming every field that is wrong, the first hundred of them."""
    try:
        return kind.model_validate_json(to_json(data))
    except ValidationError as error:
        raise Unacceptable(*_faults(error.errors(include_url=False)[:MOST_SHOWN], data)) from error


def _json(content: bytes) -> JsonValue:
    try:
        read: JsonValue = from_json(content, allow_inf_nan=False)
    except ValueError as error:
        raise Unacceptable(Problem(code="json_invalid", values={"error": f"{error}"})) from error
    return read


def _faults(errors: Sequence[ErrorDetails], data: JsonValue) -> Iterator[Problem]:
    for error in errors:
        values = {name: f"{value}" for name, value in error.get("ctx", {}).items()}
        yield Problem(code=error["type"], at=_place(error["loc"], data), values={"message": error["msg"], **values})


def _place(location: Sequence[str | int], data: JsonValue) -> str:
    """Without the kinds of fact or need that stand in it: they are no fields."""
    place, here = "", data
    for step in location:
        if isinstance(step, str) and step.startswith(_KIND):
            continue
        if isinstance(here, dict):
            if step not in here and here.get("type") == step:
                continue
            here = here.get(f"{step}")
        elif isinstance(here, list) and isinstance(step, int) and step < len(here):
            here = here[step]
        place += f"/{step}"
    return place
