"""What goes another way than planned: visits for nothing, cancellations, failures, and what a machine cannot do."""

from datetime import UTC, datetime, timedelta

from db.assets.asset import store_asset
from domain.assets.asset import Asset, AssetStatus
from domain.cases.events import Happening
from domain.cases.order_commands import Accept, Approve, Cancel, Complete, DeclineAcceptance, Reject, Retry, Skip, Start
from domain.contracts.chains import Work
from domain.contracts.tailoring import Insertion, Tailoring
from domain.kinds import OrderKind, OrderState
from domain.orders.progress import StepStatus
from tests.stories import scripts
from tests.stories.stage import OrderDesk, Stage
from tests.world import APPROVER, CONTRACT, COORDINATOR, DESK, REQUESTER, SDM, TECHNICIAN, request

WANTED = request(OrderKind.INSTALL, target=DESK, wanted=[{"model": "MacBook Pro"}])


async def store(stage: Stage, asset: Asset, under: str) -> None:
    async with stage.database.writing() as session:
        await store_asset(session, asset, before=None, under=under, source=under, at=datetime(2027, 1, 1, tzinfo=UTC))


async def whats(desk: OrderDesk) -> list[str]:
    return [event.what for event in await desk.events()]


async def test_a_visit_for_nothing_is_booked_again_and_charged(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.INSTALL)

    await scripts.visited_for_nothing(desk)

    assert (await desk.ended()).state == OrderState.COMPLETED
    assert await desk.ledger() == [("flat", "89.00"), ("wasted_visit", "49.00")]
    assert len(desk.told("appointment_to_book")) == 2
    assert len(desk.told("appointment_agreed")) == 2


async def test_a_rejected_order_leaves_no_trace_in_register_and_ledger(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.INSTALL)

    await desk.say(APPROVER, Reject(reason="no budget"))

    assert (await desk.ended()).state == OrderState.REJECTED
    assert await desk.ledger() == []
    assert (await desk.asset("NB-100")).status == AssetStatus.IN_STOCK
    (told,) = desk.told("order_rejected")
    assert (told.people, told.values["reason"]) == (("p-vogel",), "no budget")


async def test_cancelling_late_gives_back_what_was_reserved_and_is_charged(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.INSTALL)

    await scripts.cancelled(desk)

    assert (await desk.ended()).state == OrderState.CANCELLED
    asset = await desk.asset("NB-100")
    assert (asset.status, asset.reserved_for) == (AssetStatus.IN_STOCK, None)
    assert await desk.ledger() == [("late_cancellation", "39.00")]
    assert len(desk.told("appointment_cancelled")) == 1
    assert [message.roles for message in desk.told("order_cancelled")] == [("requester", "coordinator")]
    assert desk.told("put_back") == []


async def test_cancelling_in_time_costs_nothing(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.INSTALL)
    await scripts.booked(desk, days=3)

    await desk.say(REQUESTER, Cancel(reason="changed our mind"))

    assert (await desk.ended()).state == OrderState.CANCELLED
    assert await desk.ledger() == []


async def test_after_the_cut_off_nobody_cancels(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.CHANGE)
    await scripts.booked(desk)
    await desk.say(TECHNICIAN, Complete(minutes=10))

    assert await desk.tries(REQUESTER, Cancel(reason="changed our mind")) == ["past_cutoff"]
    await desk.say(REQUESTER, Accept())
    assert (await desk.ended()).state == OrderState.COMPLETED


async def test_what_was_written_into_the_register_is_put_back(stage: Stage) -> None:
    """A chain that writes early and works late, and fails."""
    early = Tailoring(reorder={"asset_update": ("appointment",), "work": ("asset_update",), "charge": ("acceptance",)})
    desk = await scripts.placed(stage, OrderKind.CHANGE, CONTRACT.but(chains={OrderKind.CHANGE: early}))
    await scripts.booked(desk)
    assert (await desk.asset("NB-200")).model == "ThinkPad T14s"

    await desk.say(TECHNICIAN, Complete(outcome="failed", reason="the disk is dead"))

    assert (await desk.ended()).state == OrderState.FAILED
    assert (await desk.asset("NB-200")).model == "ThinkPad T14"
    undone = [event.step for event in await desk.events(Happening.STEP_UNDONE)]
    assert undone == ["work", "asset_update", "appointment"]


