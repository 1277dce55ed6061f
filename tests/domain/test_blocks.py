"""Where lists stand in workbooks: sheets, blocks, headings that come again, and what is not shown."""

from io import BytesIO

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from documents.move_lists import annotated
from documents.wording import sentence
from domain.moves.lists.staging import RowState, Staged, StagedList, counted
from domain.refusals import Unacceptable
from tests import open_documents
from tests.domain.moves.lists.example_lists import HEADINGS, NOW, said_of, staged_file
from tests.workbooks import Shown, lines, saved, workbook
from tests.world import COORDINATOR

ANNA = "Anna Vogel;;A;2;2.14;1;B;1;1.01;1;11.03.2027;;"
MAX = "Max Huber;;A;2;2.14;2;B;1;1.02;1;11.03.2027;;"
LENA = "Lena Brandt;;A;2;2.15;1;B;1;1.03;1;11.03.2027;;"
KATJA = "Katja Simon;;A;2;2.15;2;B;1;1.04;1;11.03.2027;;"


def staged(book: openpyxl.Workbook | bytes) -> Staged:
    content = book if isinstance(book, bytes) else saved(book)
    return staged_file(content, name="l.xlsx").staged


def stand(of: Staged) -> list[tuple[int, str, list[tuple[str, str]]]]:
    return [(row.row, row.state, said_of(row)) for row in of.rows]


def sheets(**named: list[str]) -> openpyxl.Workbook:
    return workbook(**{name: lines(*rows) for name, rows in named.items()})


@pytest.mark.parametrize("made", [workbook, open_documents.sheets], ids=["XLSX", "ODS"])
def test_every_shown_sheet_with_headings_is_read_and_a_row_is_sheet_and_number(made: object) -> None:
    named = {"Deckblatt": ["Umzug"], "1. OG": [HEADINGS, ANNA], "2. OG": ["Stand heute", "", HEADINGS, MAX, LENA]}
    found = staged(made(**{name: lines(*rows) for name, rows in named.items()}))  # type: ignore[operator]

    assert [(row.row, row.sheet, row.line, row.state) for row in found.rows] == [
        (2, "1. OG", 2, RowState.READY),
        (200_004, "2. OG", 4, RowState.READY),
        (200_005, "2. OG", 5, RowState.READY),
    ]
    assert found.unread_sheets == ("Deckblatt",)


def test_sheets_that_are_not_shown_are_named_and_not_read() -> None:
    book = sheets(a=[HEADINGS, ANNA], b=[HEADINGS, MAX], c=[HEADINGS, LENA], leer=[])
    book["b"].sheet_state, book["c"].sheet_state = "hidden", "veryHidden"

    found = staged(book)

    assert ([row.row for row in found.rows], found.unread_sheets) == ([2], ("b", "c"))


def test_each_sheet_is_read_by_its_own_headings() -> None:
    found = staged(sheets(a=[HEADINGS, ANNA], b=["Platz neu;Raum neu;Name", "1;1.02;Max Huber"]))

    assert [row.said["to_room"] for row in found.rows] == ["1.01", "1.02"]
    assert found.rows[1].move is not None
    assert said_of(found.rows[1]) == []


def test_an_issue_names_sheet_and_cell() -> None:
    (_, row) = staged(sheets(a=[HEADINGS, ANNA], b=[HEADINGS, MAX.replace("11.03.2027", "bald")])).rows

    assert [(one.row, one.sheet, one.cell, one.code) for one in row.issues] == [(200_002, "b", "K2", "date_unreadable")]


def test_one_person_on_two_sheets_is_in_two_rows() -> None:
    _, second = staged(sheets(a=[HEADINGS, ANNA], b=[HEADINGS, ANNA.replace("1.01", "1.02")])).rows

    assert {code for _, code in said_of(second)} == {"asset_in_two_rows"}
    assert {one.values["row"] for one in second.issues} == {"2"}


def test_a_second_block_is_read_by_its_own_headings_and_one_that_comes_again_goes_on() -> None:
    found = staged(
        sheets(
            a=[
                *("2. OG", "", HEADINGS, ANNA, "", HEADINGS, MAX, "", "Neu dazu"),
                *("Name;Zielraum;Zielplatz;von Raum", "Lena Brandt;1.03;1;2.15"),
            ]
        )
    )

    assert stand(found) == [(4, "ready", []), (7, "ready", []), (11, "ready", [])]
    assert (found.rows[2].said["to_desk"], found.rows[2].said["from_room"]) == ("1", "2.15")


def test_a_block_that_lacks_what_it_needs_says_so_at_its_rows() -> None:
    found = staged(sheets(a=[HEADINGS, ANNA, "", "Name;Telefon", "Max Huber;4711"]))

    assert found.rows[0].state == RowState.READY
    assert {row.state for row in found.rows[1:]} == {RowState.ISSUE}


