"""What every value of the domain shares: it is frozen, knows its fields and nothing beside them."""

import re
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, GetCoreSchemaHandler, StringConstraints
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError, core_schema
from pydantic_core.core_schema import ErrorType

T = TypeVar("T")

# Kinds of value that Python makes of others: true is 1 to it, "1" too, and 1 is a second of 1970.
_EXACT = ("int", "bool", "float")
_WRITTEN: Mapping[str, ErrorType] = {
    "datetime": "datetime_type",
    "date": "date_type",
    "time": "time_type",
    "timedelta": "time_delta_type",
}
_NUMBER = re.compile(r"\s*[+-]?[0-9_.]+\s*")
# Keys of mappings are not among them: they are texts in JSON, whatever they say.
_BELOW = ("schema", "fields", "choices", "items_schema", "values_schema", "steps", "lax_schema", "python_schema")


class Exact:
    """For models that are sent to us: what has been read already is what the OpenAPI document says, or refused.

    What is still a text, as `validate_json` reads it, may be our own from long ago, or a file in which people have
    written numbers and yes and no in their own words.
    """

    takes_texts: ClassVar[bool] = False

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        if cls.takes_texts:
            return schema
        own: dict[str, Any] = dict(handler.resolve_ref_schema(schema))
        while own["type"] != "model":
            own = own["schema"]
        _make_exact(own["schema"])
        return schema


def _make_exact(schema: dict[str, Any]) -> None:
    """Models within have been here themselves, and so has this one where another has it as a field."""
    kind = schema["type"]
    if kind == "json-or-python" and schema["json_schema"]["type"] in (*_EXACT, *_WRITTEN):
        return
    if kind in _EXACT or kind in _WRITTEN:
        inner: Any = dict(schema)
        schema.clear()
        schema.update(core_schema.json_or_python_schema(inner, _exactly(kind, inner)))
    elif kind != "model":
        for below in (below for name in _BELOW for below in _several(schema.get(name, ()))):
            _make_exact(below)


def _several(found: Any) -> Iterable[dict[str, Any]]:  # noqa: ANN401  # one schema, many, or many with names
    if isinstance(found, dict):
        return (found,) if isinstance(found.get("type"), str) else found.values()
    return (below[0] if isinstance(below, tuple) else below for below in found)


def _exactly(kind: str, schema: Any) -> CoreSchema:  # noqa: ANN401  # of one of the kinds above
    if kind in _WRITTEN:
        return core_schema.no_info_before_validator_function(partial(_no_number, _WRITTEN[kind]), schema)
    exact: CoreSchema = schema | {"strict": True}
    return exact


def _no_number(code: ErrorType, given: object) -> object:
    if isinstance(given, int | float) or (isinstance(given, str) and _NUMBER.fullmatch(given)):
        raise PydanticKnownError(code)
    return given


class Value(Exact, BaseModel):
    """Immutable; unknown fields are refused, so a typo in a contract or a request is found at once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def but(self, **changes: object) -> Self:
        """The same value with some fields changed. Changes are not validated: they come from our own rules."""
        return self.model_copy(update=changes)


# The categories Cc, Zl, Zp and Cs, as one look at a whole text: a megabyte of it must not take a breath.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_CONTROL_IN_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def in_one_line(text: str) -> str:
    if _CONTROL.search(text):
        raise PydanticCustomError("not_one_line", "control characters and line breaks are not allowed")
    return text


def printable(text: str) -> str:
    if _CONTROL_IN_TEXT.search(text):
        raise PydanticCustomError("not_printable", "control characters are not allowed")
    return text


def clean(text: str, most: int) -> str:
    """A foreign text as one line of ours: no control characters, no longer than this."""
    return " ".join(_CONTROL.sub(" ", text).split())[:most].rstrip()


# Ids end up in workflow ids, file names and URLs: a narrow alphabet, and no personal data in them.
Slug = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", max_length=64)]
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(in_one_line)
]
# As other sources write it: kept as it is, only not without end.
ShortText = Annotated[str, Field(max_length=500)]
Address = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(in_one_line)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000), AfterValidator(printable)]
SaidText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000), AfterValidator(printable)
]
AssetTag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._/-]{0,63}$", max_length=64)]
EmailAddress = Annotated[
    str, StringConstraints(pattern=r"^[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,190}$", max_length=255)
]
# Whatever somebody sends has an end. What only we write may be as long as it comes to be.
Few = Annotated[tuple[T, ...], Field(max_length=50)]
Hundreds = Annotated[tuple[T, ...], Field(max_length=500)]
# Thousands are written by machines: where one entry is wrong, all of them are.
Thousands = Annotated[tuple[T, ...], Field(max_length=5_000, fail_fast=True)]
# Keys of a closed set, each at most once.
PER_CHOICE = 50
