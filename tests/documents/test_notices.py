"""Messages say what happened, what is to do and until when, in the reader's language and the site's time."""

from pathlib import Path

import pytest

from documents.notices import Unwritable, known_templates, notice_problems, write
from domain.contracts.chains import Notice
from domain.contracts.tailoring import Insertion, Tailoring
from domain.kinds import OrderKind
from domain.people import Language
from tests.world import CONTRACT

FOLDER = Path(__file__).parents[2] / "documents" / "templates"
BACKGROUND = {"order": "O-1", "kind": "move", "site": "adler-hq", "zone": "Europe/Berlin", "reference": ""}
LAYOUTS = ("layout", "incident_layout", "page_layout", "project_layout")
HELD = BACKGROUND | {"code": "waiting_delivery", "reason": "Dock fehlt"}


@pytest.mark.parametrize(
    ("language", "until", "subject"),
    [
        ("de", "2026-11-27T13:00:00+00:00", "Auftrag O-1: ruht bis Freitag, 27. November 2026, 14:00 Uhr (MEZ)"),
        ("en", "2026-11-27T13:00:00+00:00", "Order O-1: on hold until Friday, 27 November 2026, 14:00 (CET)"),
        ("de", "2026-07-27T22:30:00+00:00", "Auftrag O-1: ruht bis Dienstag, 28. Juli 2026, 00:30 Uhr (MESZ)"),
    ],
    ids=["German winter", "English winter", "after local midnight in summer"],
)
def test_times_are_those_of_the_site(language: Language, until: str, subject: str) -> None:
    assert write("order_held", HELD | {"until": until}, name="Anna Vogel", language=language).subject == subject


@pytest.mark.parametrize(
    ("end", "subject"),
    [
        pytest.param("2026-11-27T15:00:00+00:00", "Montag, 23. November 2026, 14:00", id="another day"),
        pytest.param("2026-11-23T15:00:00+00:00", "Montag, 23. November 2026, 14:00–16:00 Uhr", id="the same day"),
    ],
)
def test_an_appointment_within_one_day_names_it_once(end: str, subject: str) -> None:
    values = BACKGROUND | {"from": "2026-11-23T13:00:00+00:00", "to": end}

    assert subject in write("appointment_agreed", values, name="Anna Vogel", language="de").subject


def test_a_whole_message() -> None:
    values = BACKGROUND | {"reference": "4711", "deadline": "2026-11-27T13:00:00+00:00"}

    assert write("order_received", values, name="Anna Vogel", language="de").text == (
        "Guten Tag Anna Vogel,\n\n"
        "Ihr Auftrag ist bei uns eingegangen. Sie müssen nichts weiter tun; wir melden uns, sobald es etwas Neues "
        "gibt.\n\n"
        "Auftrag: O-1 (Umzug)\nStandort: adler-hq\nIhr Zeichen: 4711\n"
        "Zugesagt bis: Freitag, 27. November 2026, 14:00 Uhr (MEZ)\n\n"
        "Mit freundlichen Grüßen\nIhr IT-Service\n\nDiese Nachricht wurde automatisch erstellt.\n"
    )


def test_a_stuck_step_is_explained_in_words() -> None:
    problem = {"problem": "out_of_stock", "model": "T14", "quantity": "2", "in_stock": "0", "step": "reservation"}

    written = write("step_stuck", BACKGROUND | problem, name="Eva Koch", language="de")

    assert written.subject == "Auftrag O-1: Schritt „Reservierung“ braucht Sie"
    assert "Nicht genug am Lager: T14 – gebraucht 2, vorhanden 0." in written.text


@pytest.mark.parametrize("language", ["de", "en"])
def test_what_customers_write_is_not_taken_for_a_template(language: Language) -> None:
    values = BACKGROUND | {"reference": "{{ order.__class__ }} {% raw %}"}

    written = write("order_received", values, name="{{ 7*7 }}", language=language)

    assert "{{ order.__class__ }} {% raw %}" in written.text
    assert "{{ 7*7 }}" in written.text


@pytest.mark.parametrize("template", ["no_such_thing", "layout", "../de/order_received", "order_held"])
def test_what_cannot_be_written_is_said(template: str) -> None:
    with pytest.raises(Unwritable):
        write(template, BACKGROUND, name="Anna Vogel", language="en")


def test_a_contract_with_a_message_nobody_has_written_is_not_in_order() -> None:
    def notice(step_id: str, template: str) -> Insertion:
        return Insertion(step=Notice(id=step_id, template=template, after=("approval",)))

    tailoring = Tailoring(add=(notice("good", "prepare_workplace"), notice("bad", "prepair_workplace")))

    (problem,) = notice_problems(CONTRACT.but(chains={OrderKind.MOVE: tailoring}))

    assert (problem.code, problem.at) == ("template_unknown", "/chains/move/bad/template")
    assert "prepare_workplace" in problem.values["templates"]


def test_every_message_is_there_in_both_languages() -> None:
    german, english = ({path.name for path in (FOLDER / language).iterdir()} for language in ("de", "en"))

    assert german == english == {f"{name}.txt" for name in (*known_templates(), *LAYOUTS)}
