"""Holding, resuming, cancelling, retrying and skipping."""

from datetime import timedelta

import pytest

from domain.cases.order_commands import (
    Approve,
    Book,
    Cancel,
    Complete,
    ConfirmCustody,
    DeclineAcceptance,
    Hold,
    Resume,
    Retry,
    Skip,
)
from domain.clocks.holds import HoldReason
from domain.kinds import OrderKind, OrderState
from domain.orders.progress import StepStatus
from domain.orders.promises import WHOLE
from tests.domain.orders.paper import HOUR, Paper, placed, window
from tests.domain.orders.test_items import advised
from tests.world import APPROVER, COORDINATOR, RECYCLER, REQUESTER, SDM, TECHNICIAN

WAITING, DELIVERY = HoldReason.WAITING_CUSTOMER, HoldReason.WAITING_DELIVERY


def hold(paper: Paper, code: HoldReason = WAITING, hours: float = 24) -> Hold:
    return Hold(code=code, max_until=paper.now + hours * HOUR, reason="on leave")


def is_running(paper: Paper) -> bool:
    return next(clock for clock in paper.progress.clocks if clock.name == WHOLE).running(paper.now)


def test_while_held_what_is_open_may_be_finished_and_nothing_new_begins() -> None:
    paper = Paper(placed(OrderKind.MOVE))

    paper.say(COORDINATOR, hold(paper))
    paper.say(APPROVER, Approve())
    assert (paper.state, paper.status("appointment")) == (OrderState.ON_HOLD, StepStatus.WAITING)
    assert not is_running(paper)
    paper.say(COORDINATOR, Resume())

    assert (paper.state, paper.status("appointment")) == (OrderState.APPROVED, StepStatus.OPEN)
    assert is_running(paper)


def test_an_order_stays_held_until_the_last_reason_is_gone() -> None:
    paper = Paper(placed(OrderKind.MOVE))
    paper.say(COORDINATOR, hold(paper))
    paper.say(COORDINATOR, hold(paper, DELIVERY))

    paper.say(COORDINATOR, Resume(code=WAITING))
    assert (paper.state, is_running(paper)) == (OrderState.ON_HOLD, False)
    paper.say(COORDINATOR, Resume(code=DELIVERY))

    assert (paper.state, is_running(paper)) == (OrderState.REQUESTED, True)


def test_what_cannot_be_held_or_resumed() -> None:
    paper = Paper(placed(OrderKind.MOVE))

    assert paper.codes(COORDINATOR, hold(paper, hours=0)) == ["in_the_past"]
    assert paper.codes(COORDINATOR, Resume()) == ["not_on_hold"]
    paper.say(COORDINATOR, hold(paper))
    assert paper.codes(COORDINATOR, hold(paper, hours=20)) == ["already_held"]
    assert paper.codes(COORDINATOR, Resume(code=DELIVERY)) == ["not_on_hold"]


def test_what_is_held_can_be_held_longer_for_the_same_reason() -> None:
    paper = Paper(placed(OrderKind.MOVE))

    paper.say(COORDINATOR, hold(paper))
    longer = hold(paper, hours=72)
    paper.say(COORDINATOR, longer)

    assert [held.max_until for held in paper.progress.holds] == [longer.max_until]
    paper.now += 30 * HOUR
    assert not is_running(paper)
    paper.say(COORDINATOR, Resume(code=WAITING))
    assert (paper.state, is_running(paper)) == (OrderState.REQUESTED, True)


def test_waiting_for_a_vendor_never_holds_the_customers_clock() -> None:
    paper = Paper(placed(OrderKind.MOVE))

    paper.say(COORDINATOR, hold(paper, HoldReason.WAITING_VENDOR))

    assert (paper.state, is_running(paper)) == (OrderState.ON_HOLD, True)
    (approval,) = [clock for clock in paper.progress.clocks if clock.name != WHOLE]
    assert not approval.running(paper.now)


@pytest.mark.parametrize(
    ("kind", "last_chance", "cutoff"),
    [
        (OrderKind.INSTALL, "work", "acceptance"),
        (OrderKind.MOVE, "set_up", "acceptance"),
        (OrderKind.ADD, "work", "acceptance"),
        (OrderKind.CHANGE, "work", "acceptance"),
        (OrderKind.REMOVE, "erasure", "return"),
        (OrderKind.DISPOSE, "handover", "proof"),
    ],
)
def test_every_kind_can_be_cancelled_until_its_cut_off(kind: OrderKind, last_chance: str, cutoff: str) -> None:
    early, late = Paper(placed(kind)).until(last_chance), Paper(placed(kind)).until(cutoff)

    early.say(REQUESTER, Cancel(reason="changed our mind"))

    assert early.progress.ending is not None
    assert late.codes(REQUESTER, Cancel(reason="changed our mind")) == ["past_cutoff"]


@pytest.mark.parametrize(
    ("hours", "late"),
    [
        pytest.param(25, False, id="a day and an hour before"),
        pytest.param(23, True, id="less than a day before"),
        pytest.param(-1, True, id="when the technician has come"),
    ],
)
def test_cancelling_near_the_appointment_is_late(hours: int, late: bool) -> None:
    paper = Paper(placed(OrderKind.MOVE)).until("appointment")
    date = paper.now + timedelta(days=3)
    paper.say(COORDINATOR, Book(window=window(date)))

    paper.say(REQUESTER, Cancel(reason="changed our mind"), at=date - hours * HOUR)

    assert paper.progress.ending is not None
    assert paper.progress.ending.late is late


