"""Orders at flat prices, parts, travel, visits for nothing and late cancellations; every amount by hand."""

import pytest

from tests.domain.billing.documents import Written, fact, lines, order, rated, work

MOVES = {"flat": {"move": "69.00"}}
STEPS = [{"up_to": 2, "price": "69.00"}, {"up_to": 4, "price": "59.00"}, {"price": "49.00"}]


def bands(mode: str, per: str = "period") -> Written:
    return {"flat": {"move": "69.00"}, "bands": {"move": {"mode": mode, "per": per, "steps": STEPS}}}


def orders(*days: str) -> list[Written]:
    return [order(f"O{number}", f"{day} 12:00") for number, day in enumerate(days, 1)]


def prices(terms: Written, *facts: Written, bill: tuple[int, ...] = (2,), **more: object) -> list[list[str]]:
    """The amounts of each invoice."""
    return [[f"{line.amount}" for line in one.lines] for one in rated(terms, *facts, bill=bill, **more).invoices]


MARCH = ("03-01", "03-02", "03-03", "03-04", "03-05")


def test_each_order_of_a_graduated_band_has_the_price_of_its_place() -> None:
    assert prices(bands("graduated"), *orders(*MARCH)) == [["69.00", "69.00", "59.00", "59.00", "49.00"]]


@pytest.mark.parametrize(
    ("many", "price"),
    [pytest.param(2, "69.00", id="on the limit"), pytest.param(3, "59.00", id="beyond it"), (4, "59.00"), (5, "49.00")],
)
def test_all_orders_of_a_volume_band_have_the_price_of_their_number(many: int, price: str) -> None:
    assert prices(bands("volume"), *orders(*MARCH[:many])) == [[price] * many]


def test_a_band_by_period_begins_anew_and_one_by_year_goes_on() -> None:
    done = orders("02-10", "02-11", "03-10", "03-11")

    assert prices(bands("graduated"), *done, bill=(1, 2)) == [["69.00", "69.00"], ["69.00", "69.00"]]
    assert prices(bands("graduated", "year"), *done, bill=(1, 2)) == [["69.00", "69.00"], ["59.00", "59.00"]]
    # What was invoiced before the first that is asked for counts as well.
    assert prices(bands("graduated", "year"), *done) == [["59.00", "59.00"]]


def test_a_year_of_bands_is_that_of_the_contract() -> None:
    agreed = {**bands("graduated", "year"), "from": "2025-06-01"}
    done = orders("2026-05-29", "2026-05-30", "2026-05-31", "2026-06-01")

    assert prices(agreed, *done, bill=(11, 12), anchor="2025-06-01") == [["69.00", "69.00", "59.00"], ["69.00"]]


def test_what_the_fee_includes_costs_nothing_up_to_its_number() -> None:
    terms = {"includes": {"move": 2}, "flat": {"move": "69.00"}}

    assert lines(terms, *orders("03-01", "03-02", "03-03", "04-01"), bill=(2, 3)) == [
        ["included O1 0.00", "included O2 0.00", "flat O3 69.00"],
        ["included O4 0.00"],
    ]


@pytest.mark.parametrize(("price_date", "amount"), [("accepted", "89.00"), ("worked", "95.00")])
def test_the_price_of_an_order_by_acceptance_or_by_the_day_it_is_done(price_date: str, amount: str) -> None:
    versions: list[Written] = [{"flat": {"move": "89.00"}}, {"from": "2026-03-01", "flat": {"move": "95.00"}}]
    done = order("O1", "03-10 12:00", accepted="2026-02-20T09:00:00+01:00")

    assert lines(versions, done, price_date=price_date) == [[f"flat O1 {amount}"]]


def test_the_time_of_a_kind_with_a_flat_price_costs_nothing_and_draws_nothing() -> None:
    terms = {**MOVES, "hourly": {"technician": "96.00"}, "quota": {"minutes": 60, "overage": "payg"}}

    assert lines(terms, work("W1", "03-10 08:00", 500, kind="move"), work("W2", "03-10 09:00", 60, kind="repair")) == [
        ["drawn W2 0.00 60 min period"]
    ]


def test_an_order_at_midnight_belongs_to_the_day_that_begins() -> None:
    assert lines(MOVES, order("O1", "04-01 00:00"), order("O2", "03-31 23:59"), bill=(2, 3)) == [
        ["flat O2 69.00"],
        ["flat O1 69.00"],
    ]


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        # 11:30 UTC of 31 March is half past midnight in Apia, and 07:30 in New York.
        pytest.param("Pacific/Apia", [[], ["flat O1 69.00"]], id="already April"),
        pytest.param("America/New_York", [["flat O1 69.00"], []], id="still March"),
    ],
)
def test_the_month_ends_where_the_contract_is(zone: str, expected: list[list[str]]) -> None:
    assert lines(MOVES, order("O1", "2026-03-31T11:30:00+00:00"), bill=(2, 3), zone=zone) == expected


