"""The report of a move project as a workbook, for whoever goes on working with its numbers and rows."""

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from documents.cell_texts import neutral
from documents.report_words import ReportWords
from domain.moves.launched.wave_progress import WorkplaceState
from domain.moves.reports.report import ProjectReport, ReportedCharge, ReportedWave, Tally
from domain.moves.reports.rows import ReportedRow
from domain.people import Language

Content = str | int | Decimal | datetime | None
_COLOURS = {
    WorkplaceState.OK: "E4EFDB",
    WorkplaceState.EXCEPTION: "FFD9D9",
    WorkplaceState.FAILED: "FFD9D9",
    WorkplaceState.ROLLED_BACK: "FFF0C2",
}
_WIDE = {"why": 60, "source": 30, "target": 30, "assets": 24, "person": 22, "owner": 20, "technician": 20, "text": 24}
_NARROW = 16
_WRAPPED = 60
_AMOUNT, _TIME = "#,##0.00", "yyyy-mm-dd hh:mm"
_ROWS = (
    *("row", "wave", "kind", "person", "source", "target", "assets", "result", "why", "technician"),
    *("planned_start", "planned_end", "started", "ended", "orders", "in_minutes"),
)
_WAVES = (
    *("wave", "state", "gate", "rows", "moved", "exceptions", "not_moved", "under_way"),
    *("planned_start", "planned_end", "started", "ended", "delay", "missed", "in_minutes"),
)
_EXCEPTIONS = ("row", "wave", "person", "result", "why", "owner", "due")
_CHARGES = (
    *("order", "row", "wave", "when", "reason", "text", "quantity", "unit", "unit_price"),
    *("price_per", "factor", "amount"),
)


def report_workbook(made: ProjectReport, language: Language) -> bytes:
    """As XLSX; charges only if the report has them. Blocking, for some seconds per ten thousand rows."""
    words = ReportWords(made, language)
    book = Workbook(write_only=True)
    charges = ("amount",) if made.charges is not None else ()
    _summary(book, made, words, (*_WAVES, *charges))
    rows = ((_row(row, words), _COLOURS.get(row.state)) for row in made.rows)
    _filtered(book, words, "rows", (*_ROWS, *charges), rows, len(made.rows))
    open_rows = [row for row in made.rows if row.state.is_open]
    exceptions = ((_exception(row, words), None) for row in open_rows)
    _filtered(book, words, "exceptions", _EXCEPTIONS, exceptions, len(open_rows))
    if made.charges is not None:
        lines = ((_charge(charge, words), None) for charge in made.charges)
        _filtered(book, words, "charges", _CHARGES, lines, len(made.charges))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _summary(book: Workbook, made: ProjectReport, words: ReportWords, columns: Sequence[str]) -> None:
    """The project in short, then its waves with their sum."""
    labels = words.labels
    sheet = _sheet(book, words, "summary", columns)
    sheet.append([_cell(sheet, labels["interim" if made.interim else "title"], bold=True)])
    for label, said in _facts(made, words):
        sheet.append([_cell(sheet, labels[label], bold=True), _cell(sheet, said)])
    sheet.append([])
    sheet.append([_cell(sheet, labels[column], bold=True) for column in columns])
    for wave in made.waves:
        sheet.append([_cell(sheet, content) for content in _wave(wave, words)])
    total = (labels["total"], *_NO_STATE, *_numbers(made.total), *_NO_TIMES, *_effort(made.total))
    sheet.append([_cell(sheet, content, bold=True) for content in total])


# What a sum has not.
_NO_STATE: tuple[Content, ...] = (None, None)
_NO_TIMES: tuple[Content, ...] = (None,) * 5


def _facts(made: ProjectReport, words: ReportWords) -> Iterator[tuple[str, Content]]:
    yield "project", f"{made.name} ({made.project})"
    yield "customer", made.customer_name
    yield "contract", made.contract
    yield "state", words.word("project_state", made.state)
    yield "as_of", _local(made.at, words)
    yield "times_in", words.zone
    yield "plans", ", ".join(map(str, made.plans))
    yield "launched", _local(made.launched_at, words)
    yield "approver", words.person(made.approver)
    yield "planned_end", _local(made.planned_end, words)
    yield "actual_end", _local(made.ended_at, words)
    if made.called_off is not None:
        yield "called_off", made.called_off.reason


