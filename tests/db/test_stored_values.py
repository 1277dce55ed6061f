"""What stands in a table can be read again, and means what it meant: also where it says that there is nothing."""

import ast
import inspect
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, JsonValue

import db
from db.incidents import IncidentRow
from db.oncall.pages import PageRow
from domain.clocks.sla import SERVICE
from domain.contracts.paging import PagingPolicy
from domain.incidents.progress import begin
from domain.values import Value
from tests.domain.oncall.page_samples import PAGE
from tests.world import incident, trouble

NOW = datetime(2026, 11, 29, 21, tzinfo=UTC)
ROOT = Path(db.__file__).parent
UNLIMITED = PagingPolicy().but(acknowledged_minutes=None)
Schema = dict[str, Any]


def written_without_what_is_empty() -> Iterator[tuple[str, type[BaseModel]]]:
    """Where in `db/` a value is written so that nothing stands for None, and of which model it is."""
    for file in sorted(ROOT.rglob("*.py")):
        name = ".".join(file.relative_to(ROOT.parent).with_suffix("").parts)
        for function in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for call in ast.walk(function):
                    if isinstance(call, ast.Call) and any(word.arg == "exclude_none" for word in call.keywords):
                        yield f"{name}:{call.lineno}", _model_of(call, function, name)


def _model_of(call: ast.Call, function: ast.FunctionDef | ast.AsyncFunctionDef, module: str) -> type[BaseModel]:
    """That of the argument it is called on: `async def made(launch: Launch)` … `launch.model_dump_json(…)`."""
    assert isinstance(call.func, ast.Attribute)
    (annotation,) = (one.annotation for one in function.args.args if one.arg == ast.unparse(call.func.value))
    assert annotation is not None
    found = vars(import_module(module))[ast.unparse(annotation)]
    assert inspect.isclass(found)
    assert issubclass(found, BaseModel)
    return found


def lost(model: type[BaseModel]) -> set[str]:
    """Fields of it and of all that it holds in which None differs from what they are when left out."""
    schema = model.model_json_schema()
    kinds = {model.__name__: schema, **schema.get("$defs", {})}
    return {
        f"{kind}.{name}"
        for kind, known in kinds.items()
        for name, field in known.get("properties", {}).items()
        if _may_be_none(field, kinds) and (name in known.get("required", ()) or field.get("default", ...) is not None)
    }


def _may_be_none(field: Schema, kinds: dict[str, Schema]) -> bool:
    if "$ref" in field:
        return _may_be_none(kinds[field["$ref"].rpartition("/")[2]], kinds)
    return field.get("type") == "null" or any(_may_be_none(one, kinds) for one in field.get("anyOf", ()))


class Inner(Value):
    needed: int | None
    usual: int | None = 60
    whatever: JsonValue = 1
    empty: int | None = None


class Outer(Value):
    inner: tuple[Inner, ...] = ()
    other: Inner | None = None


def test_what_would_be_lost_is_found() -> None:
    assert lost(Outer) == {"Inner.needed", "Inner.usual"}


@pytest.mark.parametrize("model", [pytest.param(model, id=where) for where, model in written_without_what_is_empty()])
def test_leaving_out_what_is_empty_changes_nothing(model: type[BaseModel]) -> None:
    assert lost(model) == set()


def test_a_policy_without_a_limit_has_none_when_it_is_read_again() -> None:
    reported = incident(trouble(priority="blocker"), NOW)
    reported = reported.but(terms=reported.terms.but(paging=UNLIMITED))
    page = PAGE.but(policy=UNLIMITED)

    assert IncidentRow.made(reported, begin(reported, SERVICE)).as_incident() == reported
    assert PageRow.made(page).as_page() == page
