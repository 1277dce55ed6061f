"""What people say about incidents, from their report until nobody can reopen them: for stories and recordings."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta

from db.vendors.directories import save_directory
from db.vendors.vendor import save_vendor
from domain.cases.incident_commands import (
    ChangePriority,
    Confirm,
    CustomerAnswer,
    Diagnose,
    HandOver,
    Inform,
    Merge,
    Promise,
    Reopen,
    Resolve,
    Respond,
)
from domain.cases.instructions import Instruction
from domain.cases.order_commands import Cancel, Dispatch, Hold, HolderKind, LogWork, Migrate, PartUse, ReportVendor
from domain.cases.page_commands import Acknowledge, Decline, PageCommand
from domain.clocks.calendars import Calendar, Weekly
from domain.clocks.holds import HoldReason
from domain.ids import page_workflow_id
from domain.oncall.page import PageState
from domain.people import Actor, Role
from domain.priorities import Priority
from domain.vendors.directories import Directory, Responsibility
from domain.vendors.jobs import JobStatus
from domain.vendors.vendor import UnderpinningContract, Vendor
from tests.stories.scripts import NAMED, OWN_IT
from tests.stories.stage import IncidentDesk, Stage
from tests.world import CONTRACT, DESK_AGENT, PAGED, REQUESTER, SDM, TECHNICIAN, furnish_on_call, trouble

Script = Callable[[Stage], Awaitable[IncidentDesk]]
INDIA = Calendar(
    zone="Asia/Kolkata",
    weekly=Weekly.model_validate({day: [["09:30", "18:30"]] for day in ("mon", "tue", "wed", "thu", "fri")}),
)
UC = UnderpinningContract(
    id="uc-1", calendar=INDIA, response_minutes=60, resolution_minutes=240, valid_from=date(2026, 1, 1)
)
PUNE = Vendor(id="pune", name="Pune Print Services", people=("p-wolf",), contracts=(UC,))
HOUSE = Vendor(
    id="house", name="Haustechnik", people=("p-lang",), contracts=(UC.but(id="uc-2", resolution_minutes=5000),)
)
DIRECTORY = Directory(rows=(Responsibility(vendor="pune"), Responsibility(vendor="house")))


async def dispatched(stage: Stage) -> IncidentDesk:
    """Reported on Monday at nine in Augsburg, half past one in Pune, and given to whoever is responsible."""
    now = datetime(2026, 11, 23, tzinfo=UTC)
    async with stage.database.writing() as session:
        for vendor in (PUNE, HOUSE):
            await save_vendor(session, vendor, by="p-sommer", at=now)
        await save_directory(session, DIRECTORY, by="p-sommer", at=now)
    desk = await stage.report(trouble(priority="major", category="printer"))
    await desk.say(DESK_AGENT, Respond())
    await desk.say(DESK_AGENT, Dispatch())
    return desk


async def acknowledge(desk: IncidentDesk, person: str, page: int = 1) -> None:
    await _answer(desk, person, Acknowledge(), page)


async def decline(desk: IncidentDesk, person: str, page: int = 1) -> None:
    await _answer(desk, person, Decline(), page)


async def _answer(desk: IncidentDesk, person: str, command: PageCommand, page: int) -> None:
    said = Instruction(
        command=command,
        actor=Actor(person=person, role=Role.TECHNICIAN),
        given_at=await desk.now(),
        request_id=f"{command.type}-{person}",
    )
    await desk.temporal.command(page_workflow_id(desk.case, page), said)


async def usual(stage: Stage) -> IncidentDesk:
    desk = await stage.report(trouble(priority="major", category="printer"))
    await desk.later(minutes=30)
    await desk.say(DESK_AGENT, Respond(message="Wir sehen nach."))
    await desk.say(DESK_AGENT, HandOver(to="p-lang"))
    await desk.say(TECHNICIAN, Diagnose(finding="Papierstau im Einzug"))
    await desk.later(minutes=60)
    await desk.say(TECHNICIAN, Resolve(solution="Papierstau entfernt"))
    await desk.say(REQUESTER, Confirm())
    return desk


CHARGING = CONTRACT.but(prices=CONTRACT.prices.but(incidents="charge"))


async def charged(stage: Stage) -> IncidentDesk:
    """Worked on in the morning, solved, and reopened for a part; the last of it is told when it works again."""
    desk = await stage.report(trouble(priority="minor", category="printer"), CHARGING)
    await desk.later(hours=2)
    await desk.say(TECHNICIAN, Respond())
    await desk.say(TECHNICIAN, LogWork(minutes=50))
    await desk.say(TECHNICIAN, Resolve(solution="neu gestartet"))
    await desk.later(hours=1)
    await desk.say(REQUESTER, Reopen(reason="wieder kaputt"))
    await desk.later(hours=1)
    await desk.say(TECHNICIAN, LogWork(minutes=20, parts=(PartUse(part="ram-16"),)))
    await desk.say(TECHNICIAN, Resolve(solution="Speicher getauscht"))
    await desk.say(REQUESTER, Confirm())
    await desk.later(hours=1)
    await desk.say(DESK_AGENT, LogWork(minutes=10))
    return desk


async def with_own_people(stage: Stage) -> IncidentDesk:
    """Given to the customer's own IT twice, for which it waits; given back once, and once solved by us meanwhile."""
    desk = await stage.report(trouble(priority="major", category="printer"), NAMED.but(contact_holds=True))
    await desk.later(minutes=30)
    await desk.say(DESK_AGENT, Respond(message="Wir sehen nach."))
    await desk.say(DESK_AGENT, HandOver(kind=HolderKind.CUSTOMER, to="contact", reason="die Steckdose"))
    await desk.later(minutes=60)
    await desk.say(OWN_IT, CustomerAnswer(message="Wir sind dran."))
    await desk.say(OWN_IT, HandOver(kind=HolderKind.TEAM, to="service_desk"))
    await desk.later(minutes=15)
    await desk.say(DESK_AGENT, HandOver(kind=HolderKind.CUSTOMER, to="contact"))
    await desk.later(hours=2)
    await desk.say(TECHNICIAN, Resolve(solution="Treiber erneuert"))
    await desk.say(REQUESTER, Confirm())
    return desk


