"""The communications matrix for the customer, as a page and as a PDF: both show the same words."""

from datetime import timedelta
from functools import cache
from pathlib import Path

from babel.dates import format_date
from babel.units import format_unit
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from documents.notices import LOCALES
from documents.service_hours import service_hours
from documents.typeset import pdf
from documents.wording import word, wording
from domain.contracts.catalogue import in_words
from domain.contracts.matrix import Cell, MatrixRow
from domain.contracts.matrix_sheets import ListedItem, MatrixSheet
from domain.incidents.clocks import IncidentClock, clocks_of_cells
from domain.people import Language, Role
from domain.priorities import Priority
from domain.values import Value

_LAYOUTS = Path(__file__).parent / "layouts"
_HOUR = 60


class LabelledText(Value):
    label: str
    text: str


class PrintedCell(Value):
    contact: tuple[LabelledText, ...]
    targets: tuple[LabelledText, ...]
    counting: str


class PrintedRow(Value):
    """`priority` is the word of the domain, for the layout to choose a colour by; `title` is what people read."""

    priority: Priority
    title: str
    name: str
    examples: tuple[str, ...]
    in_hours: PrintedCell
    out_of_hours: PrintedCell | None


class PrintedItem(Value):
    name: str
    description: str
    target: str


class PrintedMatrix(Value):
    """Everything that is shown, in words; layouts only arrange it. `dated` is the day the version holds from."""

    language: Language
    labels: dict[str, str]
    customer: str
    contract: str
    contract_name: str
    dated: tuple[int, int, int]
    facts: tuple[LabelledText, ...]
    rows: tuple[PrintedRow, ...]
    reach: tuple[LabelledText, ...]
    people: tuple[tuple[str, str, str], ...]
    items: tuple[PrintedItem, ...] = ()


def matrix_pdf(sheet: MatrixSheet, language: Language) -> bytes:
    """The same sheet always becomes the same bytes. Blocking."""
    return pdf("matrix", printed(sheet, language))


def matrix_page(sheet: MatrixSheet, language: Language) -> str:
    return _pages().get_template("matrix.html").render(printed(sheet, language).model_dump())


def printed(sheet: MatrixSheet, language: Language) -> PrintedMatrix:
    day = sheet.valid_from
    rows = [(priority, sheet.matrix.rows[priority]) for priority in Priority if priority in sheet.matrix.rows]
    return PrintedMatrix(
        language=language,
        labels=wording(language).words["matrix_label"],
        customer=sheet.customer,
        contract=sheet.contract,
        contract_name=sheet.contract_name,
        dated=(day.year, day.month, day.day),
        facts=_facts(sheet, language),
        rows=tuple(_row(priority, row, language) for priority, row in rows),
        reach=_reach(sheet, language),
        people=tuple((who(holder.role, language), holder.name, holder.email) for holder in sheet.people),
        items=tuple(_item(item, language) for item in sheet.items),
    )


def _item(item: ListedItem, language: Language) -> PrintedItem:
    return PrintedItem(
        name=in_words(item.name, language),
        description=in_words(item.description, language),
        target=duration(item.target_minutes, language),
    )


def duration(minutes: int, language: Language) -> str:
    """`1 Stunde 30 Minuten`. Days are not named: one of service hours is another than one of the calendar."""
    parts = ((minutes // _HOUR, "hour"), (minutes % _HOUR, "minute"))
    return " ".join(
        format_unit(count, f"duration-{unit}", length="long", locale=LOCALES[language])
        for count, unit in parts
        if count
    )


def _facts(sheet: MatrixSheet, language: Language) -> tuple[LabelledText, ...]:
    validity = {"valid_from": sheet.valid_from, "valid_until": sheet.valid_until}
    days = {label: format_date(day, "long", locale=LOCALES[language]) for label, day in validity.items() if day}
    facts = {"version": f"{sheet.version}"} | days
    return tuple(_said(label, text, language) for label, text in facts.items())


def _row(priority: Priority, row: MatrixRow, language: Language) -> PrintedRow:
    return PrintedRow(
        priority=priority,
        title=word("priority", priority, language),
        name=row.name.get(language) or next(iter(row.name.values()), ""),
        examples=row.examples.get(language) or next(iter(row.examples.values()), ()),
        in_hours=_cell(row.in_hours, language),
        out_of_hours=_cell(row.out_of_hours, language) if row.out_of_hours else None,
    )


def _cell(cell: Cell, language: Language) -> PrintedCell:
    ways = ", ".join(word("way", way, language) for way in cell.report_by)
    contact = [_said("report_by", _begun_large(ways), language), _said("first", who(cell.first, language), language)]
    if cell.fallback is not None:
        contact.append(_said("fallback", who(cell.fallback, language), language))
    if cell.monitoring is not None:
        contact.append(_said("monitoring", who(cell.monitoring, language), language))
    return PrintedCell(
        contact=tuple(contact),
        targets=tuple(_said(clock.name, _promised(clock, cell, language), language) for clock in clocks_of_cells()),
        counting=_begun_large(word("counting", cell.counting, language)),
    )


def who(first: Role | str, language: Language) -> str:
    return _begun_large(word("role" if isinstance(first, Role) else "matrix_label", first, language))


def _promised(clock: IncidentClock, cell: Cell, language: Language) -> str:
    target = clock.target_in(cell)
    minutes = None if target is None else target // timedelta(minutes=1)
    if clock.repeats:
        return _begun_large(_every(minutes, language))
    return "–" if minutes is None else duration(minutes, language)


def _every(minutes: int | None, language: Language) -> str:
    if minutes is None:
        return word("matrix_label", "on_change", language)
    if minutes == _HOUR:
        return word("matrix_label", "hourly", language)
    return f"{word('matrix_label', 'every', language)} {duration(minutes, language)}"


def _reach(sheet: MatrixSheet, language: Language) -> tuple[LabelledText, ...]:
    matrix, calendar = sheet.matrix, sheet.service_hours
    told = {
        "service_hours": f"{service_hours(calendar, language)} · {calendar.zone}",
        "phone": matrix.phone,
        "on_call_phone": matrix.on_call_phone,
        "portal": matrix.portal,
        "mail": matrix.mail,
    }
    return tuple(_said(label, text, language) for label, text in told.items() if text)


def _begun_large(words: str) -> str:
    return words[:1].upper() + words[1:]


def _said(label: str, text: str, language: Language) -> LabelledText:
    return LabelledText(label=word("matrix_label", label, language), text=text)


@cache
def _pages() -> Environment:
    return Environment(loader=FileSystemLoader(_LAYOUTS), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
