"""`imac order waste`, `imac order declare` and `imac waste report`: what leaves as waste, by weight and code."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number
from pydantic import JsonValue
from rich.console import RenderableType

from cli.asking import ASKING, Asking
from cli.cases import Several, Why
from cli.contracts.matrix import write
from cli.errors import CliError, Exit
from cli.http import parsed, path
from cli.orders.commands import StepOption
from cli.orders.order import ORDERS, OrderNo, counted
from cli.tables import filled, stacked, table
from cli.words import heading, phrase
from documents.waste_lists import kilograms
from documents.wording import word
from domain.assets.waste import Battery, WasteCode
from domain.orders.waste import WasteLine, WasteReport
from domain.people import Language

# Beyond that nobody reads a terminal.
MOST = 50


async def order_waste(no: OrderNo, /, *, asking: Asking = ASKING) -> None:
    """List what of an order leaves as waste: as declared, or the code that is proposed and why."""
    async with asking.api() as api:
        answer = await api.get(path("orders", no, "waste"))
    asking.show(answer, lambda: items(parsed(tuple[WasteLine, ...], answer), asking.language))


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class WasteOptions:
    item: Annotated[tuple[str, ...], Several]
    "Items of one kind, as SERIAL:GRAMS (tag if there is no serial)."
    battery: Battery
    "Where the battery is."
    code: str | None = None
    "Waste code; defaults to the proposed one. Any other needs a reason."
    by_model: Annotated[bool, Parameter(negative="")] = False
    "The weight is what the model weighs; without this it was weighed."


async def declare(
    no: OrderNo, /, *, waste: WasteOptions, step: StepOption = None, reason: Why = None, asking: Asking = ASKING
) -> None:
    """Declare as what items leave: weight, battery and waste code. Declared again, the last word counts."""
    async with asking.api() as api:
        lines = parsed(tuple[WasteLine, ...], await api.get(path("orders", no, "waste")))
        proposed = {line.serial or line.tag: line.proposals[waste.battery].code for line in lines}
        told: list[JsonValue] = []
        for written in waste.item:
            serial, grams = counted(written)
            if serial == written:
                raise CliError("weight_missing", Exit.USAGE, item=written)
            # Whoever is not in the order is refused with everything else.
            code = waste.code or proposed.get(serial, WasteCode.DEVICE)
            said: dict[str, JsonValue] = {"serial": serial, "grams": grams, "code": code}
            told.append(said | {"battery": waste.battery, "weighed": not waste.by_model})
        await ORDERS.give(asking, api, no, "declare_waste", step=step, reason=reason, items=told)


async def report(
    *,
    customer: str,
    year: Annotated[int, Parameter(validator=Number(gte=1990))],
    out: Path | None = None,
    asking: Asking = ASKING,
) -> None:
    """Report what left a customer's sites as waste in one calendar year: the weight by code, and every item.

    Parameters
    ----------
    customer
        Owner of what left.
    year
        Calendar year, by the clock at the sites.
    out
        Save every item as CSV.
    """
    query = {"customer": customer, "year": f"{year}"}
    if out is None:
        async with asking.api() as api:
            answer = await api.get(path("waste"), query)
        asking.show(answer, lambda: picture(parsed(WasteReport, answer), asking.language))
        return
    async with asking.api() as api:
        answer = await api.get(path("waste.csv"), query | {"lang": asking.language})
    write(out, answer.content)
    if not asking.json:
        asking.console.print(f"{out}", markup=False)


def picture(made: WasteReport, language: Language) -> RenderableType:
    totals = (
        (one.code, word("waste_code", one.code, language), one.items, kilograms(one.grams, language))
        for one in made.totals
    )
    shown = filled(table(language, "waste_code", "description", ">count", ">kilograms"), totals)
    shown.add_section()
    filled(shown, [("", "", len(made.lines) - made.undeclared, kilograms(made.grams, language))])
    parts: list[RenderableType] = [shown, items(made.lines[:MOST], language)]
    if len(made.lines) > MOST:
        parts.append(f"… {len(made.lines) - MOST} {heading('more_lines', language)}")
    if made.undeclared:
        parts.append(phrase("waste_undeclared", language, count=made.undeclared))
    return stacked(*parts)


def items(lines: Iterable[WasteLine], language: Language) -> RenderableType:
    columns = ("order", "asset", "serial", "model", "waste_code", ">kilograms", "battery", "left_on", "reason")
    return filled(table(language, *columns), (_item(line, language) for line in lines))


def _item(line: WasteLine, language: Language) -> tuple[object, ...]:
    proposal = line.proposals[line.battery or Battery.NONE]
    left = f"{line.left_at:%Y-%m-%d}" if line.left_at else ""
    if line.code is None:
        why = word("waste_reason", proposal.reason, language)
        return line.order, line.tag, line.serial or "", line.model or "", f"({proposal.code})", "", "", left, why
    battery = word("battery", line.battery or Battery.NONE, language)
    weight = f"{kilograms(line.grams, language)}{'' if line.weighed else ' *'}"
    return (
        line.order,
        line.tag,
        line.serial or "",
        line.model or "",
        line.code,
        weight,
        battery,
        left,
        line.reason or "",
    )
