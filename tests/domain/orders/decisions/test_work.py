"""Working, logging it, failing, and coming for nothing."""

from datetime import timedelta

import pytest

from domain.cases.order_commands import Command, Complete, LogWork, PartUse, Retry, Start
from domain.contracts.chains import Appointment, VendorDispatch, Work
from domain.contracts.tailoring import Insertion, Tailoring, tailored
from domain.kinds import OrderKind, OrderState
from domain.orders.progress import StepStatus
from tests.domain.orders.paper import HOUR, Paper, placed
from tests.world import COORDINATOR, TECHNICIAN


def at_work() -> Paper:
    return Paper(placed(OrderKind.CHANGE)).until("work")


def twice_visited() -> Paper:
    """Advice in two visits, each with an appointment of its own."""
    again = Appointment(id="second_appointment", after=("work",))
    second = Work(id="second_work", after=("second_appointment",))
    added = Tailoring(add=(Insertion(step=again), Insertion(step=second, before=("acceptance",))))
    return Paper(placed(OrderKind.ASSIST, tailored(OrderKind.ASSIST, added))).until("second_work")


def test_of_two_visits_a_wasted_second_one_leaves_the_first_one_done() -> None:
    paper = twice_visited()

    paper.say(TECHNICIAN, Complete(outcome="wasted_visit", minutes=10))

    found = {step.id: step.status for step in paper.progress.steps}
    assert (found["appointment"], found["work"]) == (StepStatus.DONE, StepStatus.DONE)
    assert (found["second_appointment"], found["second_work"]) == (StepStatus.OPEN, StepStatus.WAITING)
    assert paper.finish().state == OrderState.COMPLETED


def test_work_begins_once() -> None:
    paper = at_work()

    paper.say(TECHNICIAN, Start())

    assert paper.state == OrderState.IN_PROGRESS
    assert paper.codes(TECHNICIAN, Start()) == ["no_such_step_open"]


def test_work_that_is_done_waits_for_the_user() -> None:
    paper = at_work()

    paper.say(TECHNICIAN, Complete(minutes=40, checklist=("test or back out", "change", "back up")))

    assert paper.state == OrderState.AWAITING_ACCEPTANCE


@pytest.mark.parametrize(
    ("command", "codes"),
    [
        pytest.param(Complete(checklist=("change",)), ["checklist_incomplete"], id="half a checklist"),
        pytest.param(LogWork(parts=(PartUse(part="gold"),)), ["part_unknown"], id="a part without a price"),
        pytest.param(
            Complete(parts=(PartUse(part="gold"), PartUse(part="ram-16"), PartUse(part="silver"))),
            ["part_unknown", "part_unknown"],
            id="two of them",
        ),
    ],
)
def test_what_cannot_be_told_of_work(command: Command, codes: list[str]) -> None:
    assert at_work().codes(TECHNICIAN, command) == codes


@pytest.mark.parametrize("hours", [-1, 200], ids=["before the order came", "in the future"])
def test_work_lies_between_the_order_and_now(hours: int) -> None:
    paper = at_work()
    started = paper.order.received_at + hours * HOUR

    assert paper.codes(TECHNICIAN, LogWork(minutes=5, started_at=started)) == ["not_within_order"]


def test_time_may_be_logged_until_the_order_is_charged() -> None:
    paper = Paper(placed(OrderKind.CHANGE), stuck=("charge",)).until("acceptance")
    paper.say(TECHNICIAN, LogWork(minutes=5, step="work"))

    paper.until("charge")

    assert paper.codes(TECHNICIAN, LogWork(minutes=5, step="work")) == ["already_charged"]


def test_work_that_fails_ends_the_order() -> None:
    paper = at_work()

    paper.say(TECHNICIAN, Complete(outcome="failed", reason="disk is dead"))

    assert paper.progress.ending is not None
    assert (paper.progress.ending.state, paper.progress.ending.reason) == (OrderState.FAILED, "disk is dead")
    assert paper.status("work") == StepStatus.FAILED


def test_work_that_fails_may_wait_for_a_decision_instead() -> None:
    asking = tailored(OrderKind.CHANGE, Tailoring(set={"work": {"on_failure": "ask"}}))
    paper = Paper(placed(OrderKind.CHANGE, asking)).until("work")

    paper.say(TECHNICIAN, Complete(outcome="failed"))
    assert (paper.state, paper.progress.ending) == (OrderState.IN_PROGRESS, None)
    paper.say(COORDINATOR, Retry())

    assert (paper.status("work"), paper.progress.step("work").round) == (StepStatus.OPEN, 2)


def test_a_wasted_visit_asks_for_a_new_date_and_keeps_what_is_done() -> None:
    paper = Paper(placed(OrderKind.MOVE)).until("set_up")

    paper.say(TECHNICIAN, Complete(outcome="wasted_visit"))

    assert (paper.status("appointment"), paper.status("set_up")) == (StepStatus.OPEN, StepStatus.WAITING)
    assert (paper.status("take_down"), paper.state) == (StepStatus.DONE, OrderState.IN_PROGRESS)
    assert paper.progress.appointment is None


def test_nobody_comes_for_nothing_who_need_not_come() -> None:
    remote = tailored(OrderKind.CHANGE, Tailoring(set={"work": {"on_site": False}}))
    paper = Paper(placed(OrderKind.CHANGE, remote)).until("work")

    assert paper.codes(TECHNICIAN, Complete(outcome="wasted_visit")) == ["not_on_site"]


def test_a_vendor_takes_the_job_under_a_number_of_its_own() -> None:
    haul = Insertion(step=VendorDispatch(id="haul", vendor="v-haul", after=("take_down",)), before=("transport",))
    paper = Paper(placed(OrderKind.MOVE, tailored(OrderKind.MOVE, Tailoring(add=(haul,))))).until("haul")

    paper.say(COORDINATOR, Start(ticket="VH-77"))
    paper.say(COORDINATOR, Complete(outcome="failed"))
    assert paper.status("haul") == StepStatus.FAILED
    paper.say(COORDINATOR, Retry())
    paper.say(COORDINATOR, Complete())

    assert paper.status("transport") == StepStatus.OPEN


def test_minutes_are_told_in_minutes_of_one_day() -> None:
    with pytest.raises(ValueError, match="1440"):
        LogWork(minutes=timedelta(days=2) // timedelta(minutes=1))
