"""`imac project report`: what has come of a move, on the screen, as a PDF for the customer, or as a workbook."""

from collections.abc import Iterator
from pathlib import Path

from rich.console import RenderableType
from rich.text import Text

from cli.arguments import ProjectId
from cli.asking import ASKING, Asking
from cli.contracts.matrix import write
from cli.errors import CliError, Exit
from cli.http import parsed, path
from cli.tables import filled, stacked, table
from cli.words import heading
from documents.report_words import ReportWords
from domain.moves.launched.wave_progress import WaveCounts
from domain.moves.plans.waves import hours
from domain.moves.reports.report import ProjectReport, ReportedWave, Tally
from domain.people import Language

FORMATS = (".pdf", ".xlsx")
# Beyond that nobody reads a terminal.
MOST = 50


async def show_report(project: ProjectId, /, *, out: Path | None = None, asking: Asking = ASKING) -> None:
    """Show what was moved, what was not and why, with effort; interim while in progress.

    Parameters
    ----------
    out
        Save the full report to a .pdf or .xlsx file.
    """
    if out is None:
        async with asking.api() as api:
            answer = await api.get(path("projects", project, "report"))
        asking.show(answer, lambda: picture(parsed(ProjectReport, answer), asking.language))
        return
    if out.suffix not in FORMATS:
        raise CliError("report_format_unknown", Exit.USAGE, file=out, endings=", ".join(FORMATS))
    async with asking.api() as api:
        answer = await api.get(path("projects", project, f"report{out.suffix}"), {"lang": asking.language})
    write(out, answer.content)
    if not asking.json:
        asking.console.print(f"{out}", markup=False)


def picture(made: ProjectReport, language: Language) -> RenderableType:
    words = ReportWords(made, language)
    title = words.labels["interim" if made.interim else "title"]
    about = f"{title} · {made.name} · {words.word('project_state', made.state)} · {words.time(made.at)} ({words.zone})"
    parts: list[RenderableType] = [Text(about, "bold"), waves(made, words)]
    if made.gates:
        said = ((words.time(one.at), one.wave, words.gate(one), words.sayer(one), one.reason) for one in made.gates)
        parts.append(filled(table(language, "time", "wave", "what", "actor", "reason"), said))
    if found := list(not_done(made, words)):
        shown = filled(table(language, ">row", "wave", "holder", "outcome", "reason", "owner"), found[:MOST])
        parts.append(shown)
        if len(found) > MOST:
            parts.append(Text(f"… {len(found) - MOST} {heading('more_lines', language)}", "dim"))
    if made.missed:
        missed = ((one.row, one.wave, one.order, words.time(one.broken_at)) for one in made.missed[:MOST])
        parts.append(filled(table(language, ">row", "wave", "order", "missed", title="missed"), missed))
    return stacked(*parts)


def waves(made: ProjectReport, words: ReportWords) -> RenderableType:
    columns = ("wave", "state", ">workplaces", ">done", ">not_done", ">exceptions", ">to_come", "planned_end", "ended")
    charges = (">amount",) if made.charges is not None else ()
    shown = table(words.language, *columns, "deviation", ">missed", ">duration", *charges)
    for wave in made.waves:
        filled(
            shown,
            [(wave.id, words.wave_state(wave), *numbers(wave.counts), *course(wave, words), *effort(wave, words))],
        )
    shown.add_section()
    return filled(
        shown, [(words.labels["total"], "", *numbers(made.total.counts), "", "", "", *effort(made.total, words))]
    )


def numbers(of: WaveCounts) -> tuple[int, ...]:
    return of.workplaces, of.ok, of.skipped + of.rolled_back, of.open, of.waiting + of.in_flight


def course(wave: ReportedWave, words: ReportWords) -> tuple[str, ...]:
    return words.short(wave.planned_end), words.short(wave.ended_at), words.delay(wave.late_minutes)


def effort(of: Tally, words: ReportWords) -> tuple[object, ...]:
    amount = () if of.amount is None else (words.money(of.amount),)
    return of.missed or "", f"{hours(of.minutes)} h", *amount


def not_done(made: ProjectReport, words: ReportWords) -> Iterator[tuple[object, ...]]:
    """Whatever has a reason why."""
    for row in made.rows:
        if row.why:
            state = words.word("workplace_state", row.state)
            yield row.row, row.wave, row.holder, state, words.why(row.why), words.person(row.owner)
