"""Forms made from the types of what is said: their fields, what was typed into them, and what is wrong with it."""

import re
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AwareDatetime, BaseModel, JsonValue, StringConstraints, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from starlette.datastructures import FormData

from api.gate.bodies import unwritable
from api.problems import problems_in
from documents.wording import sentence
from domain.people import Language
from domain.refusals import Problem
from domain.times import AmbiguousLocalTime, NoSuchLocalTime, local_instant

# What belongs to the form and not to what is said: its own name, and the case as it was when it was shown.
KEY, SEQ = "key", "seq"
LONGEST_LINE = 200
_WHOLE = re.compile(r"-?\d{1,9}", re.ASCII)
# Of lists of things so many can be typed without a script; of longer ones, machines write the rest.
EMPTY_ROWS = 3


class Control(StrEnum):
    LINE = "line"
    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    YES = "yes"
    CHOICE = "choice"
    MOMENT = "moment"
    DAY = "day"
    LINES = "lines"
    TICKS = "ticks"
    GROUP = "group"
    ROWS = "rows"
    FILE = "file"


Options = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class FieldShape:
    """`name` is the whole way to it, with dots; `options` are values with what people call them."""

    name: str
    control: Control
    is_needed: bool = False
    start: str = ""
    options: Options = ()
    longest: int = LONGEST_LINE
    parts: tuple["FieldShape", ...] = ()
    # What is ticked to begin with.
    ticked: frozenset[str] = frozenset()
    # Where the name of the field says too little.
    words: str = ""
    # Asked at once, though it can be left out: without it the next one waits for somebody.
    is_usual: bool = False
    # Part of something that can be left out as a whole: without it, the form may still be sent.
    is_within_optional: bool = False

    @property
    def is_required(self) -> bool:
        """Whether a browser may insist on it."""
        return self.is_needed and not self.is_within_optional

    @property
    def last(self) -> str:
        return self.name.rpartition(".")[2]

    @property
    def at(self) -> str:
        return "/" + self.name.replace(".", "/")

    def is_about(self, at: str) -> bool:
        several = self.control in (Control.LINES, Control.TICKS)
        return at == self.at or (several and at.startswith(f"{self.at}/"))

    def row(self, number: int) -> tuple["FieldShape", ...]:
        return tuple(part.below(f"{self.name}.{number}") for part in self.parts)

    def below(self, place: str) -> "FieldShape":
        name = f"{place}.{self.last}"
        return replace(self, name=name, parts=tuple(part.below(name) for part in self.parts))

    def optional(self) -> "FieldShape":
        return replace(self, is_within_optional=True, parts=tuple(part.optional() for part in self.parts))

    def offering(self, options: Iterable[tuple[str, str]], start: str = "") -> "FieldShape":
        return replace(self, control=Control.CHOICE, options=tuple(options), start=start or self.start)

    def ticking(self, options: Iterable[tuple[str, str]]) -> "FieldShape":
        offered = tuple(options)
        return replace(self, control=Control.TICKS, options=offered, ticked=frozenset(value for value, _ in offered))


@dataclass(frozen=True)
class PageForm:
    """One form as it is shown. `problems` are sentences by the place in what was said that they are about."""

    address: str
    command: str
    key: str
    seq: int
    shapes: tuple[FieldShape, ...]
    typed: Mapping[str, Sequence[str]] | None = None
    problems: Mapping[str, Sequence[str]] = field(default_factory=dict)
    # In which list of words the command is called by its name.
    noun: str = "command"
    # Or what the pages themselves call it.
    says: str = ""

    def value(self, shape: FieldShape) -> str:
        if self.typed is None:
            return shape.start
        return next(iter(self.typed.get(shape.name, ())), "")

    def is_ticked(self, shape: FieldShape, value: str) -> bool:
        return value in (shape.ticked if self.typed is None else self.typed.get(shape.name, ()))

    def complaints(self, shape: FieldShape) -> Sequence[str]:
        """Of what is typed in one field, be it one thing or several, line by line."""
        return [text for at, texts in self.problems.items() if shape.is_about(at) for text in texts]

    def refused(self, problems: Iterable[Problem], language: Language) -> "PageForm":
        said: dict[str, list[str]] = {}
        for problem in problems:
            # What was typed there and cannot be taken is not missing as well.
            if problem.code == "missing" and problem.at in said:
                continue
            said.setdefault(problem.at, []).append(sentence(problem, language))
        return replace(self, problems=said)

    @property
    def others(self) -> Sequence[str]:
        """What is wrong and stands beside no field."""
        shapes = [*flat(self.shapes), *(shape for shape in self.shapes if shape.parts)]
        left = [at for at in self.problems if not any(shape.is_about(at) for shape in shapes)]
        return [text for at in left for text in self.problems[at]]


def shapes_of(kind: type[BaseModel], leaving_out: Iterable[str] = ()) -> tuple[FieldShape, ...]:
    left = {"type", *leaving_out}
    return tuple(_shape(name, info) for name, info in kind.model_fields.items() if name not in left)


def flat(shapes: Iterable[FieldShape]) -> Iterator[FieldShape]:
    """Every single field, with those of each row."""
    for shape in shapes:
        if shape.control == Control.GROUP:
            yield from flat(shape.parts)
        elif shape.control == Control.ROWS:
            for number in range(EMPTY_ROWS):
                yield from flat(shape.row(number))
        else:
            yield shape


