"""Credit notes: in part or whole, with the tax of all that they credit, and never more than was charged."""

import pytest

from domain.refusals import Refused
from tests.domain.billing.documents import Written, fact, rated

PARTS = [
    fact("part", f"P{number}", part="nut", unit_price=price, at="03-10 12:00")
    for number, price in enumerate(("10.13", "10.13", "10.13"), 1)
]


def notes(*credits_: Written, discount: str = "0") -> list[str]:
    came = rated({"discount": {"percent": discount}}, *PARTS, *credits_)
    return [f"{one.ref} {one.net} {one.vat} {one.gross}" for one in came.credit_notes]


def credit(name: str, *lines: object, invoice: int = 0) -> Written:
    return fact("credit", name, invoice=invoice, **({"lines": list(lines)} if lines else {}))


def test_lines_that_are_credited_one_by_one_have_the_tax_of_their_sum() -> None:
    # 10.13 × 19 % = 1.9247, 20.26 are 3.8494, 30.39 are 5.7741: 1.92, 3.85 − 1.92, 5.77 − 3.85.
    assert notes(credit("G1", "P1"), credit("G2", "P2"), credit("G3", "P3")) == [
        "G1 10.13 1.92 12.05",
        "G2 10.13 1.93 12.06",
        "G3 10.13 1.92 12.05",
    ]


@pytest.mark.parametrize("line", ["P2", 1, "1", {"line": "P2"}], ids=repr)
def test_a_line_by_its_reference_or_its_place(line: object) -> None:
    assert notes(credit("G1", line)) == ["G1 10.13 1.92 12.05"]


def test_a_part_of_a_line() -> None:
    # 0.13 × 19 % = 0.0247.
    assert notes(credit("G1", {"line": "P1", "amount": "10.00"}), credit("G2", "P1")) == [
        "G1 10.00 1.90 11.90",
        "G2 0.13 0.02 0.15",
    ]


def test_what_was_allowed_on_a_line_is_not_credited() -> None:
    # 10 % of 30.39 are 3.04, of which the first of three equal lines bears 1.02: 10.13 − 1.02 = 9.11; × 19 % = 1.7309.
    assert notes(credit("G1", "P1"), discount="10") == ["G1 9.11 1.73 10.84"]
    # The whole is what was charged: 27.35, 5.1965.
    assert notes(credit("G1"), discount="10") == ["G1 27.35 5.20 32.55"]


@pytest.mark.parametrize(
    ("credits_", "code"),
    [
        pytest.param([credit("G1", "P1"), credit("G2", "P1")], "credit_above_charge", id="the same line twice"),
        pytest.param([credit("G1"), credit("G2")], "credit_above_charge", id="the whole twice"),
        pytest.param([credit("G1", "P1"), credit("G2")], "credit_above_charge", id="the whole after a part"),
        pytest.param([credit("G1", {"line": "P1", "amount": "10.14"})], "credit_above_charge", id="a cent more"),
        pytest.param([credit("G1", "P9")], "credit_line_unknown", id="no such line"),
        pytest.param([credit("G1", 3)], "credit_line_unknown", id="no such place"),
        pytest.param([credit("G1", invoice=1)], "credit_invoice_unknown", id="no such invoice"),
    ],
)
def test_more_than_was_charged_is_refused(credits_: list[Written], code: str) -> None:
    with pytest.raises(Refused) as refused:
        notes(*credits_)

    assert [problem.code for problem in refused.value.problems] == [code]
