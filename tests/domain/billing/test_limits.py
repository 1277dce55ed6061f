"""Credits for broken levels, cap and minimum, discounts, taxes, and what happens below zero; amounts by hand."""

import pytest

from tests.domain.billing.documents import Written, fact, in_words, lines, order, rated, work

SLA = {
    "fees": [{"id": "managed", "amount": "490.00"}],
    "sla": {
        "fee": "managed",
        "response": {"percent_of_fee": "5"},
        "resolution": {"amount": "50.00"},
        "cap_percent": "10",
        "availability": [{"below": "99.5", "percent_of_fee": "5"}, {"below": "99.0", "percent_of_fee": "10"}],
    },
}
SURVEYS = {"flat": {"survey": "190.00"}, "hourly": {"technician": "96.00"}}


def breach(name: str, clock: str, *, approved: bool = True) -> Written:
    return fact("breach", name, clock=clock, at="03-10 12:00", approved=approved)


def survey(*names: str) -> list[Written]:
    return [order(name, "03-10 12:00", kind="survey") for name in names]


def test_only_approved_credits_count_and_in_order_of_id() -> None:
    facts = (breach("B2", "response"), breach("B1", "resolution"), breach("B0", "response", approved=False))

    # 10 % of 490.00 are 49.00: B1 takes all of it.
    assert lines(SLA, *facts) == [["fee managed 490.00", "sla_credit B1 -49.00"]]


def test_credits_are_measured_by_the_fee_as_it_was_billed() -> None:
    # From 17 March: 15 of 31 days, 237.10; 5 % are 11.855, and the cap of 10 % is 23.71.
    told = lines(SLA, breach("B1", "response"), breach("B2", "resolution"), since="2026-03-17")

    assert told == [["fee managed 237.10", "sla_credit B1 -11.86", "sla_credit B2 -11.85"]]


@pytest.mark.parametrize(
    ("percent", "expected"),
    [
        pytest.param("99.5", [], id="on the step it is kept"),
        pytest.param("99.49", ["sla_credit A1 -24.50"], id="below the first"),
        pytest.param("98.9", ["sla_credit A1 -49.00"], id="below both only the lower counts"),
    ],
)
def test_availability_by_its_lowest_step(percent: str, expected: list[str]) -> None:
    measured = fact("availability", "A1", percent=percent, at="03-31 23:00", approved=True)

    assert lines(SLA, measured) == [["fee managed 490.00", *expected]]


def test_no_more_than_the_cap() -> None:
    terms = {**SURVEYS, "cap": {"amount": "300.00", "counts": ["flat"]}}

    # What is not counted comes on top.
    assert lines(terms, *survey("O1", "O2"), work("W1", "03-11 08:00", 60)) == [
        ["flat O1 190.00", "flat O2 190.00", "time W1 96.00 60 min", "cap -80.00"]
    ]


def test_first_the_cap_and_then_the_minimum() -> None:
    terms = {
        **SURVEYS,
        "cap": {"amount": "300.00", "counts": ["flat"]},
        "minimum": {"amount": "300.00", "counts": ["flat", "time"]},
    }

    # 380.00 are capped to 300.00, which is the minimum already.
    assert lines(terms, *survey("O1", "O2")) == [["flat O1 190.00", "flat O2 190.00", "cap -80.00"]]


def test_a_minimum_counts_only_its_reasons() -> None:
    terms = {**SURVEYS, "minimum": {"amount": "500.00", "counts": ["time"]}}

    assert lines(terms, *survey("O1"), work("W1", "03-11 08:00", 60)) == [
        ["flat O1 190.00", "time W1 96.00 60 min", "minimum 404.00"]
    ]


def test_a_minimum_by_the_days_of_the_contract() -> None:
    terms = {"minimum": {"amount": "500.00", "counts": ["flat"], "prorate": True}}

    # 17 of 31 days: 274.193…
    assert lines(terms, since="2026-03-15") == [["minimum 274.19"]]


def test_a_minimum_that_is_not_prorated_is_whole_and_none_after_the_end() -> None:
    terms = {"minimum": {"amount": "500.00", "counts": ["flat"]}}

    assert lines(terms, bill=(2, 3), until="2026-03-15") == [["minimum 500.00"], []]


def test_a_discount_is_taken_off_each_tax_rate() -> None:
    terms = {"fees": [{"id": "a", "amount": "99.99"}, {"id": "b", "amount": "10.05", "vat": ["S", "7"]}]}

    (invoice,) = rated({**terms, "discount": {"percent": "10"}}).invoices

    # 9.999 and 1.005: 10.00 and 1.01.
    assert [(f"{one.rate}", f"{one.amount}") for one in invoice.allowances] == [("19", "10.00"), ("7", "1.01")]
    # 89.99 × 19 % = 17.0981; 9.04 × 7 % = 0.6328.
    assert [f"{one.amount}" for one in invoice.vat] == ["17.10", "0.63"]
    assert (f"{invoice.net}", f"{invoice.gross}") == ("99.03", "116.76")


def test_tax_is_reckoned_on_the_sum_and_not_line_by_line() -> None:
    facts = [fact("part", f"P{number}", part="nut", unit_price="0.13", at="03-10 12:00") for number in range(3)]

    (invoice,) = rated({}, *facts).invoices

    # 0.39 × 19 % = 0.0741; line by line it would be 3 × 0.02.
    assert (f"{invoice.vat[0].amount}", f"{invoice.gross}") == ("0.07", "0.46")


def test_reverse_charge_has_no_tax() -> None:
    (invoice,) = rated(SLA, vat=["AE", "0"]).invoices

    assert [(one.category, f"{one.rate}", f"{one.base}", f"{one.amount}") for one in invoice.vat] == [
        ("AE", "0", "490.00", "0.00")
    ]


def test_skonto_and_the_tax_in_another_currency() -> None:
    (invoice,) = rated(
        SLA, currency="CHF", skonto={"percent": "2", "days": 14}, vat_currency={"currency": "EUR", "rate": "1.0535"}
    ).invoices

    # 583.10 × 2 % = 11.662; 93.10 × 1.0535 = 98.08085.
    assert invoice.skonto is not None
    assert f"{invoice.skonto.amount}" == "11.66"
    assert invoice.vat_in is not None
    assert (invoice.vat_in.currency, f"{invoice.vat_in.amount}") == ("EUR", "98.08")


def test_an_invoice_below_zero_is_carried_until_there_is_enough() -> None:
    facts = (
        fact("adjust", "A1", amount="-250.00", at="03-10 12:00"),
        *survey("O1"),
        order("O2", "04-10 12:00", kind="survey"),
    )

    told = rated(SURVEYS, *facts, bill=(2, 3)).invoices

    assert [[in_words(line) for line in one.lines] for one in told] == [
        ["flat O1 190.00", "adjust A1 -250.00", "carried_forward 60.00"],
        ["flat O2 190.00", "brought_forward -60.00"],
    ]
    assert [(f"{one.net}", f"{one.gross}") for one in told] == [("0.00", "0.00"), ("130.00", "154.70")]


def test_after_the_end_of_the_contract_it_is_a_credit_note() -> None:
    came = rated({}, fact("adjust", "A1", amount="-100.00", at="03-10 12:00"), until="2026-03-31")

    assert [in_words(line) for line in came.invoices[0].lines] == ["adjust A1 -100.00", "credited_by_note 100.00"]
    assert [f"{one.ref} {one.net} {one.vat} {one.gross}" for one in came.credit_notes] == ["final 100.00 19.00 119.00"]
