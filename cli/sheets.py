"""What the sheets of orders, incidents and projects have alike."""

import shlex
from collections.abc import Iterable, Iterator
from datetime import timedelta

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.faults import fault_words
from cli.moments import clock_at, now, rough
from cli.words import heading, phrase
from documents.wording import word
from domain.cases.faults import CaseFault
from domain.clocks.holds import ClockHold
from domain.incidents.progress import Withdrawal
from domain.incidents.sheets import IncidentSheet
from domain.orders.progress import Ending
from domain.orders.sheets import ClockFace, OrderSheet
from domain.people import Language
from domain.places import Site
from domain.times import Instant

Fact = tuple[str, str | None]


def head(title: Text, facts: Iterable[Fact], language: Language, *alarms: str) -> RenderableType:
    """The title with what is alarming about it, and below what is known; a fact without a value is none."""
    for name in alarms:
        title.append(f"  {heading(name, language)}", "bold red")
    grid = Table.grid(padding=(0, 2))
    for name, value in facts:
        if value:
            grid.add_row(Text(heading(name, language), "dim"), Text(value))
    return Group(title, grid)


def pinned(sheet: OrderSheet | IncidentSheet, site: Site, language: Language) -> Iterator[Fact]:
    version = phrase("version_of", language, contract=sheet.contract, version=sheet.contract_version)
    yield "contract", f"{version}, {sheet.customer}"
    yield "site", f"{site.name} ({sheet.site}), {site.access.zone}"


def at_fault(faults: Iterable[CaseFault], zone: str, language: Language) -> Iterator[Fact]:
    for fault in faults:
        yield "fault", fault_words(fault, zone, language)


def on_hold(holds: Iterable[ClockHold], zone: str, language: Language) -> Iterator[Fact]:
    for hold in holds:
        until = f" {heading('until', language)} {clock_at(hold.max_until, zone)}" if hold.max_until else ""
        yield "on_hold", f"{word('hold_reason', hold.reason, language)}{until}, {hold.actor}"


def ended(gone: Ending | Withdrawal | None, zone: str) -> Iterator[Fact]:
    if gone is not None:
        yield "reason", f"{clock_at(gone.at, zone)}, {gone.actor.person}: {gone.reason}"


def clock_state(face: ClockFace, zone: str, language: Language, due: Instant | None = None) -> Text:
    """While it runs, with how long it is until it is due, if that is known: by the calendar, not in service time."""
    if face.breached_at is not None:
        return Text(f"{heading('missed', language)} {clock_at(face.breached_at, zone)}", "red")
    if face.cancelled_at is not None:
        return Text(heading("called_off", language), "dim")
    if face.stopped_at is not None:
        return Text(f"{heading('met', language)} {clock_at(face.stopped_at, zone)}", "green")
    if face.held or due is None:
        return Text(heading("on_hold", language), "yellow") if face.held else Text(heading("running", language), "cyan")
    left = due - now()
    sign, colour = ("due_in", "cyan") if left > timedelta(0) else ("overdue", "red")
    return Text(f"{heading(sign, language)} {rough(left)}", colour)


def typed(noun: str, command: str, case: str, *words: str) -> str:
    return shlex.join(["imac", noun, command, case, *words])


def typed_next(lines: Iterable[str], language: Language) -> Iterator[Text]:
    """What brings the case on, if anything does."""
    if found := [f"  {line}" for line in lines]:
        yield Text.assemble((f"{heading('next', language)}\n", "bold"), "\n".join(found))
