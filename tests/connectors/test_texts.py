"""CSV as programs and people write it: signs between cells, encodings, and what spreadsheets leave of numbers."""

import codecs

import pytest

from connectors.spreadsheets import read_file
from domain.cells import CellKind, ListCell
from domain.refusals import Unacceptable

NAMES = "Name;Ort\nJürgen Groß;Köln\nBärbel Weiß;Überlingen\n"


def rows(content: bytes) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in read_file("l.csv", content).sheets[0].rows]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(NAMES.encode(), id="UTF-8"),
        pytest.param(NAMES.encode("utf-8-sig"), id="UTF-8 with a mark"),
        pytest.param(NAMES.encode("cp1252"), id="CP1252"),
        pytest.param(NAMES.encode("utf-16"), id="UTF-16"),
        pytest.param(codecs.BOM_UTF16_BE + NAMES.encode("utf-16-be"), id="UTF-16, the other way round"),
        pytest.param(NAMES.encode("utf-16-le"), id="UTF-16 without a mark"),
        pytest.param(NAMES.encode("utf-16-be"), id="UTF-16 without a mark, the other way round"),
        pytest.param(NAMES.replace("ü", "ü").encode(), id="UTF-8 with signs in two parts"),
    ],
)
def test_umlauts_are_read_alike_however_the_whole_file_is_encoded(content: bytes) -> None:
    assert rows(content)[1:] == [["Jürgen Groß", "Köln"], ["Bärbel Weiß", "Überlingen"]]


@pytest.mark.parametrize(
    ("content", "code", "row"),
    [
        pytest.param(NAMES.encode() + "Groß;x\n".encode("cp1252"), "encoding_mixed", "4", id="CP1252 below UTF-8"),
        pytest.param("Name\nGroß\n".encode("cp1252") + NAMES.encode(), "encoding_mixed", "2", id="UTF-8 below CP1252"),
        pytest.param(codecs.BOM_UTF8 + b"Name\nGro\xdf\n", "encoding_mixed", "2", id="a mark that lies"),
        pytest.param("Name;„Ort“\n".encode() + b"Gro\xdf;x\n", "encoding_mixed", "2", id="only quotation marks"),
        pytest.param(NAMES.encode("cp850"), "encoding_unknown", "2", id="DOS"),
        pytest.param("Name\nMärz\n".encode("cp850"), "encoding_unknown", "2", id="DOS, a letter that Windows has"),
        pytest.param(NAMES.encode("mac-roman"), "encoding_unknown", "2", id="an old Mac"),
        pytest.param(b"Name\r\nx\r\nGro\x81\r\n", "encoding_unknown", "3", id="a byte that CP1252 does not have"),
        pytest.param(NAMES.encode("utf-16")[:-1], "encoding_unknown", "1", id="half a sign at the end"),
        pytest.param(b"Name\nx\x00y\n", "encoding_unknown", "2", id="NUL"),
        pytest.param("Name\n王伟\n".encode("gb18030"), "encoding_unknown", "2", id="Chinese"),
        pytest.param("Name\nΓιώργος\n".encode("cp1253"), "encoding_unknown", "2", id="Greek"),
        pytest.param("Name\nИван Петров\n".encode("cp1251"), "encoding_unknown", "2", id="Cyrillic"),
    ],
)
def test_a_file_that_is_not_encoded_in_one_way_is_refused_with_the_line(content: bytes, code: str, row: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        read_file("l.csv", content)

    (problem,) = refused.value.problems
    assert problem.code == code
    assert code != "encoding_mixed" or problem.values["row"] == row


@pytest.mark.parametrize("written", ["Rue d’Été", "„Süd“ – Straße 5…", "SÃO PAULO", "Œuvre № 5 €", "Šárka Žižková"])
def test_signs_that_only_look_foreign_are_kept(written: str) -> None:
    assert rows(f"Name;Ort\n{written};x\n".encode())[1][0] == written


@pytest.mark.parametrize(
    "written", ["Rue d’Été", "„Süd“ – Straße 5…", "Spaß–Faktor für Käufer", "Miloš Šedivý", "19 €"]
)
def test_signs_of_cp1252_are_no_reason_to_refuse_it(written: str) -> None:
    assert rows(f"Name;Ort\n{written};x\n".encode("cp1252"))[1][0] == written


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        pytest.param("A;B;C\n1,5;2,5;3,5\n1,5;2,5;3,5\n", 3, id="decimal commas"),
        pytest.param("A;B\nVogel, Anna, Dr.;1\nHuber, Max;2\n", 2, id="commas in names"),
        pytest.param("Umzug, Haus A, Haus B, Haus C\n\nA;B\n1;2\n", 2, id="commas in a title"),
        pytest.param('A,B\n"x;y;z",1\n"u;v;w",2\n', 2, id="semicolons in quoted texts"),
        pytest.param("A\tB\tC\n1,2,3,4\t2\t3\n1,2,3,4\t2\t3\n", 3, id="tabs"),
        pytest.param("A|B|C\n1|2;3|3\n", 3, id="strokes"),
        pytest.param("sep=|\nA|B\n1;2|3;4\n", 2, id="as its first line says"),
        pytest.param("sep=^\nA^B\n1;2^3;4\n", 2, id="any sign that its first line says"),
        pytest.param('"A,B,C"\n"1,2,""3, 4"""\n"5,6,7"\n', 3, id="each line in quotation marks as a whole"),
        pytest.param("Name, Ort, Raum\nA, x, 1\nB, y, 2\n", 3, id="blanks behind commas"),
        pytest.param('Name, Ort\n"Vogel, Anna", x\n"Huber, Max", y\n', 2, id="blanks before quotation marks"),
        pytest.param('Name, Ort\nx, "Vogel, Anna"\ny, "Huber, Max"\n', 2, id="a quoted text behind a blank"),
        pytest.param("A;B;Bemerkung\n1;2;erst, dann, zuletzt, oder\n3;4;\n", 3, id="a note with commas"),
    ],
)
def test_what_cuts_a_line_is_what_cuts_all_of_them_alike(text: str, cells: int) -> None:
    assert {len(row) for row in rows(text.encode())[-2:]} == {cells}


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("1,23457E+11", CellKind.ROUNDED),
        ("1.23457e+11", CellKind.ROUNDED),
        ("5E+12", CellKind.ROUNDED),
        ("1,5E10", CellKind.ROUNDED),
        ("7E20193", CellKind.TEXT),
        ("5E12", CellKind.TEXT),
        ("5e12", CellKind.TEXT),
        ("1E-AB", CellKind.TEXT),
        ("12345.0", CellKind.TEXT),
        ("000012", CellKind.TEXT),
        ("#NV", CellKind.ERROR),
        ("#n/a", CellKind.ERROR),
        ("Err:508", CellKind.ERROR),
        ("#1", CellKind.TEXT),
        ("#5 links", CellKind.TEXT),
        ("###", CellKind.ERROR),
        *((error, CellKind.ERROR) for error in ("#VALEUR!", "#NOM?", "#N/D", "#¿NOMBRE?", "#¡REF!", "#LEEN!", "#ADR!")),
        *((error, CellKind.ERROR) for error in ("#N/B", "#DIV/0", "#DÉPASSEMENT!", "#ССЫЛКА!", "#Н/Д", "#VERW!")),
        *((tag, CellKind.TEXT) for tag in ("#A7", "#wichtig!", "#1!", "#ABC", "#N")),
        *((text, CellKind.GARBLED) for text in ("J&uuml;rgen", "M&#252;ller", "J=C3=BCrgen", "J%C3%BCrgen")),
        *((text, CellKind.GARBLED) for text in (r"J\u00fcrgen", "Weiß_x000D_", "J?rgen", "Uli Gro?mann")),
        *((text, CellKind.TEXT) for text in ("AT&T;x", "R&D", "x&nosuch;", "a.php?id=3", "/?q=a", "wer?", "? wer")),
    ],
)
def test_what_a_text_says_of_the_cell_it_was_saved_from(written: str, kind: CellKind) -> None:
    ((_, row),) = [sheet.rows for sheet in read_file("l.csv", f'A;B\n"{written}";x\n'.encode()).sheets]

    assert row.cells[0] == ListCell(written, kind)


