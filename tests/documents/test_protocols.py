"""Goods on paper: archives keep it, screen readers read it, and the same facts are the same bytes."""

import pytest

from documents.protocols import printed_protocol, protocol_pdf
from domain.contracts.catalogue import Pricing
from domain.orders.order import OrderedItem
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
