"""Lists are read as their authors see them: what a cell shows, and not what a program keeps in it."""

import unicodedata
from datetime import date, datetime, time

import openpyxl
import pytest
from openpyxl.styles import Font
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from domain.moves.lists.staging import StagedRow
from tests.domain.moves.lists.example_lists import HEADINGS, adler, said_of, staged_file
from tests.workbooks import Shown, lines, saved, workbook

MOMENT = datetime(2027, 3, 11, 8)  # noqa: DTZ001  # a wall clock
ANNA = "Anna Vogel;;A;2;2.14;1;B;1;1.01;1;11.03.2027;;"
LENA = "Lena Brandt;;A;2;2.15;1;B;1;1.02;1;11.03.2027;;"
LENA = "Lena Brandt;;A;2;2.15;1;B;1;1.02;1;11.03.2027;;"


def anna(**cells: object) -> list[object]:
    """Anna's row with other cells in these columns of the sheet."""
    row: list[object] = list(ANNA.split(";"))
    for column, value in cells.items():
        row[ord(column) - ord("A")] = value
    return row


def read(*rows: list[object], book: openpyxl.Workbook | None = None) -> tuple[StagedRow, ...]:
    made = book or workbook(Tabelle1=[*lines(HEADINGS), *rows])
    return staged_file(saved(made), name="l.xlsx").staged.rows


@pytest.mark.parametrize(
    ("shown", "room"),
    [
        pytest.param(Shown(1.1, "0.00"), "1.10", id="fixed places"),
        pytest.param(Shown(1.1), "1.1", id="a number as it is"),
        pytest.param(Shown(7, "000"), "007", id="leading zeros"),
        pytest.param(Shown(101, '"R "0'), "R 101", id="a word before the number"),
        pytest.param(Shown("1.01 "), "1.01", id="a blank behind"),
        pytest.param(Shown("2E4", "@"), "2E4", id="a text like an exponent"),
        pytest.param(Shown("12.0"), "12.0", id="a text that looks like a whole number"),
    ],
)
def test_a_room_is_what_is_shown(shown: Shown, room: str) -> None:
    (row,) = read(anna(I=shown))

    assert row.said.get("to_room", "") == room


@pytest.mark.parametrize(
    ("shown", "code"),
    [
        pytest.param(Shown(date(2027, 1, 2), "d.m"), "date_in_text", id="a date made of 2.1"),
        pytest.param(Shown(MOMENT, "dd.mm.yyyy hh:mm"), "date_in_text", id="a moment"),
        pytest.param(Shown(time(1, 1), "h:mm"), "date_in_text", id="a time of day made of 1:01"),
        pytest.param(Shown(0.5, "# ?/?"), "number_not_shown", id="a fraction"),
        pytest.param(Shown(101, "0.00E+00"), "number_not_shown", id="an exponent"),
        pytest.param(Shown(1 / 3), "number_not_shown", id="more digits than are shown"),
        pytest.param(Shown(4711, "#,##0"), "number_not_shown", id="a dot or a comma for thousands"),
        pytest.param(Shown(0.12, "0%"), "number_not_shown", id="hundredths"),
        pytest.param(Shown("1.01", ";;;"), "number_not_shown", id="a text that is not shown"),
        pytest.param(Shown(1234567890123456789), "number_rounded", id="more digits than are kept"),
        pytest.param(Shown(1234567890123456789, "0"), "number_rounded", id="more digits than are kept, in a format"),
        pytest.param(Shown("#N/A"), "error_cell", id="an error"),
        pytest.param(Shown("#NV"), "error_cell", id="an error kept as a text"),
        pytest.param(Shown("#BEZUG!"), "error_cell", id="a German error kept as a text"),
        pytest.param(Shown("########"), "error_cell", id="a column that was too narrow"),
        pytest.param(Shown(True), "truth_in_text", id="true or false"),
        pytest.param(Shown("GroÃŸraum"), "text_garbled", id="wrongly decoded before it came"),
        pytest.param(Shown("Gro\N{REPLACEMENT CHARACTER}raum"), "text_garbled", id="signs that are lost"),
        pytest.param(Shown("=A1&1"), "formula_without_value", id="a formula nobody has computed"),
    ],
)
@pytest.mark.parametrize(
    ("column", "heading"), [("I", "nach Raum"), ("B", "Inventarnr."), ("E", "von Raum"), ("A", "Mitarbeiter")]
)
def test_what_cannot_be_shown_is_an_issue_of_its_cell(shown: Shown, code: str, column: str, heading: str) -> None:
    (row,) = read(anna(**{column: shown}))

    assert said_of(row)[0] == (heading, code)
    assert row.issues[0].cell == f"{column}2"
    assert row.move is None


