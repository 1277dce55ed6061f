"""ODS files: what a cell shows stands in it beside its value, and nothing else in it is read."""

import pytest

from connectors.spreadsheets import read_file
from domain.cells import CellKind, ListCell
from domain.refusals import Unacceptable
from tests.open_documents import document, row, sheets, spreadsheet, table, text
from tests.workbooks import Shown

MANIFEST = (
    '<manifest xmlns="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    "<file-entry><encryption-data/></file-entry></manifest>"
)


def cell(content: str) -> ListCell:
    found = read_file("a.ods", document(spreadsheet(table(row(content)))))
    return found.sheets[0].rows[0].cells[0]


def number(value: str, shown: str, kind: str = "float") -> str:
    said = f"<text:p>{shown}</text:p>" if shown else ""
    return f'<table:table-cell office:value-type="{kind}" office:value="{value}">{said}</table:table-cell>'


@pytest.mark.parametrize(
    ("value", "shown", "text", "kind"),
    [
        ("123", "000123", "000123", CellKind.NUMBER),
        ("4711", "INV-4711", "INV-4711", CellKind.NUMBER),
        ("1.1", "1,10", "1.10", CellKind.NUMBER),
        ("1.1", "1.10", "1.10", CellKind.NUMBER),
        ("1234", "12-34", "12-34", CellKind.NUMBER),
        ("12.345", "12,35", "12.35", CellKind.NUMBER),
        ("7", "", "7", CellKind.NUMBER),
        ("4711", "4.711", "4711", CellKind.UNSHOWN),
        ("4711", "4,711.00", "4,711.00", CellKind.UNSHOWN),
        ("1234567", "1 234 567", "1 234 567", CellKind.UNSHOWN),
        ("0.125", "1/8", "1/8", CellKind.UNSHOWN),
        ("101", "1,01E+002", "1,01E+002", CellKind.UNSHOWN),
        ("1234567890123456789", "1,23E+018", "1,23E+018", CellKind.ROUNDED),
        ("1", "#NV", "#NV", CellKind.ERROR),
    ],
)
def test_a_number_is_what_is_shown_of_it(value: str, shown: str, text: str, kind: CellKind) -> None:
    assert cell(number(value, shown)) == ListCell(text, kind)


@pytest.mark.parametrize(
    ("content", "said", "kind"),
    [
        pytest.param(text("a"), "a", CellKind.TEXT, id="a text"),
        pytest.param(text('a<text:s text:c="3"/>b'), "a   b", CellKind.TEXT, id="blanks"),
        pytest.param(text("a<text:line-break/>b</text:p><text:p>c"), "a\nb\nc", CellKind.TEXT, id="lines"),
        pytest.param(text("<text:a><text:span>a</text:span></text:a>b"), "ab", CellKind.TEXT, id="a link"),
        pytest.param(
            text("a</text:p><office:annotation><text:p>nobody</text:p></office:annotation><text:p>b"),
            "a\nb",
            CellKind.TEXT,
            id="a comment beside it",
        ),
        pytest.param(text("7E20193"), "7E20193", CellKind.TEXT, id="a code like an exponent"),
        pytest.param(
            '<table:table-cell office:value-type="date" office:date-value="2027-03-11T08:00:00">'
            "<text:p>11.3. 08:00</text:p></table:table-cell>",
            "2027-03-11 08:00:00",
            CellKind.DATE,
            id="a moment",
        ),
        *(
            pytest.param(
                f'<table:table-cell office:value-type="date" office:date-value="{kept}"><text:p>{shown}</text:p>'
                "</table:table-cell>",
                said,
                kind,
                id=f"a date shown as {shown}",
            )
            for kept, shown, said, kind in (
                ("2027-03-11T08:00:00", "11.03.27", "2027-03-11", CellKind.DATE),
                ("2027-03-11T08:00:00", "08:00", "08:00:00", CellKind.DATE),
                ("2027-03-01", "Mrz 27", "2027-03", CellKind.DATE),
                ("2027-03-11", "Donnerstag", "2027-03-11", CellKind.UNSHOWN),
                ("2027-03-11", "Donnerstag, 11. März", "2027-03-11", CellKind.DATE),
                ("2027-03-11T08:00:00", "3/11/27 8:00 AM", "2027-03-11 08:00:00", CellKind.DATE),
                ("2027-03-11T08:00:00", "11.03.2027 8 Uhr", "2027-03-11 08:00:00", CellKind.DATE),
            )
        ),
        pytest.param(
            '<table:table-cell office:value-type="time" office:time-value="PT08H30M00S"/>',
            "08:30:00",
            CellKind.DATE,
            id="a time of day",
        ),
        pytest.param(
            '<table:table-cell office:value-type="date" office:date-value="12027-03-11"/>',
            "12027-03-11",
            CellKind.UNSHOWN,
            id="a day beyond all years",
        ),
        pytest.param(
            '<table:table-cell calcext:value-type="error" office:value-type="string"><text:p>#REF!</text:p>'
            "</table:table-cell>",
            "#REF!",
            CellKind.ERROR,
            id="an error",
        ),
        pytest.param(
            '<table:table-cell office:value-type="percentage" office:value="1"><text:p>9%</text:p></table:table-cell>',
            "9%",
            CellKind.UNSHOWN,
            id="hundredths",
        ),
        pytest.param(
            '<table:table-cell office:value-type="string" office:string-value="kept"/>',
            "kept",
            CellKind.TEXT,
            id="told",
        ),
    ],
)
def test_a_cell_says_what_it_is(content: str, said: str, kind: CellKind) -> None:
    assert cell(content) == ListCell(said, kind)


