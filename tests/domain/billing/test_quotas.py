"""Minutes that are granted, carried, bought and owed; every minute and cent was counted by hand."""

from typing import Any

import pytest

from domain.billing.invoices import QuotaUse
from tests.domain.billing.documents import OFFICE, Written, fact, lines, rated, told, work

HOURLY = {"hourly": {"technician": "96.00"}}


def quota(minutes: int = 600, overage: str = "payg", **more: object) -> Written:
    return {**HOURLY, "quota": {"minutes": minutes, "overage": overage, **more}}


def block(name: str, minutes: int, on: str, expires: str, price: str = "1000.00") -> Written:
    return fact("purchase", name, minutes=minutes, price=price, on=on, expires=expires)


def uses(*args: Any, bill: tuple[int, ...] = (2, 3), **more: Any) -> list[QuotaUse | None]:  # noqa: ANN401
    return [invoice.quota for invoice in rated(*args, bill=bill, **more).invoices]


EVENING = {"factors": {"after_hours": "1.5"}}


def test_an_hour_after_hours_draws_as_many_minutes_as_it_costs() -> None:
    # 31 minutes × 1.5 = 46.5: 47 are drawn.
    assert lines({**quota(), **EVENING}, work("W1", "03-10 20:00", 31), hours=OFFICE) == [
        ["drawn W1 0.00 47 min period"]
    ]


def test_what_is_beyond_the_quota_is_not_weighed_again() -> None:
    # 60 × 1.5 = 90; 50 are left, and 40 at the plain 96.00.
    assert lines({**quota(50), **EVENING}, work("W1", "03-10 20:00", 60), hours=OFFICE) == [
        ["drawn W1 0.00 50 min period", "overage W1 64.00 40 min"]
    ]


def test_a_quota_that_is_not_weighted_draws_minutes_as_they_are() -> None:
    # 50 drawn; ten beyond at 96.00 × 1.5.
    assert lines({**quota(50, weighted=False), **EVENING}, work("W1", "03-10 20:00", 60), hours=OFFICE) == [
        ["drawn W1 0.00 50 min period", "overage W1 24.00 10 min"]
    ]


def test_minutes_are_rounded_up_before_they_are_drawn() -> None:
    assert lines({**quota(), "rounding": {"step": 15}}, work("W1", "03-10 08:00", 50)) == [
        ["drawn W1 0.00 60 min period"]
    ]


def test_what_is_beyond_may_have_a_price_of_its_own() -> None:
    assert lines(quota(30, overage_hourly="110.00"), work("W1", "03-10 08:00", 90)) == [
        ["drawn W1 0.00 30 min period", "overage W1 110.00 60 min"]
    ]


def test_work_draws_in_order_of_its_start() -> None:
    assert lines(quota(60), work("A", "03-11 08:00", 60), work("B", "03-10 08:00", 60)) == [
        ["drawn B 0.00 60 min period", "overage A 96.00 60 min"]
    ]


def test_beyond_a_quota_that_blocks_only_what_was_approved_is_charged() -> None:
    (invoice,) = rated(
        quota(60, "block"), work("W1", "03-10 08:00", 90), work("W2", "03-11 08:00", 30, approved=True)
    ).invoices

    assert [line.amount for line in invoice.lines if line.reason == "overage"] == [48]
    assert invoice.quota == QuotaUse(granted=60, drawn=60, carried=0, lapsed=0, blocked=30)


@pytest.mark.parametrize("overage", ["next", "negative"])
def test_what_is_owed_is_taken_from_the_next_grant(overage: str) -> None:
    worked = (work("W1", "03-10 08:00", 700), work("W2", "04-10 08:00", 550))

    assert lines(quota(600, overage), *worked, bill=(2, 3)) == [
        ["drawn W1 0.00 600 min period", "owed W1 0.00 100 min"],
        ["drawn W2 0.00 500 min period", "owed W2 0.00 50 min"],
    ]
    assert uses(quota(600, overage), *worked) == [
        QuotaUse(granted=600, drawn=600, carried=0, lapsed=0, owed=100),
        QuotaUse(granted=500, drawn=500, carried=0, lapsed=0, owed=50),
    ]


def test_more_than_the_limit_is_not_owed_but_charged() -> None:
    assert lines(quota(600, "negative", limit=60), work("W1", "03-10 08:00", 690)) == [
        ["drawn W1 0.00 600 min period", "owed W1 0.00 60 min", "overage W1 48.00 30 min"]
    ]


def test_carried_minutes_last_for_two_more_periods_and_the_oldest_go_first() -> None:
    terms = quota(100, rollover={"periods": 2, "cap": 80})
    worked = (
        work("W1", "03-10 08:00", 90),  # March: 10 are carried until May
        work("W2", "04-10 08:00", 5),  # April: 5 of the 10; 80 of its 100 are carried until June
        work("W3", "05-10 08:00", 30),  # May: the last 5 of March, 25 of April
        work("W4", "06-10 08:00", 60),  # June: the last 55 of April and 5 of May, which carried 80
    )

    months = rated(terms, *worked, bill=(2, 3, 4, 5)).invoices

    assert [[line.minutes for line in one.lines] for one in months] == [[90], [5], [30], [60]]
    assert [{line.source for line in one.lines} for one in months] == [
        {"period"},
        {"carried"},
        {"carried"},
        {"carried"},
    ]
    assert [(one.quota.carried, one.quota.lapsed) for one in months if one.quota] == [
        (10, 0),
        (80, 20),
        (80, 20),
        (80, 20),
    ]


