"""Approving and rejecting."""

import pytest

from domain.cases.order_commands import Approve, Reject
from domain.contracts.chains import DEFAULTS, Approval
from domain.contracts.tailoring import Insertion, Tailoring, tailored, with_change_approval
from domain.kinds import OrderKind, OrderState
from domain.people import Actor, Role
from tests.domain.orders.paper import Paper, placed
from tests.world import APPROVER, COORDINATOR, REQUESTER, SDM


def test_an_approver_approves() -> None:
    paper = Paper(placed(OrderKind.MOVE))

    paper.say(APPROVER, Approve())

    assert paper.state == OrderState.APPROVED


@pytest.mark.parametrize("actor", [REQUESTER, COORDINATOR, Actor(person="p-nobody", role=Role.APPROVER)])
def test_only_named_approvers_decide(actor: Actor) -> None:
    paper = Paper(placed(OrderKind.MOVE))

    for command in (Approve(), Reject(reason="too dear")):
        refused = paper.refusal(actor, command)
        assert (refused.status, refused.problems[0].code) == (403, "role_needed")


def test_where_nobody_is_named_the_role_decides() -> None:
    order = placed(OrderKind.MOVE)
    paper = Paper(order.but(terms=order.terms.but(approvers=())))

    assert paper.refusal(COORDINATOR, Approve()).status == 403
    paper.say(Actor(person="p-anybody", role=Role.APPROVER), Approve())
    assert paper.state == OrderState.APPROVED


@pytest.mark.parametrize("who", ["requester", "placed_by"])
def test_four_eyes_are_not_those_that_asked_or_placed(who: str) -> None:
    order = placed(OrderKind.DISPOSE)
    asked = {"request": order.request.but(requester=APPROVER.person)} if who == "requester" else {who: APPROVER.person}

    assert Paper(order.but(**asked)).codes(APPROVER, Approve()) == ["four_eyes"]


def test_two_eyes_are_enough_where_four_are_not_asked() -> None:
    order = placed(OrderKind.MOVE)
    paper = Paper(order.but(request=order.request.but(requester=APPROVER.person)))

    paper.say(APPROVER, Approve())

    assert paper.state == OrderState.APPROVED


def test_high_risk_needs_both_approvals() -> None:
    chain = with_change_approval(DEFAULTS[OrderKind.CHANGE])
    paper = Paper(placed(OrderKind.CHANGE, chain))

    assert paper.codes(SDM, Approve()) == ["step_ambiguous"]
    paper.say(APPROVER, Approve(step="approval"))
    assert paper.codes(APPROVER, Approve()) == ["role_needed"]
    paper.say(SDM, Approve())
    assert paper.states == [OrderState.REQUESTED, OrderState.APPROVED]


def test_a_rejected_order_is_to_end() -> None:
    paper = Paper(placed(OrderKind.MOVE))

    paper.say(APPROVER, Reject(reason="too dear"))

    assert paper.progress.ending is not None
    assert (paper.progress.ending.state, paper.progress.ending.reason) == (OrderState.REJECTED, "too dear")
    assert paper.codes(APPROVER, Approve()) == ["order_is_over"]


def test_nobody_rejects_what_is_already_being_done() -> None:
    late = Insertion(step=Approval(id="costs", after=("take_down",)), before=("set_up",))
    chain = tailored(OrderKind.MOVE, Tailoring(add=(late,)))
    paper = Paper(placed(OrderKind.MOVE, chain)).until("costs")

    assert paper.codes(APPROVER, Reject(reason="too dear")) == ["state_forbids"]
