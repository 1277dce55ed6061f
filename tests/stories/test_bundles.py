"""Bundles: several orders of one request, from its approval to the last of them."""

from domain.assets.asset import AssetStatus
from domain.cases.order_commands import Approve, Cancel, Complete, Reject, Skip
from domain.kinds import OrderState
from domain.orders.progress import StepStatus
from tests.patience import until
from tests.stories import bundle_scripts as scripts
from tests.stories.bundle_scripts import BUNDLED, LEFT, BundleDesk, leaving, wished
from tests.stories.stage import OrderDesk, Stage
from tests.world import APPROVER, COORDINATOR, DESK_AGENT, REQUESTER, SDM, TECHNICIAN, trouble


async def placed(stage: Stage) -> OrderDesk:
    return await stage.place(wished(), BUNDLED)


async def state(desk: OrderDesk) -> OrderState:
    return (await desk.progress()).state


async def test_of_four_orders_one_fails_shows_as_that_and_is_tried_again(stage: Stage) -> None:
    desk = await placed(stage)
    bundle = await scripts.approved(desk)

    failed = await bundle.part("phone")
    await failed.say(TECHNICIAN, Complete(outcome="failed", reason="no line"))
    await bundle.status("phone", StepStatus.STUCK)
    await scripts.installed(await bundle.part("notebook"))
    await bundle.status("notebook", StepStatus.DONE)
    before = await desk.progress()
    row = await until(desk.row, lambda row: row.stuck)
    problem = before.step("phone").problem

    assert problem is not None
    assert (problem.code, problem.values) == ("work_failed", {"reason": "no line"})
    assert before.step("talk").status == StepStatus.WAITING
    assert row.state == OrderState.IN_PROGRESS
    assert len(desk.told("step_stuck")) == 1


async def test_a_bundle_is_approved_once_and_ends_when_the_last_of_its_orders_does(stage: Stage) -> None:
    desk = await placed(stage)

    await scripts.one_fails_and_is_tried_again(desk)

    assert (await desk.ended()).state == OrderState.COMPLETED
    parts = {part.step: part for part in (await desk.row()).as_progress().parts}
    assert {part.state for part in parts.values()} == {OrderState.COMPLETED}
    assert len(desk.told("approval_asked")) == 1
    assert await desk.ledger() == []
    bundle = BundleDesk(desk)
    ledgers = {step: await (await bundle.part(step)).ledger() for step in ("notebook", "spare", "talk")}
    assert ledgers["notebook"] == ledgers["spare"] == [("flat", "89.00")]
    assert ledgers["talk"] == [("flat", "25.00")]


async def test_what_is_not_approved_places_nothing(stage: Stage) -> None:
    desk = await placed(stage)

    await desk.say(APPROVER, Reject(reason="nobody comes"))

    assert (await desk.ended()).state == OrderState.REJECTED
    assert (await desk.row()).as_progress().parts == ()


async def test_whoever_calls_a_bundle_off_says_what_becomes_of_what_is_under_way(stage: Stage) -> None:
    desk = await placed(stage)
    bundle = await scripts.approved(desk)
    parts = [await bundle.part(step) for step in ("notebook", "spare", "phone")]

    undecided = await desk.tries(REQUESTER, Cancel(reason="she does not come"))
    await desk.say(REQUESTER, Cancel(reason="she does not come", rest="cancel"))

    assert undecided == ["rest_undecided"]
    assert (await desk.ended()).state == OrderState.CANCELLED
    assert [(await part.ended()).state for part in parts] == [OrderState.CANCELLED] * 3
    assert len((await desk.row()).as_progress().parts) == 3


async def test_what_is_under_way_goes_on_where_that_was_said(stage: Stage) -> None:
    desk = await placed(stage)
    bundle = await scripts.approved(desk)
    part = await bundle.part("notebook")

    await desk.say(REQUESTER, Cancel(reason="she has a phone", rest="keep"))
    await desk.ended()
    await scripts.installed(part)

    assert (await part.ended()).state == OrderState.COMPLETED
    assert (await desk.row()).as_progress().step("notebook").status == StepStatus.STARTED


async def test_what_can_no_longer_be_called_off_is_left_to_a_person(stage: Stage) -> None:
    desk = await placed(stage)

    await scripts.called_off(desk)

    assert (await desk.ended()).state == OrderState.CANCELLED
    done = {one.step: one.state for one in (await desk.row()).as_progress().parts}
    assert done == {
        "notebook": OrderState.CANCELLED,
        "spare": OrderState.CANCELLED,
        "phone": OrderState.COMPLETED,
    }


async def test_what_has_failed_is_left_out_by_two_and_what_is_under_way_by_nobody(stage: Stage) -> None:
    desk = await placed(stage)
    bundle = await scripts.approved(desk)
    await bundle.part("notebook")
    await (await bundle.part("phone")).say(TECHNICIAN, Complete(outcome="failed", reason="no line"))
    await bundle.status("phone", StepStatus.STUCK)

    under_way = await desk.tries(COORDINATOR, Skip(step="notebook", reason="not needed"))
    for person in (COORDINATOR, SDM):
        await desk.say(person, Skip(step="phone", reason="she has a mobile"))

    assert under_way == ["step_under_way"]
    assert (await desk.progress()).step("phone").status == StepStatus.SKIPPED


async def test_what_is_no_bundle_has_no_rest_to_decide_about(stage: Stage) -> None:
    incident = await stage.report(trouble())
    desk = await placed(stage)
    part = await (await scripts.approved(desk)).part("phone")

    assert await part.tries(REQUESTER, Cancel(reason="no", rest="keep")) == ["rest_needless"]
    assert await incident.tries(DESK_AGENT, Cancel(reason="no", rest="keep")) == ["rest_needless"]
    assert await part.tries(APPROVER, Approve()) == ["no_such_step_open"]


async def test_what_a_leaver_had_comes_back_and_is_disposed_of_by_one_request(stage: Stage) -> None:
    desk = await stage.place(leaving(), LEFT)

    await scripts.left_for_good(desk)

    assert (await desk.ended()).state == OrderState.COMPLETED
    assert (await desk.asset("NB-200")).status == AssetStatus.DISPOSED
