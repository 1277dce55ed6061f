"""Vendors inside an incident: their own clocks in their own zone, inside the promise to the customer."""

from datetime import UTC, datetime, timedelta

from domain.cases.events import Happening
from domain.cases.incident_commands import Resolve
from domain.cases.instructions import Instruction
from domain.cases.order_commands import ReportVendor
from domain.people import Role
from domain.vendors.jobs import JobStatus
from tests.patience import until
from tests.stories.incident_scripts import dispatched
from tests.stories.stage import IncidentDesk, Stage
from tests.world import DESK_AGENT, TECHNICIAN


async def jobs(desk: IncidentDesk) -> list[tuple[str | None, JobStatus]]:
    return [(job.vendor, job.status) for job in (await desk.progress()).jobs]


async def test_a_vendor_is_late_in_its_own_zone_while_the_customers_clock_runs(stage: Stage) -> None:
    desk = await dispatched(stage)
    await desk.later(minutes=20)
    await desk.say(TECHNICIAN, ReportVendor(status="accepted", ticket="PPS-4711"))

    # Four hours of Pune's day end at half past five there, one o'clock in Augsburg.
    await desk.later(hours=3, minutes=41)

    vendors = await desk.clock("vendor-1-resolution")
    assert vendors.breached_at is not None
    assert abs(vendors.breached_at - datetime(2027, 11, 22, 12, tzinfo=UTC)) < timedelta(minutes=1)
    assert [message.roles for message in desk.told("incident_deadline_missed")] == [(Role.VENDOR, Role.SDM)]
    assert [message.people for message in desk.told("incident_deadline_missed")] == [("p-wolf",)]
    assert not (await desk.row()).missed
    assert (await desk.row()).holder == "pune"
    await desk.later(minutes=59)
    await desk.say(TECHNICIAN, ReportVendor(status="done"))
    await desk.say(DESK_AGENT, Resolve(solution="Fixiereinheit getauscht"))
    # Whose minutes burnt, and whose promise broke.
    progress = await desk.progress()
    assert [(part.holder, part.minutes) for part in progress.burnt] == [
        ("service_desk", 20),
        ("pune", 280),
        ("p-koch", 0),
    ]
    assert [clock.name for clock in progress.clocks if clock.breached_at] == ["vendor-1-resolution"]
    assert progress.jobs[0].ticket == "PPS-4711"


async def test_who_does_not_answer_is_passed_over_and_may_still_come_late(stage: Stage) -> None:
    desk = await dispatched(stage)

    await desk.later(hours=1, seconds=10)

    assert await jobs(desk) == [("pune", JobStatus.NO_ANSWER), ("house", JobStatus.OFFERED)]
    # The second one's contract ends long after what the customer was promised: that is said at once.
    (warning,) = desk.told("incident_vendor_too_slow")
    assert int(warning.values["late_minutes"]) > 0
    await desk.say(TECHNICIAN, ReportVendor(status="declined"))
    assert await jobs(desk) == [
        ("pune", JobStatus.NO_ANSWER),
        ("house", JobStatus.DECLINED),
        (None, JobStatus.NOBODY),
    ]
    assert [event.values["passed_over"] for event in await desk.events(Happening.NO_VENDOR)] == ["pune, house"]
    assert len(desk.told("incident_no_vendor")) == 1
    assert await desk.tries(TECHNICIAN, ReportVendor(status="on_site", vendor="house")) == ["no_such_job"]

    await desk.say(TECHNICIAN, ReportVendor(status="accepted", vendor="pune"))

    assert (await jobs(desk))[0] == ("pune", JobStatus.ACCEPTED)
    assert (await desk.row()).holder == "pune"
    assert (await desk.clock("vendor-1-resolution")).cancelled_at is None


async def test_who_came_late_and_declines_after_all_is_passed_over_for_whoever_was_called_off(stage: Stage) -> None:
    """The next job has a number of its own: under that of the one that was called off nobody would be told."""
    desk = await dispatched(stage)
    await desk.later(hours=1, seconds=10)
    await desk.until(lambda progress: [job.status for job in progress.jobs][-1:] == [JobStatus.OFFERED])
    await desk.say(TECHNICIAN, ReportVendor(status="accepted", vendor="pune"))
    await desk.later(minutes=5)

    await desk.say(TECHNICIAN, ReportVendor(status="declined", vendor="pune"))

    progress = await desk.until(lambda progress: progress.jobs[-1].status == JobStatus.OFFERED)
    assert [(job.no, job.vendor, job.status) for job in progress.jobs] == [
        (1, "pune", JobStatus.DECLINED),
        (2, "house", JobStatus.CALLED_OFF),
        (3, "house", JobStatus.OFFERED),
    ]
    assert progress.jobs[-1].passed_over == ("pune",)
    assert await until(lambda: _asked(desk), lambda people: len(people) == 3) == [("p-wolf",), ("p-lang",), ("p-lang",)]


async def _asked(desk: IncidentDesk) -> list[tuple[str, ...]]:
    return [message.people for message in desk.told("incident_vendor_asked")]


async def test_a_vendor_whose_clock_is_slow_accepts_when_it_was_asked(stage: Stage) -> None:
    desk = await dispatched(stage)
    job = (await desk.until(lambda progress: bool(progress.job and progress.job.offered_at))).job
    assert job is not None
    early = (await desk.progress()).given[-1].given_at
    accepted = ReportVendor(status="accepted")
    said = Instruction(command=accepted, actor=TECHNICIAN, given_at=early, request_id="accepted")

    assert await desk.temporal.command(desk.case, said) is not None

    clock = await desk.clock("vendor-1-response")
    assert clock.started_at == clock.stopped_at == job.offered_at
