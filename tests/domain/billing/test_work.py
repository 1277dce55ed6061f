"""Work by time: cut at hours, periods and prices, rounded up once; every amount was worked out by hand."""

import pytest

from tests.domain.billing.documents import OFFICE, Written, fact, lines, work

HOURLY = {"hourly": {"technician": "96.00", "engineer": "120.00"}}
QUARTERS = {**HOURLY, "rounding": {"step": 15}}
EVENING = {**QUARTERS, "factors": {"after_hours": "1.5"}}


def test_an_entry_over_both_edges_of_a_day_is_cut_twice_and_rounded_once() -> None:
    # 07:50 to 17:08 are 10 + 540 + 8 minutes; 558 becomes 570, and the 12 added are after hours as the last one.
    told = lines(EVENING, work("W1", "03-10 07:50", 558), hours=OFFICE)

    assert told == [["time W1 24.00 10 min", "time W1 864.00 540 min", "time W1 48.00 20 min"]]


def test_fifteen_minutes_over_the_opening_hour_cost_no_hour() -> None:
    # 8 minutes at 1.5 × 96.00 and 7 at 96.00: 19.20 + 11.20, where both sides rounded up came to 60.00.
    assert lines(EVENING, work("W1", "03-10 07:52", 15), hours=OFFICE) == [
        ["time W1 19.20 8 min", "time W1 11.20 7 min"]
    ]


def test_on_a_holiday_its_own_factor_counts() -> None:
    terms = {**HOURLY, "factors": {"after_hours": "1.5", "holiday": "2"}}

    # Friday of Easter, in what would be service hours, and the hour after its midnight.
    told = lines(terms, work("W1", "04-03 23:00", 120), bill=(3,), hours=OFFICE, holidays=["2026-04-03"])

    assert told == [["time W1 192.00 60 min", "time W1 144.00 60 min"]]


def test_without_a_factor_of_its_own_a_holiday_is_after_hours() -> None:
    terms = {**HOURLY, "factors": {"after_hours": "1.5"}}

    assert lines(terms, work("W1", "04-03 10:00", 60), bill=(3,), hours=OFFICE, holidays=["2026-04-03"]) == [
        ["time W1 144.00 60 min"]
    ]


def test_windows_overnight_and_around_the_clock() -> None:
    terms = {**HOURLY, "factors": {"after_hours": "1.5"}}
    nights = {"mon": [["22:00", "06:00"]], "wed": [["00:00", "24:00"]]}

    # Tuesday 10 March: Monday's night lasts until 06:00; Wednesday is open from its midnight.
    told = lines(terms, work("W1", "03-10 05:00", 120), work("W2", "03-10 23:00", 120), hours=nights)

    assert told == [["time W1 96.00 60 min", "time W1 144.00 60 min", "time W2 144.00 60 min", "time W2 96.00 60 min"]]


@pytest.mark.parametrize(
    ("start", "weekly", "n", "expected"),
    [
        # From 01:30 to 04:30 by the clock: 03:00 comes after half an hour.
        pytest.param(
            "2026-03-29T01:30:00+01:00",
            {"sun": [["03:00", "24:00"]]},
            2,
            ["time W1 96.00 30 min", "time W1 144.00 90 min"],
            id="spring",
        ),
        # From 02:30 to 03:30 by the clock, with the repeated hour in it: 03:00 comes after an hour and a half.
        pytest.param(
            "2026-10-25T02:30:00+02:00",
            {"sun": [["00:00", "03:00"]]},
            9,
            ["time W1 144.00 90 min", "time W1 96.00 30 min"],
            id="autumn",
        ),
    ],
)
def test_on_the_night_the_clocks_change_real_minutes_count(
    start: str, weekly: Written, n: int, expected: list[str]
) -> None:
    terms = {**HOURLY, "factors": {"after_hours": "2"}}

    assert lines(terms, work("W1", start, 120), hours=weekly, bill=(n,)) == [expected]


def test_across_a_month_the_whole_is_rounded_and_the_last_month_gets_what_is_added() -> None:
    told = lines(QUARTERS, work("W1", "03-31 23:40", 50), bill=(2, 3))

    assert told == [["time W1 32.00 20 min"], ["time W1 64.00 40 min"]]


def test_a_new_price_at_midnight_cuts_the_entry() -> None:
    versions: list[Written] = [HOURLY, {"from": "2026-03-11", "hourly": {"technician": "120.00"}}]

    assert lines(versions, work("W1", "03-10 23:00", 120)) == [["time W1 96.00 60 min", "time W1 120.00 60 min"]]


@pytest.mark.parametrize(
    ("price_date", "amount"),
    [pytest.param("accepted", "96.00", id="as accepted"), pytest.param("worked", "120.00", id="as worked")],
)
def test_the_price_of_an_hour_by_its_order_or_by_its_day(price_date: str, amount: str) -> None:
    versions: list[Written] = [HOURLY, {"from": "2026-03-01", "hourly": {"technician": "120.00"}}]
    worked = work("W1", "03-10 08:00", 60, accepted="2026-02-20T09:00:00+01:00")

    assert lines(versions, worked, price_date=price_date) == [[f"time W1 {amount} 60 min"]]


def test_at_least_the_minimum_and_then_the_step() -> None:
    terms = {**HOURLY, "rounding": {"step": 15, "minimum": 40}}

    told = lines(terms, work("W1", "03-10 08:00", 5), work("W2", "03-10 09:00", 46), work("W3", "03-10 10:00", 0))

    assert told == [["time W1 72.00 45 min", "time W2 96.00 60 min"]]


