"""Who hears of an order that was placed for them, and what."""

import pytest

from domain.cases.order_commands import Complete, Retry, Verify
from domain.contracts.chains import DEFAULTS
from domain.contracts.tailoring import for_project
from domain.kinds import OrderKind, OrderState
from domain.orders.news import audience, news_of
from domain.orders.progress import Ending
from domain.refusals import Problem
from tests.domain.orders.paper import MONDAY, Paper, placed
from tests.world import APPROVER, COORDINATOR, TECHNICIAN, part


def moving(on_failure: str = "compensate") -> Paper:
    chain = for_project(DEFAULTS[OrderKind.MOVE])
    steps = tuple(step.but(on_failure=on_failure) if step.id == "set_up" else step for step in chain.steps)
    order = placed(OrderKind.MOVE, chain.but(steps=steps)).but(part=part(MONDAY))
    return Paper(order).until("set_up")


def said(paper: Paper) -> tuple[bool, str | None, dict[str, str]]:
    news = news_of(paper.order, paper.progress, paper.now)
    assert news.order == paper.order.no
    if news.problem is None:
        return news.stuck, None, {}
    return news.stuck, news.problem.code, {name: text for name, text in news.problem.values.items() if text}


def test_an_incident_hears_the_end_only_and_a_wave_everything() -> None:
    order = placed(OrderKind.MOVE)
    both = order.but(request=order.request.but(incident="I-1"), part=part(MONDAY))

    assert audience(order, ended=True) == ()
    assert audience(both, ended=False) == ("project/adler-move/wave/w1",)
    assert audience(both, ended=True) == ("incident/I-1", "project/adler-move/wave/w1")


def test_a_mismatch_is_told_until_it_is_looked_into() -> None:
    paper = moving().until("verification")
    assert said(paper) == (False, None, {})

    paper.say(TECHNICIAN, Verify(found=()))
    assert said(paper) == (True, "verification_mismatch", {"missing": "NB-200"})
    paper.say(COORDINATOR, Retry())

    assert said(paper) == (False, None, {})


def test_work_that_has_failed_is_told_if_somebody_is_to_decide() -> None:
    paper = moving("ask")

    paper.say(TECHNICIAN, Complete(outcome="failed", reason="no socket"))

    assert said(paper) == (True, "work_failed", {"reason": "no socket"})
    assert news_of(paper.order, paper.progress, paper.now).state == OrderState.IN_PROGRESS


def test_while_failed_work_is_undone_nobody_has_to_decide() -> None:
    paper = moving()

    paper.say(TECHNICIAN, Complete(outcome="failed", reason="no socket"))

    assert said(paper) == (False, None, {})


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (OrderState.FAILED, "work_failed"),
        (OrderState.CANCELLED, "order_cancelled"),
        (OrderState.REJECTED, "order_rejected"),
    ],
)
def test_the_end_is_told_with_its_reason(state: OrderState, code: str) -> None:
    paper = moving()
    ending = Ending.model_validate({"state": state, "actor": APPROVER, "at": paper.now, "reason": "no socket"})

    news = news_of(paper.order, paper.progress.but(state=state, ending=ending), paper.now)

    assert (news.state, news.problem) == (state, Problem(code=code, values={"reason": "no socket"}))
    assert (news.event_id, news.stuck) == (f"{news.order}-{state}", False)


def test_a_completed_order_has_no_problem() -> None:
    paper = moving().finish()

    assert said(paper) == (False, None, {})


def test_each_turn_has_a_name_of_its_own() -> None:
    paper = moving("ask")
    names = []
    for command in (Complete(outcome="failed"), Retry(), Complete(outcome="failed"), Retry()):
        paper.say(COORDINATOR, command)
        paper.progress = paper.progress.but(seq=paper.progress.seq + 1)
        names.append(news_of(paper.order, paper.progress, paper.now).event_id)

    assert len(set(names)) == 4
