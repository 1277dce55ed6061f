"""The report of a move project as a PDF: a summary with its waves drawn, and every row with what came of it."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from documents.report_words import ReportWords
from documents.typeset import pdf
from domain.moves.launched.wave_progress import WaveCounts, WorkplaceState
from domain.moves.plans.waves import hours
from domain.moves.reports.report import ProjectReport, ReportedWave, Tally
from domain.moves.reports.rows import ReportedRow
from domain.people import Language
from domain.values import Value

# A table of more rows than anybody reads would cost memory that others need.
MOST_ROWS = 1_000
# On this scale the course of the project is drawn.
_WIDTH = 1_000
TONES = {
    WorkplaceState.OK: "moved",
    WorkplaceState.EXCEPTION: "exception",
    WorkplaceState.FAILED: "failed",
    WorkplaceState.ROLLED_BACK: "back",
    WorkplaceState.SKIPPED: "skipped",
    WorkplaceState.IN_FLIGHT: "going",
    WorkplaceState.WAITING: "waiting",
}
Cells = tuple[str, ...]


class KeyFigure(Value):
    """A number to be seen at once; `tone` chooses its colour."""

    label: str
    number: str
    note: str = ""
    tone: str = ""


class Share(Value):
    tone: str
    label: str
    count: int


class PrintedWave(Value):
    """`planned` and `actual` are where it lies on the axis that all waves share; `cells` stand beside the drawing."""

    name: str
    state: str
    shares: tuple[Share, ...]
    planned: tuple[int, int]
    actual: tuple[int, int] | None
    dates: str
    went: str
    delay: str
    late: bool
    cells: Cells


class PrintedReport(Value):
    """Everything that is shown, in words; the layout only arranges it. `dated` is the day it says how things stand."""

    language: Language
    labels: dict[str, str]
    title: str
    interim: bool
    notes: Cells
    name: str
    project: str
    customer: str
    dated: tuple[int, int, int]
    facts: tuple[tuple[str, str], ...]
    figures: tuple[KeyFigure, ...]
    waves: tuple[PrintedWave, ...]
    wave_heads: Cells
    legend: tuple[Share, ...]
    gates: tuple[Cells, ...]
    exceptions: tuple[Cells, ...]
    missed: tuple[Cells, ...]
    row_heads: Cells
    shortened: bool
    rows: tuple[tuple[str, Cells], ...]


def report_pdf(made: ProjectReport, language: Language) -> bytes:
    """The same report always becomes the same bytes. Blocking, for up to two seconds."""
    return pdf("project_report", printed(made, language))


def printed(made: ProjectReport, language: Language) -> PrintedReport:
    words = ReportWords(made, language)
    labels, day = words.labels, words.local(made.at)
    axis = _axis(made)
    charges = (labels["amount"],) if made.charges is not None else ()
    row_labels = ("row", "wave", "kind", "person", "source", "target", "result", "ended", "minutes")
    return PrintedReport(
        language=language,
        labels=labels,
        title=labels["interim" if made.interim else "title"],
        interim=made.interim,
        notes=tuple(_notes(made, words)),
        name=made.name,
        project=made.project,
        customer=made.customer_name,
        dated=(day.year, day.month, day.day),
        facts=tuple((labels[label], text) for label, text in _facts(made, words)),
        figures=tuple(_figures(made, words)),
        waves=tuple(_wave(wave, made, words, axis) for wave in made.waves),
        wave_heads=(labels["minutes"], *charges),
        legend=tuple(_shares(made.total.counts, words)),
        gates=tuple(_gates(made, words)),
        exceptions=tuple(_exceptions(made, words)),
        missed=tuple(_missed(made, words)),
        row_heads=(*(labels[label] for label in row_labels), *charges),
        shortened=len(made.rows) > MOST_ROWS,
        rows=tuple((TONES[row.state], _row(row, words)) for row in _listed(made)),
    )


def _facts(made: ProjectReport, words: ReportWords) -> Iterator[tuple[str, str]]:
    yield "as_of", words.time(made.at)
    yield "state", words.word("project_state", made.state)
    yield "launched", f"{words.time(made.launched_at)}, {words.person(made.launched_by)}"
    yield "approver", words.person(made.approver)
    yield "planned_end", words.time(made.planned_end)
    if made.ended_at is not None:
        yield "actual_end", words.time(made.ended_at)


def _notes(made: ProjectReport, words: ReportWords) -> Iterator[str]:
    if made.interim:
        yield words.labels["interim_note"]
    if made.called_off is not None:
        yield f"{words.labels['called_off']}: {made.called_off.reason}"


def _figures(made: ProjectReport, words: ReportWords) -> Iterator[KeyFigure]:
    labels, total = words.labels, made.total
    found = total.counts
    not_moved, left = found.skipped + found.rolled_back, found.waiting + found.in_flight
    yield KeyFigure(
        label=labels["moved"], number=f"{found.ok}", note=f"{labels['of']} {found.workplaces}", tone="moved"
    )
    if made.interim:
        yield KeyFigure(label=labels["under_way"], number=f"{left}", tone="going")
    yield KeyFigure(label=labels["not_moved"], number=f"{not_moved}")
    yield KeyFigure(label=labels["exceptions"], number=f"{found.open}", tone="exception" if found.open else "")
    yield KeyFigure(label=labels["missed"], number=f"{total.missed}", tone="exception" if total.missed else "")
    yield KeyFigure(label=labels["minutes"], number=hours(total.minutes), note="h")
    if total.amount is not None:
        yield KeyFigure(label=labels["charges"], number=words.money(total.amount))


def _shares(counts: WaveCounts, words: ReportWords) -> Iterator[Share]:
    found = {
        WorkplaceState.OK: counts.ok,
        WorkplaceState.EXCEPTION: counts.exceptions,
        WorkplaceState.FAILED: counts.failed,
        WorkplaceState.ROLLED_BACK: counts.rolled_back,
        WorkplaceState.SKIPPED: counts.skipped,
        WorkplaceState.IN_FLIGHT: counts.in_flight,
        WorkplaceState.WAITING: counts.waiting,
    }
    for state, count in found.items():
        if count:
            yield Share(tone=TONES[state], label=words.word("workplace_state", state), count=count)


class _Axis(Value):
    start: datetime
    end: datetime

    def span(self, start: datetime, end: datetime) -> tuple[int, int]:
        whole = (self.end - self.start).total_seconds() or 1
        return tuple(round(_WIDTH * (at - self.start).total_seconds() / whole) for at in (start, end))  # type: ignore[return-value]


def _axis(made: ProjectReport) -> _Axis:
    """From the first to the last of everything that was planned and that has been."""
    spans = [
        span for wave in made.waves for span in ((wave.planned_start, wave.planned_end), _went(wave, made)) if span
    ]
    return _Axis(
        start=min((start for start, _ in spans), default=made.at), end=max((end for _, end in spans), default=made.at)
    )


def _went(wave: ReportedWave, made: ProjectReport) -> tuple[datetime, datetime] | None:
    """What has not ended lasts until now."""
    if wave.started_at is None:
        return None
    return wave.started_at, max(wave.ended_at or made.at, wave.started_at)


def _wave(wave: ReportedWave, made: ProjectReport, words: ReportWords, axis: _Axis) -> PrintedWave:
    went = _went(wave, made)
    return PrintedWave(
        name=wave.id,
        state=words.wave_state(wave),
        shares=tuple(_shares(wave.counts, words)),
        planned=axis.span(wave.planned_start, wave.planned_end),
        actual=axis.span(*went) if went else None,
        dates=f"{words.short(wave.planned_start)} – {words.short(wave.planned_end)}",
        went=f"{words.short(wave.started_at)} – {words.short(wave.ended_at)}" if wave.started_at else "",
        delay=words.delay(wave.late_minutes),
        late=(wave.late_minutes or 0) > 0,
        cells=_effort(wave, words),
    )


def _effort(of: Tally | ReportedRow, words: ReportWords) -> Cells:
    spent = hours(of.minutes) if of.minutes else ""
    return (spent,) if of.amount is None else (spent, words.money(of.amount) if of.amount else "")


def _gates(made: ProjectReport, words: ReportWords) -> Iterator[Cells]:
    for said in made.gates:
        yield words.time(said.at), said.wave, words.gate(said), words.sayer(said), said.reason or ""


def _exceptions(made: ProjectReport, words: ReportWords) -> Iterator[Cells]:
    for one in made.exceptions[:MOST_ROWS]:
        state, why = words.word("workplace_state", one.state), words.why(one.why)
        yield f"{one.row}", one.wave, state, why, words.person(one.owner), words.time(one.due)


def _missed(made: ProjectReport, words: ReportWords) -> Iterator[Cells]:
    for one in made.missed[:MOST_ROWS]:
        yield f"{one.row}", one.wave, one.order, words.word("clock_kind", one.clock), words.time(one.broken_at)


def _listed(made: ProjectReport) -> Sequence[ReportedRow]:
    """All rows or, of very many, those of which somebody may want to know why."""
    if len(made.rows) <= MOST_ROWS:
        return made.rows
    return [row for row in made.rows if row.state != WorkplaceState.OK][:MOST_ROWS]


def _row(row: ReportedRow, words: ReportWords) -> Cells:
    """A result that asks for one comes with its reason."""
    result = ". ".join(part for part in (words.word("workplace_state", row.state), words.why(row.why)) if part)
    where = words.place(row.source), words.place(row.target)
    what = f"{row.row}", row.wave or "", words.kind(row.kind), row.holder or ""
    return *what, *where, result, words.short(row.ended_at), *_effort(row, words)
