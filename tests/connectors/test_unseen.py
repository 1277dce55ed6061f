"""What the author of a workbook does not let its readers see is known of each row, column and cell."""

import pytest
from openpyxl.styles import Font, GradientFill, PatternFill
from openpyxl.styles.colors import Color

from connectors.spreadsheets import read_file
from domain.cells import CellSheet
from tests.open_documents import document, spreadsheet, text
from tests.workbooks import lines, saved, workbook

WHITE, DARK = PatternFill("solid", fgColor="FFFFFF"), PatternFill("solid", fgColor="1F3864")
ROWS = ("A;B;C", "a;b;c", "d;e;f")


def sheet(font: Font | None = None, fill: PatternFill | GradientFill | None = None) -> CellSheet:
    """The first cell of the second row looks so."""
    book = workbook(T=lines(*ROWS))
    if font is not None:
        book["T"]["A2"].font = font
    if fill is not None:
        book["T"]["A2"].fill = fill
    return read_file("l.xlsx", saved(book)).sheets[0]


@pytest.mark.parametrize(
    ("font", "fill", "is_seen"),
    [
        pytest.param(Font(color="FFFFFF"), None, False, id="white without a colour behind"),
        pytest.param(Font(color=Color(theme=0)), None, False, id="white by the theme"),
        pytest.param(Font(color=Color(indexed=9)), None, False, id="white by the old palette"),
        pytest.param(Font(color="FFFFFF"), WHITE, False, id="white on white"),
        pytest.param(Font(color="FDFDFD"), None, False, id="nearly white"),
        pytest.param(None, PatternFill("solid", fgColor="000000"), False, id="black on black"),
        pytest.param(Font(color="1F3864"), DARK, False, id="dark on dark"),
        pytest.param(Font(sz=1), None, False, id="tiny"),
        pytest.param(Font(color="FFFFFF"), DARK, True, id="white on dark"),
        pytest.param(Font(color="FFFFFF"), PatternFill("lightGrid", fgColor="1F3864"), True, id="on a pattern"),
        pytest.param(Font(color="FFFFFF"), GradientFill(stop=("000000", "FFFFFF")), True, id="on a gradient"),
        pytest.param(Font(color="FF0000"), None, True, id="red"),
        pytest.param(Font(color=Color(theme=1)), None, True, id="black by the theme"),
        pytest.param(Font(color=Color(theme=0, tint=-0.5)), None, True, id="grey by the theme"),
        pytest.param(Font(sz=8), WHITE, True, id="small"),
        pytest.param(None, None, True, id="as it comes"),
    ],
)
def test_a_cell_of_a_workbook_is_seen_by_its_colour_and_size(
    font: Font | None, fill: PatternFill | GradientFill | None, is_seen: bool
) -> None:
    row = sheet(font, fill).rows[1]

    assert [cell.invisible for cell in row.cells] == [not is_seen, False, False]


def test_rows_and_columns_without_height_or_width_are_hidden_ones() -> None:
    book = workbook(T=lines(*ROWS))
    book["T"].row_dimensions[2].height = 0.75
    book["T"].row_dimensions[3].height = 15
    book["T"].column_dimensions["B"].width = 0.1
    book["T"].column_dimensions["C"].width = 12

    found = read_file("l.xlsx", saved(book)).sheets[0]

    assert ([row.hidden for row in found.rows], found.hidden_columns) == ([False, True, False], (1,))


STYLES = (
    '<style:style style:name="white" style:family="table-cell">'
    '<style:text-properties fo:color="#ffffff"/></style:style>'
    '<style:style style:name="dark" style:family="table-cell" style:parent-style-name="white">'
    '<style:table-cell-properties fo:background-color="#1f3864"/></style:style>'
    '<style:style style:name="tiny" style:family="table-cell"><style:text-properties fo:font-size="1pt"/></style:style>'
    '<style:style style:name="flat" style:family="table-row">'
    '<style:table-row-properties style:row-height="0cm"/></style:style>'
    '<style:style style:name="tall" style:family="table-row">'
    '<style:table-row-properties style:row-height="0.45cm"/></style:style>'
    '<style:style style:name="thin" style:family="table-column">'
    '<style:table-column-properties style:column-width="0.1pt"/></style:style>'
)


def test_the_same_is_known_of_an_open_document() -> None:
    cells = "".join(text("x", f'table:style-name="{style}"') for style in ("white", "dark", "tiny", "other"))
    rows = "".join(
        f'<table:table-row table:style-name="{style}">{cells}</table:table-row>' for style in ("flat", "tall", "other")
    )
    columns = '<table:table-column/><table:table-column table:style-name="thin"/>'

    content = spreadsheet(f'<table:table table:name="T">{columns}{rows}</table:table>', styles=STYLES)
    (found,) = read_file("l.ods", document(content)).sheets

    assert [row.hidden for row in found.rows] == [True, False, False]
    assert found.hidden_columns == (1,)
    assert [cell.invisible for cell in found.rows[1].cells] == [True, False, True, False]
