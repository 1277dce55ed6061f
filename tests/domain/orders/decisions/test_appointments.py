"""Agreeing on a time on site, and moving it."""

from datetime import datetime, timedelta

import pytest

from domain.cases.order_commands import Book, Complete, Reschedule, Start
from domain.clocks.sla import SlaClock
from domain.contracts.tailoring import Tailoring, tailored
from domain.kinds import OrderKind, OrderState
from domain.orders.decisions.appointments import as_planned, check_access
from domain.orders.progress import StepStatus
from domain.orders.promises import WHOLE
from domain.refusals import Unacceptable
from tests.domain.orders.paper import HOUR, MONDAY, Paper, placed, window
from tests.world import COORDINATOR, REQUESTER, TECHNICIAN, part

WEEK = timedelta(days=7)


def approved(kind: OrderKind = OrderKind.MOVE) -> Paper:
    return Paper(placed(kind)).until("appointment")


def whole(paper: Paper) -> SlaClock:
    return next(clock for clock in paper.progress.clocks if clock.name == WHOLE)


def test_a_booked_order_is_scheduled() -> None:
    paper = approved()

    paper.say(COORDINATOR, Book(window=window(paper.now + HOUR), technician="p-lang"))

    assert paper.state == OrderState.SCHEDULED
    assert paper.progress.appointment is not None
    assert paper.progress.appointment.technician == "p-lang"
    assert whole(paper).running(paper.now)


def planned(paper: Paper, start: datetime) -> Paper:
    """As the workflow books the visit of the plan."""
    visit = part(start).visit
    paper.progress = as_planned(paper.order, paper.progress, "appointment", visit, paper.now)
    paper.go_on()
    return paper


def test_the_visit_of_a_plan_is_booked_by_itself_and_the_clock_rests_until_it_comes() -> None:
    date = MONDAY + WEEK

    paper = planned(approved(), date)

    assert paper.progress.appointment == part(date).visit.but(customer_asked=True)
    assert paper.status("take_down") == StepStatus.OPEN
    assert not whole(paper).running(paper.now)
    assert whole(paper).running(date)
    assert paper.progress.given == approved().progress.given


def test_the_visit_of_a_plan_stands_however_late_its_wave_runs() -> None:
    paper = planned(approved(), MONDAY - WEEK)

    assert paper.status("take_down") == StepStatus.OPEN
    assert whole(paper).running(paper.now)


def test_nobody_agrees_on_the_past() -> None:
    paper = approved()

    assert paper.codes(COORDINATOR, Book(window=window(paper.now - 3 * HOUR))) == ["window_in_the_past"]


def test_a_date_the_customer_asked_for_stops_the_clocks_until_it_comes() -> None:
    paper = approved()
    date = paper.now + WEEK

    paper.say(COORDINATOR, Book(window=window(date), customer_asked=True))

    assert not whole(paper).running(paper.now)
    assert whole(paper).running(date)


@pytest.mark.parametrize("asked", [True, False], ids=["again the customer's", "ours"])
def test_another_date_takes_the_place_of_the_first(asked: bool) -> None:
    paper = approved()
    paper.say(COORDINATOR, Book(window=window(paper.now + 2 * WEEK), technician="p-lang", customer_asked=True))
    date = paper.now + WEEK

    paper.say(REQUESTER, Reschedule(window=window(date), reason="earlier, please", customer_asked=asked))

    assert paper.progress.appointment is not None
    assert paper.progress.appointment.window == window(date)
    assert paper.progress.appointment.technician == "p-lang"
    assert whole(paper).running(paper.now) is not asked
    assert whole(paper).running(date)


def test_what_is_scheduled_may_be_moved_until_work_begins() -> None:
    paper = Paper(placed(OrderKind.MOVE)).until("take_down")
    paper.say(TECHNICIAN, Start())

    assert paper.codes(REQUESTER, Reschedule(window=window(paper.now + WEEK), reason="ill")) == ["work_has_begun"]


def test_an_order_without_an_appointment_cannot_be_moved() -> None:
    assert approved().codes(REQUESTER, Reschedule(window=window(MONDAY + WEEK), reason="ill")) == ["no_such_step_open"]


def test_the_date_after_a_wasted_visit_may_be_moved_although_some_work_is_done() -> None:
    paper = Paper(placed(OrderKind.MOVE)).until("set_up")
    paper.say(TECHNICIAN, Complete(outcome="wasted_visit"))
    paper.say(COORDINATOR, Book(window=window(paper.now + WEEK)))

    paper.say(REQUESTER, Reschedule(window=window(paper.now + 2 * WEEK), reason="ill"))

    assert paper.status("set_up") == StepStatus.OPEN


def test_a_wasted_visit_lets_the_clocks_run_again() -> None:
    paper = approved()
    paper.say(COORDINATOR, Book(window=window(paper.now + WEEK), customer_asked=True))

    paper.say(TECHNICIAN, Complete(outcome="wasted_visit"))

    assert whole(paper).running(paper.now)


def test_where_nobody_comes_the_site_need_not_be_open() -> None:
    remote = tailored(OrderKind.ASSIST, Tailoring(set={"appointment": {"remote": True}}))
    on_a_saturday = Book(window=window(MONDAY + timedelta(days=5)))

    check_access(placed(OrderKind.ASSIST, remote), on_a_saturday)
    with pytest.raises(Unacceptable, match="outside_access_hours"):
        check_access(placed(OrderKind.ASSIST), on_a_saturday)


@pytest.mark.parametrize(
    ("start", "open_then"),
    [
        pytest.param(MONDAY, True, id="nine to eleven"),
        pytest.param(MONDAY + 7 * HOUR, False, id="four to six: the gate closes at five"),
        pytest.param(MONDAY + timedelta(days=5), False, id="on a Saturday"),
    ],
)
def test_the_site_must_be_open_for_the_whole_window(start: object, open_then: bool) -> None:
    asked = Book(window=window(start))  # type: ignore[arg-type]

    if open_then:
        check_access(placed(OrderKind.MOVE), asked)
    else:
        with pytest.raises(Unacceptable, match="outside_access_hours"):
            check_access(placed(OrderKind.MOVE), asked)