def test_formulas_count_with_what_they_came_to() -> None:
    formula = '<table:table-cell table:formula="of:=1"'

    assert cell(f'{formula} office:value-type="float" office:value="1"/>') == ListCell(
        "1", CellKind.NUMBER, computed=True
    )
    assert cell(f"{formula}/>") == ListCell("", CellKind.UNCOMPUTED, computed=True)


def test_repeats_stand_for_copies_and_what_is_empty_only_takes_its_place() -> None:
    cells = text("a", 'table:number-columns-repeated="2"') + '<table:table-cell table:number-columns-repeated="16000"/>'
    rows = (
        row("<table:table-cell/>", 'table:number-rows-repeated="3"')
        + row(cells, 'table:number-rows-repeated="2"')
        + row("<table:table-cell/>", 'table:number-rows-repeated="1048000"')
    )
    (sheet,) = read_file("a.ods", document(spreadsheet(table(rows)))).sheets

    assert [(one.number, [cell.text for cell in one.cells]) for one in sheet.rows] == [(4, ["a", "a"]), (5, ["a", "a"])]


def test_what_is_hidden_struck_or_merged_is_known() -> None:
    rows = (
        row(text("Titel", 'table:number-rows-spanned="2"') + text("a"), 'table:visibility="filter"')
        + row("<table:covered-table-cell/>" + text("b", 'table:style-name="struck"'))
        + row(text('c<text:span text:style-name="piece">d</text:span>'), 'table:visibility="collapse"')
    )
    hidden = table("", name="alt", more='table:style-name="unshown"')
    columns = '<table:table-column table:number-columns-repeated="2" table:visibility="collapse"/>'
    found = read_file("a.ods", document(spreadsheet(table(columns + rows) + hidden)))

    (sheet,) = found.sheets
    assert found.unread == ("alt",)
    assert sheet.hidden_columns == (1, 2)
    assert [one.hidden for one in sheet.rows] == [True, False, True]
    assert [[cell.text for cell in one.cells] for one in sheet.rows] == [["Titel", "a"], ["Titel", "b"], ["cd", ""]]
    assert [one.cells[1].struck for one in sheet.rows[:2]] == [False, True]
    assert sheet.rows[2].cells[0].struck


def test_a_document_may_bear_another_name_and_counts_from_1904_if_it_says_so() -> None:
    counted = (
        '<table:calculation-settings><table:null-date table:date-value="1904-01-01"/></table:calculation-settings>'
    )
    content = document(spreadsheet(table(row(text("a"))), before=counted))

    assert read_file("a.xlsx", content).sheets[0].since_1904
    assert [cell.text for cell in read_file("a", sheets(T=[["a", Shown(1, "001")]])).sheets[0].rows[0].cells] == [
        "a",
        "001",
    ]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        pytest.param(
            "a.ods",
            document(spreadsheet(""), {"META-INF/manifest.xml": MANIFEST}),
            "file_encrypted",
            id="a password",
        ),
        pytest.param("a.ods", document("", {"encrypted-package": b"x"}), "file_encrypted", id="a newer password"),
        pytest.param("a.ods", document(spreadsheet("")), "workbook_broken", id="no sheet"),
        pytest.param(
            "a.ods",
            document("", {"mimetype": "application/vnd.oasis.opendocument.text"}),
            "file_type_unknown",
            id="a letter",
        ),
        pytest.param("a.ods", document(spreadsheet(""), {"Basic/script-lb.xml": b"x"}), "macros_refused", id="macros"),
        pytest.param("a.ods", b"Tag;Model\n", "text_by_workbook_name", id="CSV"),
        pytest.param("a.csv", document(spreadsheet("")), "workbook_by_other_name", id="by the name of CSV"),
    ],
)
def test_a_document_that_is_no_list_is_refused_with_the_reason(name: str, content: bytes, code: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        read_file(name, content)

    assert [problem.code for problem in refused.value.problems] == [code]
