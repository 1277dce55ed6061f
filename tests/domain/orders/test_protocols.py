"""What is put on paper of goods, as the order has it and nothing else."""

import pytest

from domain.assets.waste import Battery, WasteCode
from domain.cases.order_commands import AddEvidence, DeclareWaste, WasteItem
from domain.contracts.chains import ErasureMethod, Evidence
from domain.kinds import OrderKind
from domain.orders.order import Order
from domain.orders.progress import Progress
from domain.orders.protocols import ProtocolKind, protocol
from domain.refusals import Refused, Unacceptable
from tests.domain.orders.paper import Paper, erased, placed
from tests.domain.orders.test_erasures import drive, of_notebooks, say
from tests.world import RECYCLER, TECHNICIAN


def handed_over() -> Paper:
    """Two notebooks, one of them erased by hand, that a recycler has."""
    paper = Paper(of_notebooks(2)).until("erasure")
    say(paper, [drive("SN0"), drive("SN-OTHER")])
    paper.say(TECHNICIAN, erased("SN1", paper.now, method=ErasureMethod.DESTROY, tool="shredder"))
    return paper.until("proof")


def test_a_handover_names_both_sides_and_every_serial() -> None:
    made = protocol(*_standing(handed_over()), ProtocolKind.HANDOVER_PROTOCOL)

    assert made.giver is not None
    assert made.taker is not None
    assert (made.step, made.giver.party, made.taker.party) == ("handover", "stock", "certified recycler")
    assert (made.giver.person, made.taker.person) == (TECHNICIAN.person, RECYCLER.person)
    assert [(line.serial, line.method) for line in made.lines] == [
        ("SN0", ErasureMethod.PURGE),
        ("SN1", ErasureMethod.DESTROY),
    ]
    assert made.dated == made.taker.at


def test_a_certificate_has_what_is_proven_of_the_lot_or_of_one_serial() -> None:
    paper = handed_over()

    lot = protocol(*_standing(paper), ProtocolKind.ERASURE_CERTIFICATE)
    one = protocol(*_standing(paper), ProtocolKind.ERASURE_CERTIFICATE, "SN1")

    assert [(line.serial, line.tool, line.report) for line in lot.lines] == [
        ("SN0", "Blancco", "a" * 64),
        ("SN1", "shredder", None),
    ]
    assert lot.validations == ("five read back",)
    assert [line.serial for line in one.lines] == ["SN1"]
    with pytest.raises(Unacceptable):
        protocol(*_standing(paper), ProtocolKind.ERASURE_CERTIFICATE, "SN-OTHER")


def test_what_failed_after_it_had_succeeded_is_not_certified() -> None:
    paper = Paper(of_notebooks(2)).until("erasure")
    say(paper, [drive("SN0"), drive("DISK-7", machine="SN1"), drive("DISK-8", machine="SN1", passed=False)])
    say(paper, [drive("SN0")], digest="b" * 64)

    lot = protocol(*_standing(paper), ProtocolKind.ERASURE_CERTIFICATE)

    assert [(line.serial, line.report) for line in lot.lines] == [("SN0", "b" * 64)]
    with pytest.raises(Refused):
        protocol(*_standing(paper), ProtocolKind.ERASURE_CERTIFICATE, "SN1")


def test_a_disposal_list_has_proof_code_and_weight() -> None:
    paper = handed_over()
    item = WasteItem(serial="SN0", code=WasteCode.DEVICE_HAZARDOUS, grams=1480, battery=Battery.INSIDE)
    paper.say(TECHNICIAN, DeclareWaste(items=(item,)))
    paper.finish()

    made = protocol(*_standing(paper), ProtocolKind.DISPOSAL_LIST)

    assert [(line.serial, line.document_no, line.code, line.grams) for line in made.lines] == [
        ("SN0", "EN-1", WasteCode.DEVICE_HAZARDOUS, 1480),
        ("SN1", "EN-1", None, None),
    ]


def test_a_photo_of_the_pallet_proves_nothing_disposed_of() -> None:
    order = of_notebooks(1)
    photo = Evidence(id="photo", document="pallet_photo", after=("handover",))
    paper = Paper(order.but(chain=order.chain.but(steps=(*order.chain.steps, photo)))).until("photo")
    paper.say(TECHNICIAN, AddEvidence(step="photo", document="pallet_photo", document_no="IMG-7", serials=("SN0",)))

    with pytest.raises(Refused):
        protocol(*_standing(paper), ProtocolKind.DISPOSAL_LIST)


OF_GOODS = (ProtocolKind.HANDOVER_PROTOCOL, ProtocolKind.ERASURE_CERTIFICATE, ProtocolKind.DISPOSAL_LIST)


@pytest.mark.parametrize("kind", OF_GOODS)
def test_what_has_not_happened_is_not_on_paper(kind: ProtocolKind) -> None:
    for paper in (Paper(placed(OrderKind.DISPOSE)), Paper(placed(OrderKind.INSTALL)).finish()):
        with pytest.raises(Refused) as refused:
            protocol(*_standing(paper), kind)
        assert [problem.code for problem in refused.value.problems] == ["nothing_to_certify"]


def _standing(paper: Paper) -> tuple[Order, Progress]:
    return paper.order, paper.progress
