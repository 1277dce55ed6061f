"""The run sheet on paper: the same day always becomes the same bytes, whatever people are called."""

from datetime import UTC, date, datetime

import pytest

from documents.run_sheets import printed_run_sheet, run_sheet_pdf
from documents.wording import LANGUAGES
from domain.assets.asset import Asset
from domain.kinds import OrderKind
from domain.orders.run_sheets import RunSheet, RunStop
from domain.people import Language
from domain.places import Place

AT = datetime(2027, 3, 12, 6, tzinfo=UTC)
STOP = RunStop(
    no="O-AGA9A-T1TES",
    kind=OrderKind.MOVE,
    start=AT,
    end=AT.replace(hour=7),
    person='<Florian> *Ostermann* #[x] $y$ "z"',
    site="adler-hq",
    whence=Place(site="adler-hq", building="A", room="3.02", desk="1"),
    whither=Place(site="adler-hq", building="B", room="2.02", desk="1"),
    note="Fenster \u202e verkehrt",
    assets=(Asset(tag="MO-344", customer="adler", serial="SN1", model="P2723DE"),),
    steps=("set_up", "verification"),
)
SHEET = RunSheet(
    technician="p-lang", name="Tom Lang", day=date(2027, 3, 12), zone="Europe/Berlin", made_at=AT, stops=(STOP,)
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_day_becomes_the_same_bytes(language: Language) -> None:
    first, again = run_sheet_pdf(SHEET, language), run_sheet_pdf(SHEET, language)

    assert first.startswith(b"%PDF-")
    assert first == again


def test_times_are_those_of_the_site_and_ways_lead_from_desk_to_desk() -> None:
    (stop,) = printed_run_sheet(SHEET, "en").stops

    assert (stop.window, stop.way) == ("07:00 – 08:00", "A · 3.02 · 1 → B · 2.02 · 1")


def test_a_day_without_stops_is_printed_as_well() -> None:
    assert run_sheet_pdf(SHEET.but(stops=()), "de").startswith(b"%PDF-")


def test_forty_stops_fit_on_their_pages() -> None:
    assert run_sheet_pdf(SHEET.but(stops=(STOP,) * 40), "de").startswith(b"%PDF-")


def test_what_a_contract_calls_its_own_steps_is_on_the_paper() -> None:
    stop = STOP.but(steps=("photo", "set_up"), titles={"photo": {"de": "Foto vom Platz", "en": "Photo of the desk"}})

    printed = {language: printed_run_sheet(SHEET.but(stops=(stop,)), language).stops[0].steps for language in LANGUAGES}

    assert printed["de"] == ("Foto vom Platz", "Aufbau am neuen Platz")
    assert printed["en"][0] == "Photo of the desk"


def test_a_visit_without_a_room_leads_to_its_site_by_name() -> None:
    stop = STOP.but(whence=None, whither=Place(site="adler-muc"))
    sites = {"adler-hq": "Augsburg", "adler-muc": "München"}

    ways = [
        printed_run_sheet(SHEET.but(stops=(one,), sites=sites), "de").stops[0].way
        for one in (stop, stop.but(whither=None))
    ]

    assert ways == ["München", "Augsburg"]
