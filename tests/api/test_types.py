"""What is no whole number, no yes or no, no time: Python would make one of it, a request is refused at its place."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from pydantic import JsonValue

from domain.people import Role
from tests.api.bodies import Maker, Schema, operations
from tests.api.house import House, body

# By JSON's type or its format in the document: what is something else, however much it looks like it.
OTHERS: dict[str, tuple[JsonValue, ...]] = {
    "integer": (True, "1", 1.5, "1_0"),
    "number": (True,),
    "boolean": (0, 1, "true", "no"),
    "date-time": (1800000000, "1800000000", True),
    "date": (1767225600, True),
    "time": (3600, True),
    "duration": (3600, True),
}
Build = Callable[[JsonValue], JsonValue]


@dataclass(frozen=True)
class Trial:
    """A place that takes one kind of value, and how a body is made that has another there."""

    at: str
    kind: str
    build: Build


class Trials:
    """Every place of every model, each within the smallest body of its own kind."""

    def __init__(self, document: Schema) -> None:
        self._maker = Maker(document)
        self._known: set[str] = set()

    def of(self, schema: Schema, build: Build, at: str = "") -> Iterator[Trial]:
        name = schema.get("$ref", "")
        if name in self._known:
            return
        self._known |= {name} - {""}
        found = self._maker.plain(schema)
        options = [option for choice in ("oneOf", "anyOf") for option in found.get(choice, ())]
        if options:
            plain = [self._maker.plain(option) for option in options]
            is_text = any(option.get("type") == "string" and option.get("format") not in OTHERS for option in plain)
            kinds = [
                option
                for option in options
                if not (is_text and self._maker.plain(option).get("type") in ("number", "integer"))
            ]
            for option in kinds:
                yield from self.of(option, build, at)
            if len(kinds) < len(options):
                yield Trial(at, "number", build)
            return
        kind = str(found["format"] if found.get("format") in OTHERS else found.get("type"))
        yield Trial(at, kind, build)
        yield from self._within(found, build, at)

    def _within(self, found: Schema, build: Build, at: str) -> Iterator[Trial]:
        around = self._maker.smallest(found)
        inner = around if isinstance(around, dict) else {}
        fixed = {name: below["const"] for name, below in found.get("properties", {}).items() if "const" in below}
        for name, below in found.get("properties", {}).items():
            yield from self.of(below, partial(_as_field, build, inner | fixed, name), f"{at}/{name}")
        for place, below in enumerate(found.get("prefixItems", ())):
            others = list(around) if isinstance(around, list) else []
            yield from self.of(below, partial(_as_item, build, others, place), f"{at}/{place}")
        if isinstance(found.get("items"), dict):
            yield from self.of(found["items"], lambda value: build([value]), f"{at}/0")
        if isinstance(found.get("additionalProperties"), dict):
            yield from self.of(found["additionalProperties"], lambda value: build({"x1": value}), f"{at}/x1")


def _as_field(build: Build, around: dict[str, JsonValue], name: str, value: JsonValue) -> JsonValue:
    return build({**around, name: value})


def _as_item(build: Build, others: list[JsonValue], place: int, value: JsonValue) -> JsonValue:
    return build([*others[:place], value, *others[place + 1 :]])


async def test_nothing_is_taken_for_a_number_a_time_or_a_yes_that_is_none(cut_off: House) -> None:
    admin, approver = await cut_off.caller(Role.ADMIN, "admin"), await cut_off.caller(Role.APPROVER, "p-vogel")
    document = cut_off.app.openapi()
    trials, taken, number = Trials(document), set(), 0

    for operation in operations(document):
        for trial in trials.of(operation.schema, lambda value: value):
            for other in OTHERS.get(trial.kind, ()):
                number += 1
                caller = approver if operation.name == "approvePlan" else admin
                answer = await caller.request(
                    operation.method, operation.url, json=trial.build(other), headers={"Idempotency-Key": "k1"}
                )

                is_read = answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
                faults = [fault["at"] for fault in body(answer)["errors"]] if is_read else []
                if not any(at.startswith(trial.at) for at in faults):
                    taken.add((operation.name, trial.at, repr(other), int(answer.status_code), *faults))

    assert number > 400
    assert not taken, "\n".join(map(str, sorted(taken)))


# What no kind of value is called by people, in whichever language they speak.
OURS = re.compile(r"\b(None|NoneType|dict|tuple|str|int|instance|Input|Value error|[A-Z][a-z]+[A-Z][A-Za-z]+)\b")
WRONG: tuple[JsonValue, ...] = (None, 5, [5], {"type": None}, {"type": 5}, {"type": "nobody"}, "?")


async def test_no_message_names_a_type_of_ours(cut_off: House) -> None:
    admin = await cut_off.caller(Role.ADMIN, "admin")
    document = cut_off.app.openapi()
    trials, said, number = Trials(document), set(), 0

    for operation in operations(document):
        for trial in trials.of(operation.schema, lambda value: value):
            for wrong in WRONG:
                number += 1
                answer = await admin.request(
                    operation.method,
                    operation.url,
                    json=trial.build(wrong),
                    headers={"Idempotency-Key": "k1", "Accept-Language": ("de", "en")[number % 2]},
                )

                faults = body(answer).get("errors", ()) if answer.status_code >= HTTPStatus.BAD_REQUEST else ()
                said |= {(trial.at, repr(wrong), one["message"]) for one in faults if OURS.search(one["message"])}

    assert number > 2000
    assert not said, "\n".join(map(str, sorted(said)))