def test_an_order_without_a_date_is_never_cancelled_late() -> None:
    paper = Paper(placed(OrderKind.MOVE))

    paper.say(REQUESTER, Cancel(reason="changed our mind"))

    assert paper.progress.ending is not None
    assert not paper.progress.ending.late


def test_a_cancelled_order_has_no_clock_running() -> None:
    paper = Paper(placed(OrderKind.MOVE)).until("take_down")

    paper.say(REQUESTER, Cancel(reason="changed our mind"))

    assert all(clock.ended_at == paper.now for clock in paper.progress.clocks if clock.name == WHOLE)
    assert not any(clock.running(paper.now) for clock in paper.progress.clocks)


def test_a_step_is_skipped_by_two_persons() -> None:
    paper = Paper(placed(OrderKind.MOVE)).until("appointment")
    skip = Skip(step="appointment", reason="technician lives there")

    paper.say(COORDINATOR, skip)
    assert paper.status("appointment") == StepStatus.OPEN
    assert paper.codes(COORDINATOR, skip) == ["second_person_needed"]
    paper.say(SDM, skip)

    assert (paper.status("appointment"), paper.status("take_down")) == (StepStatus.SKIPPED, StepStatus.OPEN)


def test_a_proposal_to_skip_ends_when_the_step_is_opened_anew() -> None:
    paper = Paper(placed(OrderKind.MOVE)).until("acceptance")
    paper.say(COORDINATOR, Skip(step="acceptance", reason="moved out"))
    paper.say(REQUESTER, DeclineAcceptance(reason="no network"))
    paper.say(TECHNICIAN, Complete())

    paper.say(SDM, Skip(step="acceptance", reason="moved out"))

    assert paper.status("acceptance") == StepStatus.OPEN


@pytest.mark.parametrize(
    ("kind", "step", "code"),
    [
        pytest.param(OrderKind.MOVE, "asset_update", "step_mandatory", id="the register"),
        pytest.param(OrderKind.REMOVE, "erasure", "step_mandatory", id="erasure before stock"),
        pytest.param(OrderKind.DISPOSE, "erasure", "step_mandatory", id="erasure before disposal"),
        pytest.param(OrderKind.MOVE, "packing", "step_unknown", id="what is not there"),
    ],
)
def test_what_cannot_be_skipped(kind: OrderKind, step: str, code: str) -> None:
    assert Paper(placed(kind)).codes(COORDINATOR, Skip(step=step, reason="no time")) == [code]


@pytest.mark.parametrize("step", ["quote", "consent"])
def test_what_the_customer_is_to_be_asked_first_nobody_answers_for_them(step: str) -> None:
    paper = advised("advice")

    assert paper.codes(COORDINATOR, Skip(step=step, reason="they will agree")) == ["step_mandatory"]


def test_what_is_done_cannot_be_skipped() -> None:
    paper = Paper(placed(OrderKind.MOVE)).until("take_down")

    assert paper.codes(COORDINATOR, Skip(step="appointment", reason="no time")) == ["step_not_ready"]


def test_what_a_machine_is_doing_cannot_be_skipped_but_what_it_cannot_do() -> None:
    paper = Paper(placed(OrderKind.INSTALL), stuck=("reservation",)).until("reservation")
    busy = Paper(placed(OrderKind.INSTALL), stuck=("reservation",)).until("reservation")
    busy.progress = busy.progress.with_step("reservation", status=StepStatus.OPEN)
    skip = Skip(step="reservation", reason="the customer has one")

    assert busy.codes(COORDINATOR, skip) == ["step_under_way"]
    paper.say(COORDINATOR, skip)
    paper.say(SDM, skip)
    assert paper.status("appointment") == StepStatus.OPEN


def test_only_what_is_stuck_or_has_failed_is_tried_again() -> None:
    paper = Paper(placed(OrderKind.INSTALL), stuck=("reservation",)).until("reservation")
    assert paper.codes(COORDINATOR, Retry(step="approval")) == ["step_not_ready"]
    paper.stuck = ()

    paper.say(COORDINATOR, Retry())

    assert (paper.status("reservation"), paper.progress.step("reservation").round) == (StepStatus.DONE, 2)


def test_while_an_order_is_undone_only_what_is_stuck_is_decided() -> None:
    paper = Paper(placed(OrderKind.MOVE)).until("take_down")
    paper.say(TECHNICIAN, Complete(outcome="failed"))
    assert paper.codes(COORDINATOR, Retry()) == ["no_such_step_open"]
    assert paper.codes(COORDINATOR, Complete()) == ["order_is_over"]

    paper.progress = paper.progress.with_step("asset_update", status=StepStatus.STUCK)
    skip = Skip(reason="the register was put right by hand")
    paper.say(COORDINATOR, skip)
    paper.say(SDM, skip)

    assert paper.status("asset_update") == StepStatus.SKIPPED


def test_a_hold_at_the_handover_does_not_lose_a_side() -> None:
    paper = Paper(placed(OrderKind.REMOVE)).until("return")
    paper.say(TECHNICIAN, ConfirmCustody(side="giver", serials=("SN200",)))
    paper.say(COORDINATOR, hold(paper))
    paper.say(RECYCLER, ConfirmCustody(side="taker", serials=("SN200",)))

    paper.say(COORDINATOR, Resume())

    assert paper.state == OrderState.COMPLETED