def _shape(name: str, info: FieldInfo) -> FieldShape:
    kind, rules = _core(info.annotation, list(info.metadata))
    start = "" if info.is_required() or info.default is None else _written(info.default)
    made = FieldShape(name, Control.LINE, is_needed=info.is_required(), start=start)
    if get_origin(kind) in (Literal, types.UnionType, Union) or (isinstance(kind, type) and issubclass(kind, StrEnum)):
        values = [f"{one}" for one in (get_args(kind) or kind)]
        return replace(made, control=Control.CHOICE, options=tuple((value, value) for value in values))
    if get_origin(kind) is tuple:
        return _several(made, get_args(kind)[0])
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        parts = tuple(part.below(name) for part in shapes_of(kind))
        whole = replace(made, control=Control.GROUP, parts=parts, start="")
        return whole if made.is_needed else whole.optional()
    for simple, control in _SIMPLE.items():
        if kind is simple:
            return replace(made, control=control)
    longest = max((rule.max_length or 0 for rule in rules if isinstance(rule, StringConstraints)), default=0)
    is_long = longest > LONGEST_LINE
    return replace(made, control=Control.TEXT if is_long else Control.LINE, longest=longest or LONGEST_LINE)


_SIMPLE = {bool: Control.YES, int: Control.NUMBER, Decimal: Control.MONEY, AwareDatetime: Control.MOMENT}


def _several(made: FieldShape, element: object) -> FieldShape:
    kind, _ = _core(element, [])
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return replace(made, control=Control.ROWS, parts=shapes_of(kind), start="").optional()
    return replace(made, control=Control.LINES, start="")


def _core(annotation: Any, rules: list[Any]) -> tuple[Any, list[Any]]:  # noqa: ANN401  # types are looked at as they come
    """The type itself, without what is said of it and without None."""
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return _core(inner, [*rules, *more])
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [one for one in get_args(annotation) if one is not type(None)]
        return _core(rest[0], rules) if len(rest) == 1 else (annotation, rules)
    return annotation, rules


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return "" if isinstance(value, tuple) else f"{value}"


def typed_in(form: FormData) -> dict[str, list[str]]:
    typed: dict[str, list[str]] = {}
    for name, part in form.multi_items():
        typed.setdefault(name, []).append(part if isinstance(part, str) else "")
    return typed


def said_in(
    typed: Mapping[str, Sequence[str]], shapes: Sequence[FieldShape], zone: str
) -> tuple[dict[str, JsonValue], list[Problem]]:
    """What was typed, as the body of a request would say it; and what cannot be said so."""
    controls = {shape.name: shape.control for shape in flat(shapes)}
    problems = [
        Problem(code="form_part_unknown", at=f"/{name[:100]}", values={"name": name[:100]})
        for name in typed.keys() - controls.keys() - {KEY, SEQ}
    ]
    problems += [
        Problem(code="form_value_twice", at=f"/{name.replace('.', '/')[:100]}")
        for name, values in typed.items()
        if len(values) > 1 and controls.get(name) != Control.TICKS
    ]
    reading = _Reading(typed, zone, problems)
    body = reading.group(shapes)
    problems += unwritable(body)
    return body, problems


def checked(kind: Any, body: JsonValue) -> tuple[Any, list[Problem]]:  # noqa: ANN401  # of the kind that was asked for
    try:
        return TypeAdapter(kind).validate_python(body), []
    except ValidationError as error:
        return None, problems_in([{**one, "loc": ("body", *one["loc"])} for one in error.errors()], body)


@dataclass(frozen=True)
class _Reading:
    typed: Mapping[str, Sequence[str]]
    zone: str
    problems: list[Problem]

    def group(self, shapes: Iterable[FieldShape]) -> dict[str, JsonValue]:
        said = {shape.last: self.value(shape) for shape in shapes}
        return {name: value for name, value in said.items() if value is not None}

    def value(self, shape: FieldShape) -> JsonValue:
        text = next(iter(self.typed.get(shape.name, ())), "").strip()
        several = {Control.GROUP: self._group, Control.ROWS: self._rows, Control.TICKS: self._ticks}
        if shape.control in several:
            return several[shape.control](shape)
        if shape.control == Control.MOMENT:
            return self._moment(shape, text)
        return _single(shape.control, text)

    def _group(self, shape: FieldShape) -> JsonValue:
        return self.group(shape.parts) or None

    def _ticks(self, shape: FieldShape) -> JsonValue:
        return list(self.typed.get(shape.name, ()))

    def _rows(self, shape: FieldShape) -> JsonValue:
        rows = [self.group(shape.row(number)) for number in range(EMPTY_ROWS)]
        starts = {part.last for part in shape.parts if part.start}
        # A row in which nothing stands but what stood there before is empty.
        return [row for row in rows if row.keys() - starts] or None

    def _moment(self, shape: FieldShape, text: str) -> JsonValue:
        if not text:
            return None
        try:
            typed = datetime.fromisoformat(text)
            return (typed if typed.tzinfo else local_instant(typed, self.zone)).isoformat()
        except (NoSuchLocalTime, AmbiguousLocalTime) as error:
            code = "local_time_skipped" if isinstance(error, NoSuchLocalTime) else "local_time_twice"
            self.problems.append(Problem(code=code, at=shape.at, values={"zone": self.zone}))
            return None
        except OverflowError:
            # At the ends of the era no offset can be reckoned with; the year is refused all the same.
            return f"{text}Z"
        except ValueError:
            return text


def _single(control: Control, text: str) -> JsonValue:
    """What is no value of its kind goes on as it was typed: the type says what is wrong with it."""
    match control:
        case Control.YES:
            return bool(text)
        case Control.LINES:
            return [line.strip() for line in text.splitlines() if line.strip()] or None
        case Control.NUMBER if _WHOLE.fullmatch(text):
            return int(text)
        case Control.MONEY:
            return text.replace(",", ".") or None
    return text or None