@pytest.mark.parametrize(
    ("shown", "day", "hour"),
    [
        pytest.param(Shown(MOMENT, "dd.mm.yyyy hh:mm"), MOMENT.date(), MOMENT.time(), id="day and hour"),
        pytest.param(Shown(MOMENT, "dd.mm.yyyy"), MOMENT.date(), None, id="an hour that nobody sees"),
        pytest.param(Shown(MOMENT, "d. mmm"), MOMENT.date(), None, id="a day without its year"),
    ],
)
def test_of_a_moment_counts_what_is_shown(shown: Shown, day: date, hour: time | None) -> None:
    (row,) = read(anna(K=shown))

    assert row.move is not None
    assert (row.move.day, row.move.hour) == (day, hour)


@pytest.mark.parametrize(
    ("shown", "code"),
    [
        pytest.param(Shown(date(2027, 3, 1), "mmm yy"), "day_is_a_span", id="a month: what becomes of Mrz 27"),
        pytest.param(Shown(MOMENT, "hh:mm"), "date_unreadable", id="an hour"),
        pytest.param(Shown(MOMENT, "dddd"), "number_not_shown", id="a day of the week"),
        pytest.param(Shown(MOMENT, "yyyy"), "number_not_shown", id="a year"),
    ],
)
def test_a_cell_that_shows_no_day_says_none(shown: Shown, code: str) -> None:
    (row,) = read(anna(K=shown))

    assert said_of(row) == [("Umzugsdatum", code)]


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NULL!", "#NUM!"])
def test_an_error_in_a_column_of_days_is_none_without_a_day(error: str) -> None:
    (row,) = read(anna(K=error))

    assert said_of(row) == [("Umzugsdatum", "error_cell")]


@pytest.mark.parametrize(
    ("shown", "day", "hour"),
    [
        pytest.param(date(2027, 3, 11), date(2027, 3, 11), None, id="a date"),
        pytest.param(MOMENT, date(2027, 3, 11), time(8), id="a moment"),
        pytest.param(46457, date(2027, 3, 11), None, id="its number"),
        pytest.param(Shown(46457.375, "0.000"), date(2027, 3, 11), time(9), id="its number with a part of the day"),
        pytest.param("2027-03-11T08:00", date(2027, 3, 11), time(8), id="ISO"),
        pytest.param("2027-03-11T08:00:30.5", date(2027, 3, 11), time(8), id="ISO with parts of seconds"),
        pytest.param("2027-03-11 08:00:00", date(2027, 3, 11), time(8), id="ISO with a blank"),
        pytest.param("20270311", date(2027, 3, 11), None, id="ISO without dashes"),
        pytest.param("20270311T0800", date(2027, 3, 11), time(8), id="ISO without any sign"),
        pytest.param("'11.03.2027", date(2027, 3, 11), None, id="a text kept from becoming a date"),
    ],
)
def test_a_day_is_read_in_whichever_way_it_is_kept(shown: object, day: date, hour: time | None) -> None:
    (row,) = read(anna(K=shown))

    assert said_of(row) == []
    assert row.move is not None
    assert (row.move.day, row.move.hour) == (day, hour)


@pytest.mark.parametrize("shown", [date(2027, 3, 11), 44995])
def test_a_workbook_that_counts_from_1904_is_read_so_with_and_without_a_format_for_days(shown: object) -> None:
    book = workbook(Tabelle1=[*lines(HEADINGS), anna(K=shown)])
    book.epoch = CALENDAR_MAC_1904

    (row,) = read(book=book)

    assert row.move is not None
    assert row.move.day == date(2027, 3, 11)


