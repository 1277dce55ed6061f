"""Goods on paper: archives keep it, screen readers read it, and the same facts are the same bytes."""

import pytest

from documents.protocols import printed_protocol, protocol_pdf
from domain.orders.protocols import ProtocolKind, protocol
from domain.people import Language
from tests.domain.orders.test_protocols import handed_over

NAMES = {"p-lang": "Jonas Lang", "p-wolf": "Eva Wolf"}
TITLES = {
    ("handover_protocol", "de"): "Übergabeprotokoll",
    ("handover_protocol", "en"): "handover protocol",
    ("erasure_certificate", "de"): "Löschzertifikat",
    ("erasure_certificate", "en"): "erasure certificate",
    ("disposal_list", "de"): "Entsorgungsliste",
    ("disposal_list", "en"): "disposal proof list",
}


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("kind", list(ProtocolKind))
def test_the_same_facts_are_the_same_bytes(kind: ProtocolKind, language: Language) -> None:
    paper = handed_over().finish()
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