async def test_an_undoing_the_register_refuses_waits_for_two_persons(stage: Stage) -> None:
    early = Tailoring(reorder={"asset_update": ("appointment",), "work": ("asset_update",), "charge": ("acceptance",)})
    desk = await scripts.placed(stage, OrderKind.CHANGE, CONTRACT.but(chains={OrderKind.CHANGE: early}))
    await scripts.booked(desk)
    await store(stage, (await desk.asset("NB-200")).but(holder="Somebody Else"), "by hand")

    await desk.say(TECHNICIAN, Complete(outcome="failed", reason="the disk is dead"))
    assert (await desk.row()).stuck
    await desk.say(COORDINATOR, Retry())
    assert (await desk.row()).stuck
    await desk.say(COORDINATOR, Skip(reason="the register is right as it is"))
    await desk.say(SDM, Skip(reason="the register is right as it is"))

    assert (await desk.ended()).state == OrderState.FAILED
    assert (await desk.asset("NB-200")).holder == "Somebody Else"
    assert len(desk.told("step_stuck")) == 2


async def test_work_that_fails_is_undone_newest_first_and_people_are_asked_to_put_back(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.INSTALL)

    await scripts.failed(desk)

    assert (await desk.ended()).state == OrderState.FAILED
    undone = [event.step for event in await desk.events(Happening.STEP_UNDONE)]
    assert undone == ["work", "appointment", "reservation"]
    assert [message.roles for message in desk.told("put_back")] == [("coordinator",)]
    assert desk.told("order_failed")[0].values["reason"] == "the disk is dead"
    assert (await desk.asset("NB-100")).status == AssetStatus.IN_STOCK
    assert await desk.ledger() == [("time", "48.00")]


async def test_what_was_worked_and_used_is_charged_though_the_order_is_cancelled(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.CHANGE)

    await scripts.cancelled_after_work(desk)

    assert (await desk.ended()).state == OrderState.CANCELLED
    assert await desk.ledger() == [("late_cancellation", "39.00"), ("part", "125.00"), ("time", "480.00")]


async def test_where_the_contract_says_so_what_is_not_completed_is_free(stage: Stage) -> None:
    free = CONTRACT.but(prices=CONTRACT.prices.but(unfinished="free"))
    desk = await scripts.placed(stage, OrderKind.CHANGE, free)

    await scripts.cancelled_after_work(desk)

    assert (await desk.ended()).state == OrderState.CANCELLED
    assert await desk.ledger() == [("late_cancellation", "39.00")]


async def test_work_that_was_declined_and_then_cancelled_is_still_put_back(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.CHANGE)
    await scripts.booked(desk)
    await desk.say(TECHNICIAN, Complete(minutes=10))
    await desk.say(REQUESTER, DeclineAcceptance(reason="no network"))

    await desk.say(REQUESTER, Cancel(reason="leave it"))

    assert (await desk.ended()).state == OrderState.CANCELLED
    assert len(desk.told("put_back")) == 1


async def test_failed_work_may_be_tried_again_where_the_contract_says_ask(stage: Stage) -> None:
    asking = CONTRACT.but(chains={OrderKind.CHANGE: Tailoring(set={"work": {"on_failure": "ask"}})})
    desk = await scripts.placed(stage, OrderKind.CHANGE, asking)
    await scripts.booked(desk)
    await desk.say(TECHNICIAN, Complete(outcome="failed", minutes=15))
    assert (await desk.progress()).step("work").status == StepStatus.FAILED

    await desk.say(COORDINATOR, Retry())
    await desk.say(TECHNICIAN, Complete(minutes=15))
    await desk.say(REQUESTER, Accept())

    assert (await desk.ended()).state == OrderState.COMPLETED
    assert await desk.ledger() == [("time", "24.00"), ("time", "24.00"), ("travel", "35.00")]