async def missed_and_raised(stage: Stage) -> IncidentDesk:
    desk = await stage.report(trouble(priority="major", category="printer"))
    await desk.later(hours=5)
    await desk.say(SDM, ChangePriority(priority=Priority.CRITICAL, reason="die ganze Halle steht"))
    await desk.say(SDM, Respond())
    await desk.say(SDM, Promise(date=await desk.now() + timedelta(hours=3)))
    await desk.later(hours=2)
    await desk.say(SDM, Inform(message="Ersatz ist unterwegs."))
    await desk.later(days=4)
    await desk.say(TECHNICIAN, Resolve(solution="Ersatzgerät gestellt"))
    return desk


async def held_and_reopened(stage: Stage) -> IncidentDesk:
    desk = await stage.report(trouble(priority="minor"))
    await desk.say(DESK_AGENT, Respond())
    until = await desk.now() + timedelta(days=30)
    await desk.say(DESK_AGENT, Hold(code=HoldReason.WAITING_CUSTOMER, max_until=until, reason="verreist"))
    await desk.later(days=31)
    await desk.say(DESK_AGENT, Migrate(version=2, reason="neuer Vertrag"))
    await desk.say(TECHNICIAN, Resolve(solution="neu gestartet"))
    await desk.later(days=2)
    await desk.say(REQUESTER, Reopen(reason="wieder kaputt"))
    await desk.later(hours=1)
    await desk.say(TECHNICIAN, Resolve(solution="getauscht"))
    return desk


async def with_vendors(stage: Stage) -> IncidentDesk:
    desk = await dispatched(stage)
    await desk.later(hours=1, minutes=1)
    await desk.say(TECHNICIAN, ReportVendor(status="declined"))
    await desk.say(TECHNICIAN, ReportVendor(status="accepted", vendor="pune", ticket="PPS-4711"))
    await desk.later(hours=6)
    await desk.say(TECHNICIAN, ReportVendor(status="on_site"))
    await desk.say(TECHNICIAN, ReportVendor(status="done"))
    await desk.say(DESK_AGENT, Resolve(solution="Fixiereinheit getauscht"))
    return desk


async def with_a_vendor_that_came_late(stage: Stage) -> IncidentDesk:
    """It declines after all, and whoever was asked meanwhile is asked again."""
    desk = await dispatched(stage)
    await desk.later(hours=1, minutes=1)
    await desk.until(lambda progress: [job.status for job in progress.jobs][1:] == [JobStatus.OFFERED])
    await desk.say(TECHNICIAN, ReportVendor(status="accepted", vendor="pune"))
    await desk.later(minutes=5)
    await desk.say(TECHNICIAN, ReportVendor(status="declined", vendor="pune"))
    await desk.until(lambda progress: [job.status for job in progress.jobs][2:] == [JobStatus.OFFERED])
    await desk.say(TECHNICIAN, ReportVendor(status="accepted"))
    await desk.later(hours=2)
    await desk.say(TECHNICIAN, ReportVendor(status="done"))
    await desk.say(DESK_AGENT, Resolve(solution="Fixiereinheit getauscht"))
    return desk


