"""Asset lists are read as their authors see them, by the same code as move lists."""

from collections.abc import Sequence

import pytest

from connectors.spreadsheets import read_file
from domain.assets.lists import AssetList, read_assets
from tests import open_documents
from tests.workbooks import Shown, lines, saved, workbook
from tests.world import HQ

HEADINGS = "Inventarnummer;Seriennummer;Modell;Status;Standort;Raum"
ONE, OTHER = "T-1;S1;OptiPlex;im Einsatz;adler-hq;2.14", "T-2;S2;OptiPlex;im Einsatz;adler-hq;2.15"


def read(content: bytes, *, with_unseen: bool = False) -> AssetList:
    return read_assets(read_file("l.xlsx", content), [HQ], with_unseen=with_unseen)


def sheet(*rows: Sequence[object]) -> bytes:
    return saved(workbook(Tabelle1=[*lines(HEADINGS), *rows]))


def problems(found: AssetList) -> list[tuple[str, str]]:
    return [(issue.cell, issue.code) for issue in found.issues]


@pytest.mark.parametrize(
    ("shown", "tag"),
    [
        pytest.param(Shown(123, "000000"), "000123", id="leading zeros"),
        pytest.param(Shown(4711, '"INV-"0000'), "INV-4711", id="a word before the number"),
        pytest.param(Shown(700123), "700123", id="a plain number"),
        pytest.param(Shown("7E20193"), "7E20193", id="a code like an exponent"),
        pytest.param(Shown("5E12", "@"), "5E12", id="a code in a column of texts"),
        pytest.param(Shown("0815.0"), "0815.0", id="a text like a number"),
    ],
)
@pytest.mark.parametrize(("column", "field"), [(0, "tag"), (1, "serial")])
def test_tags_and_serials_are_what_is_shown(shown: Shown, tag: str, column: int, field: str) -> None:
    row: list[object] = list(ONE.split(";"))
    row[column] = shown

    found = read(sheet(row))

    assert found.issues == ()
    assert getattr(found.rows[0].stated, field) == tag


@pytest.mark.parametrize(
    ("shown", "code"),
    [
        pytest.param(Shown(700123, "#,##0"), "number_not_shown", id="thousands"),
        pytest.param(Shown(0.125, "# ?/?"), "number_not_shown", id="a fraction"),
        pytest.param(Shown(0.125, "0.0%"), "number_not_shown", id="hundredths"),
        pytest.param(Shown(12345678901234567890), "number_rounded", id="too many digits"),
        pytest.param(Shown("#REF!"), "error_cell", id="an error"),
        pytest.param(Shown("=A1"), "formula_without_value", id="a formula"),
        pytest.param(Shown(False), "truth_in_text", id="true or false"),
        pytest.param(Shown("BÃ¼ro"), "text_garbled", id="wrongly decoded"),
    ],
)
@pytest.mark.parametrize("column", "ABCDEF")
def test_what_cannot_be_shown_is_a_problem_of_its_cell(shown: Shown, code: str, column: str) -> None:
    row: list[object] = list(ONE.split(";"))
    row[ord(column) - ord("A")] = shown

    found = read(sheet(row, list(OTHER.split(";"))))

    assert problems(found)[:1] == [(f"{column}2", code)]
    assert "cell_needed" not in {said for _, said in problems(found)}
    assert [one.stated.tag for one in found.rows] == ["T-2"]


@pytest.mark.parametrize("made", [workbook, open_documents.sheets], ids=["XLSX", "ODS"])
def test_all_shown_sheets_are_read_and_the_others_are_named(made: object) -> None:
    content = made(Info=lines("Bestand"), A=lines(HEADINGS, ONE), B=lines(HEADINGS, OTHER))  # type: ignore[operator]

    found = read(content if isinstance(content, bytes) else saved(content))

    assert [(one.row.number, one.stated.tag) for one in found.rows] == [(2, "T-1"), (200_002, "T-2")]
    assert found.table.unread == ("Info",)


def test_rows_that_are_hidden_or_struck_out_count_only_if_they_are_wanted() -> None:
    struck = [Shown(text, struck=True) for text in OTHER.split(";")]
    partly = ["T-3", "S3", "OptiPlex", "im Einsatz", "adler-hq", Shown("2.15", struck=True)]
    book = workbook(Tabelle1=[*lines(HEADINGS, ONE), struck, partly])
    book["Tabelle1"].row_dimensions[2].hidden = True

    found, wanted = read(saved(book)), read(saved(book), with_unseen=True)

    assert problems(found) == [("A2", "row_hidden"), ("A3", "row_struck"), ("F4", "cell_struck")]
    assert found.rows == ()
    assert [one.stated.tag for one in wanted.rows] == ["T-1", "T-2", "T-3"]
    assert wanted.issues == ()


def test_cells_that_have_slipped_to_the_right_are_a_problem_of_their_row() -> None:
    found = read_assets(
        read_file("l.csv", f"{HEADINGS}\nT-1;S1;Opti;Plex;im Einsatz;adler-hq;2.14\n{OTHER}\n".encode()), [HQ]
    )

    assert ("G2", "cell_without_heading") in problems(found)
    assert [one.stated.tag for one in found.rows] == ["T-2"]
