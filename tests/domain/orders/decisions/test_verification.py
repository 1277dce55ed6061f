"""Confirming at the target, by asset tag, that everything has arrived."""

import pytest

from domain.cases.order_commands import Cancel, Found, Retry, Skip, Verify
from domain.contracts.chains import DEFAULTS, AssetUpdate, Verification, Work, in_line
from domain.kinds import OrderKind, OrderState
from domain.orders.progress import StepStatus
from tests.domain.orders.paper import Paper, placed
from tests.world import COORDINATOR, DESK, NEW_DESK, REQUESTER, SDM, TECHNICIAN

NOTEBOOK = Found(tag="NB-200", serial="SN200", place=NEW_DESK)
SCREEN = Found(tag="MO-1", place=NEW_DESK)


def arrived(*, cutoff: str | None = "work") -> Paper:
    """A notebook and a screen without a serial number were moved."""
    steps = (Work(id="work"), Verification(id="verification"), AssetUpdate(id="asset_update"))
    order = placed(OrderKind.MOVE, in_line(OrderKind.MOVE, cutoff, *steps))
    (notebook,) = order.assets
    screen = notebook.but(tag="MO-1", serial=None, data_bearing=False)
    return Paper(order.but(assets=(notebook, screen))).until("verification")


@pytest.mark.parametrize(
    "found",
    [
        pytest.param((NOTEBOOK, SCREEN), id="with serials and places"),
        pytest.param((Found(tag="MO-1"), Found(tag="NB-200")), id="by tag alone"),
        pytest.param((NOTEBOOK, Found(tag="MO-1", serial="read off it")), id="a serial that the register lacks"),
    ],
)
def test_what_stands_at_its_target_is_written_into_the_register(found: tuple[Found, ...]) -> None:
    paper = arrived()

    paper.say(TECHNICIAN, Verify(found=found))

    assert (paper.status("verification"), paper.state) == (StepStatus.DONE, OrderState.COMPLETED)


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        pytest.param((NOTEBOOK,), {"missing": "MO-1"}, id="something is missing"),
        pytest.param((), {"missing": "NB-200, MO-1"}, id="nothing is there"),
        pytest.param(
            (NOTEBOOK, SCREEN.but(place=DESK)), {"misplaced": "MO-1 (adler-hq / A / 2 / 2.14 / 1)"}, id="the wrong desk"
        ),
        pytest.param((NOTEBOOK.but(serial="SN7"), SCREEN), {"other_serial": "NB-200 (SN7)"}, id="another serial"),
        pytest.param((NOTEBOOK, SCREEN, Found(tag="NB-9")), {"unexpected": "NB-9"}, id="somebody else's"),
        pytest.param(
            (NOTEBOOK.but(serial="SN7", place=DESK), Found(tag="NB-9")),
            {
                "missing": "MO-1",
                "misplaced": "NB-200 (adler-hq / A / 2 / 2.14 / 1)",
                "other_serial": "NB-200 (SN7)",
                "unexpected": "NB-9",
            },
            id="everything at once",
        ),
    ],
)
def test_whatever_is_not_as_ordered_waits_for_a_person(found: tuple[Found, ...], wrong: dict[str, str]) -> None:
    paper = arrived()

    paper.say(TECHNICIAN, Verify(found=found))

    step = paper.progress.step("verification")
    assert (step.status, paper.status("asset_update")) == (StepStatus.STUCK, StepStatus.WAITING)
    assert step.problem is not None
    assert step.problem.code == "verification_mismatch"
    assert {name: text for name, text in step.problem.values.items() if text} == wrong


def test_it_is_verified_anew_as_a_whole() -> None:
    paper = arrived()
    paper.say(TECHNICIAN, Verify(found=(NOTEBOOK,)))
    assert paper.codes(TECHNICIAN, Verify(found=(NOTEBOOK, SCREEN))) == ["no_such_step_open"]

    paper.say(COORDINATOR, Retry())
    paper.say(TECHNICIAN, Verify(found=(SCREEN,)))
    assert paper.status("verification") == StepStatus.STUCK
    paper.say(COORDINATOR, Retry())
    paper.say(TECHNICIAN, Verify(found=(NOTEBOOK, SCREEN)))

    assert paper.progress.step("verification").round == 3
    assert paper.state == OrderState.COMPLETED


def test_two_people_may_take_it_as_it_is() -> None:
    paper = arrived()
    paper.say(TECHNICIAN, Verify(found=(NOTEBOOK,)))

    paper.say(COORDINATOR, Skip(step="verification", reason="the screen was stolen"))
    paper.say(SDM, Skip(step="verification", reason="the screen was stolen"))

    assert (paper.status("verification"), paper.state) == (StepStatus.SKIPPED, OrderState.COMPLETED)


def test_an_order_that_is_called_off_asks_nobody_any_more() -> None:
    paper = arrived(cutoff=None)
    paper.say(TECHNICIAN, Verify(found=()))

    paper.say(REQUESTER, Cancel(reason="changed our mind"))

    assert paper.status("verification") == StepStatus.WAITING
    assert paper.codes(COORDINATOR, Retry()) == ["no_such_step_open"]


def test_one_thing_is_found_once() -> None:
    assert arrived().codes(TECHNICIAN, Verify(found=(NOTEBOOK, SCREEN, NOTEBOOK))) == ["asset_twice"]


def test_only_where_it_is_asked_for() -> None:
    paper = Paper(placed(OrderKind.MOVE, DEFAULTS[OrderKind.MOVE])).until("set_up")

    assert paper.codes(TECHNICIAN, Verify(found=(NOTEBOOK,))) == ["no_such_step_open"]
