"""A list for a coordinator to send round: who sits where with what, and empty columns for where to."""

import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from documents.cell_texts import neutral
from documents.wording import word
from domain.moves.lists.templates import TemplateRow
from domain.people import Language
from domain.places import Place

FIELDS = ("person", "kit", "from_building", "from_floor", "from_room", "from_desk")
FILLED_IN = ("to_building", "to_floor", "to_room", "to_desk", "date", "wave", "note")
_COLUMNS = (*FIELDS, *FILLED_IN, "stand")
_CHOSEN = ("building", "floor", "room")
_FIRST_ROW = 3
_WIDTHS = {"person": 26, "kit": 34, "note": 34}
_USUAL = 14
_MOST_CHOICES = 2_000
_TO_FILL, _ALREADY = "FFF9E5", "EEEEEE"


def template_workbook(rows: Sequence[TemplateRow], places: Iterable[Place], language: Language) -> bytes:
    """XLSX: a line of advice, headings, one row per workplace; on a second sheet the places to choose from."""
    book = Workbook(write_only=True)
    sheet: Worksheet = book.create_sheet(word("move_list", "title", language))
    sheet.freeze_panes = f"B{_FIRST_ROW}"
    for at, field in enumerate(_COLUMNS, 1):
        sheet.column_dimensions[get_column_letter(at)].width = _WIDTHS.get(field, _USUAL)
    last = _FIRST_ROW + len(rows) - 1
    chosen = _choices(places)
    for part, known in chosen.items():
        if known:
            column = get_column_letter(_COLUMNS.index(f"to_{part}") + 1)
            _offer(sheet, f"{column}{_FIRST_ROW}:{column}{max(last, _FIRST_ROW)}", part, len(known), language)
    sheet.append([_cell(sheet, word("move_template", "advice", language), italic=True)])
    sheet.append([_cell(sheet, word("move_template", field, language), bold=True) for field in _COLUMNS])
    for row in rows:
        sheet.append(_line(sheet, row))
    _list_choices(book, chosen, language)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _line(sheet: Worksheet, row: TemplateRow) -> list[Cell]:
    place = row.place
    known = (row.holder, ", ".join(row.tags), place.building, place.floor, place.room, place.desk)
    given = [_cell(sheet, text or "", colour=_ALREADY) for text in known]
    return [*given, *(_cell(sheet, "", colour=_TO_FILL) for _ in FILLED_IN), _cell(sheet, row.stand, colour=_ALREADY)]


def _choices(places: Iterable[Place]) -> dict[str, list[str]]:
    known = list(places)
    return {
        part: sorted({text for place in known if (text := getattr(place, part))})[:_MOST_CHOICES] for part in _CHOSEN
    }


def _offer(sheet: Worksheet, cells: str, part: str, count: int, language: Language) -> None:
    column = get_column_letter(_CHOSEN.index(part) + 1)
    listed = f"'{word('move_template', 'places', language)}'!${column}$2:${column}${count + 1}"
    # Other places may be written all the same: whoever knows of a new room is asked about it later.
    offer = DataValidation(type="list", formula1=listed, allow_blank=True, showErrorMessage=False)
    offer.add(cells)
    sheet.data_validations.append(offer)


def _list_choices(book: Workbook, chosen: dict[str, list[str]], language: Language) -> None:
    sheet: Worksheet = book.create_sheet(word("move_template", "places", language))
    sheet.append([_cell(sheet, word("place_part", part, language), bold=True) for part in _CHOSEN])
    for at in range(max((len(known) for known in chosen.values()), default=0)):
        sheet.append([_cell(sheet, known[at] if at < len(known) else "") for known in chosen.values()])


def _cell(sheet: Worksheet, text: str, *, bold: bool = False, italic: bool = False, colour: str | None = None) -> Cell:
    cell: Cell = WriteOnlyCell(sheet, value=neutral(text) if text else None)
    # A floor is a text, however much it looks like a number: what is typed below stays as it was typed.
    cell.number_format = "@"
    cell.font = Font(bold=bold, italic=italic)
    cell.alignment = Alignment(vertical="top")
    if colour:
        cell.fill = PatternFill("solid", fgColor=colour)
    if text:
        cell.data_type = "s"
    return cell
