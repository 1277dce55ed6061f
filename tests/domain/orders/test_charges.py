"""What an order costs."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cases.order_commands import Book, Cancel, Complete, DeclineAcceptance, LogWork, PartUse
from domain.contracts.prices import ChargeLine, Charges, PriceList, cents
from domain.kinds import OrderKind
from domain.orders.charges import charge_lines, ending_lines, unfinished_lines, unfinished_logs
from domain.people import Role
from tests.domain.billing.documents import OFFICE as OFFICE_HOURS
from tests.domain.billing.documents import rated, work
from tests.domain.orders.paper import HOUR, MONDAY, Paper, placed, window
from tests.world import COORDINATOR, OFFICE, REQUESTER, TECHNICIAN, part

TEN = MONDAY + HOUR


def at_work(kind: OrderKind = OrderKind.CHANGE, **prices: object) -> Paper:
    """Work is open at ten on Monday; from then on time passes by the hour."""
    order = placed(kind)
    terms = order.terms.but(prices=order.terms.prices.but(travel=Decimal(0)).but(**prices))
    paper = Paper(order.but(terms=terms)).until("work")
    paper.now = TEN
    return paper


def told(paper: Paper, *, after: float = 2, **fields: object) -> Paper:
    paper.say(TECHNICIAN, LogWork.model_validate(fields), at=paper.now + after * HOUR)
    return paper


def lines(paper: Paper) -> list[tuple[str, str, str, str]]:
    return [
        (line.line, f"{line.quantity.normalize():f}", str(line.factor), str(line.amount)) for line in all_lines(paper)
    ]


def all_lines(paper: Paper) -> tuple[ChargeLine, ...]:
    return charge_lines(paper.order, paper.progress, OFFICE)


def test_a_flat_price_covers_the_work_but_not_the_parts() -> None:
    paper = at_work(OrderKind.INSTALL)

    told(paper, minutes=300, parts=[{"part": "ram-16", "quantity": 2}])

    assert lines(paper) == [("flat", "1", "1", "89.00"), ("part-0", "2", "1", "125.00")]


@pytest.mark.parametrize(
    ("minutes", "rounding", "charged", "amount"),
    [
        pytest.param(1, 15, "15", "24.00", id="the first quarter"),
        pytest.param(15, 15, "15", "24.00", id="a full quarter"),
        pytest.param(16, 15, "30", "48.00", id="into the second"),
        pytest.param(50, 1, "50", "80.00", id="to the minute"),
        pytest.param(61, 30, "90", "144.00", id="half hours"),
    ],
)
def test_time_is_rounded_up_once_per_entry(minutes: int, rounding: int, charged: str, amount: str) -> None:
    paper = at_work(rounding_minutes=rounding)

    told(paper, minutes=minutes)

    assert lines(paper) == [("time-0", charged, "1", amount)]
    assert all_lines(paper)[0].minutes == minutes


def test_every_entry_is_rounded_for_itself() -> None:
    paper = at_work()

    told(told(paper, minutes=5), minutes=5)

    assert lines(paper) == [("time-0", "15", "1", "24.00"), ("time-1", "15", "1", "24.00")]


def test_work_after_hours_costs_the_factor_and_is_split_at_closing_time() -> None:
    paper = at_work()
    start = MONDAY + timedelta(hours=7, minutes=30)

    told(paper, after=9, minutes=60, started_at=start)

    assert lines(paper) == [("time-0", "30", "1", "48.00"), ("time-0-after-hours", "30", "1.5", "72.00")]


@pytest.mark.parametrize(
    ("start", "minutes", "expected"),
    [
        # 10 minutes at 1.5 × 96.00 and 5 at 96.00; both sides rounded up came to 60.00.
        pytest.param("07:50", 15, ["8.00", "24.00"], id="over the opening hour"),
        # 16 become 30: what is added counts like the last minute.
        pytest.param("07:50", 16, ["32.00", "24.00"], id="added within the hours"),
        pytest.param("16:50", 16, ["16.00", "48.00"], id="added after hours"),
        # 20 + 540 + 5 minutes become 570.
        pytest.param("07:40", 565, ["864.00", "72.00"], id="over both edges of a day"),
        pytest.param("23:50", 20, ["72.00"], id="over midnight"),
        # 480 until 17:00, 900 until 08:00, and 1 more; 1381 become 1395.
        pytest.param("09:00", 1381, ["792.00", "2160.00"], id="into the next day"),
    ],
)
def test_an_entry_over_an_edge_is_cut_first_and_rounded_once(start: str, minutes: int, expected: list[str]) -> None:
    paper = at_work()
    hour, minute = map(int, start.split(":"))

    told(paper, after=72, minutes=minutes, started_at=MONDAY + timedelta(days=1, hours=hour - 9, minutes=minute))

    assert [str(line.amount) for line in all_lines(paper)] == expected
    assert sum(line.minutes for line in all_lines(paper)) == minutes


@given(start=st.integers(0, 4 * 24 * 60), minutes=st.integers(1, 1440), step=st.sampled_from([1, 6, 15, 60]))
def test_an_order_costs_by_time_what_rating_makes_of_it(start: int, minutes: int, step: int) -> None:
    paper = at_work(rounding_minutes=step)
    began = MONDAY + timedelta(minutes=start)
    terms = {"hourly": {"technician": "96.00"}, "rounding": {"step": step}, "factors": {"after_hours": "1.5"}}

    told(paper, after=24 * 7, minutes=minutes, started_at=began)

    invoices = rated(terms, work("W1", began.isoformat(), minutes), hours=OFFICE_HOURS).invoices
    assert sum(line.amount for line in all_lines(paper)) == invoices[0].net


def test_rounding_comes_before_the_factor() -> None:
    paper = told(at_work(), after=24, minutes=1, started_at=MONDAY + 9 * HOUR)

    assert lines(paper) == [("time-0-after-hours", "15", "1.5", "36.00")]


def test_what_stands_on_paper_is_what_is_charged() -> None:
    """460 minutes at 500.00: 7.6667 hours would have come to 3,833.35."""
    paper = told(at_work(hourly={Role.TECHNICIAN: Decimal(500)}, rounding_minutes=1), minutes=460)

    (line,) = all_lines(paper)

    assert (f"{line.quantity}", line.unit, f"{line.unit_price}", line.per) == ("460", "minute", "500", 60)
    assert line.amount == Decimal("3833.33") == cents(line.quantity * line.unit_price / line.per)


@given(
    hourly=st.decimals(0, 1_000_000, places=2),
    minutes=st.integers(1, 1440),
    step=st.integers(1, 480),
    factor=st.decimals(0, 10, places=2),
)
def test_whatever_is_charged_can_be_worked_out_from_its_line(
    hourly: Decimal, minutes: int, step: int, factor: Decimal
) -> None:
    paper = at_work(hourly={Role.TECHNICIAN: hourly}, rounding_minutes=step, after_hours_factor=factor)

    told(paper, after=48, minutes=minutes, started_at=MONDAY, parts=[{"part": "ram-16"}])

    for line in all_lines(paper):
        assert cents(line.quantity * line.unit_price * line.factor / line.per) == line.amount


def test_without_a_start_work_is_taken_to_have_ended_when_it_was_told() -> None:
    paper = at_work()

    told(paper, after=7.5, minutes=60)

    assert [line[0] for line in lines(paper)] == ["time-0", "time-0-after-hours"]


def test_no_work_is_taken_to_have_begun_before_the_order() -> None:
    paper = at_work()

    told(paper, after=0.1, minutes=600)

    assert [(line.line, line.minutes) for line in all_lines(paper)] == [("time-0", 480), ("time-0-after-hours", 120)]


def test_parts_cost_their_own_price_or_the_listed_one() -> None:
    paper = at_work()
    parts = (PartUse(part="cable", unit_price=Decimal("9.90"), quantity=3), PartUse(part="ram-16"))

    told(paper, parts=parts)

    assert lines(paper) == [("part-0", "3", "1", "29.70"), ("part-1", "1", "1", "62.50")]


def test_travel_is_charged_once_for_those_that_came() -> None:
    paper = at_work(travel=Decimal("35.00"))
    told(paper, minutes=15)
    assert [line[0] for line in lines(paper)] == ["time-0"]

    paper.say(TECHNICIAN, Complete(minutes=15))

    assert [line[0] for line in lines(paper)] == ["time-0", "time-1", "travel"]


def test_travel_may_be_charged_for_each_visit_beside_those_for_nothing() -> None:
    paper = at_work(travel=Decimal("35.00"), travel_per="visit")
    paper.say(TECHNICIAN, Complete(outcome="wasted_visit"))
    paper.say(COORDINATOR, Book(window=window(paper.now + HOUR)))
    paper.say(TECHNICIAN, Complete(minutes=15))
    paper.say(REQUESTER, DeclineAcceptance(reason="no network"))
    paper.say(TECHNICIAN, Complete(minutes=15))

    assert [line for line in lines(paper) if line[0] == "travel"] == [("travel", "2", "1", "70.00")]


def test_every_wasted_visit_is_charged_even_under_a_flat_price() -> None:
    paper = at_work(OrderKind.INSTALL)
    for _ in range(2):
        paper.say(TECHNICIAN, Complete(outcome="wasted_visit"))
        paper.say(COORDINATOR, Book(window=window(paper.now + HOUR)))

    paper.say(TECHNICIAN, Complete(minutes=30))

    assert [line[0] for line in lines(paper)] == ["flat", "wasted-0", "wasted-1"]
    assert sum(line.amount for line in all_lines(paper)) == Decimal("187.00")


def test_a_late_cancellation_and_wasted_visits_are_charged_though_nothing_was_delivered() -> None:
    paper = at_work()
    paper.say(TECHNICIAN, Complete(outcome="wasted_visit", minutes=20))
    paper.say(COORDINATOR, Book(window=window(paper.now + HOUR)))

    paper.say(REQUESTER, Cancel(reason="changed our mind"))

    charged = ending_lines(paper.order, paper.progress)
    assert [(line.line, str(line.amount)) for line in charged] == [
        ("wasted-0", "49.00"),
        ("late_cancellation", "39.00"),
    ]


@pytest.mark.parametrize(
    ("prices", "date"),
    [
        pytest.param({}, TEN + timedelta(days=9), id="in time"),
        pytest.param({"late_cancellation": Decimal(0)}, TEN + HOUR, id="late, but free"),
    ],
)
def test_a_cancellation_that_costs_nothing(prices: dict[str, object], date: datetime) -> None:
    paper = Paper(placed(OrderKind.CHANGE)).until("appointment")
    paper.order = paper.order.but(terms=paper.order.terms.but(prices=paper.order.terms.prices.but(**prices)))
    paper.say(COORDINATOR, Book(window=window(date)))

    paper.say(REQUESTER, Cancel(reason="changed our mind"))

    assert ending_lines(paper.order, paper.progress) == ()


def test_what_is_called_off_of_a_project_costs_only_what_was_wasted() -> None:
    paper = at_work()
    paper.order = paper.order.but(part=part(TEN))
    paper.say(TECHNICIAN, Complete(outcome="wasted_visit", minutes=20))
    paper.say(COORDINATOR, Book(window=window(paper.now + HOUR)))

    paper.say(COORDINATOR, Cancel(reason="the customer stays"))

    assert [line.line for line in ending_lines(paper.order, paper.progress)] == ["wasted-0"]


@pytest.mark.parametrize(
    ("kind", "prices", "expected"),
    [
        pytest.param(OrderKind.CHANGE, {}, ["480.00", "125.00"], id="by time and material"),
        pytest.param(OrderKind.INSTALL, {}, ["89.00", "125.00"], id="never dearer than completed"),
        pytest.param(OrderKind.CHANGE, {"hourly": {}}, ["125.00"], id="without a price of an hour"),
        pytest.param(OrderKind.CHANGE, {"travel": Decimal("35.00")}, ["480.00", "125.00"], id="travel is the order's"),
    ],
)
def test_work_and_parts_of_an_order_that_is_called_off_are_charged(
    kind: OrderKind, prices: dict[str, Any], expected: list[str]
) -> None:
    paper = told(at_work(kind, **prices), after=6, minutes=300, parts=[{"part": "ram-16", "quantity": 2}])

    paper.say(REQUESTER, Cancel(reason="changed our mind"))

    assert unfinished_logs(paper.order, paper.progress)
    assert [str(line.amount) for line in unfinished_lines(paper.order, paper.progress, OFFICE)] == expected


def test_a_contract_may_say_that_what_is_not_completed_costs_nothing() -> None:
    paper = told(at_work(unfinished="free"), minutes=300, parts=[{"part": "ram-16"}])

    paper.say(REQUESTER, Cancel(reason="changed our mind"))

    assert unfinished_logs(paper.order, paper.progress) == []


def test_half_a_cent_is_rounded_up() -> None:
    assert cents(Decimal("0.125")) == Decimal("0.13")
    assert cents(Decimal("0.135")) == Decimal("0.14")


def test_every_line_has_a_business_key() -> None:
    paper = told(at_work(), minutes=5)
    charges = Charges(order_no="O-1", customer="adler", contract="c", lines=all_lines(paper))

    assert [charges.key(line) for line in charges.lines] == ["bill:O-1/time-0/1"]


def test_a_price_list_refuses_negative_prices() -> None:
    with pytest.raises(ValueError, match="greater than or equal to 0"):
        PriceList(travel=Decimal(-1))
