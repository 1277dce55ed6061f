"""What is refused: all problems of terms and facts at once, each with its place; and what is hostile, cheaply."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.billing.agreement import Simulation
from domain.billing.rating import simulate
from domain.refusals import Refused
from tests.domain.billing.documents import Written, document, fact, lines, order, work

HOURLY = {"hourly": {"technician": "96.00"}}
BAND = [{"up_to": 5, "price": "69.00"}, {"price": "59.00"}]


def refused(*args: Any, **more: Any) -> list[tuple[str, str]]:  # noqa: ANN401
    """Code and place of each problem, whoever has found it."""
    try:
        simulate(document(*args, **more))
    except Refused as no:
        return [(problem.code, problem.at) for problem in no.problems]
    except ValidationError as no:
        return [(error["type"], "".join(f"/{step}" for step in error["loc"])) for error in no.errors()]
    return []


def block(on: str, expires: str) -> Written:
    return fact("purchase", "A", minutes=60, price="100.00", on=on, expires=expires)


@pytest.mark.parametrize(
    ("terms", "more", "expected"),
    [
        pytest.param({"from": "2026-01-02"}, {}, ("terms_gap", "/contract/terms"), id="a gap before the first terms"),
        pytest.param([{}, {}], {}, ("terms_overlap", "/contract/terms"), id="two sets of terms from one day on"),
        pytest.param(
            {"hourly": {"technician": "96.001"}},
            {},
            ("price_too_fine", "/contract/terms/0/hourly/technician"),
            id="a tenth of a cent",
        ),
        pytest.param(
            {"flat": {"move": "69.5"}},
            {"currency": "JPY"},
            ("price_too_fine", "/contract/terms/0/flat/move"),
            id="half a yen",
        ),
        pytest.param(
            {"bands": {"move": {"mode": "volume", "steps": [BAND[0], BAND[0], BAND[1]]}}},
            {},
            ("band_not_rising", "/contract/terms/0/bands/move"),
            id="a band that does not rise",
        ),
        pytest.param(
            {"bands": {"move": {"mode": "volume", "steps": BAND[:1]}}},
            {},
            ("band_not_rising", "/contract/terms/0/bands/move"),
            id="a band that ends",
        ),
        pytest.param({"quota": {"minutes": 60}}, {}, ("missing", "/contract/terms/0/quota/overage"), id="no policy"),
        pytest.param(
            {"minimum": {"amount": "2.00", "counts": ["flat"]}, "cap": {"amount": "1.00", "counts": ["flat"]}},
            {},
            ("minimum_above_cap", "/contract/terms/0/minimum/amount"),
            id="a minimum above the cap",
        ),
        pytest.param(
            {},
            {"indexing": [{"from": "2026-02-01", "index": "110", "base_index": "0"}]},
            ("greater_than", "/contract/indexing/0/base_index"),
            id="an index that begins at nothing",
        ),
        pytest.param(
            {},
            {"indexing": [{"from": "2026-02-01"}]},
            ("indexing_unclear", "/contract/indexing/0"),
            id="an empty index",
        ),
        pytest.param({}, {"vat": ["X", "19"]}, ("enum", "/contract/vat/0"), id="an unknown tax category"),
        pytest.param({}, {"vat": ["AE", "19"]}, ("vat_rate_not_zero", "/contract/vat"), id="a taxed reverse charge"),
        pytest.param({}, {"currency": "EUX"}, ("currency_unknown", "/contract/currency"), id="an unknown currency"),
        pytest.param({}, {"zone": "Mars"}, ("time_zone_unknown", "/contract/zone"), id="an unknown zone"),
        pytest.param(
            {}, {"until": "2025-12-31"}, ("contract_ends_early", "/contract/until"), id="an end before the beginning"
        ),
        pytest.param(
            {"fees": [{"id": "a", "amount": "1.00"}, {"id": "a", "amount": "2.00"}]},
            {},
            ("fee_twice", "/contract/terms/0/fees"),
            id="one fee twice",
        ),
        pytest.param(
            {"fees": [{"id": "a", "amount": "1.00", "per_unit": "seat"}]},
            {},
            ("fee_uncounted", "/contract/terms/0/fees/0"),
            id="a fee per unit that nobody counts",
        ),
        pytest.param(
            {"fees": [{"id": "a", "amount": "1.00", "split": {"A": "0"}}]},
            {},
            ("split_empty", "/contract/terms/0/fees/0"),
            id="shares of nothing",
        ),
        pytest.param(
            {"sla": {"fee": "a"}}, {}, ("sla_fee_unknown", "/contract/terms/0/sla/fee"), id="credits of no fee"
        ),
        pytest.param(
            {"fees": [{"id": "a", "amount": "1.00"}], "sla": {"fee": "a", "response": {}}},
            {},
            ("credit_unclear", "/contract/terms/0/sla/response"),
            id="a credit of nothing",
        ),
        pytest.param({"tax": "19"}, {}, ("extra_forbidden", "/contract/terms/0/tax"), id="an unknown field"),
        pytest.param({}, {"bill": (3, 2)}, ("bill_not_rising", "/bill"), id="periods out of order"),
        pytest.param(
            {}, {"bill": (2400,), "months": 12}, ("period_too_far", "/bill/0"), id="a period after the last day"
        ),
    ],
)
def test_terms_are_refused(terms: Any, more: Any, expected: tuple[str, str]) -> None:  # noqa: ANN401
    assert refused(terms, **more) == [expected]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([work("W1", "03-10 08:00", -1)], "greater_than_equal", id="less than no minutes"),
        pytest.param([work("W1", "03-10 08:00", 1441)], "less_than_equal", id="more than a day"),
        pytest.param([work("W1", "2025-12-31 23:59", 1)], "work_outside_term", id="work before the contract"),
        pytest.param([work("W1", "07-01 00:00", 1)], "work_outside_term", id="work after its end"),
        pytest.param([work("W1", "2026-03-10T08:00:00", 1)], "timezone_aware", id="a time without an offset"),
        pytest.param(
            [work("W1", "2026-03-10T08:00:00+25:00", 1)], "datetime_from_date_parsing", id="an offset beyond the day"
        ),
        pytest.param(
            [work("W1", "9999-03-10T08:00:00+00:00", 1)], "year_beyond_calendars", id="a year beyond all others"
        ),
        pytest.param([block("2026-03-10", "2026-03-09")], "block_expires_early", id="a block that has expired"),
        pytest.param(
            [work("W1", "03-10 08:00", 30), work("W1", "03-10 08:00", 31)], "fact_contradicts", id="other content"
        ),
        pytest.param([fact("correct", "K1", of="W9", minutes=1, told="04-01 08:00")], "fact_unknown", id="of nothing"),
        pytest.param([fact("part", "P1", part="ram", at="03-10 08:00")], "part_unpriced", id="a part without a price"),
        pytest.param([work("W1", "03-10 08:00", 30, role="engineer")], "role_unpriced", id="a role without a price"),
        pytest.param(
            [order("O1", "03-10 08:00", accepted="2025-03-10T08:00:00+01:00")], "terms_missing", id="accepted too early"
        ),
        pytest.param(
            [fact("part", "P1", part="x", unit_price="0.001", at="03-10 08:00")], "price_too_fine", id="too fine"
        ),
        pytest.param([fact("party", "P1")], "union_tag_invalid", id="an unknown type"),
        pytest.param(
            [fact("count", f"N{n}", unit="u", on="2026-03-01", count=1) for n in range(20_001)],
            "too_long",
            id="too many",
        ),
        pytest.param(
            [fact("adjust", f"A{n}", amount="1", at="03-10 08:00") for n in range(2)]
            + [
                fact("purchase", f"B{n}", minutes=1, price="1", on="2026-03-01", expires="2026-03-01")
                for n in range(1_001)
            ],
            "facts_too_many",
            id="too many blocks",
        ),
    ],
)
def test_facts_are_refused(facts: list[Written], expected: str) -> None:
    assert [code for code, _ in refused(HOURLY, *facts, until="2026-06-30")] == [expected]


@pytest.mark.parametrize(
    "number", ["NaN", "Infinity", "-Infinity", "1e999999", "1e-999999", "9" * 5000, "0." + "1" * 5000, "١", ""], ids=len
)
@pytest.mark.parametrize("field", ["amount", "percent", "weight", "rate", "km"])
def test_numbers_that_are_none_are_refused(field: str, number: str) -> None:
    terms: dict[str, object] = {"fees": [{"id": "a", "amount": "1.00"}]}
    more: dict[str, object] = {}
    facts = []
    if field == "amount":
        terms = {"fees": [{"id": "a", "amount": number}]}
    elif field == "weight":
        terms = {"fees": [{"id": "a", "amount": "1.00", "split": {"A": number}}]}
    elif field == "percent":
        terms |= {"discount": {"percent": number}}
    elif field == "rate":
        more = {"vat": ["S", number]}
    else:
        facts = [fact("visit", "V1", at="03-10 08:00", km=number)]

    # Digits of other scripts are digits; whatever is taken is an amount.
    assert refused(terms, *facts, **more) or number == "١"


def test_all_problems_are_told_at_once() -> None:
    facts = (
        work("W1", "2025-12-01 08:00", 30),
        fact("part", "P1", part="ram", at="03-10 08:00"),
        block("2026-03-10", "2026-03-09"),
    )

    assert refused([{**HOURLY, "from": "2026-02-01"}, {"from": "2026-02-01"}], *facts, bill=(2, 2)) == [
        ("terms_gap", "/contract/terms"),
        ("terms_overlap", "/contract/terms"),
        ("bill_not_rising", "/bill"),
        ("work_outside_term", "/facts/0/start"),
        ("part_unpriced", "/facts/1/part"),
        ("block_expires_early", "/facts/2/expires"),
    ]


def test_the_same_fact_twice_is_one() -> None:
    assert lines(HOURLY, work("W1", "03-10 08:00", 30), work("W1", "03-10 08:00", 30)) == [["time W1 48.00 30 min"]]


def test_terms_without_any_price_of_an_hour_charge_nothing_by_time() -> None:
    assert lines({}, work("W1", "03-10 08:00", 30)) == [[]]


def test_a_body_that_is_no_document_is_refused() -> None:
    bodies: list[object] = [None, [], "", 1, {"contract": [], "bill": {}}]
    for body in bodies:
        with pytest.raises(ValidationError):
            Simulation.model_validate(body)
