"""Every kind of order from request to charge."""

from db.assets.asset import life_of
from domain.assets.asset import AssetStatus
from domain.cases.events import Happening
from domain.cases.incident_commands import Link, Merge
from domain.cases.order_commands import Approve, Cancel
from domain.kinds import OrderKind, OrderState
from tests.stories import scripts
from tests.stories.stage import OrderDesk, Stage
from tests.world import APPROVER, DESK, DESK_AGENT, NEW_DESK, REQUESTER, trouble


async def test_an_install_ends_with_a_deployed_asset_and_a_flat_charge(stage: Stage) -> None:
    desk = await scripts.fulfilled(stage, OrderKind.INSTALL)

    asset = await desk.asset("NB-100")
    assert (asset.status, asset.place, asset.holder) == (AssetStatus.DEPLOYED, DESK, "Max Huber")
    assert await desk.ledger() == [("flat", "89.00")]
    assert await states(desk) == ["placed", "approve", "book", "start", "complete", "accept", "completed"]
    for template in ("order_received", "approval_asked", "order_completed"):
        assert len(desk.told(template)) == 1


async def test_a_move_changes_the_place_and_keeps_the_holder(stage: Stage) -> None:
    desk = await scripts.fulfilled(stage, OrderKind.MOVE)

    asset = await desk.asset("NB-200")
    assert (asset.status, asset.place, asset.holder) == (AssetStatus.DEPLOYED, NEW_DESK, "Anna Vogel")
    assert await desk.ledger() == [("time", "48.00"), ("time", "72.00"), ("travel", "35.00")]


async def test_an_add_takes_the_part_from_stock_and_fits_it(stage: Stage) -> None:
    desk = await scripts.fulfilled(stage, OrderKind.ADD)

    part, host = await desk.asset("RAM-1"), await desk.asset("NB-200")
    assert (part.status, part.part_of, part.place) == (AssetStatus.DEPLOYED, "NB-200", DESK)
    assert host.status == AssetStatus.DEPLOYED


async def test_a_change_is_in_the_register(stage: Stage) -> None:
    desk = await scripts.fulfilled(stage, OrderKind.CHANGE)

    assert (await desk.asset("NB-200")).model == "ThinkPad T14s"
    assert await desk.ledger() == [("time", "96.00"), ("travel", "35.00")]


async def test_a_change_at_high_risk_waits_for_its_change_approval(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.CHANGE, risk="high")

    await scripts.change_at_high_risk(desk)

    assert (await desk.ended()).state == OrderState.COMPLETED
    assert {message.roles for message in desk.told("approval_asked")} == {("approver",), ("sdm",)}


async def test_what_was_removed_is_in_stock_again_and_proven_erased(stage: Stage) -> None:
    desk = await scripts.fulfilled(stage, OrderKind.REMOVE)

    asset = await desk.asset("NB-200")
    assert (asset.status, asset.place, asset.holder) == (AssetStatus.IN_STOCK, None, None)
    assert asset.erased_by == desk.order.no
    assert await desk.ledger() == [("flat", "45.00")]


async def test_what_was_disposed_of_is_gone_with_its_proof(stage: Stage) -> None:
    desk = await scripts.fulfilled(stage, OrderKind.DISPOSE)

    assert (await desk.asset("NB-900")).status == AssetStatus.DISPOSED
    async with stage.database.reading() as session:
        life = await life_of(session, "adler", "NB-900")
    assert [line.source for line in life] == ["example", f"order/{desk.order.no}"]


async def test_what_was_removed_can_be_disposed_of_without_erasing_it_again(stage: Stage) -> None:
    removed = await scripts.fulfilled(stage, OrderKind.REMOVE)
    assert (await removed.asset("NB-200")).erased_by == removed.order.no

    desk = await scripts.placed(stage, OrderKind.DISPOSE, assets=["NB-200"])
    await desk.say(APPROVER, Approve())

    progress = await desk.progress()
    assert progress.step("erasure").status == "done"
    assert progress.step("handover").status == "open"


