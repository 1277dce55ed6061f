"""The clocks of an order."""

from datetime import timedelta

import pytest

from domain.cases.order_commands import Accept, Approve, Book, Complete, DeclineAcceptance, Hold, Resume
from domain.clocks.holds import HoldReason
from domain.clocks.ladders import LadderRow
from domain.clocks.sla import ClockType, SlaClock
from domain.clocks.thresholds import DEADLINE, Threshold
from domain.contracts.chains import Custody
from domain.contracts.tailoring import Insertion, Tailoring, tailored
from domain.kinds import OrderKind, OrderState
from domain.orders.progress import StepStatus
from domain.orders.promises import WHOLE, ladder_of
from domain.people import Role
from tests.domain.orders.paper import HOUR, MONDAY, Paper, placed, window
from tests.world import APPROVER, COORDINATOR, REQUESTER, TECHNICIAN, part


def clock(paper: Paper, name: str = WHOLE) -> SlaClock:
    return next(clock for clock in paper.progress.clocks if clock.name == name)


def test_the_clock_starts_when_the_order_was_received() -> None:
    paper = Paper(placed(OrderKind.MOVE))

    assert (clock(paper).started_at, clock(paper).target) == (MONDAY, timedelta(minutes=2700))


def test_a_part_of_a_project_reminds_nobody_but_its_breach_is_recorded() -> None:
    paper = Paper(placed(OrderKind.MOVE).but(part=part(MONDAY)))

    for own in paper.progress.clocks:
        assert [(row.at, row.tell) for row in ladder_of(paper.order, own)] == [(DEADLINE, ())]


def test_the_promise_is_kept_when_the_work_is_done() -> None:
    paper = Paper(placed(OrderKind.MOVE)).until("acceptance")

    assert paper.state == OrderState.AWAITING_ACCEPTANCE
    assert clock(paper).stopped_at == paper.now


@pytest.mark.parametrize(
    ("kind", "last"),
    [(OrderKind.REMOVE, "return"), (OrderKind.DISPOSE, "proof")],
)
def test_without_a_signature_it_is_kept_when_the_last_person_is_done(kind: OrderKind, last: str) -> None:
    paper = Paper(placed(kind), stuck=("asset_update",)).until(last)
    assert clock(paper).stopped_at is None

    paper.bring_on()

    assert paper.status("asset_update") == StepStatus.STUCK
    assert clock(paper).stopped_at == paper.progress.step(last).closed_at


def test_neither_register_nor_billing_being_away_lets_it_run_again() -> None:
    paper = Paper(placed(OrderKind.MOVE), stuck=("charge",)).until("acceptance")
    done_at = paper.now

    paper.say(REQUESTER, Accept(), at=paper.now + 50 * HOUR)

    assert paper.status("charge") == StepStatus.STUCK
    assert clock(paper).stopped_at == done_at


def test_it_stops_when_the_work_was_told_however_late_that_was_heard() -> None:
    paper = Paper(placed(OrderKind.MOVE)).until("set_up")
    told_at = paper.now + HOUR
    paper.now = told_at + 3 * HOUR

    paper.say(TECHNICIAN, Complete(), at=told_at)

    assert clock(paper).stopped_at == told_at


def test_declined_work_takes_the_promise_up_again_without_counting_the_wait() -> None:
    paper = Paper(placed(OrderKind.MOVE)).until("acceptance")
    waited_from = paper.now

    paper.say(REQUESTER, DeclineAcceptance(reason="no network"), at=waited_from + 30 * HOUR)

    assert clock(paper).stopped_at is None
    assert clock(paper).solved == ((waited_from, waited_from + 30 * HOUR),)


def test_being_held_while_the_signature_is_awaited_does_not_let_it_run_again() -> None:
    paper = Paper(placed(OrderKind.MOVE)).until("acceptance")

    paper.say(COORDINATOR, Hold(code=HoldReason.WAITING_CUSTOMER, max_until=paper.now + 90 * HOUR, reason="away"))

    assert (paper.state, clock(paper).stopped_at is None) == (OrderState.ON_HOLD, False)


def test_work_declined_while_on_hold_goes_on_when_the_hold_ends() -> None:
    paper = Paper(placed(OrderKind.MOVE)).until("acceptance")
    paper.say(COORDINATOR, Hold(code=HoldReason.WAITING_CUSTOMER, max_until=paper.now + 90 * HOUR, reason="away"))

    paper.say(REQUESTER, DeclineAcceptance(reason="no network"))
    assert not clock(paper).running(paper.now)
    paper.say(COORDINATOR, Resume())

    assert clock(paper).running(paper.now)


def test_what_lies_between_work_and_signature_belongs_to_the_promise() -> None:
    keys = Insertion(step=Custody(id="keys", after=("set_up",)), before=("acceptance",))
    paper = Paper(placed(OrderKind.MOVE, tailored(OrderKind.MOVE, Tailoring(add=(keys,))))).until("keys")

    assert clock(paper).stopped_at is None


def test_an_approval_has_a_clock_of_our_own_that_stops_with_it() -> None:
    paper = Paper(placed(OrderKind.MOVE))
    assert (clock(paper, "approval/1").type, clock(paper, "approval/1").stopped_at) == (ClockType.OLA, None)

    paper.say(APPROVER, Approve())

    assert clock(paper, "approval/1").stopped_at == paper.now


def timed_work() -> Paper:
    chain = tailored(OrderKind.CHANGE, Tailoring(set={"work": {"target_minutes": 240}}))
    return Paper(placed(OrderKind.CHANGE, chain)).until("appointment")


def test_a_step_that_is_opened_again_has_a_new_clock() -> None:
    paper = timed_work().until("acceptance")

    paper.say(REQUESTER, DeclineAcceptance(reason="no network"))

    assert clock(paper, "work/1").stopped_at is not None
    assert clock(paper, "work/2").running(paper.now)


def test_the_clock_of_a_visit_rests_until_the_date_the_customer_asked_for() -> None:
    paper = timed_work()
    date = paper.now + timedelta(days=14)

    paper.say(COORDINATOR, Book(window=window(date), customer_asked=True))

    assert not clock(paper, "work/1").running(paper.now)
    assert clock(paper, "work/1").running(date)


def test_the_contract_says_who_is_told_of_the_whole_and_a_step_reminds_whoever_must_act() -> None:
    paper = timed_work().until("work")

    assert ladder_of(paper.order, clock(paper)) == paper.order.terms.ladder
    assert [row.tell for row in ladder_of(paper.order, clock(paper, "approval/1"))] == [
        (Role.APPROVER,),
        (Role.APPROVER, Role.SDM),
    ]
    assert [row.tell for row in ladder_of(paper.order, clock(paper, "work/1"))] == [
        (Role.COORDINATOR,),
        (Role.COORDINATOR, Role.SDM),
    ]


def test_a_ladder_without_a_last_row_still_watches_the_deadline() -> None:
    order = placed(OrderKind.MOVE)
    first = LadderRow(at=Threshold(percent=50), tell=(Role.SDM,))
    paper = Paper(order.but(terms=order.terms.but(ladder=(first,))))

    assert ladder_of(paper.order, clock(paper)) == (first, LadderRow(at=DEADLINE, tell=()))