@pytest.mark.parametrize("title_rows", [0, 3, 14])
def test_headings_may_stand_below_a_long_title(title_rows: int) -> None:
    found = staged(sheets(a=[*(f"Zeile {n} des Anschreibens" for n in range(title_rows)), HEADINGS, ANNA]))

    assert stand(found) == [(title_rows + 2, "ready", [])]


def test_a_workbook_without_any_list_is_refused() -> None:
    with pytest.raises(Unacceptable) as refused:
        staged(sheets(a=["Umzug"], b=["Farbe;Preis", "rot;1"]))

    assert [problem.code for problem in refused.value.problems] == ["headings_not_found"]


def test_hidden_rows_and_those_that_a_filter_leaves_out_have_to_be_accepted() -> None:
    book = sheets(a=[HEADINGS, ANNA, MAX, LENA])
    book["a"].row_dimensions[3].hidden = True

    found = staged(book)

    assert stand(found) == [
        (2, "ready", []),
        (3, "conflict", [("Mitarbeiter", "row_hidden")]),
        (4, "ready", []),
    ]
    assert found.rows[1].conflicts[0].cell == "A3"


def struck(line: str, *columns: int) -> list[object]:
    return [Shown(text, struck=not columns or at in columns) for at, text in enumerate(line.split(";"))]


@pytest.mark.parametrize("made", [workbook, open_documents.sheets], ids=["XLSX", "ODS"])
def test_a_row_that_is_struck_out_does_not_move_and_has_to_be_accepted(made: object) -> None:
    again = LENA.replace("1.03", "1.05")
    found = staged(made(a=[*lines(HEADINGS, ANNA), struck(LENA), *lines(again)]))  # type: ignore[operator]

    assert stand(found) == [
        (2, "ready", []),
        (3, "conflict", [("Mitarbeiter", "row_struck")]),
        (4, "ready", []),
    ]
    assert found.rows[1].move is None


def test_whoever_is_struck_out_keeps_their_desk() -> None:
    into = ANNA.replace("B;1;1.01;1", "A;2;2.15;1")
    _, row = staged(workbook(a=[*lines(HEADINGS), struck(LENA), *lines(into)])).rows

    assert said_of(row) == [("nach Platz", "target_occupied")]


def test_a_cell_that_is_struck_out_in_whole_or_in_part_is_named() -> None:
    part = CellRichText("1.01 ", TextBlock(InlineFont(strike=True), "1.02"))
    partly = [*ANNA.split(";")[:8], part, *ANNA.split(";")[9:]]
    found = staged(workbook(a=[*lines(HEADINGS), struck(MAX, 8), partly]))

    assert [row.conflicts[0].cell for row in found.rows] == ["I2", "I3"]
    assert {code for row in found.rows for _, code in said_of(row)} >= {"cell_struck"}
    assert {row.state for row in found.rows} == {RowState.CONFLICT}


def test_a_struck_note_says_nothing_of_the_row() -> None:
    (row,) = staged(workbook(a=[*lines(HEADINGS), struck(f"{ANNA[:-1]};alt", 12)])).rows

    assert said_of(row) == []


def test_columns_that_are_not_shown_are_named_and_give_way_to_those_that_are() -> None:
    book = workbook(a=lines(f"{HEADINGS};Raum neu", f"{ANNA};9.99"))
    for column in ("L", "N"):
        book["a"].column_dimensions[column].hidden = True

    found = staged(book)

    assert found.hidden_columns == ("Welle",)
    assert stand(found) == [(2, "ready", [])]
    assert found.rows[0].said["to_room"] == "1.01"


@pytest.mark.parametrize(
    ("line", "cell"),
    [
        pytest.param(f"{ANNA};x", "N2", id="behind the last heading"),
        pytest.param(f"{ANNA};;;;x", "Q2", id="far behind it"),
        pytest.param(
            "Anna Vogel;;A;2;2.14;1;B;1;1.01;1;11.03.2027;;eilt, sehr; bitte", "N2", id="a separator in a note"
        ),
    ],
)
def test_what_stands_without_a_heading_is_an_issue_of_its_row(line: str, cell: str) -> None:
    row, other = staged(sheets(a=[HEADINGS, line, MAX])).rows

    assert [(one.code, one.cell) for one in row.issues] == [("cell_without_heading", cell)]
    assert said_of(other) == []


def test_a_separator_within_a_text_is_found_in_a_csv_as_well() -> None:
    row, other = staged_file("\n".join((HEADINGS, f"{ANNA}eilt; sehr", MAX)).encode()).staged.rows

    assert said_of(row) == [("", "cell_without_heading")]
    assert said_of(other) == []


@pytest.mark.parametrize(("first", "state"), [("0", "ready"), ("5", "ready"), ("x", "issue")])
def test_a_column_of_row_numbers_needs_no_heading(first: str, state: str) -> None:
    second = f"{int(first) + 1}" if first.isdecimal() else "y"
    found = staged(sheets(a=[f";{HEADINGS}", f"{first};{ANNA}", f"{second};{MAX}"]))

    assert [row.state for row in found.rows] == [state, state]


