"""The report of a move on paper and as a workbook: the same results in both languages, and nothing that calls out."""

import io
import re

import openpyxl
import pytest

from documents.project_reports import MOST_ROWS, printed, report_pdf
from documents.project_workbooks import report_workbook
from documents.wording import LANGUAGES
from domain.moves.reports.report import ProjectReport, report
from domain.people import Language
from tests.domain.moves.reports.report_samples import ADLER, HOUR, NAMES, START, called_off, under_way

OFF = report(called_off(), ADLER, START + 80 * HOUR).but(names=NAMES)
RUNNING = report(under_way(), ADLER, START + 26 * HOUR).but(names=NAMES)
BARE = OFF.but(
    charges=None,
    total=OFF.total.but(amount=None),
    waves=tuple(wave.but(amount=None) for wave in OFF.waves),
    rows=tuple(row.but(amount=None) for row in OFF.rows),
)


def said(made: ProjectReport, language: Language) -> str:
    return printed(made, language).model_dump_json(exclude={"labels"})


@pytest.mark.parametrize(
    ("language", "words"),
    [
        pytest.param(
            "de",
            [
                *("Abschlussbericht", "Abgesagt: the floor is flooded", "241,00\u00a0€", "0:15 später"),
                *("Die Zeile wurde herausgenommen: stays at home", "zum Termin", "Max Huber", "24.11.2026 10:00"),
                *("Erledigungszeit", "Eva Koch"),
            ],
            id="German",
        ),
        pytest.param(
            "en",
            [
                *("Final report", "Cancelled: the floor is flooded", "€241.00", "0:15 late"),
                *("The row was withdrawn: stays at home", "on its date", "Max Huber", "24 Nov 2026 10:00"),
                *("Eva Koch",),
            ],
            id="English",
        ),
    ],
)
def test_it_says_what_moved_what_did_not_and_why(language: Language, words: list[str]) -> None:
    text = said(OFF, language)

    assert [word for word in words if word not in text] == []
    assert [figure.number for figure in printed(OFF, language).figures[:4]] == ["2", "5", "1", "1"]


def test_waves_are_drawn_with_their_results_on_one_axis() -> None:
    first, second, third = printed(OFF, "en").waves

    assert [(share.tone, share.count) for share in second.shares] == [("exception", 1), ("back", 1), ("skipped", 1)]
    assert (first.planned[0], third.planned[1], third.actual) == (0, 1000, None)
    assert first.actual is not None
    assert 0 < first.actual[0] < first.actual[1] < second.planned[0]


def test_as_long_as_it_is_under_way_it_says_so() -> None:
    running = printed(RUNNING, "de")

    assert (running.title, running.notes[0][:24]) == ("Zwischenbericht", "Das Projekt läuft noch. ")
    assert printed(OFF, "de").title == "Abschlussbericht"


def test_without_charges_there_is_no_money_in_it() -> None:
    book = openpyxl.load_workbook(io.BytesIO(report_workbook(BARE, "en")))

    assert "€" in said(OFF, "en")
    assert "€" not in said(BARE, "en")
    assert book.sheetnames == ["Summary", "Rows", "Exceptions"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_printed_to_the_same_bytes_each_time(language: Language) -> None:
    first, second = (report_pdf(OFF, language) for _ in range(2))

    title = f"{printed(OFF, language).title} · Umzug in Haus B"
    assert first == second
    told = (title, "<pdfaid:part>2<", "<pdfuaid:part>1<", f"<rdf:li>{language}<")
    assert [words for words in told if words.encode() not in first] == []
    # The summary, and the rows.
    assert len(re.findall(rb"/Type/Page\b", first)) == 2


def test_of_very_many_rows_the_paper_has_those_that_are_not_done() -> None:
    many = OFF.but(rows=OFF.rows * (MOST_ROWS // 4))

    paper = printed(many, "en")

    assert (paper.shortened, len(paper.rows), "moved" in {tone for tone, _ in paper.rows}) == (True, MOST_ROWS, False)


def test_the_workbook_is_there_to_work_with() -> None:
    book = openpyxl.load_workbook(io.BytesIO(report_workbook(OFF, "de")))
    rows, charges = book["Zeilen"], book["Leistungen"]
    third = [cell.value for cell in rows[4]]

    assert book.sheetnames == ["Übersicht", "Zeilen", "Ausnahmen", "Leistungen"]
    assert [(sheet.freeze_panes, sheet.auto_filter.ref) for sheet in (rows, charges)] == [
        ("A2", "A1:Q9"),
        ("A2", "A1:L6"),
    ]
    assert (rows["A1"].value, rows.column_dimensions["I"].width) == ("Zeile", 60)
    # Instants are the wall clock of the site, numbers are numbers.
    assert (third[0], third[7], str(third[12]), third[15], third[16]) == (3, "Ausnahme", "2026-11-25 10:30:00", 35, 49)
    assert [cell.value for cell in book["Ausnahmen"][2]][5] == "Eva Koch"
    assert [charges.cell(row, 12).value for row in range(2, 7)] == [96, 96, 49, 96, -96]


def test_the_summary_adds_up_its_waves() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(report_workbook(OFF, "en")))["Summary"]
    lines = [[cell for cell in line if cell is not None] for line in sheet.iter_rows(values_only=True)]

    assert ["Contract", "adler-2026"] in lines
    assert lines[-1] == ["Total", 8, 2, 1, 5, 0, 1, 185, 241]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
def test_what_looks_like_a_formula_stays_text(sign: str) -> None:
    first, *others = OFF.rows
    nasty = OFF.but(rows=(first.but(holder=f"{sign}HYPERLINK(0)"), *others), name=f"{sign}cmd")

    book = openpyxl.load_workbook(io.BytesIO(report_workbook(nasty, "en")))

    assert book["Rows"]["D2"].value == f"'{sign}HYPERLINK(0)"
    assert "f" not in {cell.data_type for sheet in book for line in sheet.iter_rows() for cell in line}


def test_what_people_have_written_stays_text_on_paper() -> None:
    first, *others = OFF.rows
    written = '#panic("x") [$1$] \\ *'

    assert b"%PDF-1.7" in report_pdf(OFF.but(rows=(first.but(holder=written), *others), name=written), "en")[:20]
