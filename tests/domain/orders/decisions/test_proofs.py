"""Erasure records, custody and evidence."""

import pytest

from domain.assets.asset import AssetStatus
from domain.cases.order_commands import AddEvidence, ConfirmCustody
from domain.contracts.chains import ErasureMethod
from domain.kinds import OrderKind, OrderState
from domain.orders.order import Order
from domain.orders.progress import StepStatus
from tests.domain.orders.paper import HOUR, Paper, erased, placed
from tests.world import COORDINATOR, RECYCLER, TECHNICIAN


def two_notebooks() -> Order:
    """A Dispose of two notebooks and a screen, which bears no data."""
    order = placed(OrderKind.DISPOSE)
    (first,) = order.assets
    second = first.but(tag="NB-901", serial="SN901")
    screen = first.but(tag="SC-1", serial=None, data_bearing=False, status=AssetStatus.RETIRED)
    return order.but(assets=(first, second, screen))


def erasing() -> Paper:
    return Paper(two_notebooks()).until("erasure")


def handing_over() -> Paper:
    return Paper(two_notebooks()).until("handover")


ALL = ("SN900", "SN901", "SC-1")


def test_every_medium_is_proven_before_the_goods_go() -> None:
    paper = erasing()

    paper.say(TECHNICIAN, erased("SN900", paper.now))
    assert paper.status("erasure") == StepStatus.STARTED
    paper.say(TECHNICIAN, erased("SN901", paper.now))

    assert paper.status("handover") == StepStatus.OPEN


def test_an_erasure_that_did_not_pass_proves_nothing() -> None:
    paper = erasing()

    paper.say(TECHNICIAN, erased("SN900", paper.now, passed=False))
    paper.say(TECHNICIAN, erased("SN901", paper.now))
    assert paper.status("erasure") == StepStatus.STARTED
    paper.say(TECHNICIAN, erased("SN900", paper.now))

    assert paper.status("erasure") == StepStatus.DONE


def test_proof_from_an_earlier_order_counts() -> None:
    order = placed(OrderKind.DISPOSE)
    proven = order.but(assets=tuple(asset.but(erased_by="O-0") for asset in order.assets))

    assert Paper(proven).until("handover").status("erasure") == StepStatus.DONE


def test_everything_wrong_with_a_record_is_said_at_once() -> None:
    paper = erasing()
    record = erased("SC-1", paper.now + HOUR, verifier=TECHNICIAN.person, method=ErasureMethod.CLEAR)

    assert paper.codes(TECHNICIAN, record) == [
        "serial_not_listed",
        "verifier_is_operator",
        "method_too_weak",
        "in_the_future",
    ]


def test_both_sides_confirm_everything() -> None:
    paper = handing_over()

    paper.say(TECHNICIAN, ConfirmCustody(side="giver", serials=ALL))
    assert paper.status("handover") == StepStatus.STARTED
    paper.say(RECYCLER, ConfirmCustody(side="taker", serials=ALL))

    assert paper.status("proof") == StepStatus.OPEN


@pytest.mark.parametrize(
    ("serials", "codes"),
    [
        pytest.param(("SN900", "SN901"), ["serials_missing"], id="one is missing"),
        pytest.param((*ALL, "SN999"), ["serial_not_listed"], id="one too many"),
        pytest.param((*ALL, "SN900"), ["serial_twice"], id="one counted twice"),
        pytest.param(("SN999", "SN999"), ["serial_not_listed"] * 2 + ["serial_twice", "serials_missing"], id="chaos"),
    ],
)
def test_a_list_that_differs_is_refused(serials: tuple[str, ...], codes: list[str]) -> None:
    assert handing_over().codes(TECHNICIAN, ConfirmCustody(side="giver", serials=serials)) == codes


def test_two_sides_are_two_people_and_each_confirms_once() -> None:
    paper = handing_over()
    paper.say(TECHNICIAN, ConfirmCustody(side="giver", serials=ALL))

    assert paper.codes(COORDINATOR, ConfirmCustody(side="giver", serials=ALL)) == ["already_confirmed"]
    assert paper.codes(TECHNICIAN, ConfirmCustody(side="taker", serials=ALL)) == ["both_sides_same_person"]


def test_proof_may_come_in_parts() -> None:
    paper = Paper(two_notebooks()).until("proof")

    paper.say(COORDINATOR, AddEvidence(document="disposal_proof", document_no="EN-1", serials=("SN900", "SC-1")))
    assert paper.status("proof") == StepStatus.STARTED
    paper.say(COORDINATOR, AddEvidence(document="disposal_proof", document_no="EN-2", serials=("SN901",)))

    assert paper.state == OrderState.COMPLETED


@pytest.mark.parametrize(
    ("document", "serials", "code"),
    [("invoice", ALL, "document_wrong"), ("disposal_proof", ("SN999",), "serial_not_listed")],
)
def test_other_papers_prove_nothing(document: str, serials: tuple[str, ...], code: str) -> None:
    paper = Paper(two_notebooks()).until("proof")

    assert paper.codes(COORDINATOR, AddEvidence(document=document, document_no="EN-1", serials=serials)) == [code]
