"""What came of the example move: what was moved, what had to be tried again, minutes, charges, what to see next."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from pydantic import BaseModel
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from cli.answers import AnsweredPage
from cli.demo.stage import Stage
from cli.demo.words import said
from cli.http import Api, path
from cli.moments import clock_at
from cli.moves.board import wave_row
from cli.stack_file import read_stack
from cli.tables import filled, stacked, table
from cli.words import heading
from documents.wording import sentence, word
from domain.cases.events import Event
from domain.cases.order_commands import Complete
from domain.moves.launched.events import MoveHappening
from domain.moves.launched.project_progress import ProjectState
from domain.moves.launched.project_sheets import ProjectSheet
from domain.moves.launched.wave_progress import WorkplaceStanding, WorkplaceState
from domain.moves.plans.versions import PlanHeader
from domain.moves.reports.records import order_numbers
from domain.orders.ledger import LedgerEntry
from domain.people import Language
from domain.refusals import Problem

MOST_ROWS = 500
AT_ONCE = 10


class RowReport(BaseModel):
    """One workplace with all its orders, also those that failed; `troubles` are what stood in its way."""

    row: int
    holder: str
    wave: str
    state: WorkplaceState
    orders: tuple[str, ...]
    minutes: int
    charges: Decimal
    troubles: tuple[Problem, ...]


class MoveReport(BaseModel):
    zone: str
    plan: PlanHeader
    was_over: bool
    sheet: ProjectSheet
    rows: tuple[RowReport, ...]

    @property
    def is_whole(self) -> bool:
        return self.sheet.state == ProjectState.DONE


async def report_on(
    stage: Stage, at: str, holders: Mapping[int, str], zone: str, plan: PlanHeader, *, was_over: bool
) -> MoveReport:
    api = stage.admin
    rows = await api.read(AnsweredPage[WorkplaceStanding], f"{at}/workplaces", {"limit": MOST_ROWS})
    events = await api.read(tuple[Event, ...], f"{at}/timeline")
    room = asyncio.Semaphore(AT_ONCE)

    async def reported(row: WorkplaceStanding) -> RowReport:
        async with room:
            orders = order_numbers(plan.project, row.legs)
            charged = [await charges_of(api, no) for no in orders]
            return RowReport(
                row=row.row,
                holder=holders.get(row.row, ""),
                wave=row.wave,
                state=row.state,
                orders=tuple(orders),
                minutes=sum([await minutes_of(api, no) for no in orders]),
                charges=sum(charged, Decimal(0)),
                troubles=tuple(troubles_of(row, events)),
            )

    return MoveReport(
        zone=zone,
        plan=plan,
        was_over=was_over,
        sheet=await api.read(ProjectSheet, f"{at}/standing"),
        rows=tuple(await asyncio.gather(*map(reported, rows.items))),
    )


async def charges_of(api: Api, no: str) -> Decimal:
    entries = await api.read(tuple[LedgerEntry, ...], path("orders", no, "charges"))
    return sum((entry.amount for entry in entries), Decimal(0))


async def minutes_of(api: Api, no: str) -> int:
    """As they were told: the flat price of a move has none."""
    told = await api.read(tuple[Event, ...], path("orders", no, "timeline"))
    return sum(event.command.minutes for event in told if isinstance(event.command, Complete))


def troubles_of(row: WorkplaceStanding, events: Sequence[Event]) -> Iterator[Problem]:
    for event in events:
        is_trouble = event.what in (MoveHappening.ROW_FAILED, MoveHappening.ROW_EXCEPTION)
        if is_trouble and event.values.get("row") == f"{row.row}":
            values = {name: value for name, value in event.values.items() if name != "problem"}
            yield Problem(code=event.values.get("problem", "person_needed"), values=values)


def picture(report: MoveReport, stage: Stage) -> RenderableType:
    language = stage.language
    parts = [waves_table(report, language)]
    if any(row.troubles for row in report.rows):
        parts.append(troubles_table(report, language))
    return stacked(*parts, hints(report, stage))


def waves_table(report: MoveReport, language: Language) -> RenderableType:
    headings = ("wave", "state", "planned", ">workplaces", ">ok", ">orders", ">minutes", ">charges")
    made = table(language, *headings, title="waves")
    for wave in report.sheet.waves:
        name, stands, *_ = wave_row(wave, language)
        when = f"{clock_at(wave.start, report.zone)} – {clock_at(wave.end, report.zone)[-5:]}"
        numbers = (wave.counts.workplaces, wave.counts.ok, *sums([row for row in report.rows if row.wave == name]))
        filled(made, [(name, stands, when, *numbers)])
    made.add_section()
    counts = report.sheet.counts
    return filled(made, [(heading("total", language), "", "", counts.workplaces, counts.ok, *sums(report.rows))])


def sums(rows: Sequence[RowReport]) -> tuple[object, ...]:
    orders = sum(len(row.orders) for row in rows)
    minutes = sum(row.minutes for row in rows)
    return orders, minutes, f"{sum((row.charges for row in rows), Decimal(0)):.2f}"


def troubles_table(report: MoveReport, language: Language) -> RenderableType:
    made = table(language, ">row", "holder", "wave", "problem", "order", "outcome", title="tried_again")
    for row in report.rows:
        for trouble in row.troubles:
            now = word("workplace_state", row.state, language)
            orders = " → ".join(row.orders)
            filled(made, [(row.row, row.holder, row.wave, sentence(trouble, language), orders, now)])
    return made


def hints(report: MoveReport, stage: Stage) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    project, language = report.sheet.project, stage.language
    for command, what in (
        (f"imac project show {project}", "sheet_hint"),
        (f"imac project rows {project}", "rows_hint"),
        (f"imac project report {project}", "report_hint"),
        ("imac demo orders", "orders_hint"),
    ):
        grid.add_row(Text(command), Text(said(what, language), "dim"))
    stack = read_stack(stage.data_dir)
    if stack is not None and stack.temporal_ui is not None:
        grid.add_row(Text(stack.temporal_ui), Text(said("ui_hint", language), "dim"))
    return grid