def test_a_mark_up_is_rounded_for_each_piece() -> None:
    # 0.33 × 1.15 = 0.3795, 0.38 each.
    terms = {"parts_markup": "1.15"}

    assert lines(terms, fact("part", "P1", part="screw", quantity=100, cost="0.33", at="03-10 12:00")) == [
        ["part P1 38.00"]
    ]


def test_a_price_of_its_own_goes_before_its_cost_and_this_before_the_list() -> None:
    terms = {"parts": {"ram": "62.50"}, "parts_markup": "2"}
    parts = (
        fact("part", "P1", part="ram", quantity=1, unit_price="9.90", cost="5.00", at="03-10 12:00"),
        fact("part", "P2", part="ram", quantity="1.5", cost="5.00", at="03-10 12:00"),
        fact("part", "P3", part="ram", quantity=3, at="03-10 12:00"),
    )

    assert lines(terms, *parts) == [["part P1 9.90", "part P2 15.00", "part P3 187.50"]]


@pytest.mark.parametrize(
    ("km", "amount"),
    [
        pytest.param("20", "35.00", id="within the free ones"),
        # 0.01 × 0.52 = 0.0052.
        pytest.param("20.01", "35.01", id="a little beyond"),
        pytest.param("0", "35.00", id="next door"),
    ],
)
def test_travel_beyond_the_free_kilometres(km: str, amount: str) -> None:
    terms = {"travel": {"per_visit": "35.00", "per_km": "0.52", "free_km": "20"}}

    assert lines(terms, fact("visit", "V1", at="03-10 09:00", km=km)) == [[f"travel V1 {amount}"]]


def test_a_visit_for_nothing_costs_what_was_agreed() -> None:
    assert lines({"wasted_visit": "45.00"}, fact("wasted", "V1", at="03-10 09:00")) == [["wasted_visit V1 45.00"]]
    assert lines({}, fact("wasted", "V1", at="03-10 09:00")) == [[]]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        pytest.param("03-09 10:00", [], id="on the hour is not late"),
        pytest.param("03-09 10:01", ["late_cancellation C1 60.00"], id="a minute later is"),
        pytest.param("03-10 11:00", ["late_cancellation C1 60.00"], id="after the appointment"),
    ],
)
def test_a_cancellation_is_late_with_less_than_the_hours(at: str, expected: list[str]) -> None:
    terms = {"late_cancellation": {"price": "60.00", "hours": 24}}

    assert lines(terms, fact("cancel", "C1", at=at, appointment="03-10 10:00")) == [expected]


def test_over_the_night_the_clocks_change_24_hours_are_24_hours() -> None:
    terms = {"late_cancellation": {"price": "60.00", "hours": 24}}

    # From Saturday 10:00 to Sunday 10:00 there are 23.
    assert lines(
        terms, fact("cancel", "C1", at="2026-03-28T10:00:00+01:00", appointment="2026-03-29T10:00:00+02:00")
    ) == [["late_cancellation C1 60.00"]]


def test_what_is_told_late_comes_with_the_next_open_invoice_at_its_own_price() -> None:
    versions: list[Written] = [{"wasted_visit": "45.00", **MOVES}, {"from": "2026-04-01", "wasted_visit": "50.00"}]
    late = {"told": "2026-05-06T09:00:00+02:00"}
    facts = (fact("wasted", "V1", at="03-10 09:00", **late), order("O1", "03-11 09:00", **late))
    freezes = {"2": "2026-04-03T18:00:00+02:00", "3": "2026-05-05T18:00:00+02:00"}

    # Both are frozen when it is told: it comes with May.
    assert lines(versions, *facts, bill=(2, 3, 4), freezes=freezes) == [
        [],
        [],
        ["flat O1 69.00 late", "wasted_visit V1 45.00 late"],
    ]


def test_at_the_freeze_it_is_not_late() -> None:
    told = "2026-04-03T18:00:00+02:00"

    assert lines(MOVES, order("O1", "03-11 09:00", told=told), freezes={"2": told}) == [["flat O1 69.00"]]


def test_a_late_order_counts_after_those_that_stand() -> None:
    freezes = {"2": "2026-04-03T18:00:00+02:00"}
    done = orders("03-02", "03-03")
    late = order("O0", "03-01 12:00", told="2026-04-06T09:00:00+02:00")

    assert lines(bands("graduated"), *done, late, bill=(2, 3), freezes=freezes) == [
        ["flat O1 69.00", "flat O2 69.00"],
        ["flat O0 59.00 late"],
    ]