@pytest.mark.parametrize("name", ["Řehoř Čapek", "Zdeněk Kovář", "Michał Kowalski", "Łukasz Żak", "Grażyna"])
def test_eastern_letters_in_their_own_code_page_are_not_taken_for_western_ones(name: str) -> None:
    with pytest.raises(Unacceptable) as refused:
        read_file("l.csv", f"Name;Raum\n{name};1\n".encode("cp1250"))

    assert [(one.code, one.values["row"]) for one in refused.value.problems] == [("encoding_unknown", "2")]


@pytest.mark.parametrize(
    "name",
    ["Jürgen Groß", "Zoë Østbø", "Søren Ærø", "François Lefèvre", "Žofia Škoda", "Nuñez 20 m²", "50 cm³", "¿Qué?"],
)
def test_western_letters_are_read(name: str) -> None:
    (sheet,) = read_file("l.csv", f"Name;Raum\n{name};1\n".encode("cp1252")).sheets

    assert sheet.rows[1].cells[0].text == name


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("Julia\u00a0Jäger", "Julia Jäger"),
        ("2.\u202fOG", "2. OG"),
        ("A17-100\u00a0", "A17-100 "),
        ("'00123", "00123"),
        ("'Anna Vogel", "Anna Vogel"),
        ("'=1", "=1"),
        ("'t Hooft", "'t Hooft"),
        ("'A' oder 'B'", "'A' oder 'B'"),
    ],
)
def test_what_programs_put_around_texts_is_no_part_of_them(written: str, text: str) -> None:
    (sheet,) = read_file("l.csv", f"Name;Raum\n{written};1\n".encode()).sheets

    assert sheet.rows[1].cells[0].text == text
