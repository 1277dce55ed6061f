"""Commands that come twice, too early, or at the same time."""

import asyncio

import pytest

from domain.cases.order_commands import Accept, Approve, Cancel, Complete, LogWork, Start
from domain.kinds import OrderKind, OrderState
from tests.stories import scripts
from tests.stories.stage import Stage
from tests.world import APPROVER, COORDINATOR, REQUESTER, TECHNICIAN
from workflows.client import CaseExists, Temporal


async def test_the_same_request_twice_is_done_once_and_answered_alike(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.CHANGE)

    first = await desk.say(APPROVER, Approve(), request_id="r-1")
    second = await desk.say(APPROVER, Approve(), request_id="r-1")

    assert first == second
    assert len(await desk.events("approve")) == 1


async def test_the_last_request_of_an_order_is_answered_alike_after_its_end(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.CHANGE)
    await scripts.booked(desk)
    await desk.say(TECHNICIAN, Complete(minutes=10))

    first = await desk.say(REQUESTER, Accept(), request_id="last")
    await desk.ended()

    assert await desk.say(REQUESTER, Accept(), request_id="last") == first


async def test_a_request_id_is_not_used_for_something_else(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.CHANGE)
    await desk.say(APPROVER, Approve(), request_id="r-1")

    assert await desk.tries(APPROVER, Cancel(reason="no"), request_id="r-1") == ["request_id_reused"]
    assert await desk.tries(COORDINATOR, Approve(), request_id="r-1") == ["request_id_reused"]


async def test_a_refused_command_leaves_no_trace(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.CHANGE)
    await desk.say(APPROVER, Approve())
    before = await desk.progress()

    assert await desk.tries(REQUESTER, Approve()) == ["no_such_step_open"]
    assert await desk.tries(TECHNICIAN, Complete(step="nowhere")) == ["step_unknown"]

    assert await desk.progress() == before
    assert (await desk.events())[-1].what == "step_opened"


async def test_of_two_that_cancel_and_approve_at_once_one_order_comes_out(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.CHANGE)

    approved, cancelled = await asyncio.gather(
        desk.tries(APPROVER, Approve()), desk.tries(REQUESTER, Cancel(reason="changed our mind"))
    )

    assert cancelled == []
    assert approved in ([], ["order_is_over"])
    assert (await desk.ended()).state == OrderState.CANCELLED


async def test_of_five_that_start_the_same_work_at_once_one_succeeds(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.CHANGE)
    await scripts.booked(desk)

    answers = await asyncio.gather(*(desk.tries(TECHNICIAN, Start()) for _ in range(5)))

    assert sorted(answers) == [[], *([["no_such_step_open"]] * 4)]
    assert len(await desk.events("start")) == 1


async def test_everything_logged_at_once_is_kept_and_charged(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.CHANGE)
    await scripts.booked(desk)

    await asyncio.gather(*(desk.say(TECHNICIAN, LogWork(minutes=5)) for _ in range(8)))
    await desk.say(TECHNICIAN, Complete())
    await desk.say(REQUESTER, Accept())
    await desk.ended()

    assert [amount for reason, amount in await desk.ledger() if reason == "time"] == ["24.00"] * 8


async def test_two_orders_that_want_the_last_part_do_not_both_get_it(stage: Stage) -> None:
    first, second = [await scripts.placed(stage, OrderKind.ADD) for _ in range(2)]

    await asyncio.gather(first.say(APPROVER, Approve()), second.say(APPROVER, Approve()))

    assert sorted([(await first.row()).stuck, (await second.row()).stuck]) == [False, True]


async def test_an_order_number_is_used_once(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.CHANGE)
    temporal = Temporal(stage.environment.client, "stories")

    with pytest.raises(CaseExists):
        await temporal.start_order(desk.order)


async def test_an_order_can_be_read_as_it_was_accepted(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.CHANGE)
    temporal = Temporal(stage.environment.client, "stories")

    assert await temporal.order_at_start(desk.order.no) == desk.order
    assert await temporal.order_at_start("O-NEVER-HEARD") is None


async def test_the_tables_hold_what_the_order_knows(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.CHANGE)
    await scripts.booked(desk)

    row = await desk.row()

    assert row.as_progress() == await desk.progress()
    assert row.as_order() == desk.order
    assert [event.seq for event in await desk.events()] == list(range(1, row.seq + 1))
