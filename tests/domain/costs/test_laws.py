"""Under its own terms a case costs what the ledger is told to charge for it: by rating, and to the cent."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cases.order_commands import Book, Cancel, Command, Complete, DeclineAcceptance, LogWork
from domain.contracts.catalogue import Pricing
from domain.contracts.prices import ChargeLine
from domain.kinds import OrderKind
from domain.orders.charges import charge_lines, ending_lines, unfinished_lines, unfinished_logs
from domain.orders.order import OrderedItem
from domain.orders.progress import Quote
from domain.people import Actor
from tests.domain.costs.cases import at_work, case_of, cost, priced, total
from tests.domain.orders.paper import HOUR, MONDAY, Paper, window
from tests.world import COORDINATOR, OFFICE, REQUESTER, TECHNICIAN, part

PARTS: list[list[dict[str, Any]]] = [
    [],
    [{"part": "ram-16", "quantity": 2}],
    [{"part": "cable", "unit_price": "9.90", "quantity": 3}, {"part": "ram-16"}],
]
PRICES: list[dict[str, Any]] = [
    {},
    {"travel_per": "visit", "rounding_minutes": 1},
    {"unfinished": "free", "travel": Decimal(0)},
    {"after_hours_factor": Decimal("1.33"), "rounding_minutes": 60, "late_cancellation": Decimal(0)},
    {"hourly": {}},
]
# As many minutes as reach over one edge of the service hours at most: over two, rating has three lines and not two.
STRETCHES = st.tuples(st.integers(0, 5 * 24 * 60), st.integers(0, 420), st.sampled_from(PARTS))


def ledger(paper: Paper) -> list[ChargeLine]:
    """What is posted for it, in whichever way it has ended."""
    order, progress = paper.order, paper.progress
    if progress.ending is None:
        return [*charge_lines(order, progress, OFFICE)]
    unfinished = unfinished_lines(order, progress, OFFICE) if unfinished_logs(order, progress) else ()
    return [*unfinished, *ending_lines(order, progress)]


def posted(paper: Paper) -> Decimal:
    return total([line.amount for line in ledger(paper)])


def charged(paper: Paper) -> Decimal:
    return cost(case_of(paper), contract=priced(paper)).own


def say(paper: Paper, *told: tuple[Actor, Command]) -> Paper:
    for actor, command in told:
        paper.say(actor, command)
    return paper


@given(
    kind=st.sampled_from([OrderKind.CHANGE, OrderKind.INSTALL, OrderKind.ADD]),
    prices=st.sampled_from(PRICES),
    logged=st.lists(STRETCHES, max_size=4),
    wasted=st.booleans(),
    end=st.sampled_from(["completed", "cancelled"]),
)
def test_whatever_has_been_logged_and_however_it_ended(
    kind: OrderKind, prices: dict[str, Any], logged: list[tuple[int, int, Any]], wasted: bool, end: str
) -> None:
    paper = at_work(kind, **prices)
    if wasted:
        say(paper, (TECHNICIAN, Complete(outcome="wasted_visit", minutes=20)))
        say(paper, (COORDINATOR, Book(window=window(paper.now + HOUR))))
    paper.now += timedelta(days=8)
    for start, minutes, parts in logged:
        told = {"minutes": minutes, "started_at": MONDAY + timedelta(minutes=start), "parts": parts}
        say(paper, (TECHNICIAN, LogWork.model_validate(told)))
    if end == "completed":
        paper.finish()
    else:
        say(paper, (REQUESTER, Cancel(reason="changed our mind")))

    assert charged(paper) == posted(paper)


@given(start=st.integers(0, 14 * 24 * 60), minutes=st.integers(1, 1440), step=st.sampled_from([1, 15, 60]))
def test_an_entry_over_several_edges_costs_the_same_but_for_a_cent_a_line(start: int, minutes: int, step: int) -> None:
    """The ledger has one line for each factor, rating one for each stretch."""
    paper = at_work(rounding_minutes=step)
    paper.now += timedelta(days=20)
    say(paper, (TECHNICIAN, LogWork(minutes=minutes, started_at=MONDAY + timedelta(minutes=start)))).finish()

    told = cost(case_of(paper), contract=priced(paper))

    assert abs(told.own - posted(paper)) <= Decimal("0.01") * sum(row.own_lines for row in told.rows)


@pytest.mark.parametrize(
    ("pricing", "price", "quote"),
    [
        pytest.param(Pricing.FLAT, Decimal("79.00"), None, id="an item's own price"),
        pytest.param(Pricing.INCLUDED, None, None, id="included"),
        pytest.param(Pricing.BY_TIME, None, None, id="by time, though its kind has a price"),
        pytest.param(Pricing.BY_QUOTE, None, Quote(price=Decimal("450.00")), id="as quoted"),
        pytest.param(Pricing.BY_QUOTE, None, Quote(price=Decimal("100.00"), at_most=True), id="at most as quoted"),
        pytest.param(Pricing.BY_QUOTE, None, Quote(price=Decimal("900.00"), at_most=True), id="less than quoted"),
    ],
)
@pytest.mark.parametrize("end", ["completed", "cancelled"])
def test_items_cost_what_was_agreed_for_them(
    pricing: Pricing, price: Decimal | None, quote: Quote | None, end: str
) -> None:
    paper = at_work(OrderKind.INSTALL)
    item = OrderedItem(id="notebook", name={"en": "Notebook"}, pricing=pricing, price=price)
    paper.order, paper.progress = paper.order.but(item=item), paper.progress.but(quote=quote)
    say(paper, (TECHNICIAN, LogWork.model_validate({"minutes": 300, "parts": PARTS[2]})))
    if end == "completed":
        paper.finish()
    else:
        say(paper, (REQUESTER, Cancel(reason="changed our mind")))

    assert charged(paper) == posted(paper)


@pytest.mark.parametrize("travel_per", ["order", "visit"])
def test_each_visit_is_paid_for_as_agreed(travel_per: str) -> None:
    paper = say(
        at_work(travel_per=travel_per),
        (TECHNICIAN, Complete(outcome="wasted_visit")),
        (COORDINATOR, Book(window=window(MONDAY + 3 * HOUR))),
        (TECHNICIAN, Complete(minutes=15)),
        (REQUESTER, DeclineAcceptance(reason="no network")),
        (TECHNICIAN, Complete(minutes=15)),
    ).finish()

    assert charged(paper) == posted(paper)


def test_what_is_called_off_of_a_project_is_never_too_late() -> None:
    paper = at_work()
    paper.order = paper.order.but(part=part(MONDAY))
    say(paper, (TECHNICIAN, LogWork(minutes=30)), (COORDINATOR, Cancel(reason="the customer stays")))

    assert charged(paper) == posted(paper) > 0


def test_what_failed_costs_what_was_done_until_then() -> None:
    paper = say(at_work(), (TECHNICIAN, Complete(outcome="failed", minutes=90, reason="the board is broken")))

    assert paper.progress.ending is not None
    assert charged(paper) == posted(paper) > 0