async def test_a_repair_is_charged_by_time_and_material_and_leaves_the_register_as_it_was(stage: Stage) -> None:
    desk = await scripts.fulfilled(stage, OrderKind.BREAK_FIX)

    assert await desk.ledger() == [("part", "62.50"), ("time", "96.00"), ("travel", "35.00")]
    assert await states(desk) == ["placed", "book", "complete", "accept", "completed"]
    async with stage.database.reading() as session:
        life = await life_of(session, "adler", "NB-200")
    assert [line.source for line in life] == ["example"]


async def test_assistance_needs_no_asset_and_is_charged_for_everybodys_time(stage: Stage) -> None:
    desk = await scripts.fulfilled(stage, OrderKind.ASSIST)

    assert await states(desk) == ["placed", "approve", "book", "start", "log_work", "complete", "accept", "completed"]
    assert await desk.ledger() == [("time", "96.00"), ("time", "384.00"), ("travel", "35.00")]
    assert (await desk.progress()).assets == ()


async def test_assistance_that_is_called_off_shortly_before_costs_what_was_agreed(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.ASSIST)

    await scripts.cancelled(desk)

    assert (await desk.ended()).state == OrderState.CANCELLED
    assert await desk.ledger() == [("late_cancellation", "39.00")]


async def test_whoever_comes_to_assist_and_meets_nobody_comes_again_and_charges_both(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.ASSIST)

    await scripts.visited_for_nothing(desk)

    assert (await desk.ended()).state == OrderState.COMPLETED
    assert ("wasted_visit", "49.00") in await desk.ledger()


async def test_assistance_that_comes_too_late_breaks_its_promise_and_goes_on(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.ASSIST)

    await desk.later(days=30)
    missed = (await desk.progress()).is_missed
    await scripts.assist(desk)

    assert missed
    assert (await desk.ended()).state == OrderState.COMPLETED


async def test_an_order_placed_for_an_incident_tells_it_how_it_ended(stage: Stage) -> None:
    incident = await stage.report(trouble(priority="major", category="printer"))
    desk = await scripts.placed(stage, OrderKind.BREAK_FIX, incident=incident.incident.no)

    await desk.say(REQUESTER, Cancel(reason="it works again"))

    assert (await desk.ended()).state == OrderState.CANCELLED
    assert [(linked.order, linked.state) for linked in (await incident.progress()).orders] == [
        (desk.order.no, OrderState.CANCELLED)
    ]
    assert [event.values["state"] for event in await incident.events(Happening.ORDER_ENDED)] == ["cancelled"]


async def test_an_order_for_an_incident_that_was_merged_tells_the_one_that_goes_on(stage: Stage) -> None:
    merged, between, last = [await stage.report(trouble(priority="major", category="printer")) for _ in range(3)]
    desk = await scripts.placed(stage, OrderKind.BREAK_FIX, incident=merged.incident.no)
    await merged.say(DESK_AGENT, Link(order=desk.order.no))
    for one, other in ((merged, between), (between, last)):
        await one.say(DESK_AGENT, Merge(into=other.incident.no, reason="derselbe Drucker"))
        await other.until(lambda progress: bool(progress.merged))
        await one.ended()

    linked = (await last.progress()).orders
    await desk.say(REQUESTER, Cancel(reason="it works again"))
    await desk.ended()

    assert [(order.order, order.state) for order in linked] == [(desk.order.no, None)]
    assert [(order.order, order.state) for order in (await last.progress()).orders] == [
        (desk.order.no, OrderState.CANCELLED)
    ]
    assert [event.values["state"] for event in await last.events(Happening.ORDER_ENDED)] == ["cancelled"]


async def states(desk: OrderDesk) -> list[str]:
    return [event.what for event in await desk.events() if not event.what.startswith("step_")]
