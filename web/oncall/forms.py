"""Forms for stand-ins and swaps, made from what the API takes; two shifts are chosen among those that are coming."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from pydantic import JsonValue

from connectors.holidays import dated
from db.contracts import list_people
from db.engine import Database
from documents.wording import word
from domain.oncall.layer_swaps import LayerSwap
from domain.oncall.rota import Override, Rota, Swap
from domain.oncall.rota_changes import LOOKED_AHEAD
from domain.oncall.rota_checks import people_named
from domain.oncall.shifts import DutyStretch, Layer
from domain.values import Value
from web.forms import Control, FieldShape, shapes_of
from web.moments import local, moment
from web.order_forms import Choices
from web.order_sheets import names_of
from web.session import Reader
from web.words import say

# Of more people a list helps nobody: then the name is typed.
MOST_OFFERED = 300


class ShiftChange(StrEnum):
    """As the API calls them; ending a stand-in says nothing but its address."""

    OVERRIDES = "overrides"
    SWAPS = "swaps"
    LAYER_SWAPS = "layer-swaps"
    ENDING = "ending"


KINDS: Mapping[ShiftChange, type[Value]] = {
    ShiftChange.OVERRIDES: Override,
    ShiftChange.SWAPS: Swap,
    ShiftChange.LAYER_SWAPS: LayerSwap,
    ShiftChange.ENDING: Value,
}


def ending_of(override: Override) -> str:
    """Where a stand-in is ended, below its rota."""
    start = override.start.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return f"{ShiftChange.OVERRIDES}/{override.layer}/{start}"


@dataclass(frozen=True)
class RotaForms:
    """`choices` knows everybody who can be on call by this rota."""

    rota: Rota
    now: datetime
    people: Sequence[str]
    choices: Choices

    def shapes(self, change: ShiftChange) -> tuple[FieldShape, ...]:
        if change == ShiftChange.SWAPS:
            return tuple(self._shifts())
        return tuple(self._fitted(shape) for shape in shapes_of(KINDS[change]))

    def _fitted(self, shape: FieldShape) -> FieldShape:
        match shape.name:
            case "layer":
                layers = [(f"{layer}", word("rota_layer", layer, self.choices.language)) for layer in Layer]
                return shape.offering(layers)
            case "person" | "primary" if len(self.people) <= MOST_OFFERED:
                return shape.offering(self.choices.person(person) for person in self._by_name(shape.name))
            case "start" if shape.is_needed:
                return replace(shape, start=f"{self._next_hour():%Y-%m-%dT%H:%M}")
            case _:
                return shape

    def _by_name(self, field: str) -> list[str]:
        people = sorted(self.people, key=lambda person: self.choices.person(person)[1])
        backup = dated(self.rota, self.now).on_call_at(self.now).backup
        # Who becomes the first is nearly always the second of today.
        return sorted(people, key=lambda person: person != backup) if field == "primary" else people

    def _next_hour(self) -> datetime:
        return (local(self.now, self.rota.zone) + timedelta(hours=1)).replace(minute=0)

    def _shifts(self) -> Iterator[FieldShape]:
        options = [(_as_option(turn), self._named(turn)) for turn in _turns(dated(self.rota, self.now), self.now)]
        for side in ("first", "second"):
            words = say("swap_first" if side == "first" else "swap_second", self.choices.language)
            made = FieldShape(side, Control.LINE, is_needed=True, words=words)
            yield made.offering(options)

    def _named(self, turn: DutyStretch) -> str:
        zone, language = self.rota.zone, self.choices.language
        start, end = (moment(at, zone, language, self.now) for at in (turn.start, turn.end))
        layer = word("rota_layer", turn.layer, language)
        return f"{self.choices.person(turn.person or '')[1]}, {start} – {end}, {layer}"


def _turns(rota: Rota, now: datetime) -> list[DutyStretch]:
    """The coming shifts as they can be swapped: without stand-ins, a week of nights as one."""
    found: dict[tuple[Layer, str | None, datetime | None], DutyStretch] = {}
    for one in rota.but(overrides=()).manned(now, now + LOOKED_AHEAD):
        known = found.setdefault((one.layer, one.person, one.handed_over), one)
        found[one.layer, one.person, one.handed_over] = known._replace(end=max(known.end, one.end))
    return sorted(found.values(), key=lambda one: (one.start, one.layer))


def _as_option(turn: DutyStretch) -> str:
    return f"{turn.layer}|{turn.person}|{turn.start.isoformat()}"


def turn_said(option: str) -> JsonValue:
    """The shift that was chosen, as the API names it."""
    layer, _, rest = option.partition("|")
    person, _, at = rest.partition("|")
    return {"layer": layer, "person": person, "at": at}


async def rota_forms(rota: Rota, now: datetime, reader: Reader, database: Database) -> RotaForms:
    """With the people whom a rota of this customer may name, as far as the reader sees them."""
    async with database.reading() as session:
        seen = await list_people(session, reader.key.customers)
    people = {person.id for person in seen if person.customer in (None, rota.customer)}
    people |= set(people_named(rota).values())
    names = await names_of(people, reader, database)
    return RotaForms(rota, now, sorted(people), Choices(names, reader.look.language))
