"""Lists as people save them, and files that only pretend to be lists."""

import io
import struct
import zipfile

import openpyxl
import pytest

from connectors.files.limits import MAX_BYTES, MAX_ROWS
from connectors.spreadsheets import read_file
from domain.refusals import Unacceptable

LIST = "Inventarnummer;Gebäude;Preis\n000012;Süd;12,50\n"


def rows(name: str, content: bytes) -> list[tuple[str, ...]]:
    return [tuple(cell.text for cell in row.cells) for row in read_file(name, content).sheets[0].rows]


def workbook(*lines: list[object], **cells: str) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for line in lines:
        sheet.append(line)
    for where, value in cells.items():
        sheet[where] = value
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def zipped(name: str, content: bytes) -> bytearray:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return bytearray(buffer.getvalue())


def understated(archive: bytearray) -> bytes:
    """The same archive, its directory claiming that it unpacks to a thousand bytes."""
    entry = archive.rfind(b"PK\x01\x02")
    archive[entry + 24 : entry + 28] = struct.pack("<I", 1_000)
    return bytes(archive)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(LIST.encode(), id="utf-8"),
        pytest.param(LIST.encode("utf-8-sig"), id="utf-8 with a mark"),
        pytest.param(LIST.encode("utf-16"), id="utf-16 with a mark"),
        pytest.param(LIST.encode("cp1252"), id="cp1252"),
        pytest.param(LIST.replace("\n", "\r\n").encode(), id="Windows line ends"),
        pytest.param(LIST.replace(";", "\t").encode(), id="tabs"),
        pytest.param(LIST.replace("12,50", '"12,50"').replace(";", ",").encode(), id="commas, one of them quoted"),
    ],
)
def test_a_csv_reads_alike_however_it_was_saved(content: bytes) -> None:
    assert rows("a.csv", content) == [("Inventarnummer", "Gebäude", "Preis"), ("000012", "Süd", "12,50")]


def test_empty_lines_count_and_line_breaks_in_a_cell_do_not() -> None:
    (sheet,) = read_file("a.csv", b'Tag;Note\n\n1;"two\nlines"\n2;x\n').sheets

    assert [row.number for row in sheet.rows if row.cells] == [1, 3, 4]


def test_what_excel_writes_round_a_csv_is_taken_off() -> None:
    assert rows("a.csv", b'sep=,\nTag,Note\n"=""007""",a;b;c\n')[1:] == [("Tag", "Note"), ("007", "a;b;c")]


def test_a_workbook_keeps_leading_zeros_row_numbers_and_whole_numbers() -> None:
    content = workbook([], ["Tag", "Model", "Data bearing"], ["000012", "T14", True], [12345.0, 2.5, False])

    (sheet,) = read_file("a.xlsx", content).sheets

    assert [row.number for row in sheet.rows] == [2, 3, 4]
    assert rows("a.xlsx", content)[1:] == [("000012", "T14", "true"), ("12345", "2.5", "false")]


def test_a_cell_merged_over_rows_means_all_of_them_and_an_apostrophe_keeps_a_text_from_being_a_formula() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for line in (["Title", None], ["Floor", "Note"], ["2", "'=1+1"], [None, "'s"]):
        sheet.append(line)
    sheet.merge_cells("A1:B1")
    sheet.merge_cells("A3:A4")
    buffer = io.BytesIO()
    book.save(buffer)

    assert rows("a.xlsx", buffer.getvalue()) == [("Title", ""), ("Floor", "Note"), ("2", "=1+1"), ("2", "'s")]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        pytest.param("a.csv", b"", "file_empty", id="nothing in it"),
        pytest.param("a.csv", b"a;b\n" * (MAX_BYTES // 4 + 1), "file_too_large", id="too many bytes"),
        pytest.param("a.csv", b"a\n" * (MAX_ROWS + 1), "too_many_rows", id="too many rows"),
        pytest.param("a.csv", b";" * 300, "too_many_columns", id="too many columns"),
        pytest.param("a.csv", b'a;b\n1;"x\n2;y\n', "csv_broken", id="a quotation mark left open"),
        pytest.param("a.csv", b"a\x00b;c\n", "encoding_unknown", id="NUL"),
        pytest.param("a.csv", b"a;\x81\n", "encoding_unknown", id="bytes no encoding has"),
        pytest.param("a.pdf", b"%PDF-1.7", "file_type_unknown", id="a PDF"),
        pytest.param("a.csv", workbook(["Tag"]), "workbook_by_other_name", id="a workbook by another name"),
        pytest.param("a.xlsx", b"Tag;Model\n", "text_by_workbook_name", id="text by the name of a workbook"),
        pytest.param("a.xls", b"<html><table><tr><td>Tag", "page_by_other_name", id="a page by the name of a workbook"),
        pytest.param("a.xlsx", b'<?xml version="1.0"?><Workbook>', "page_by_other_name", id="XML by that name"),
        pytest.param("a.csv", b"\n<!DOCTYPE html>\n<table>", "page_by_other_name", id="a page by the name of a text"),
        pytest.param("a.xls", b"\xd0\xcf\x11\xe0old", "binary_workbook", id="the old binary format"),
        pytest.param("a.xlsm", workbook(["Tag"]), "macros_refused", id="macros by name"),
        pytest.param("a.xlsx", bytes(zipped("xl/vbaProject.bin", b"x")), "macros_refused", id="macros inside"),
        pytest.param(
            "a.xlsx", bytes(zipped("xl/externalLinks/externalLink1.xml", b"x")), "external_links_refused", id="links"
        ),
        pytest.param("a.xlsx", b"PK\x03\x04 and nothing more", "workbook_broken", id="a torn zip"),
        pytest.param("a.xlsx", bytes(zipped("a.txt", b"x")), "workbook_broken", id="a zip that is no workbook"),
        pytest.param("a.xlsx", workbook(XFD1048576="far"), "too_many_rows", id="a cell in the far corner"),
        pytest.param("a.xlsx", workbook(ZZ1="far"), "too_many_columns", id="a cell far to the right"),
        pytest.param("a.xlsx", workbook(CV49000="far"), "too_many_cells", id="a wide and long sheet of nothing"),
        pytest.param("a.xlsx", bytes(zipped("a", bytes(110_000_000))), "unpacks_too_large", id="a zip bomb"),
        pytest.param(
            "a.xlsx", understated(zipped("a", bytes(110_000_000))), "workbook_broken", id="a zip bomb that lies"
        ),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_the_reason(name: str, content: bytes, code: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        read_file(name, content)

    assert [problem.code for problem in refused.value.problems] == [code]
