"""What may be said to a case, mostly sensible: every command there is, filled in by the types of its fields."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from random import Random
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AwareDatetime, BaseModel, ValidationError

from domain.cases.incident_commands import IncidentCommand
from domain.cases.order_commands import Command, CommandBase, Window
from domain.cases.page_commands import PageCommand
from domain.clocks.calendars import Calendar
from domain.places import Place
from tests.world import DESK, NEW_DESK, OFFICE, PEOPLE

Words = Mapping[str, Sequence[str]]
Maker = Callable[["Speaker", str], object]

ROUND_THE_CLOCK = Calendar(zone="Europe/Berlin", always=True)
RARELY = Calendar.model_validate({"zone": "Europe/Berlin", "weekly": {"wed": [["22:00", "02:00"]]}})
CALENDARS = (OFFICE, ROUND_THE_CLOCK, RARELY, OFFICE.model_copy(update={"zone": "America/New_York", "version": 2}))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AHEAD = (timedelta(0), timedelta(seconds=1), HOUR, 5 * HOUR, DAY, 3 * DAY, 20 * DAY, 90 * DAY, 800 * DAY, 20_000 * DAY)
BEFORE = tuple(-span for span in AHEAD[:8])
IN_THE_PAST = frozenset({"started_at", "done_at"})
PEOPLES_IDS = tuple(person.id for person in PEOPLE)


def kinds_of(union: Any) -> tuple[type[CommandBase], ...]:  # noqa: ANN401  # a union has no type of its own
    """The members of a union of commands, and of those in it."""
    match get_origin(union):
        case None:
            return (union,)
        case origin if origin is Annotated:
            return kinds_of(get_args(union)[0])
        case _:
            return tuple(kind for member in get_args(union) for kind in kinds_of(member))


TO_ORDERS, TO_INCIDENTS, TO_PAGES = kinds_of(Command), kinds_of(IncidentCommand), kinds_of(PageCommand)


@dataclass
class Speaker:
    """`words` are what fields of these names may sensibly hold."""

    dice: Random
    now: datetime
    words: Words

    def command(self, kind: type[CommandBase]) -> CommandBase:
        while True:
            try:
                return kind.model_validate(self._fields(kind))
            except ValidationError:
                # Values that do not go together, or too many characters: it is drawn again.
                continue

    def _fields(self, kind: type[BaseModel]) -> dict[str, object]:
        chosen = {
            name: field
            for name, field in kind.model_fields.items()
            if name != "type" and (field.is_required() or self.dice.random() < (0.15 if name == "step" else 0.5))
        }
        return {name: self.value(name, field.annotation) for name, field in chosen.items()}

    def value(self, name: str, kind: Any) -> object:  # noqa: ANN401  # whatever a field may be annotated with
        origin, inside = get_origin(kind), get_args(kind)
        if origin is Annotated:
            return self.value(name, inside[0])
        if origin in (Union, UnionType):
            return self.value(name, self.dice.choice([one for one in inside if one is not NoneType]))
        if origin is not None:
            return self._composed(name, origin, inside)
        if issubclass(kind, Enum):
            return self.dice.choice(list(kind))
        made = MADE.get(kind)
        return made(self, name) if made else kind.model_validate(self._fields(kind))

    def _composed(self, name: str, origin: object, inside: tuple[Any, ...]) -> object:
        if origin is Literal:
            return self.dice.choice(inside)
        return self._several(name, inside[0]) if origin is tuple else {}

    def _several(self, name: str, kind: Any) -> tuple[object, ...]:  # noqa: ANN401
        known = self.words.get(name)
        if known and self.dice.random() < 0.8:
            return tuple(known)
        return tuple(self.value(name, kind) for _ in range(self.dice.randrange(3)))

    def instant(self, name: str) -> datetime:
        """Mostly where it makes sense for the name."""
        past = (name in IN_THE_PAST) != (self.dice.random() < 0.1)
        return self.now + self.dice.choice(BEFORE if past else AHEAD)

    def word(self, name: str) -> str:
        if name == "digest":
            # Of one length and of few letters: chance makes none.
            return f"{self.dice.randrange(3):064x}"
        known = self.words.get(name)
        return self.dice.choice(known) if known and self.dice.random() < 0.9 else f"{name}-{self.dice.randrange(3)}"

    def window(self, name: str) -> Window:
        start = self.instant(name)
        return Window(start=start, end=start + self.dice.choice((HOUR, 2 * HOUR, 12 * HOUR)))

    def truth(self, name: str) -> bool:
        return self.dice.random() < (0.8 if name == "passed" else 0.5)

    @staticmethod
    def one_of(*values: object) -> Maker:
        return lambda speaker, _: speaker.dice.choice(values)


# Who invents a command with another kind of value adds it here; until then its test fails.
MADE: dict[type, Maker] = {
    str: Speaker.word,
    AwareDatetime: Speaker.instant,
    Window: Speaker.window,
    bool: Speaker.truth,
    int: Speaker.one_of(0, 1, 2, 3, 45, 1440),
    Decimal: Speaker.one_of(Decimal("12.50"), Decimal(0)),
    Place: Speaker.one_of(DESK, NEW_DESK),
}
