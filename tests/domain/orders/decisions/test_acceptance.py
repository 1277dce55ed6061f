"""The user signs, or sends the work back."""

import pytest

from domain.cases.order_commands import Accept, Complete, DeclineAcceptance
from domain.contracts.tailoring import Tailoring, tailored
from domain.kinds import OrderKind, OrderState
from domain.orders.progress import StepStatus
from domain.people import Actor, Role
from tests.domain.orders.paper import Paper, placed
from tests.world import APPROVER, COORDINATOR, REQUESTER, TECHNICIAN


def waiting() -> Paper:
    return Paper(placed(OrderKind.MOVE)).until("acceptance")


@pytest.mark.parametrize("actor", [REQUESTER, APPROVER, Actor(person="p-desk", role=Role.CONTACT)])
def test_the_customers_people_sign(actor: Actor) -> None:
    paper = waiting()

    paper.say(actor, Accept())

    assert paper.state == OrderState.COMPLETED


def test_the_provider_signs_only_with_a_reason() -> None:
    paper = waiting()

    assert paper.codes(COORDINATOR, Accept()) == ["reason_needed"]
    paper.say(COORDINATOR, Accept(reason="signed on paper"))
    assert paper.state == OrderState.COMPLETED


def test_declined_work_is_done_again_without_a_new_date() -> None:
    paper = waiting()

    paper.say(REQUESTER, DeclineAcceptance(reason="no network"))
    assert (paper.status("set_up"), paper.status("acceptance")) == (StepStatus.OPEN, StepStatus.WAITING)
    assert (paper.state, paper.progress.step("set_up").round) == (OrderState.IN_PROGRESS, 2)
    paper.say(TECHNICIAN, Complete(minutes=10))

    assert (paper.state, paper.progress.step("acceptance").round) == (OrderState.AWAITING_ACCEPTANCE, 2)


def test_where_no_work_came_before_there_is_nothing_to_redo() -> None:
    first = tailored(OrderKind.MOVE, Tailoring(reorder={"acceptance": ()}))
    paper = Paper(placed(OrderKind.MOVE, first))

    assert paper.codes(REQUESTER, DeclineAcceptance(reason="no")) == ["nothing_to_redo"]


def test_only_what_waits_for_a_signature_can_be_signed() -> None:
    assert Paper(placed(OrderKind.MOVE)).codes(REQUESTER, Accept()) == ["no_such_step_open"]
