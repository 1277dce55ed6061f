"""Fees by days, by units, over cost centres, in advance; every amount was worked out by hand."""

import pytest

from tests.domain.billing.documents import Written, fact, lines, rated

MANAGED = {"fees": [{"id": "managed", "amount": "310.00"}]}


def managed(amount: str = "310.00", **more: object) -> Written:
    return {"fees": [{"id": "managed", "amount": amount, **more}]}


def count(name: str, on: str, number: int, unit: str = "seat", **more: object) -> Written:
    return fact("count", name, unit=unit, on=on, count=number, **more)


def test_three_changes_in_a_month_at_thirds_add_up_to_the_rounded_whole() -> None:
    # 100.00 × 10/31 = 32.258…, 100.00 × 20/31 = 64.516…, whole 100.00.
    versions = [
        managed("100.00"),
        {"from": "2026-03-11", **managed("100.01")},
        {"from": "2026-03-21", **managed("100.00")},
    ]

    # Running: 32.26; 32.258065 + 32.261290 = 64.519355, so 32.26; + 35.483871 = 100.003226, so 35.48.
    assert lines(versions) == [["fee managed 32.26", "fee managed 32.26", "fee managed 35.48"]]


def test_a_version_that_leaves_the_fee_as_it_is_does_not_cut_it() -> None:
    assert lines([MANAGED, {"from": "2026-03-11", **MANAGED, "flat": {"move": "69.00"}}]) == [["fee managed 310.00"]]


def test_a_fee_that_ends_with_a_version_is_charged_for_its_days() -> None:
    assert lines([MANAGED, {"from": "2026-03-11"}]) == [["fee managed 100.00"]]


def test_a_contract_that_ends_in_the_period_costs_its_days() -> None:
    assert lines(MANAGED, until="2026-03-15") == [["fee managed 150.00"]]


def test_a_fee_that_is_not_prorated_is_whole_from_its_first_day() -> None:
    assert lines(managed(prorate="none"), since="2026-03-31") == [["fee managed 310.00"]]


@pytest.mark.parametrize(
    ("timing", "expected"),
    [
        pytest.param("arrears", [[], [], ["fee licence 90.00"], []], id="with the period in which its quarter ends"),
        pytest.param(
            "advance", [["fee licence 90.00"], [], [], ["fee licence 90.00"]], id="with that in which it begins"
        ),
    ],
)
def test_a_quarterly_fee_in_monthly_invoices(timing: str, expected: list[list[str]]) -> None:
    terms = {"fees": [{"id": "licence", "amount": "90.00", "months": 3}]}

    assert lines(terms, bill=(0, 1, 2, 3), timing=timing) == expected


def test_three_monthly_fees_in_a_quarterly_invoice() -> None:
    terms = {"fees": [{"id": "managed", "amount": "310.00", "months": 1}]}

    assert lines(terms, bill=(0,), months=3) == [["fee managed 310.00"] * 3]


def test_periods_from_the_last_of_january_are_counted_from_the_anchor() -> None:
    told = rated(MANAGED, bill=(0, 1, 2), anchor="2026-01-31", since="2026-01-31").invoices

    assert [(f"{one.start}", f"{one.end}") for one in told] == [
        ("2026-01-31", "2026-02-28"),
        ("2026-02-28", "2026-03-31"),
        ("2026-03-31", "2026-04-30"),
    ]


@pytest.mark.parametrize(
    ("counted", "amount"),
    [
        # 15 days of 40, 15 of 50: 45 × 12.00.
        pytest.param("daily", "540.00", id="by the daily average"),
        pytest.param("last_day", "600.00", id="as many as there are on the last day"),
        pytest.param("peak", "720.00", id="as many as there were at most"),
    ],
)
def test_a_fee_per_unit(counted: str, amount: str) -> None:
    counts = [count("N1", "2026-04-01", 40), count("N2", "2026-04-16", 50)]
    if counted == "peak":
        counts += [count("N3", "2026-04-20", 60), count("N4", "2026-04-21", 50)]

    assert lines(managed("12.00", per_unit="seat", count=counted), *counts, bill=(3,)) == [[f"fee managed {amount}"]]


def test_a_daily_average_that_is_no_whole_number() -> None:
    # 29 days of 10 and one of 11: 301 / 30 × 10.00 = 100.333…
    counts = [count("N1", "2026-03-15", 10), count("N2", "2026-04-30", 11)]

    assert lines(managed("10.00", per_unit="seat", count="daily"), *counts, bill=(3,)) == [["fee managed 100.33"]]


def test_units_nobody_has_counted_cost_nothing() -> None:
    assert lines(managed("10.00", per_unit="seat", count="peak")) == [["fee managed 0.00"]]


def test_shares_by_largest_remainder() -> None:
    # 100.01 by 1 : 2 : 4 is 14.2871…, 28.5742…, 57.1485…: two cents are left, for the rests .85 and .71.
    split = managed("100.01", split={"A": "1", "B": "2", "C": "4"})

    assert lines(split) == [["fee managed 14.29 A", "fee managed 28.57 B", "fee managed 57.15 C"]]


def test_each_fee_has_its_own_tax() -> None:
    fees = [{"id": "managed", "amount": "100.00"}, {"id": "books", "amount": "10.00", "vat": ["S", "7"]}]

    (invoice,) = rated({"fees": fees}).invoices

    assert [(f"{one.rate}", f"{one.base}", f"{one.amount}") for one in invoice.vat] == [
        ("19", "100.00", "19.00"),
        ("7", "10.00", "0.70"),
    ]


def test_what_was_paid_in_advance_comes_back_with_the_run_after_the_notice() -> None:
    # 365.00 for 2026; it ends with 31 July, told on 10 May: 153 of 365 days come back with the run of June.
    terms = {"fees": [{"id": "licence", "amount": "365.00", "months": 12}]}
    ends = fact("terminate", "X", on="2026-07-31", told="05-10 09:00")

    assert lines(terms, ends, bill=(0, 4, 5, 6), timing="advance") == [
        ["fee licence 365.00"],
        [],
        ["fee_credit licence -153.00", "carried_forward 153.00"],
        ["brought_forward -153.00", "credited_by_note 153.00"],
    ]


def test_the_notice_before_the_run_leaves_only_its_days() -> None:
    ends = fact("terminate", "X", on="2026-03-20", told="03-10 09:00")

    assert lines(MANAGED, ends, bill=(2, 3)) == [["fee managed 200.00"], []]


def test_a_count_told_after_the_freeze_is_made_up_for() -> None:
    late = count("N2", "2026-03-17", 12, told="04-10 09:00")
    terms = managed("31.00", per_unit="seat", count="daily")

    # 10 seats on 31 days; two more on 15 of them: 2 × 15 / 31 × 31.00 = 30.00, and 12 in April.
    assert lines(
        terms, count("N1", "2026-03-01", 10), late, bill=(2, 3), freezes={"2": "2026-04-03T18:00:00+02:00"}
    ) == [
        ["fee managed 310.00"],
        ["fee managed 30.00 late", "fee managed 372.00"],
    ]


def test_an_index_cuts_a_fee_on_its_day() -> None:
    # 310.00 × 1.05 = 325.50; 10 days of the one are 100.00, 21 of the other 220.50.
    raised = [{"from": "2026-03-11", "percent": "5", "of": ["fees"]}]

    assert lines(MANAGED, indexing=raised) == [["fee managed 100.00", "fee managed 220.50"]]