def _wave(wave: ReportedWave, words: ReportWords) -> Iterator[Content]:
    yield from (wave.id, words.wave_state(wave), words.word("gate_state", wave.gate))
    yield from _numbers(wave)
    yield from (_local(at, words) for at in (wave.planned_start, wave.planned_end, wave.started_at, wave.ended_at))
    yield wave.late_minutes
    yield from _effort(wave)


def _numbers(of: Tally) -> tuple[Content, ...]:
    counts = of.counts
    not_moved, left = counts.skipped + counts.rolled_back, counts.waiting + counts.in_flight
    return counts.workplaces, counts.ok, counts.open, not_moved, left


def _effort(of: Tally) -> tuple[Content, ...]:
    return of.missed, of.minutes, *_if_any(of.amount)


def _row(row: ReportedRow, words: ReportWords) -> Iterator[Content]:
    yield from (row.row, row.wave, words.kind(row.kind), row.holder, words.place(row.source), words.place(row.target))
    yield from (", ".join(row.assets), words.word("workplace_state", row.state), words.why(row.why))
    yield words.people(row.technicians)
    yield from (_local(at, words) for at in (row.planned_start, row.planned_end, row.started_at, row.ended_at))
    yield from (", ".join(row.orders), row.minutes, *_if_any(row.amount))


def _exception(row: ReportedRow, words: ReportWords) -> Iterator[Content]:
    yield from (row.row, row.wave, row.holder, words.word("workplace_state", row.state), words.why(row.why))
    yield from (words.person(row.owner), _local(row.due, words))


def _charge(charge: ReportedCharge, words: ReportWords) -> Iterator[Content]:
    yield from (charge.order, charge.row, charge.wave, _local(charge.at, words))
    yield from (words.word("charge_reason", charge.reason), words.service(charge), charge.quantity)
    yield from (words.word("unit", charge.unit), charge.unit_price, charge.per, charge.factor, charge.amount)


def _if_any(amount: Decimal | None) -> tuple[Content, ...]:
    return () if amount is None else (amount,)


def _filtered(
    book: Workbook,
    words: ReportWords,
    name: str,
    columns: Sequence[str],
    rows: Iterable[tuple[Iterable[Content], str | None]],
    count: int,
) -> None:
    """A sheet to be searched: its headings stay in sight, and each column can be narrowed down."""
    sheet = _sheet(book, words, name, columns)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{count + 1}"
    sheet.append([_cell(sheet, words.labels[column], bold=True) for column in columns])
    for contents, colour in rows:
        cells = zip(columns, contents, strict=True)
        sheet.append([_cell(sheet, one, colour=colour if column == "result" else None) for column, one in cells])


def _sheet(book: Workbook, words: ReportWords, name: str, columns: Sequence[str]) -> Worksheet:
    sheet: Worksheet = book.create_sheet(words.labels[name])
    for number, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = _WIDE.get(column, _NARROW)
    return sheet


def _cell(sheet: Worksheet, content: Content, *, bold: bool = False, colour: str | None = None) -> Cell | int | None:
    """Looks take longer than contents: only what needs some gets any."""
    if content is None or content == "":
        return None
    if isinstance(content, int) and not bold:
        return content
    cell: Cell = WriteOnlyCell(sheet, value=_value(content))
    if isinstance(content, str):
        cell.data_type = "s"
        if len(content) > _WRAPPED:
            cell.alignment = Alignment(vertical="top", wrap_text=True)
    elif not isinstance(content, int):
        cell.number_format = _AMOUNT if isinstance(content, Decimal) else _TIME
    if bold:
        cell.font = Font(bold=True)
    if colour:
        cell.fill = PatternFill("solid", fgColor=colour)
    return cell


def _value(content: str | int | Decimal | datetime) -> str | float | datetime:
    match content:
        case str():
            return neutral(content)
        case Decimal():
            return float(content)
    return content


def _local(at: datetime | None, words: ReportWords) -> datetime | None:
    """A workbook knows no zones: the wall clock of the site."""
    return words.local(at).replace(tzinfo=None) if at is not None else None
