"""Goods on paper: archives keep it, screen readers read it, and the same facts are the same bytes."""

import pytest

from documents.protocols import printed_protocol, protocol_pdf
from domain.contracts.catalogue import Pricing
from domain.kinds import OrderKind
from domain.orders.order import OrderedItem
from domain.orders.protocols import ProtocolKind, protocol
from domain.people import Language
from tests.domain.orders.paper import Paper, placed
from tests.domain.orders.test_protocols import handed_over
from tests.domain.orders.test_work_papers import worked

NAMES = {"p-lang": "Jonas Lang", "p-wolf": "Eva Wolf", "p-vogel": "Petra Vogel"}
TITLES = {
    ("handover_protocol", "de"): "Übergabeprotokoll",
    ("handover_protocol", "en"): "handover protocol",
    ("erasure_certificate", "de"): "Löschzertifikat",
    ("erasure_certificate", "en"): "erasure certificate",
    ("disposal_list", "de"): "Entsorgungsliste",
    ("disposal_list", "en"): "disposal proof list",
    ("time_sheet", "de"): "Zeitnachweis",
    ("time_sheet", "en"): "time sheet",
    ("acceptance_protocol", "de"): "Abnahmeprotokoll",
    ("acceptance_protocol", "en"): "acceptance protocol",
}
OF_WORK = (ProtocolKind.TIME_SHEET, ProtocolKind.ACCEPTANCE_PROTOCOL)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("kind", list(ProtocolKind))
def test_the_same_facts_are_the_same_bytes(kind: ProtocolKind, language: Language) -> None:
    paper = worked().finish() if kind in OF_WORK else handed_over().finish()
    made = protocol(paper.order, paper.progress, kind)

    once, again = (protocol_pdf(made, NAMES, language) for _ in range(2))

    assert once == again
    said = once.decode("utf-8", "ignore")
    for told in (TITLES[kind, language], "<pdfaid:part>2<", "<pdfuaid:part>1<", f"<rdf:li>{language}<"):
        assert told in said


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_thing_is_a_row_in_words(language: Language) -> None:
    paper = handed_over()
    handover, certificate = (
        printed_protocol(protocol(paper.order, paper.progress, kind), NAMES, language)
        for kind in (ProtocolKind.HANDOVER_PROTOCOL, ProtocolKind.ERASURE_CERTIFICATE)
    )

    assert [side.person for side in handover.sides] == ["Jonas Lang", "Eva Wolf"]
    assert [row[1] for row in handover.rows] == ["SN0", "SN1"]
    assert all(len(row) == len(certificate.columns) for row in certificate.rows)
    assert certificate.rows[1][-1] == {"de": "eingetippt", "en": "typed"}[language]


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_paper_says_what_was_ordered_in_its_own_language(language: Language) -> None:
    paper = handed_over()
    item = OrderedItem(id="old", name={"de": "Altgeräte abholen", "en": "Fetch old devices"}, pricing=Pricing.INCLUDED)
    ordered = protocol(paper.order.but(item=item), paper.progress, ProtocolKind.HANDOVER_PROTOCOL)

    of_item, of_kind = (
        printed_protocol(made, NAMES, language)
        for made in (ordered, protocol(paper.order, paper.progress, ProtocolKind.HANDOVER_PROTOCOL))
    )

    assert item.name[language] in dict(of_item.facts).values()
    assert len(of_kind.facts) == len(of_item.facts) - 1


@pytest.mark.parametrize(
    ("language", "total", "sides"),
    [
        ("de", "Gesamt: 65 min (1:05 h)", [("Für den Kunden", "adler", "")]),
        ("en", "Total: 65 min (1:05 h)", [("For the customer", "adler", "")]),
    ],
)
def test_a_time_sheet_has_a_row_for_each_stretch_and_room_for_the_customers_signature(
    language: Language, total: str, sides: list[tuple[str, str, str]]
) -> None:
    paper = worked()
    sheet = printed_protocol(protocol(paper.order, paper.progress, ProtocolKind.TIME_SHEET), NAMES, language)

    assert [row[4:] for row in sheet.rows] == [("40", "2 × cable", ""), ("25", "", "printer driver renewed")]
    assert {row[3] for row in sheet.rows} == {"Jonas Lang"}
    assert all(len(row) == len(sheet.columns) for row in sheet.rows)
    assert sheet.count == total
    assert [(side.role, side.party, side.person) for side in sheet.sides] == sides


@pytest.mark.parametrize(
    ("language", "done", "accepted"),
    [
        ("de", "Ausgeführt: Arbeit vor Ort (aufbauen, einrichten, prüfen), Jonas Lang", "Abgenommen: Petra Vogel"),
        ("en", "Done: work on site (set up, configure, test), Jonas Lang", "Accepted: Petra Vogel"),
    ],
)
def test_an_acceptance_protocol_says_what_was_done_and_who_took_it_over(
    language: Language, done: str, accepted: str
) -> None:
    paper = worked().finish()
    made = protocol(paper.order, paper.progress, ProtocolKind.ACCEPTANCE_PROTOCOL)
    printed = printed_protocol(made, NAMES, language)

    assert [row[0] for row in printed.rows] == ["NB-100"]
    assert any(note.startswith(done) for note in printed.notes), printed.notes
    assert any(note.startswith(accepted) for note in printed.notes), printed.notes
    assert [side.person for side in printed.sides] == ["Jonas Lang", "Petra Vogel"]


@pytest.mark.parametrize("language", ["de", "en"])
def test_what_nobody_objected_to_and_what_has_no_devices_is_printed_as_well(language: Language) -> None:
    paper = Paper(placed(OrderKind.ASSIST)).until("acceptance")
    settled = paper.progress.settled("acceptance", paper.now)
    made = protocol(paper.order, settled, ProtocolKind.ACCEPTANCE_PROTOCOL)

    printed = printed_protocol(made, NAMES, language)

    assert printed.rows == ()
    assert any(" 3 " in note for note in printed.notes)
    assert protocol_pdf(made, NAMES, language).startswith(b"%PDF-")