def test_merged_cells_fill_down_within_the_table_and_make_no_rows() -> None:
    rows = lines(HEADINGS, ANNA, MAX.replace("B", "").replace("11.03.2027", ""))
    book = workbook(a=rows)
    book["a"].merge_cells("G2:G40")
    book["a"].merge_cells("K2:K3")

    found = staged(book)

    assert [(row.row, row.said["to_building"], row.said["date"]) for row in found.rows] == [
        (2, "B", "11.03.2027"),
        (3, "B", "11.03.2027"),
    ]


def test_formats_far_below_the_values_make_no_rows() -> None:
    book = sheets(a=[HEADINGS, ANNA])
    for row in range(3, 400):
        book["a"].cell(row, 1).number_format = "0.00"

    assert [row.row for row in staged(book).rows] == [2]


def test_a_row_of_formulas_that_nobody_has_computed_is_not_lost() -> None:
    formulas = ";".join(f"=Quelle!{letter}2" for letter in "ABCDEFGHIJK") + ";;"
    found = staged(sheets(a=[HEADINGS, formulas, MAX]))

    assert [row.state for row in found.rows] == [RowState.ISSUE, RowState.READY]
    assert {code for _, code in said_of(found.rows[0])} == {"formula_without_value"}


@pytest.mark.parametrize(
    ("headings", "line", "columns"),
    [
        ("Name;nach Geb.;nach Raum;;Name;nach Geb.;nach Raum", "Anna Vogel;B;1.01;;Max Huber;B;1.02", "A–C, E–G"),
        ("Name;Gerät;Raum neu;Name;Gerät;Raum neu", "Anna Vogel;NB-200;1.01;Max Huber;;1.02", "A–C, D–F"),
    ],
)
def test_tables_side_by_side_are_refused_with_what_to_do(headings: str, line: str, columns: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        staged(sheets(Plan=["Umzug", headings, line]))

    (problem,) = refused.value.problems
    values = {"columns": columns, "sheet": "Plan", "row": "2"}
    assert (problem.code, problem.values) == ("tables_side_by_side", values)


def test_two_columns_for_one_thing_are_named_with_their_cells() -> None:
    with pytest.raises(Unacceptable) as refused:
        staged(sheets(Plan=["Raum neu;Zielraum;Name", "1.01;1.02;Anna Vogel"]))

    (problem,) = refused.value.problems
    assert (problem.code, problem.values["columns"]) == ("column_twice", "Raum neu (A1), Zielraum (B1)")
    assert 'imac project columns PROJEKT "Zielraum=ignored"' in sentence(problem, "de")


def test_two_columns_of_one_name_cannot_be_told_apart_by_a_mapping() -> None:
    with pytest.raises(Unacceptable) as refused:
        staged(sheets(Plan=["Raum neu;Datum;Datum;Name", "1.01;11.03.2027;12.03.2027;Anna Vogel"]))

    (problem,) = refused.value.problems
    assert "imac" not in sentence(problem, "en")


@pytest.mark.parametrize("line", ["Name  Raum alt  Raum neu", "Name: Raum alt: Raum neu", "Name~Raum alt~Raum neu"])
def test_lines_that_nothing_has_cut_are_refused_as_such(line: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        staged(sheets(Plan=[line, line]))

    assert [problem.code for problem in refused.value.problems] == ["cells_not_cut"]


def test_a_list_with_several_blocks_comes_back_with_all_their_headings_where_they_stood() -> None:
    other = "Platz neu;Raum neu;Geb. neu;Name"
    one, two = ["Umzug", HEADINGS, ANNA, "", other, "1;1.02;B;Max Huber"], [HEADINGS, LENA, HEADINGS, KATJA]
    file = staged_file(saved(sheets(a=one, b=two)), name="l.xlsx")
    listed = StagedList(
        project="p",
        version=1,
        file_name="l.xlsx",
        digest="d",
        at=NOW,
        actor=COORDINATOR,
        headings=file.staged.headings,
        further_headings=file.staged.further_headings,
        **counted(file.staged.rows),
    )

    book = openpyxl.load_workbook(BytesIO(annotated(listed, file.staged.rows, "de")))
    first, second = ([[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book.worksheets)
    again = staged_file(annotated(listed, file.staged.rows, "de"), name="l.xlsx").staged

    assert (first[1][1], first[2][1], first[4][1:5], first[5][4]) == (
        "Mitarbeiter",
        "Anna Vogel",
        ["Platz neu", "Raum neu", "Geb. neu", "Name"],
        "Max Huber",
    )
    assert (second[0][1], second[1][1], second[3][1]) == ("Mitarbeiter", "Lena Brandt", "Katja Simon")
    assert [(row.row, row.state) for row in again.rows] == [(row.row, row.state) for row in file.staged.rows]
