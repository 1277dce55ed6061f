"""Vendors in orders: asked one after another, held to their promises, called off, and nobody left to ask."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from domain.cases.events import Happening
from domain.cases.holders import broken
from domain.cases.incident_commands import HolderKind
from domain.cases.order_commands import (
    Accept,
    Cancel,
    Complete,
    ConfirmCustody,
    Dispatch,
    ReportVendor,
    Retry,
    Skip,
    Start,
)
from domain.clocks.sla import ClockType
from domain.contracts.tailoring import Tailoring
from domain.kinds import OrderKind, OrderState
from domain.orders.awaited import waits
from domain.orders.decisions.offered import is_awaited
from domain.orders.progress import Progress, StepStatus
from domain.people import Role
from domain.vendors.directories import Responsibility
from domain.vendors.jobs import JobStatus
from tests.patience import until
from tests.stories import scripts, vendor_scripts
from tests.stories.scripts import PROOF
from tests.stories.stage import OrderDesk, Stage
from tests.stories.vendor_scripts import BERG, CABLES, CABLING, OFFERING, TAL, UNCERTIFIED, found
from tests.world import COORDINATOR, RECYCLER, REQUESTER, SDM, TECHNICIAN

GIVER = ConfirmCustody(side="giver", serials=("SN900",))


async def jobs(desk: OrderDesk) -> list[tuple[str | None, JobStatus]]:
    return [(job.vendor, job.status) for job in (await desk.progress()).jobs]


async def once(desk: OrderDesk, *wanted: tuple[str | None, JobStatus]) -> None:
    """What goes on by itself takes as long as the machine is busy."""
    await until(lambda: jobs(desk), lambda found: found == list(wanted))


def commands_awaited(desk: OrderDesk, progress: Progress) -> list[tuple[str, ...]]:
    return [one.commands for one in waits(desk.order, progress, None)]


async def test_of_vendors_only_those_with_the_certificate_are_asked_and_the_silent_are_passed_over(
    stage: Stage,
) -> None:
    desk = await vendor_scripts.offered(stage)
    await once(desk, ("lindner", JobStatus.OFFERED))

    await desk.later(hours=1, seconds=10)

    await once(desk, ("lindner", JobStatus.NO_ANSWER), ("berg", JobStatus.OFFERED))
    asked = [event.values["vendor"] for event in await desk.events(Happening.VENDOR_ASKED)]
    assert asked == [TAL.name, BERG.name]
    told = await until(lambda: _told(desk, "order_vendor_asked"), lambda people: len(people) == 2)
    assert told == [TAL.people, BERG.people]


async def _told(desk: OrderDesk, template: str) -> list[tuple[str, ...]]:
    return [message.people for message in desk.told(template)]


async def test_whoever_has_accepted_takes_the_goods_and_holds_the_order_until_then(stage: Stage) -> None:
    desk = await vendor_scripts.offered(stage)
    await desk.later(minutes=30)
    nobody = await desk.tries(TECHNICIAN, GIVER)
    before = await desk.tries(TECHNICIAN, GIVER, looked_up=found(TAL))
    await desk.say(COORDINATOR, ReportVendor(status="accepted", ticket="LR-7"))
    others = await desk.tries(TECHNICIAN, GIVER, looked_up=found(BERG))
    twice = await desk.tries(COORDINATOR, ReportVendor(status="accepted"))
    another = await desk.tries(COORDINATOR, Dispatch(vendor="berg"), looked_up=found(BERG))
    ended = await desk.tries(COORDINATOR, ReportVendor(status="done"))
    await desk.later(hours=2)

    await vendor_scripts.taken(desk, TAL)
    await desk.later(hours=1)
    await desk.say(COORDINATOR, PROOF)

    assert (nobody, before, others) == (["nobody_has_accepted"], ["custodian_not_agreed"], ["custodian_not_agreed"])
    assert (twice, another, ended) == (["no_such_job"], ["vendor_at_work"], ["handover_ends_job"])
    assert (await desk.ended()).state == OrderState.COMPLETED
    row = await desk.row()
    progress = row.as_progress()
    (job,) = progress.jobs
    assert (job.vendor, job.status, job.ticket, job.step) == ("lindner", JobStatus.DONE, "LR-7", "handover")
    assert [(stint.kind, stint.holder) for stint in progress.stints] == [
        (HolderKind.TEAM, Role.COORDINATOR),
        (HolderKind.VENDOR, "lindner"),
        (HolderKind.TEAM, Role.COORDINATOR),
    ]
    minutes = {part.holder: part.minutes for part in progress.burnt}
    assert [90 <= minutes["coordinator"] < 95, 120 <= minutes["lindner"] < 125] == [True, True]
    assert [one.vendor for one in progress.custodians] == ["lindner"]


async def test_a_vendor_is_late_in_its_own_zone_while_the_customers_clock_runs(stage: Stage) -> None:
    desk = await vendor_scripts.offered(stage)
    await desk.later(minutes=20)
    await desk.say(COORDINATOR, ReportVendor(status="accepted"))

    await desk.later(days=1, hours=10)

    progress = await desk.progress()
    clocks = {clock.name: clock for clock in progress.clocks}
    assert clocks["vendor-1-response"].stopped_at is not None
    assert clocks["vendor-1-response"].breached_at is None
    # Sixteen hours of London's days end on the second at five there, six in Augsburg.
    breached = clocks["vendor-1-resolution"].breached_at
    assert breached is not None
    assert abs(breached - datetime(2027, 11, 23, 17, tzinfo=UTC)) < timedelta(minutes=1)
    assert [(one.clock, one.type) for one in broken(progress.clocks)] == [("vendor-1-resolution", ClockType.UC)]
    missed = [message for message in desk.told("deadline_missed") if message.values["clock_kind"] == "vendor"]
    assert [message.roles for message in missed] == [(Role.VENDOR, Role.SDM)]
    assert [message.people for message in missed] == [TAL.people]
    assert not (await desk.row()).missed


async def test_with_nobody_left_the_coordinators_have_a_task_and_who_comes_late_is_taken(stage: Stage) -> None:
    desk = await vendor_scripts.offered(stage)
    await desk.say(COORDINATOR, ReportVendor(status="declined"))
    await once(desk, ("lindner", JobStatus.DECLINED), ("berg", JobStatus.OFFERED))
    await desk.later(minutes=61)
    await once(desk, ("lindner", JobStatus.DECLINED), ("berg", JobStatus.NO_ANSWER), (None, JobStatus.NOBODY))

    progress = await until(desk.progress, lambda progress: progress.step("handover").status == StepStatus.STUCK)
    (waiting,) = waits(desk.order, progress, None)
    assert waiting.exception
    assert (waiting.command, waiting.role) == ("dispatch", Role.COORDINATOR)
    assert waiting.problem is not None
    assert (waiting.problem.code, waiting.problem.values) == ("no_vendor_left", {"passed_over": "lindner, berg"})
    assert len(await until(lambda: _told(desk, "step_stuck"), bool)) == 1

    await desk.say(COORDINATOR, ReportVendor(status="accepted", vendor="berg"))

    progress = await desk.progress()
    assert progress.step("handover").status == StepStatus.OPEN
    assert commands_awaited(desk, progress) == [("confirm_custody",)]
    assert progress.holder.holder == "berg"


async def test_what_is_tried_again_is_offered_from_the_beginning(stage: Stage) -> None:
    desk = await vendor_scripts.offered(stage, Responsibility(vendor="lindner"))
    await desk.say(COORDINATOR, ReportVendor(status="declined"))
    await until(desk.progress, lambda progress: progress.step("handover").status == StepStatus.STUCK)

    await desk.say(COORDINATOR, Retry())

    await once(desk, ("lindner", JobStatus.DECLINED), (None, JobStatus.NOBODY), ("lindner", JobStatus.OFFERED))


async def test_nobody_is_asked_by_name_who_may_not_take_it(stage: Stage) -> None:
    desk = await vendor_scripts.offered(stage, Responsibility(vendor="schrott"))
    await until(desk.progress, lambda progress: progress.step("handover").status == StepStatus.STUCK)

    refused = await desk.tries(COORDINATOR, Dispatch(vendor="schrott"), looked_up=found(UNCERTIFIED))
    unknown = await desk.tries(COORDINATOR, Dispatch(vendor="nobody"))
    await desk.say(COORDINATOR, Dispatch(vendor="berg"), looked_up=found(BERG))

    assert (refused, unknown) == (["custodian_uncertified"], ["custodian_needed"])
    await once(desk, (None, JobStatus.NOBODY), ("berg", JobStatus.OFFERED))


async def test_who_came_late_and_declines_after_all_is_passed_over_for_whoever_was_called_off(stage: Stage) -> None:
    desk = await vendor_scripts.offered(stage)
    await desk.later(minutes=61)
    await once(desk, ("lindner", JobStatus.NO_ANSWER), ("berg", JobStatus.OFFERED))
    await desk.say(COORDINATOR, ReportVendor(status="accepted", vendor="lindner"))
    await until(lambda: _told(desk, "order_vendor_called_off"), lambda people: people == [BERG.people])
    await desk.later(minutes=5)

    await desk.say(COORDINATOR, ReportVendor(status="declined"))

    await once(desk, ("lindner", JobStatus.DECLINED), ("berg", JobStatus.CALLED_OFF), ("berg", JobStatus.OFFERED))
    told = await until(lambda: _told(desk, "order_vendor_asked"), lambda people: len(people) == 3)
    assert told == [TAL.people, BERG.people, BERG.people]


async def test_of_two_that_accept_at_once_one_has_it(stage: Stage) -> None:
    desk = await vendor_scripts.offered(stage)
    await desk.later(minutes=61)
    await once(desk, ("lindner", JobStatus.NO_ANSWER), ("berg", JobStatus.OFFERED))

    refused = await asyncio.gather(
        desk.tries(COORDINATOR, ReportVendor(status="accepted", vendor="lindner")),
        desk.tries(COORDINATOR, ReportVendor(status="accepted", vendor="berg")),
    )

    assert sorted(refused) in ([[], ["no_such_job"]], [[], ["vendor_at_work"]])
    statuses = sorted(status for _, status in await jobs(desk))
    assert statuses in (
        sorted([JobStatus.ACCEPTED, JobStatus.CALLED_OFF]),
        sorted([JobStatus.NO_ANSWER, JobStatus.ACCEPTED]),
    )


async def test_who_was_passed_over_comes_too_late_when_another_has_it(stage: Stage) -> None:
    desk = await vendor_scripts.offered(stage)
    await desk.later(minutes=61)
    await once(desk, ("lindner", JobStatus.NO_ANSWER), ("berg", JobStatus.OFFERED))
    await desk.say(COORDINATOR, ReportVendor(status="accepted", vendor="berg"))

    late = await desk.tries(COORDINATOR, ReportVendor(status="accepted", vendor="lindner"))
    never_asked = await desk.tries(COORDINATOR, ReportVendor(status="accepted", vendor="cables"))
    await vendor_scripts.taken(desk, BERG)
    afterwards = await desk.tries(COORDINATOR, ReportVendor(status="accepted", vendor="lindner"))

    assert (late, never_asked, afterwards) == (["vendor_at_work"], ["no_such_job"], ["no_such_step_open"])
    assert (await desk.progress()).holder.holder == Role.COORDINATOR


async def test_a_vendors_people_answer_for_their_own_vendor_only(stage: Stage) -> None:
    desk = await vendor_scripts.offered(stage)
    await desk.later(minutes=61)
    await once(desk, ("lindner", JobStatus.NO_ANSWER), ("berg", JobStatus.OFFERED))

    foreign = [
        await desk.tries(RECYCLER, ReportVendor(status=status, vendor="berg")) for status in ("accepted", "declined")
    ]
    await desk.say(RECYCLER, ReportVendor(status="accepted", vendor="lindner"))

    assert foreign == [["speaks_for_another"]] * 2
    assert await jobs(desk) == [("lindner", JobStatus.ACCEPTED), ("berg", JobStatus.CALLED_OFF)]


async def test_goods_are_taken_by_the_people_of_the_vendor_that_has_accepted(stage: Stage) -> None:
    desk = await vendor_scripts.offered(stage)
    await desk.say(COORDINATOR, ReportVendor(status="accepted"))
    theirs = await desk.tries(RECYCLER, GIVER, looked_up=found(TAL))
    await desk.say(TECHNICIAN, GIVER, looked_up=found(TAL))

    ours = await desk.tries(COORDINATOR, GIVER.but(side="taker"), looked_up=found(TAL))
    await desk.say(RECYCLER, GIVER.but(side="taker"), looked_up=found(TAL))

    assert (theirs, ours) == (["giver_of_vendor"], ["taker_not_of_vendor"])
    assert [one.vendor for one in (await desk.progress()).custodians] == ["lindner"]


async def test_whom_the_chain_names_is_asked_first_and_makes_way_when_it_cannot(stage: Stage) -> None:
    """Its certificate has ended since the contract was saved: the directory is asked instead."""
    named = {"set": {"handover": {"offered": True, "vendor": "schrott"}}}
    contract = OFFERING.but(chains={OrderKind.DISPOSE: Tailoring.model_validate(named)})
    await vendor_scripts.with_vendors(stage)
    desk = await scripts.placed(stage, OrderKind.DISPOSE, contract)

    await vendor_scripts.ready(desk)

    await once(desk, ("schrott", JobStatus.CALLED_OFF), ("lindner", JobStatus.OFFERED))
    progress = await desk.progress()
    assert progress.jobs[1].passed_over == ("schrott",)


async def test_a_vendor_that_turns_away_after_we_have_signed_makes_void_what_was_signed(stage: Stage) -> None:
    desk = await vendor_scripts.offered(stage)
    await desk.say(COORDINATOR, ReportVendor(status="accepted"))
    await desk.later(minutes=1)
    await desk.say(TECHNICIAN, GIVER, looked_up=found(TAL))
    await desk.later(minutes=1)

    await desk.say(COORDINATOR, ReportVendor(status="declined", reason="no room in the van"))
    await once(desk, ("lindner", JobStatus.DECLINED), ("berg", JobStatus.OFFERED))
    await desk.say(COORDINATOR, ReportVendor(status="accepted"))
    await vendor_scripts.taken(desk, BERG)

    assert [one.vendor for one in (await desk.progress()).custodians] == ["berg"]


@pytest.mark.parametrize("accepted", [False, True], ids=["asked", "accepted"])
async def test_a_vendor_hears_that_it_need_not_come(stage: Stage, accepted: bool) -> None:
    desk = await vendor_scripts.offered(stage)
    if accepted:
        await desk.say(COORDINATOR, ReportVendor(status="accepted"))

    await desk.say(REQUESTER, Cancel(reason="we keep them"))

    assert (await desk.ended()).state == OrderState.CANCELLED
    progress = (await desk.row()).as_progress()
    assert [job.status for job in progress.jobs] == [JobStatus.CALLED_OFF]
    assert progress.holder.holder == Role.COORDINATOR
    assert await _told(desk, "order_vendor_called_off") == [TAL.people]
    vendors = [clock for clock in progress.clocks if clock.kind == "vendor"]
    assert [clock.cancelled_at is not None for clock in vendors] == [not accepted, True]


async def cabling(stage: Stage) -> OrderDesk:
    await vendor_scripts.with_vendors(stage)
    desk = await scripts.placed(stage, OrderKind.CHANGE, CABLING)
    await scripts.booked(desk)
    await once(desk, ("cables", JobStatus.OFFERED))
    return desk


async def test_work_that_a_vendor_has_done_lets_ours_begin(stage: Stage) -> None:
    desk = await cabling(stage)
    started = await desk.tries(COORDINATOR, Start(step="cabling"))
    too_soon = await desk.tries(COORDINATOR, Complete(step="cabling"))
    await desk.say(COORDINATOR, ReportVendor(status="accepted", ticket="K-1"))
    under_way = (await desk.progress()).step("cabling").status
    await desk.say(TECHNICIAN, ReportVendor(status="on_site"))
    await desk.say(TECHNICIAN, ReportVendor(status="done"))
    await desk.say(TECHNICIAN, Complete(minutes=50))
    await desk.say(REQUESTER, Accept())

    assert (started, too_soon) == (["step_not_ready"], ["nobody_has_accepted"])
    assert under_way == StepStatus.STARTED
    assert (await desk.ended()).state == OrderState.COMPLETED
    assert await jobs(desk) == [("cables", JobStatus.DONE)]


async def test_work_that_a_vendor_could_not_do_is_given_to_another_by_name(stage: Stage) -> None:
    desk = await cabling(stage)
    await desk.say(COORDINATOR, ReportVendor(status="accepted"))
    await desk.say(COORDINATOR, Complete(step="cabling", outcome="failed", reason="no duct"))

    progress = await desk.progress()
    assert progress.step("cabling").status == StepStatus.FAILED
    assert is_awaited(progress, desk.order.chain.step("cabling"), "dispatch")

    await desk.say(COORDINATOR, Dispatch(vendor="berg"))

    await once(desk, ("cables", JobStatus.CALLED_OFF), ("berg", JobStatus.OFFERED))


async def test_a_step_that_two_leave_out_needs_no_vendor(stage: Stage) -> None:
    desk = await cabling(stage)

    for actor in (COORDINATOR, SDM):
        await desk.say(actor, Skip(step="cabling", reason="there is a cable"))

    assert await jobs(desk) == [("cables", JobStatus.CALLED_OFF)]
    assert await until(lambda: _told(desk, "order_vendor_called_off"), bool) == [CABLES.people]


async def test_a_vendor_that_the_order_cannot_wait_for_is_said_at_once(stage: Stage) -> None:
    await vendor_scripts.with_vendors(stage)
    contract = CABLING.but(targets=dict.fromkeys(OrderKind, 60))
    desk = await scripts.placed(stage, OrderKind.CHANGE, contract)

    await scripts.booked(desk, minutes=10)

    await once(desk, ("cables", JobStatus.OFFERED))
    (warning,) = await until(lambda: _warned(desk), bool)
    assert int(warning) > 0


async def _warned(desk: OrderDesk) -> list[str]:
    return [message.values["late_minutes"] for message in desk.told("order_vendor_too_slow")]


async def test_orders_that_ask_no_vendor_have_none(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.DISPOSE)
    await scripts.left(desk)

    progress = await desk.progress()
    refused = await desk.tries(COORDINATOR, Dispatch())

    assert (progress.jobs, progress.stints) == ((), ())
    assert refused == ["no_such_step_open"]
    assert [one.vendor for one in progress.custodians] == []