def test_all_entries_of_a_role_on_a_day_are_rounded_together() -> None:
    terms = {**HOURLY, "rounding": {"step": 30, "per": "day"}}
    worked = (
        work("W1", "03-10 08:00", 10),
        work("W2", "03-10 11:00", 10),
        work("W3", "03-10 12:00", 10, role="engineer"),
        work("W4", "03-11 08:00", 10),
    )

    # 20 of a technician become 30, and the ten added go to W2.
    assert lines(terms, *worked) == [
        ["time W1 16.00 10 min", "time W2 32.00 20 min", "time W3 60.00 30 min", "time W4 48.00 30 min"]
    ]


def test_what_is_given_away_stands_there_for_nothing() -> None:
    assert lines(QUARTERS, work("W1", "03-10 08:00", 20, chargeable=False)) == [["goodwill W1 0.00 20 min"]]


def test_half_a_cent_goes_up_and_a_thirtieth_does_not() -> None:
    # 1 minute at 99.30 is 1.655; 1 at 100.00 is 1.666…; 7 at 100.00 are 11.666…
    terms = {"hourly": {"a": "99.30", "b": "100.00", "c": "96.20"}}

    told = lines(
        terms, work("W1", "03-10 08:00", 1, "a"), work("W2", "03-10 09:00", 7, "b"), work("W3", "03-10 10:00", 1, "c")
    )

    # 96.20 / 60 = 1.60333…
    assert told == [["time W1 1.66 1 min", "time W2 11.67 7 min", "time W3 1.60 1 min"]]


def test_currencies_without_and_with_three_decimals() -> None:
    worked = work("W1", "03-10 08:00", 50)

    # 9,999 / 60 × 50 = 8,332.5; 33.333 / 60 × 50 = 27.7775.
    assert lines({"hourly": {"technician": "9999"}}, worked, currency="JPY") == [["time W1 8333 50 min"]]
    assert lines({"hourly": {"technician": "33.333"}}, worked, currency="BHD") == [["time W1 27.778 50 min"]]


def test_minutes_that_are_corrected_before_the_invoice_are_those_charged() -> None:
    fixed = fact("correct", "K1", of="W1", minutes=30, told="03-20 09:00")

    assert lines(HOURLY, work("W1", "03-10 08:00", 60), fixed) == [["time W1 48.00 30 min"]]


def test_minutes_that_are_corrected_after_the_invoice_are_made_up_for() -> None:
    fixed = (
        fact("correct", "K1", of="W1", minutes=30, told="04-20 09:00"),
        fact("correct", "K2", of="W1", minutes=45, told="05-20 09:00"),
    )

    told = lines(QUARTERS, work("W1", "03-10 08:00", 60), *fixed, bill=(2, 3, 4))

    assert told == [
        ["time W1 96.00 60 min"],
        ["adjust K1 -48.00", "carried_forward 48.00"],
        ["adjust K2 24.00", "brought_forward -48.00", "carried_forward 24.00"],
    ]


def test_a_price_that_is_agreed_afterwards_is_made_up_for_and_counts_from_then_on() -> None:
    new = fact("reprice", "R1", role="technician", hourly="90.00", told="04-20 09:00", **{"from": "2026-03-15"})
    worked = (work("W1", "03-10 08:00", 60), work("W2", "03-16 08:00", 60), work("W3", "04-10 08:00", 120))

    told = lines(HOURLY, *worked, new, bill=(2, 3))

    assert told == [["time W1 96.00 60 min", "time W2 96.00 60 min"], ["time W3 180.00 120 min", "adjust R1 -6.00"]]


@pytest.mark.parametrize(
    ("index", "amount"),
    [
        pytest.param("104.9", "96.00", id="short of the threshold"),
        pytest.param("105", "100.80", id="on the threshold"),
        # 96.00 × 1.0734 = 103.0464.
        pytest.param("107.34", "103.05", id="beyond it, rounded once"),
    ],
)
def test_an_index_counts_from_its_threshold_on(index: str, amount: str) -> None:
    raised = [{"from": "2026-03-01", "index": index, "base_index": "100", "threshold": "5", "of": ["hourly"]}]

    assert lines(HOURLY, work("W1", "03-10 08:00", 60), indexing=raised) == [[f"time W1 {amount} 60 min"]]


def test_terms_that_are_agreed_after_an_index_stand_as_they_are_written() -> None:
    raised = [{"from": "2026-02-01", "percent": "10", "of": ["hourly"]}]
    versions: list[Written] = [HOURLY, {"from": "2026-03-01", "hourly": {"technician": "100.00"}}]
    worked = (work("W1", "02-10 08:00", 60), work("W2", "03-10 08:00", 60))

    assert lines(versions, *worked, bill=(1, 2), indexing=raised) == [
        ["time W1 105.60 60 min"],
        ["time W2 100.00 60 min"],
    ]


def test_an_order_that_was_accepted_before_the_index_keeps_its_price() -> None:
    raised = [{"from": "2026-03-01", "percent": "10"}]
    worked = work("W1", "03-10 08:00", 60, accepted="2026-02-20T09:00:00+01:00")

    assert lines(HOURLY, worked, indexing=raised) == [["time W1 96.00 60 min"]]
