"""As what goods leave: a form with a line for each device, with the code that is proposed for it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pydantic import JsonValue

from documents.wording import word
from domain.assets.waste import Battery, WasteCode
from domain.cases.order_commands import WasteItem
from domain.orders.standing import OrderStanding
from domain.orders.waste import WasteLine, waste_of
from domain.people import Language
from web.forms import Control, FieldShape, shapes_of
from web.words import label, say

ITEMS = "items"
# The code follows from the battery.
_ASKED = ("battery", "code", "grams", "weighed")


def waste_shapes(standing: OrderStanding, language: Language) -> Iterator[FieldShape]:
    """All of them are declared at once: the last word counts."""
    for number, line in enumerate(waste_of(standing.order, standing.progress)):
        name = f"{ITEMS}.{number}"
        shapes = sorted(shapes_of(WasteItem, leaving_out=("serial",)), key=lambda shape: _ASKED.index(shape.name))
        parts = tuple(_part(shape.below(name), line, language) for shape in shapes)
        words = " ".join(part for part in (line.tag, line.model) if part)
        yield FieldShape(name, Control.GROUP, is_needed=True, parts=parts, words=words)


def _part(shape: FieldShape, line: WasteLine, language: Language) -> FieldShape:
    match shape.last:
        case "code":
            proposed = ("", _proposed(line, language))
            codes = ((f"{one}", f"{one} {word('waste_code', one, language)}") for one in WasteCode)
            # What the field of this name is called elsewhere is another thing.
            named = replace(shape, words=say("waste_code", language), is_within_optional=True)
            return named.offering((proposed, *codes), start=line.code or "")
        case "battery":
            # Nobody but who has looked knows it.
            unsaid = () if line.battery else (("", say("none_chosen", language)),)
            known = ((f"{one}", word("battery", one, language)) for one in Battery)
            return shape.offering((*unsaid, *known), start=line.battery or "")
        case "weighed":
            return replace(shape, start="yes" if line.weighed or line.grams is None else "")
        case "grams":
            start = f"{line.grams}" if line.grams else ""
            return replace(shape, start=start, words=label("grams", language))
    return shape


def _proposed(line: WasteLine, language: Language) -> str:
    """What stands for the code where none is chosen: it depends on the battery."""
    inside, without = line.proposals[Battery.INSIDE].code, line.proposals[Battery.NONE].code
    if inside == without:
        return say("as_proposed", language, code=inside)
    return say("as_proposed_by_battery", language, inside=inside, without=without)


def waste_said(standing: OrderStanding, body: Mapping[str, JsonValue]) -> list[JsonValue]:
    """A line for each device, also for one of which nothing was typed: whatever is missing is said beside it."""
    lines = waste_of(standing.order, standing.progress)
    found: list[JsonValue] = []
    for number, line in enumerate(lines):
        typed = body.get(f"{number}")
        item = {"serial": line.serial or line.tag, **(typed if isinstance(typed, dict) else {})}
        if "code" not in item and (battery := item.get("battery")) in list(Battery):
            item["code"] = line.proposals[Battery(f"{battery}")].code
        found.append(item)
    return found