@pytest.mark.parametrize(
    "written", ["31.12.9999", "9999-12-31", date(9999, 12, 31), "01.01.2200", "31.12.1989", "1.1.0001", "11.03.1027"]
)
def test_a_day_outside_the_years_we_reckon_with_is_an_issue_and_the_list_is_kept(written: object) -> None:
    row, other = read(
        anna(K=written), ["Lena Brandt", "", "A", "2", "2.15", "1", "B", "1", "1.03", "1", "11.03.2027", "", ""]
    )

    assert said_of(row) == [("Umzugsdatum", "day_out_of_reach")]
    assert said_of(other) == []


@pytest.mark.parametrize("written", ["31.12.2199", "1.1.2100", "29.02.2096"])
def test_the_last_days_we_reckon_with_reach_the_calendar(written: str) -> None:
    (row,) = read(anna(K=written))

    assert {code for _, code in said_of(row)} <= {"on_holiday", "site_closed", "day_far_off"}


def test_names_and_headings_are_composed_alike() -> None:
    apart = unicodedata.normalize("NFD", "Julia Jäger;;A;2;2.22;2;B;1;1.12;1;11.03.2027;;")
    (row,) = read(book=workbook(Tabelle1=lines(unicodedata.normalize("NFD", HEADINGS), apart)))

    assert said_of(row) == []
    assert row.said["person"] == "Julia Jäger"


def test_what_nobody_can_see_has_to_be_accepted() -> None:
    book = workbook(Tabelle1=[*lines(HEADINGS, ANNA, "Max Huber;;A;2;2.14;2;B;1;1.01;2;11.03.2027;;", LENA)])
    for cell in book["Tabelle1"][2][6:10]:
        cell.font = Font(color="FFFFFF")
    for cell in book["Tabelle1"][3]:
        cell.font = Font(color="FFFFFF")
    book["Tabelle1"].row_dimensions[4].height = 0.75

    anna, max_, lena = read(book=book)

    assert said_of(anna) == [(f"nach {part}", "cell_invisible") for part in ("Gebäude", "Etage", "Raum", "Platz")]
    assert said_of(max_) == [("Mitarbeiter", "row_hidden")]
    assert said_of(lena) == [("Mitarbeiter", "row_hidden")]


def test_sentences_call_a_row_of_a_further_sheet_by_sheet_and_line() -> None:
    other = "Anna Vogel;NB-200;A;2;2.14;1;B;1;1.01;1;11.03.2027;;"
    book = workbook(
        EG=lines(HEADINGS, LENA), OG=lines(HEADINGS, ANNA, other, "Max Huber;;A;2;2.14;2;B;1;1.01;1;;;", ANNA)
    )

    _, anna, joined, max_, again = read(book=book)

    assert joined.remarks[0].values["row"] == "OG!2"
    assert max_.conflicts[0].values["rows"] == "OG!2"
    assert again.issues[0].values["row"] == "OG!2"
    assert anna.conflicts[0].values["rows"] == "OG!4"


def test_what_counts_though_its_column_is_hidden_has_to_be_accepted() -> None:
    book = workbook(Tabelle1=[*lines(HEADINGS, ANNA, "Max Huber;;A;2;2.14;2;B;;1.01;2;11.03.2027;;gerne vormittags")])
    for column in ("H", "M"):
        book["Tabelle1"].column_dimensions[column].hidden = True

    anna, max_ = read(book=book)

    assert said_of(anna) == [("nach Etage", "column_hidden")]
    assert said_of(max_) == []


@pytest.mark.parametrize(("written", "code"), [("31.12.2099", "day_far_off"), ("11.03.2072", "day_far_off"), ("", "")])
def test_a_day_that_nobody_plans_for_yet_has_to_be_accepted(written: str, code: str) -> None:
    (row,) = read(anna(K=written))

    assert [said for _, said in said_of(row) if said == code] == ([code] if code else [])


def test_the_address_of_one_person_beside_the_name_of_another_is_an_issue() -> None:
    headings = "Mitarbeiter;E-Mail;nach Gebäude;nach Raum"
    boss = next(person for person in adler().people if person.id == "p-huber")
    told = f"Anna Vogel;{boss.email};B;1.01", f"{boss.name};{boss.email};B;1.01"

    other, same = staged_file("\n".join((headings, *told)).encode()).staged.rows

    assert said_of(other)[:1] == [("E-Mail", "address_of_another")]
    assert "address_of_another" not in {code for _, code in said_of(same)}