async def test_out_of_stock_waits_for_the_delivery(stage: Stage) -> None:
    desk = await stage.place(WANTED)
    await desk.say(APPROVER, Approve())
    assert (await desk.row()).stuck
    (told,) = desk.told("step_stuck")
    assert told.roles == ("coordinator",)
    assert (told.values["problem"], told.values["model"]) == ("out_of_stock", "MacBook Pro")

    await desk.say(COORDINATOR, Retry())
    assert (await desk.row()).stuck
    delivered = Asset(tag="MB-1", customer="adler", serial="SNMB1", model="MacBook Pro", status=AssetStatus.IN_STOCK)
    await store(stage, delivered, "delivery")
    await desk.say(COORDINATOR, Retry())

    assert not (await desk.row()).stuck
    assert (await desk.asset("MB-1")).reserved_for == desk.order.no
    await desk.say(COORDINATOR, scripts.visit(await desk.now() + timedelta(days=2)))
    await desk.say(REQUESTER, Cancel(reason="changed our mind"))
    assert (await desk.ended()).state == OrderState.CANCELLED
    undone = [event.step for event in await desk.events(Happening.STEP_UNDONE)]
    assert undone == ["work", "appointment", "reservation"]


async def test_leaving_a_step_out_takes_two_persons(stage: Stage) -> None:
    desk = await stage.place(WANTED)
    await desk.say(APPROVER, Approve())
    skip = Skip(step="reservation", reason="the customer brings one")

    await desk.say(COORDINATOR, skip)
    assert await desk.tries(COORDINATOR, skip) == ["second_person_needed"]
    assert (await desk.progress()).step("reservation").status == StepStatus.STUCK
    await desk.say(SDM, skip)

    assert (await desk.progress()).step("appointment").status == StepStatus.OPEN


async def test_two_crews_work_side_by_side(stage: Stage) -> None:
    network = Insertion(step=Work(id="network", after=("appointment",), on_site=False), before=("acceptance",))
    desk = await scripts.placed(
        stage, OrderKind.CHANGE, CONTRACT.but(chains={OrderKind.CHANGE: Tailoring(add=(network,))})
    )
    await scripts.booked(desk)

    await desk.say(TECHNICIAN, Start(step="work"))
    await desk.say(TECHNICIAN, Start(step="network"))
    progress = await desk.progress()
    assert {progress.step(step).status for step in ("work", "network")} == {StepStatus.STARTED}
    await desk.say(TECHNICIAN, Complete(step="network", minutes=10))
    assert (await desk.row()).state == OrderState.IN_PROGRESS
    await desk.say(TECHNICIAN, Complete(minutes=10))

    assert (await desk.row()).state == OrderState.AWAITING_ACCEPTANCE
    await desk.say(REQUESTER, Accept())
    assert (await desk.ended()).state == OrderState.COMPLETED


async def test_what_runs_beside_a_step_that_is_stuck_goes_on(stage: Stage) -> None:
    beside = Tailoring(reorder={"appointment": ("approval",), "work": ("appointment", "reservation")})
    contract = CONTRACT.but(chains={OrderKind.INSTALL: beside})
    desk = await stage.place(WANTED, contract)

    await scripts.booked(desk)

    progress = await desk.progress()
    assert (progress.step("reservation").status, progress.step("appointment").status) == ("stuck", "done")
    assert progress.step("work").status == StepStatus.WAITING


async def test_nothing_is_heard_after_the_end(stage: Stage) -> None:
    desk = await scripts.fulfilled(stage, OrderKind.CHANGE)
    before = await whats(desk)

    assert await desk.tries(REQUESTER, Cancel(reason="too late")) == ["order_is_over"]
    assert await desk.tries(TECHNICIAN, Complete()) == ["order_is_over"]

    assert await whats(desk) == before


async def test_one_notebook_is_not_installed_twice(stage: Stage) -> None:
    """Two orders were placed before either was approved: the first to reserve gets it, the other waits for a person."""
    first = await scripts.placed(stage, OrderKind.INSTALL)
    second = await scripts.placed(stage, OrderKind.INSTALL)

    await first.say(APPROVER, Approve())
    await second.say(APPROVER, Approve())

    assert (await first.asset("NB-100")).reserved_for == first.order.no
    stuck = (await second.progress()).step("reservation")
    assert (stuck.status, stuck.problem and stuck.problem.code) == ("stuck", "asset_not_free")
    await first.say(REQUESTER, Cancel(reason="changed our mind"))
    await first.ended()
    await second.say(COORDINATOR, Retry())
    assert (await second.asset("NB-100")).reserved_for == second.order.no
