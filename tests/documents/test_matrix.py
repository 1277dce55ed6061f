"""The matrix that the customer is handed: the same words as a page and as a PDF, in both languages."""

import re
from importlib.resources import files

import pytest

import examples
from connectors.contract_files import read_customer_file
from documents.matrix import duration, matrix_page, matrix_pdf, printed
from documents.service_hours import service_hours
from documents.wording import LANGUAGES, wording
from domain.clocks.calendars import Calendar
from domain.contracts.matrix_sheets import matrix_sheet
from domain.people import Language
from domain.refusals import Unknown
from tests.domain.contracts.promise_samples import INCIDENTS, ORDERS_ONLY
from tests.world import PEOPLE

ADLER = read_customer_file(files(examples).joinpath("adler.yaml").read_bytes())
assert ADLER.customer is not None
CUSTOMER = ADLER.customer
SHEET = matrix_sheet(ADLER.contracts[0], CUSTOMER, ADLER.people)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        pytest.param(
            "de",
            [
                *("Kommunikationsmatrix", "Der Betrieb steht", "Rufbereitschaft", "30 Minuten", "Alle 2 Stunden"),
                *("Telefon, Portal, E-Mail", "Stündlich", "Wenn sich etwas ändert", "Wie in der Servicezeit"),
                *("Mo.–Fr. 08:00–17:00, außer an Feiertagen (DE-BY-Augsburg) · Europe/Berlin", "1. Januar 2026"),
            ],
            id="German",
        ),
        pytest.param(
            "en",
            [
                *("Communications matrix", "Business has stopped", "On-call people", "30 minutes", "Every 2 hours"),
                *("Phone, portal, e-mail", "Hourly", "When something changes", "As in service hours"),
                *("Mon–Fri 08:00–17:00, except on public holidays (DE-BY-Augsburg) · Europe/Berlin", "1 January 2026"),
            ],
            id="English",
        ),
    ],
)
def test_the_page_says_who_is_reached_how_and_what_is_promised(language: Language, said: list[str]) -> None:
    page = matrix_page(SHEET, language)

    assert [words for words in said if words not in page] == []
    assert page.startswith(f'<!doctype html>\n<html lang="{language}">')
    for told in ("Adler Maschinenbau GmbH", "+49 30 23125 199", "Ida Sommer", "ida.sommer@nordlicht-it.example"):
        assert told in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_version_is_printed_to_the_same_bytes_each_time(language: Language) -> None:
    first, second = (matrix_pdf(SHEET, language) for _ in range(2))

    title = f"{wording(language).words['matrix_label']['title']} · Adler Maschinenbau GmbH"
    assert first == second
    assert matrix_pdf(SHEET.model_copy(update={"version": 2}), language) != first
    # What an archive and a screen reader look for.
    said = (title, "<pdfaid:part>2<", "<pdfaid:conformance>A<", "<pdfuaid:part>1<", f"<rdf:li>{language}<")
    assert [words for words in said if words.encode() not in first] == []


def test_the_matrix_is_one_sheet_of_paper_and_what_can_be_ordered_is_another() -> None:
    alone, with_items = (matrix_pdf(sheet, "de") for sheet in (SHEET.but(items=()), SHEET))

    assert [max(map(int, re.findall(rb"/Count (\d+)", paper))) for paper in (alone, with_items)] == [1, 2]
    assert [item.name for item in printed(SHEET, "de").items][:2] == ["Notebook einrichten", "Zweiter Monitor"]
    assert "Schadsoftware entfernen" in matrix_page(SHEET, "de")


def test_what_people_have_written_stays_text() -> None:
    written = '<b>#panic("x")</b> [$1$] \\ *'
    rows = INCIDENTS.but(matrix=INCIDENTS.matrix and INCIDENTS.matrix.but(phone=written))
    sheet = matrix_sheet(rows, CUSTOMER.but(name=written), PEOPLE)

    assert "<b>" not in matrix_page(sheet, "en")
    assert b"%PDF-1.7" in matrix_pdf(sheet, "en")[:20]


def test_what_is_missing_in_one_language_is_said_in_the_other() -> None:
    matrix = SHEET.matrix
    rows = {priority: row.but(name={"de": "Nur deutsch"}, examples={}) for priority, row in matrix.rows.items()}

    read = printed(SHEET.but(matrix=matrix.but(rows=rows)), "en")

    assert [(row.name, row.examples) for row in read.rows] == [("Nur deutsch", ())] * 4


def test_who_stands_in_a_cell_is_named() -> None:
    people = [(holder.role, holder.name) for holder in matrix_sheet(INCIDENTS, CUSTOMER, PEOPLE).people]

    assert people == [("sdm", "Ida Sommer"), ("service_desk", "Eva Koch"), ("brm", "Ida Sommer")]


def test_a_contract_without_a_matrix_has_nothing_to_print() -> None:
    with pytest.raises(Unknown) as refused:
        matrix_sheet(ORDERS_ONLY, CUSTOMER, PEOPLE)

    assert [problem.code for problem in refused.value.problems] == ["matrix_missing"]


@pytest.mark.parametrize(
    ("minutes", "german", "english"),
    [
        pytest.param(1, "1 Minute", "1 minute", id="a minute"),
        pytest.param(60, "1 Stunde", "1 hour", id="an hour"),
        pytest.param(150, "2 Stunden 30 Minuten", "2 hours 30 minutes", id="hours and minutes"),
        pytest.param(2700, "45 Stunden", "45 hours", id="days are not told"),
    ],
)
def test_how_long_a_target_is(minutes: int, german: str, english: str) -> None:
    assert (duration(minutes, "de"), duration(minutes, "en")) == (german, english)


@pytest.mark.parametrize(
    ("calendar", "german", "english"),
    [
        pytest.param({"always": True}, "rund um die Uhr", "around the clock", id="always"),
        pytest.param(
            {"weekly": {"mon": [["08:00", "12:00"], ["13:00", "17:00"]], "sat": [["22:00", "24:00"]]}},
            "Mo. 08:00–12:00, 13:00–17:00, Sa. 22:00–24:00",
            "Mon 08:00–12:00, 13:00–17:00, Sat 22:00–24:00",
            id="single days, with a break",
        ),
        pytest.param(
            {
                "always": True,
                "closures": [
                    {"date": "2025-12-24", "until": "2026-01-01", "yearly": True, "why": "Ruhe"},
                    {"date": "2026-05-04", "from": "08:00", "to": "12:00"},
                ],
            },
            "rund um die Uhr; geschlossen: 24. Dez. – 1. Jan. (jedes Jahr) (Ruhe); 4. Mai 2026 08:00–12:00",
            "around the clock; closed: 24 Dec – 1 Jan (every year) (Ruhe); 4 May 2026 08:00–12:00",
            id="with closures",
        ),
    ],
)
def test_service_hours_in_a_sentence(calendar: dict[str, object], german: str, english: str) -> None:
    hours = Calendar.model_validate({"zone": "Europe/Berlin"} | calendar)

    assert (service_hours(hours, "de"), service_hours(hours, "en")) == (german, english)