def test_of_blocks_the_one_that_expires_first_is_drawn_first() -> None:
    blocks = (
        block("A", 60, "2026-01-10", "2027-01-09"),
        block("B", 60, "2026-02-10", "2026-12-31"),
        block("C", 60, "2026-01-05", "2027-01-09"),
    )

    assert lines(HOURLY, *blocks, work("W1", "03-10 08:00", 200)) == [
        ["drawn W1 0.00 60 min B", "drawn W1 0.00 60 min C", "drawn W1 0.00 60 min A", "time W1 32.00 20 min"]
    ]


def test_a_block_is_drawn_from_the_day_it_is_bought_until_its_last() -> None:
    bought = block("A", 600, "2026-03-11", "2026-03-12")
    worked = [work(f"W{day}", f"03-{day} 08:00", 60) for day in (10, 11, 12, 13)]

    assert lines(HOURLY, bought, *worked) == [
        [
            "purchase A 1000.00",
            "time W10 96.00 60 min",
            "drawn W11 0.00 60 min A",
            "drawn W12 0.00 60 min A",
            "time W13 96.00 60 min",
        ]
    ]


def test_the_quota_goes_before_the_blocks_and_these_before_the_policy() -> None:
    assert lines(quota(60, "block"), block("A", 30, "2026-01-10", "2026-12-31"), work("W1", "03-10 08:00", 120)) == [
        ["drawn W1 0.00 60 min period", "drawn W1 0.00 30 min A"]
    ]


def test_work_that_counts_as_invoiced_has_drawn_from_its_block() -> None:
    bought = block("A", 100, "2026-01-10", "2026-12-31")

    assert lines(HOURLY, bought, work("W1", "02-10 08:00", 70), work("W2", "03-10 08:00", 60)) == [
        ["drawn W2 0.00 30 min A", "time W2 48.00 30 min"]
    ]


def test_the_size_with_which_the_period_begins_counts() -> None:
    versions = [quota(600), {"from": "2026-03-02", **quota(60)}]

    assert uses(versions, work("W1", "03-10 08:00", 90)) == [QuotaUse(600, 90, 0, 510), QuotaUse(60, 0, 0, 60)]


def test_an_entry_over_midnight_draws_from_both_months() -> None:
    assert lines(quota(60), work("W1", "03-31 23:30", 60), bill=(2, 3)) == [
        ["drawn W1 0.00 30 min period"],
        ["drawn W1 0.00 30 min period"],
    ]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        # 250 of 600 minutes are left of 1,000.00: 416.666…
        pytest.param(
            "refund", ["drawn W1 0.00 350 min A", "refund A -416.67", "credited_by_note 416.67"], id="refunded"
        ),
        pytest.param("lapse", ["drawn W1 0.00 350 min A"], id="lapsed"),
    ],
)
def test_what_is_left_of_a_block_when_the_contract_ends(policy: str, expected: list[str]) -> None:
    bought = block("A", 600, "2026-01-10", "2026-12-31")

    came = rated(HOURLY, bought, work("W1", "03-10 08:00", 350), until="2026-03-31", end_policy=policy)

    assert [told(invoice) for invoice in came.invoices] == [expected]
    # 416.67 × 19 % = 79.1673.
    assert [(f"{one.ref} {one.net} {one.vat} {one.gross}") for one in came.credit_notes] == (
        ["final 416.67 79.17 495.84"] if policy == "refund" else []
    )


def test_with_the_contract_nothing_is_carried_on() -> None:
    assert uses(quota(600, rollover={"periods": 1}), until="2026-03-31", bill=(2,)) == [QuotaUse(600, 0, 0, 600)]


def test_late_work_draws_only_what_lapsed_in_its_own_period() -> None:
    late = work("W2", "03-28 08:00", 400, told="2026-04-06T09:00:00+02:00")
    worked = (work("W1", "03-10 08:00", 500), work("W3", "04-02 08:00", 600))

    months = lines(quota(600), *worked, late, bill=(2, 3), freezes={"2": "2026-04-03T18:00:00+02:00"})

    assert months[1] == [
        "drawn W2 0.00 100 min period late",
        "overage W2 480.00 300 min late",
        "drawn W3 0.00 600 min period",
    ]


def test_a_correction_gives_minutes_back_to_the_block() -> None:
    bought = block("A", 120, "2026-01-10", "2026-12-31")
    fixed = fact("correct", "K1", of="W1", minutes=60, told="04-20 09:00")
    worked = (work("W1", "03-10 08:00", 120), work("W2", "05-04 08:00", 60))

    assert lines(HOURLY, bought, *worked, fixed, bill=(2, 3, 4)) == [
        ["drawn W1 0.00 120 min A"],
        [],
        ["drawn W2 0.00 60 min A"],
    ]


def test_a_correction_of_drawn_work_changes_what_was_beyond() -> None:
    fixed = fact("correct", "K1", of="W1", minutes=20, told="04-20 09:00")
    worked = (work("W1", "03-10 08:00", 50), work("W2", "03-11 08:00", 40))

    # 90 of 60 minutes: 30 were beyond, 48.00; with 20 + 40 nothing is.
    assert lines(quota(60), *worked, fixed, bill=(2, 3))[1] == ["adjust K1 -48.00", "carried_forward 48.00"]