async def paged(stage: Stage) -> IncidentDesk:
    await furnish_on_call(stage.database)
    await stage.wait_until(datetime(2027, 11, 27, 21, tzinfo=UTC))
    desk = await stage.report(trouble(priority="blocker", category="network"), PAGED)
    await desk.later(minutes=59)
    await desk.until(lambda progress: progress.red)
    await acknowledge(desk, "p-koch")
    await desk.until(lambda progress: progress.owner is not None)
    await desk.say(DESK_AGENT, Respond())
    await desk.say(DESK_AGENT, Resolve(solution="Switch neu gestartet"))
    return desk


async def withdrawn(stage: Stage) -> IncidentDesk:
    desk = await stage.report(trouble(priority="critical"))
    await desk.say(DESK_AGENT, Cancel(reason="Fehlalarm"))
    return desk


async def answered_and_reopened(stage: Stage) -> IncidentDesk:
    """Its solution is answered, nobody looks at it for a week, and on a Saturday night the customer opens it again."""
    await furnish_on_call(stage.database)
    desk = await stage.report(trouble(priority="blocker", category="network"), PAGED)
    await desk.say(TECHNICIAN, Respond())
    await desk.say(TECHNICIAN, Resolve(solution="Switch neu gestartet"))
    await desk.until(lambda progress: progress.reopen_until is not None)
    await desk.say(REQUESTER, CustomerAnswer(message="In Halle 3 geht es immer noch nicht."))
    await stage.wait_until(datetime(2027, 11, 27, 21, tzinfo=UTC))
    await desk.say(REQUESTER, Reopen(reason="immer noch kein Netz"))
    await desk.until(lambda progress: bool(progress.pages))
    await stage.phones.until_rung("p-lang", "chat")
    await acknowledge(desk, "p-lang")
    await desk.until(lambda progress: progress.pages[-1].owner == "p-lang")
    await desk.say(TECHNICIAN, Respond())
    await desk.say(TECHNICIAN, Resolve(solution="Switch getauscht"))
    return desk


async def merged_into_and_reopened(stage: Stage) -> IncidentDesk:
    """Two have reported the same; what is solved for one of them is not for the other."""
    desk = await stage.report(trouble(priority="minor"))
    other = await stage.report(trouble(priority="major", reporter="p-huber"))
    await other.say(DESK_AGENT, Merge(into=desk.incident.no, reason="derselbe Drucker"))
    await desk.until(lambda progress: progress.priority == Priority.MAJOR)
    await desk.say(TECHNICIAN, Resolve(solution="neu gestartet"))
    await desk.until(lambda progress: progress.reopen_until is not None)
    await desk.say(REQUESTER, Confirm())
    await desk.say(Actor(person="p-huber", role=Role.REQUESTER), Reopen(reason="bei mir noch nicht"))
    await desk.later(hours=1)
    await desk.say(TECHNICIAN, Resolve(solution="getauscht"))
    return desk


async def called_off(stage: Stage) -> IncidentDesk:
    """People are being called at night when it turns out to be able to wait until the morning."""
    await furnish_on_call(stage.database)
    await stage.wait_until(datetime(2027, 11, 27, 21, tzinfo=UTC))
    desk = await stage.report(trouble(priority="blocker", category="network"), PAGED)
    await stage.phones.until_rung("p-lang", "chat")
    await desk.say(SDM, ChangePriority(priority=Priority.MINOR, reason="nur ein Drucker"))
    await desk.until(lambda progress: progress.pages[0].state == PageState.STOPPED)
    await desk.later(days=2)
    await desk.say(DESK_AGENT, Respond())
    await desk.say(DESK_AGENT, Resolve(solution="Kabel gesteckt"))
    return desk


SCRIPTS: dict[str, Script] = {
    "incident-usual": usual,
    "incident-charged": charged,
    "incident-missed": missed_and_raised,
    "incident-held": held_and_reopened,
    "incident-vendors": with_vendors,
    "incident-vendor-late": with_a_vendor_that_came_late,
    "incident-paged": paged,
    "incident-withdrawn": withdrawn,
    "incident-answered": answered_and_reopened,
    "incident-with-own-people": with_own_people,
    "incident-merged-into": merged_into_and_reopened,
    "incident-called-off": called_off,
}
