"""The sheet of a launched move project as a person reads it, with the command lines that bring it on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rich.console import RenderableType
from rich.text import Text

from cli import sheets
from cli.faults import fault_names
from cli.moments import clock_at, now
from cli.moves.bars import bar, numbers, with_bars, worded
from cli.sheets import Fact, at_fault, on_hold, typed, typed_next
from cli.tables import filled, stacked, table
from cli.words import heading
from documents.wording import sentence, word
from domain.moves.launched.project_progress import GateState, ProjectState
from domain.moves.launched.project_sheets import ProjectSheet, WaveSheet
from domain.moves.launched.wave_progress import WorkplaceStanding
from domain.people import Language
from domain.times import Instant


@dataclass(frozen=True)
class ProjectPapers:
    """Everything that is known of one launched project. `open_rows` wait for a person; `names` are those in them."""

    sheet: ProjectSheet
    zone: str
    open_rows: Sequence[WorkplaceStanding] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    def clock(self, at: Instant | None) -> str:
        return clock_at(at, self.zone) if at else ""


def picture(papers: ProjectPapers, language: Language) -> RenderableType:
    parts = [head(papers, language), waves_table(papers, language)]
    if papers.open_rows:
        rows = rows_table(papers.open_rows, papers.names, papers.zone, language, title="exceptions")
        parts.append(rows)
    return stacked(*parts, *typed_next(next_lines(papers), language))


def head(papers: ProjectPapers, language: Language) -> RenderableType:
    sheet = papers.sheet
    state = worded("project_state", sheet.state, language)
    title = Text("  ").join([Text(sheet.project, "bold"), state, Text(sheet.name)])
    return sheets.head(title, facts(papers, language), language)


def facts(papers: ProjectPapers, language: Language) -> Iterator[Fact]:
    sheet = papers.sheet
    yield "contract", f"{sheet.contract}, {sheet.customer}"
    yield "plan", f"{sheet.plan}, {heading('approved', language)}: {sheet.approver}"
    yield "launched", f"{papers.clock(sheet.launched_at)}, {sheet.launched_by}"
    yield "workplaces", f"{sheet.counts.workplaces}: {numbers(sheet.counts, language)}"
    yield from at_fault(sheet.faults, papers.zone, language)
    yield from on_hold(sheet.holds, papers.zone, language)
    if sheet.called_off is not None:
        yield "called_off", sheet.called_off.reason
    if not sheet.state.is_final:
        yield "to_be_settled_by", papers.clock(sheet.deadline)


def waves_table(papers: ProjectPapers, language: Language) -> RenderableType:
    made = with_bars(language, "wave", "state", "gate", "window", "progress", "workplaces", title="waves")
    for wave in papers.sheet.waves:
        state = worded("wave_state", wave.state, language) if wave.state else Text("")
        for name in fault_names(wave.faults, language):
            state.append(f" {name}", "red")
        window = span(wave.start, wave.end, papers)
        filled(made, [(wave.id, state, gate(wave, language), window, bar(wave.counts), numbers(wave.counts, language))])
    return made


def gate(wave: WaveSheet, language: Language) -> Text:
    """Who has to say go, after what it comes, or why it was refused."""
    text = worded("gate_state", wave.gate, language)
    if wave.gate == GateState.SHUT and wave.after:
        percent = f" ≥ {wave.gate_percent} %" if wave.gate_percent is not None else ""
        text.append(f" ← {', '.join(wave.after)}{percent}", "dim")
    if by := wave.opened_by or wave.gate_by:
        text.append(f" ({by})", "bold" if wave.gate == GateState.ASKED else "")
    if wave.refused_why:
        text.append(f": {wave.refused_why}")
    return text


def span(start: datetime, end: datetime, papers: ProjectPapers) -> str:
    first, last = papers.clock(start), papers.clock(end)
    day, _, clock = last.partition(" ")
    return f"{first} – {clock if first.startswith(day) else last}"


def rows_table(
    rows: Sequence[WorkplaceStanding],
    names: Mapping[str, str],
    zone: str,
    language: Language,
    *,
    title: str | None = None,
) -> RenderableType:
    headings = (">row", "kind", "holder", "wave", "state", "order", "outcome", "owner", "due")
    made = table(language, *headings, title=title)
    for row in rows:
        kind, state = word("order_kind", row.kind, language), worded("workplace_state", row.state, language)
        outcome = sentence(row.problem, language) if row.problem else ""
        due = Text(clock_at(row.due, zone), "red" if row.due < now() else "") if row.due else ""
        named = (row.row, kind, names.get(row.workplace), row.wave)
        filled(made, [(*named, state, row.orders[-1] if row.orders else "", outcome, row.owner, due)])
    return made


def next_lines(papers: ProjectPapers) -> Iterator[str]:
    """What can be typed next, and by whom if it is one person's. Words in capitals are to be filled in."""
    sheet = papers.sheet
    if sheet.state.is_final:
        return
    for wave in sheet.waves:
        if wave.id in sheet.awaiting:
            yield f"{_line('go', sheet, wave.id)}  # {wave.gate_by}"
    if sheet.holds:
        yield _line("resume", sheet)
    if any(row.retryable for row in papers.open_rows):
        yield _line("retry", sheet)
    elif papers.open_rows:
        yield _line("withdraw", sheet, f"{papers.open_rows[0].row}", "--reason", "REASON")
    if sheet.state == ProjectState.SETTLING:
        yield _line("close", sheet, "--reason", "REASON")
    yield _line("watch", sheet)


def _line(command: str, sheet: ProjectSheet, *words: str) -> str:
    return typed("project", command, sheet.project, *words)
