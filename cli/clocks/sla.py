"""`imac sla`: why deadlines are what they are, what they would be, and what new service hours would move."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number
from pydantic import JsonValue
from rich.console import RenderableType
from rich.text import Text

from cli.arguments import ContractId
from cli.asking import ASKING, Asking
from cli.clocks.pictures import clock_picture, difference, hours_left, span
from cli.contracts.contract import content_of, read
from cli.errors import CliError, Exit
from cli.http import parsed, path
from cli.moments import clock_at, moment
from cli.names import clock_called, clock_name
from cli.tables import filled, stacked, table
from cli.words import heading, phrase
from connectors.contract_files import read_calendar
from domain.clocks.holds import HoldReason
from domain.clocks.reports import ClockReport
from domain.contracts.contract import Contract
from domain.people import Language
from domain.promises.what_ifs import Comparison, MigrationPreview, MovedDeadline

CaseArgument = Annotated[str, Parameter(help="order/NUMBER or incident/NUMBER.")]
NOUNS = {"order": "orders", "incident": "incidents"}


async def explain(case: CaseArgument, /, *, clock: str | None = None, asking: Asking = ASKING) -> None:
    """Explain the clocks of a case: every period, whether it counted and why.

    Parameters
    ----------
    clock
        Filter by clock.
    """
    async with asking.api() as api:
        answer = await api.get(clocks_of(case))
    reports = [told for told in parsed(tuple[ClockReport, ...], answer) if clock in (None, told.name)]
    asking.show(answer, lambda: stacked(*(clock_picture(told, asking.language) for told in reports)))


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class WhatIfOptions:
    clock: str | None = None
    "Filter by clock; required with --target if there are several."
    calendar: Path | None = None
    "Alternative service hours, as YAML."
    contract_version: Annotated[int | None, Parameter(validator=Number(gte=1))] = None
    "Alternative contract version, with its service hours and target."
    target: Annotated[int | None, Parameter(validator=Number(gte=1))] = None
    "Alternative target, in minutes of service time."
    holding: Annotated[tuple[HoldReason, ...], Parameter(consume_multiple=True, negative="")] = ()
    "Only these hold reasons stop the clock."
    no_holds: Annotated[bool, Parameter(negative="")] = False
    "No hold stops the clock."


AS_AGREED = WhatIfOptions()


async def whatif(case: CaseArgument, /, *, rules: WhatIfOptions = AS_AGREED, asking: Asking = ASKING) -> None:
    """Recalculate the deadlines of a case under other rules. Nothing is changed."""
    body: dict[str, JsonValue] = {"case": case, "clock": rules.clock}
    body |= {"contract_version": rules.contract_version, "target_minutes": rules.target}
    if rules.calendar is not None:
        hours = read(read_calendar, content_of(rules.calendar), rules.calendar.name, asking.language)
        body["calendar"] = hours.model_dump(mode="json")
    if rules.holding or rules.no_holds:
        body["holding"] = list(rules.holding)
    async with asking.api() as api:
        answer = await api.post(path("sla", "whatif"), body)
    asking.show(answer, lambda: comparison_table(parsed(tuple[Comparison, ...], answer), asking.language))


async def preview(contract: ContractId, /, *, since: str | None = None, asking: Asking = ASKING) -> None:
    """Preview the effect of a contract's latest service hours on running clocks. Nothing is changed.

    Parameters
    ----------
    since
        Start of the new hours, in the contract's time zone; defaults to now.
    """
    async with asking.api() as api:
        zone = (await api.read(Contract, path("contracts", contract))).calendar.zone
        body: dict[str, JsonValue] = {"contract": contract}
        body |= {"since": moment(since, zone).isoformat()} if since else {}
        answer = await api.post(path("sla", "migrations", "preview"), body)
    asking.show(answer, lambda: preview_picture(parsed(MigrationPreview, answer), zone, asking.language))


def clocks_of(case: str) -> str:
    noun, _, no = case.partition("/")
    if noun not in NOUNS or not no:
        raise CliError("case_unreadable", Exit.USAGE, typed=case)
    return path(NOUNS[noun], no, "clocks")


def comparison_table(compared: tuple[Comparison, ...], language: Language) -> RenderableType:
    made = table(language, "clock", "", ">target", ">used", ">remaining", "deadline", "state")
    for one in compared:
        for name, told in (("agreed", one.agreed), ("supposed", one.supposed)):
            clock = clock_name(one.agreed.name, one.agreed.kind, language) if name == "agreed" else ""
            row = (clock, heading(name, language))
            filled(made, [(*row, *hours_left(told), *standing(told, language))])
        filled(made, [("", heading("difference", language), "", "", "", difference(one), "")])
    return made


def standing(told: ClockReport, language: Language) -> tuple[str, Text]:
    deadline = clock_at(told.deadline, told.zone) if told.deadline else ""
    if told.breached_at is not None:
        return deadline, Text(heading("missed", language), "red")
    if told.held_by:
        return deadline, Text(heading("on_hold", language), "yellow")
    ended = told.stopped_at or told.cancelled_at
    return deadline, Text(heading("met" if ended else "running", language), "green" if ended else "cyan")


def preview_picture(told: MigrationPreview, zone: str, language: Language) -> RenderableType:
    made = table(language, "case", "clock", "deadline", "new_deadline", ">remaining", ">new_remaining", "")
    filled(made, (move_row(move, zone, language) for move in told.moves))
    return stacked(made, Text("\n".join(summary(told, zone, language)), "bold"))


def move_row(move: MovedDeadline, zone: str, language: Language) -> tuple[object, ...]:
    dates = (clock_at(at, zone) if at else heading("on_hold", language) for at in (move.deadline, move.new_deadline))
    spans = (span(left) for left in (move.remaining, move.new_remaining))
    overdue = Text(heading("becomes_overdue", language), "red") if move.becomes_overdue else ""
    return (move.case, clock_called(move.clock, language), *dates, *spans, overdue)


def summary(told: MigrationPreview, zone: str, language: Language) -> Iterator[str]:
    moved, since = len(told.moves), clock_at(told.since, zone)
    version = told.contract_version
    yield phrase("counted_since", language, contract=told.contract, version=version, since=since, zone=zone)
    yield phrase("clocks_change", language, running=told.running, moved=moved, overdue=told.become_overdue)
