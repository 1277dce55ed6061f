"""Documents to be rated, as JSON or YAML files."""

from collections.abc import Iterator, Sequence

from pydantic import JsonValue, ValidationError
from pydantic_core import ErrorDetails, from_json, to_json

from connectors.yaml_files import read_yaml
from domain.billing.agreement import Simulation
from domain.refusals import Problem, Unacceptable

MOST_BYTES = 20_000_000
MOST_SHOWN = 100


def read_simulation(content: bytes) -> Simulation:
    """Raises `Unacceptable` naming every field that is wrong, the first hundred of them."""
    if len(content) > MOST_BYTES:
        raise Unacceptable(Problem(code="file_too_large", values={"limit": f"{MOST_BYTES}"}))
    data = _json(content) if content.lstrip()[:1] == b"{" else read_yaml(content)
    try:
        return Simulation.model_validate_json(to_json(data))
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
    """Without the kinds of fact that stand in it: they are no fields."""
    place, here = "", data
    for step in location:
        if isinstance(here, dict):
            if step not in here and here.get("type") == step:
                continue
            here = here.get(f"{step}")
        elif isinstance(here, list) and isinstance(step, int) and step < len(here):
            here = here[step]
        place += f"/{step}"
    return place
