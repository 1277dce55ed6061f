"""What of an order leaves our control for good, as waste: when it left, its code and its weight."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from domain.assets.asset import Asset
from domain.assets.waste import Battery, WasteCode, WasteProposal, proposed
from domain.cases.instructions import Instruction
from domain.cases.order_commands import DeclareWaste, WasteItem
from domain.contracts.chains import Custody
from domain.orders.erasures import name_of
from domain.orders.order import Order
from domain.orders.progress import Progress, StepStatus
from domain.people import Actor
from domain.refusals import Problem
from domain.times import Instant, zone
from domain.values import Line, Slug, Text, Value


class WasteLine(Value):
    """One asset. Without `code` nobody has declared it; `proposals` say which it would be, by its battery.

    `grams` are as weighed, or as the model weighs (`weighed` says which).
    """

    order: Slug
    customer: Slug
    tag: Line
    serial: Line | None
    model: Line | None
    code: WasteCode | None = None
    hazardous: bool = False
    grams: int | None = None
    weighed: bool = False
    battery: Battery | None = None
    proposals: dict[Battery, WasteProposal]
    left_at: Instant | None
    declared_by: Actor | None = None
    declared_at: Instant | None = None
    reason: Text | None = None


class WasteTotal(Value):
    code: WasteCode
    hazardous: bool
    items: int
    grams: int


class WasteReport(Value):
    """What left in one calendar year, by the clock at the site. `undeclared` of its lines nobody has declared."""

    customer: Slug
    year: int
    totals: tuple[WasteTotal, ...]
    grams: int
    undeclared: int
    lines: tuple[WasteLine, ...]


def left_at(order: Order, progress: Progress) -> datetime | None:
    """When the goods left our control, confirmed by both sides; None as long as they have not."""
    leaving = {step.id for step in order.chain.steps if isinstance(step, Custody) and step.leaves_control}
    done = (step.closed_at for step in progress.steps if step.id in leaving and step.status == StepStatus.DONE)
    return max((at for at in done if at is not None), default=None)


def waste_of(order: Order, progress: Progress) -> tuple[WasteLine, ...]:
    """One line for each asset; what was declared last counts."""
    declared: dict[str, tuple[Instruction, WasteItem]] = {}
    for given in progress.given:
        if isinstance(given.command, DeclareWaste):
            declared |= {item.serial: (given, item) for item in given.command.items}
    left = left_at(order, progress)
    return tuple(_line(order, asset, left, declared.get(name_of(asset))) for asset in progress.assets)


def declarers(progress: Progress) -> frozenset[str]:
    """Who has said as what the goods leave."""
    return frozenset(given.actor.person for given in progress.given if isinstance(given.command, DeclareWaste))


def waste_problems(assets: Iterable[Asset], command: DeclareWaste) -> Iterator[Problem]:
    known = {name_of(asset): asset for asset in assets}
    seen: set[str] = set()
    if not command.items:
        yield Problem(code="missing", at="/items")
    for number, item in enumerate(command.items):
        at = f"/items/{number}"
        if item.serial not in known:
            yield Problem(code="serial_not_listed", at=f"{at}/serial", values={"serial": item.serial})
        elif item.serial in seen:
            yield Problem(code="serial_listed_twice", at=f"{at}/serial", values={"serial": item.serial})
        elif command.reason is None and item.code != (meant := proposed(known[item.serial], item.battery)).code:
            values = {"serial": item.serial, "code": item.code, "proposed": meant.code, "why": meant.reason}
            yield Problem(code="waste_code_needs_reason", at=f"{at}/code", values=values)
        seen.add(item.serial)


def waste_report(cases: Iterable[tuple[Order, Progress]], customer: str, year: int) -> WasteReport:
    """By code, and within it in the order in which the goods left."""
    lines = [
        line
        for order, progress in cases
        for line in waste_of(order, progress)
        if line.left_at is not None and line.left_at.astimezone(zone(order.terms.access.zone)).year == year
    ]
    lines.sort(key=lambda line: (line.code or "", line.left_at, line.order, line.tag))
    totals = tuple(_total(code, lines) for code in sorted({line.code for line in lines if line.code}))
    return WasteReport(
        customer=customer,
        year=year,
        totals=totals,
        grams=sum(total.grams for total in totals),
        undeclared=sum(line.code is None for line in lines),
        lines=tuple(lines),
    )


def _line(
    order: Order, asset: Asset, left: datetime | None, declared: tuple[Instruction, WasteItem] | None
) -> WasteLine:
    line = WasteLine(
        order=order.no,
        customer=order.customer,
        tag=asset.tag,
        serial=asset.serial,
        model=asset.model,
        proposals={battery: proposed(asset, battery) for battery in Battery},
        left_at=left,
    )
    if declared is None:
        return line
    given, item = declared
    return line.but(
        code=item.code,
        hazardous=item.code.is_hazardous,
        grams=item.grams,
        weighed=item.weighed,
        battery=item.battery,
        declared_by=given.actor,
        declared_at=given.given_at,
        reason=given.command.reason,
    )


def _total(code: WasteCode, lines: Iterable[WasteLine]) -> WasteTotal:
    of_code = [line for line in lines if line.code == code]
    return WasteTotal(
        code=code, hazardous=code.is_hazardous, items=len(of_code), grams=sum(line.grams or 0 for line in of_code)
    )
