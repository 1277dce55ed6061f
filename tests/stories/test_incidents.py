"""Incidents from report to close: promises kept and broken, in and out of hours, held, raised and reopened."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from temporalio.testing import WorkflowEnvironment

from connectors.channels import OutboxChannel
from db.engine import Database
from domain.cases.incident_commands import ChangePriority, Confirm, HandOver, Inform, Promise, Reopen, Resolve, Respond
from domain.cases.order_commands import Cancel, Hold, LogWork, PartUse, Resume
from domain.clocks.holds import HoldReason
from domain.incidents.progress import IncidentState
from domain.people import Role
from domain.priorities import Priority
from tests.stories import incident_scripts
from tests.stories.stage import IncidentDesk, Stage, opened
from tests.world import DESK_AGENT, REQUESTER, SDM, TECHNICIAN, trouble
from worker import activities, order_worker

AUGSBURG = ZoneInfo("Europe/Berlin")


def local(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=AUGSBURG).astimezone(UTC)


async def dues(desk: IncidentDesk) -> dict[str, str]:
    """When which clock runs out, in the customer's time."""
    deadlines = (await desk.row()).deadlines
    return {name: f"{datetime.fromisoformat(due).astimezone(AUGSBURG):%a %d %H:%M}" for name, due in deadlines.items()}


async def test_an_incident_goes_its_way(stage: Stage) -> None:
    desk = await stage.report(trouble(priority="major", category="printer"))

    await desk.later(minutes=30)
    await desk.say(DESK_AGENT, Respond(message="Wir sehen nach."))
    await desk.say(DESK_AGENT, HandOver(to="p-lang"))
    await desk.later(minutes=60)
    await desk.say(TECHNICIAN, Resolve(solution="Papierstau entfernt"))
    await desk.say(REQUESTER, Confirm())
    receipt = await desk.ended()

    assert receipt.state == IncidentState.CLOSED
    row = await desk.row()
    assert (row.state, row.missed, row.stuck) == ("closed", False, False)
    assert [(part.holder, part.minutes) for part in (await desk.progress()).burnt] == [
        ("service_desk", 30),
        ("p-lang", 60),
    ]
    told = ["incident_received", "incident_responded", "incident_assigned", "incident_solved"]
    assert [len(desk.told(template)) for template in told] == [1, 1, 1, 1]
    assert await desk.fired() == []


async def test_work_on_an_incident_is_charged_where_the_contract_says_so(stage: Stage) -> None:
    desk = await incident_scripts.charged(stage)
    assert await desk.ledger() == []

    assert (await desk.ended()).state == IncidentState.CLOSED

    # 50, 20 and 10 minutes in quarters; the service desk has no hour of its own and costs a technician's.
    assert await desk.ledger() == [("part", "62.50"), ("time", "96.00"), ("time", "48.00"), ("time", "24.00")]


async def test_work_on_an_incident_that_came_to_nothing_is_charged_as_well(stage: Stage) -> None:
    desk = await stage.report(trouble(priority="minor"), incident_scripts.CHARGING)
    await desk.say(TECHNICIAN, LogWork(minutes=15))
    await desk.say(DESK_AGENT, Cancel(reason="Fehlalarm"))

    assert (await desk.ended()).state == IncidentState.CANCELLED
    assert await desk.ledger() == [("time", "24.00")]


async def test_what_is_to_be_paid_for_has_a_price_and_lies_within_the_incident(stage: Stage) -> None:
    desk = await stage.report(trouble(priority="minor"), incident_scripts.CHARGING)
    parts = (PartUse(part="cable", unit_price=Decimal("9.90")), PartUse(part="flux"))
    early = await desk.now() - timedelta(days=2)

    assert await desk.tries(TECHNICIAN, LogWork(minutes=15, started_at=early, parts=parts)) == [
        "part_unknown",
        "not_within_incident",
    ]
    assert await desk.tries(TECHNICIAN, LogWork(minutes=15, parts=parts[:1])) == []


async def test_where_the_contract_says_nothing_work_on_incidents_is_included(stage: Stage) -> None:
    desk = await stage.report(trouble(priority="minor"))
    await desk.say(TECHNICIAN, LogWork(minutes=15, parts=(PartUse(part="flux"),)))
    await desk.say(TECHNICIAN, Resolve(solution="neu gestartet"))

    await desk.ended()

    assert await desk.ledger() == []


# Reported when, how pressing, and when response and solution are due.
PROMISES = [
    ("2027-11-22T10:00", Priority.BLOCKER, "Mon 22 11:00", "Mon 22 14:00"),
    ("2027-11-22T10:00", Priority.CRITICAL, "Mon 22 12:00", "Tue 23 09:00"),
    ("2027-11-22T10:00", Priority.MAJOR, "Mon 22 14:00", "Tue 23 17:00"),
    ("2027-11-22T10:00", Priority.MINOR, "Tue 23 10:00", "Mon 29 10:00"),
    # Out of hours and over a weekend: only a Blocker is looked after round the clock.
    ("2027-11-26T16:30", Priority.CRITICAL, "Mon 29 09:30", "Mon 29 15:30"),
    ("2027-11-27T22:00", Priority.BLOCKER, "Sat 27 23:00", "Sun 28 02:00"),
    ("2027-11-27T22:00", Priority.CRITICAL, "Mon 29 10:00", "Mon 29 16:00"),
    ("2027-11-27T22:00", Priority.MAJOR, "Mon 29 12:00", "Tue 30 15:00"),
    ("2027-11-27T22:00", Priority.MINOR, "Mon 29 17:00", "Fri 03 17:00"),
    # Epiphany is a holiday in Bavaria.
    ("2028-01-05T16:00", Priority.CRITICAL, "Fri 07 09:00", "Fri 07 15:00"),
    # The night in which the clocks are put forward, and the one in which an hour comes twice.
    ("2028-03-26T01:30", Priority.BLOCKER, "Sun 26 03:30", "Sun 26 06:30"),
    ("2028-10-29T01:30", Priority.BLOCKER, "Sun 29 02:30", "Sun 29 04:30"),
]


async def test_every_priority_is_promised_what_the_matrix_says_at_any_hour(stage: Stage) -> None:
    promised = []
    for reported_at, priority, _, _ in PROMISES:
        await stage.wait_until(max(local(reported_at), await stage.environment.get_current_time()))
        desk = await stage.report(trouble(priority=priority, received_at=local(reported_at)))
        # A round trip through the workflow: what it answers is in the tables.
        await desk.say(DESK_AGENT, HandOver(to="p-lang"))
        due = await dues(desk)
        promised.append((reported_at, priority, due["response"], due["resolution"]))
        if not (await desk.progress()).pages:
            # The test server skips no more time once a call was called off while it was being made.
            await desk.say(DESK_AGENT, Cancel(reason="only a drill"))

    assert promised == PROMISES


async def test_a_response_that_does_not_come_reaches_the_customer(stage: Stage) -> None:
    """Major: four hours. Half of it tells the desk, three quarters the SDM, the end everybody."""
    desk = await stage.report(trouble(priority="major", category="printer"))

    await desk.later(hours=4, minutes=1)

    assert await desk.fired() == [("response", "50"), ("response", "75"), ("response", "100")]
    (missed,) = desk.told("incident_deadline_missed")
    assert missed.roles == (Role.SDM, Role.BRM, Role.REQUESTER)
    assert missed.people == ("p-vogel",)
    assert missed.key == f"notice:{desk.incident.no}/incident_deadline_missed/response/1/100"
    assert (await desk.row()).missed
    (event,) = await desk.events("deadline_missed")
    assert 0 < float(event.values["late_seconds"]) < 5

    await desk.say(DESK_AGENT, Respond())
    assert (await desk.clock("response")).breached_at == desk.incident.received_at + timedelta(hours=4)


async def test_a_threshold_that_falls_into_a_hold_is_not_lost_and_a_hold_costs_nothing(stage: Stage) -> None:
    """Major: sixteen hours. Held after seven, resumed a month later: half is reached one hour after that."""
    desk = await stage.report(trouble(priority="major", category="printer"))
    await desk.say(DESK_AGENT, Respond())
    await desk.later(hours=7)
    until = await desk.now() + timedelta(days=89)
    await desk.say(DESK_AGENT, Hold(code=HoldReason.WAITING_CUSTOMER, max_until=until, reason="on leave"))
    before = await desk.history_length()

    await desk.later(days=28)

    assert await desk.history_length() == before
    assert await desk.fired() == []
    assert "resolution" not in (await desk.row()).deadlines
    await stage.wait_until(local("2027-12-21T09:00"))
    await desk.say(DESK_AGENT, Resume())
    await desk.later(hours=1, seconds=30)
    assert await desk.fired() == [("resolution", "50")]


async def test_raising_the_priority_after_a_breach_tells_it_once_and_keeps_the_breach(stage: Stage) -> None:
    """Major until its response is missed; as a Blocker its response and half of its solution were past at once."""
    desk = await stage.report(trouble(priority="major", category="printer"))
    await desk.later(hours=4, minutes=30)
    told = len(desk.told("incident_deadline_near")) + len(desk.told("incident_deadline_missed"))

    await desk.say(SDM, ChangePriority(priority=Priority.BLOCKER, reason="die ganze Halle steht"))

    (summary,) = desk.told("incident_priority_changed")
    assert (summary.values["before"], summary.values["priority"]) == ("major", "blocker")
    assert len(desk.told("incident_deadline_near")) + len(desk.told("incident_deadline_missed")) == told
    response, resolution = await desk.clock("response"), await desk.clock("resolution")
    assert response.breached_at == desk.incident.received_at + timedelta(hours=4)
    assert (resolution.target, resolution.hours) == (timedelta(hours=4), "always")
    assert resolution.breached_at == desk.incident.received_at + timedelta(hours=4)
    # What still lies ahead is told: management, four hours after the deadline.
    await desk.later(hours=4)
    assert [message.roles for message in desk.told("incident_deadline_near")][-1] == (Role.MANAGEMENT,)


async def test_a_solution_that_was_none_can_be_taken_back_for_five_working_days(stage: Stage) -> None:
    desk = await stage.report(trouble(priority="major", category="printer"))
    await desk.later(hours=2)
    await desk.say(TECHNICIAN, Resolve(solution="neu gestartet"))
    await desk.later(days=3)

    await desk.say(REQUESTER, Reopen(reason="druckt wieder nicht"))

    # The same cycle, and the three days for which it was solved are not counted; the response is promised anew.
    resolution = await desk.clock("resolution")
    assert resolution.cycle == 1
    assert await dues(desk) == {"response": "Thu 25 15:00", "resolution": "Fri 26 16:00"}
    await desk.later(hours=1)
    await desk.say(TECHNICIAN, Resolve(solution="Netzteil getauscht"))
    assert (await desk.progress()).burnt[0].minutes == 180
    await desk.later(days=5)
    assert await desk.tries(REQUESTER, Reopen(reason="noch einmal")) == []
    await desk.say(TECHNICIAN, Resolve(solution="Gerät getauscht"))
    await desk.later(days=8)
    assert await desk.tries(REQUESTER, Reopen(reason="viel zu spät")) == ["incident_is_over"]
    assert (await desk.row()).state == IncidentState.CLOSED
    assert len(desk.told("incident_closed")) == 1


async def test_an_agreed_date_and_updates_have_clocks_of_their_own(stage: Stage) -> None:
    desk = await stage.report(trouble(priority="blocker", category="network"))
    await desk.say(SDM, Respond())
    promised = await desk.now() + timedelta(hours=2)
    await desk.say(SDM, Promise(date=promised))
    await desk.later(minutes=50)
    await desk.say(SDM, Inform(message="Der Techniker ist da."))

    await desk.later(minutes=61)
    fired = await desk.fired()
    assert ("update", "100") in fired
    assert ("promised-1", "75") in fired

    await desk.later(minutes=15)
    assert ("promised-1", "100") in await desk.fired()
    assert (await desk.clock("resolution")).breached_at is None
    assert (await desk.row()).missed


async def test_what_makes_no_sense_is_refused_and_leaves_nothing(stage: Stage) -> None:
    desk = await stage.report(trouble(priority="major", category="printer"))
    await desk.say(DESK_AGENT, Respond())
    before = await desk.progress()
    soon = await desk.now() + timedelta(hours=1)

    assert await desk.tries(DESK_AGENT, Respond()) == ["already_responded"]
    assert await desk.tries(REQUESTER, Confirm()) == ["incident_state_forbids"]
    waiting = Hold(code=HoldReason.WAITING_VENDOR, max_until=soon, reason="der Hersteller kommt")
    assert await desk.tries(DESK_AGENT, waiting) == ["vendor_never_holds"]
    assert await desk.tries(SDM, ChangePriority(priority=Priority.MAJOR, reason="so")) == ["priority_is_so"]
    assert await desk.tries(SDM, Promise(date=desk.incident.received_at)) == ["in_the_past"]
    assert await desk.progress() == before


async def test_what_is_reopened_and_solved_again_at_once_is_told_anew(
    dev_server: WorkflowEnvironment, database: Database, tmp_path: Path
) -> None:
    channel = OutboxChannel(tmp_path / "outbox", "imacflow@provider.example")
    async with opened(dev_server, database, channel) as stage:
        desk = await stage.report(trouble(priority="minor"))
        await desk.say(TECHNICIAN, Resolve(solution="neu gestartet"))
        await desk.until(lambda progress: progress.reopen_until is not None)
    reopening = asyncio.create_task(desk.say(REQUESTER, Reopen(reason="wieder kaputt")))
    await asyncio.sleep(1)
    solving = asyncio.create_task(desk.say(TECHNICIAN, Resolve(solution="getauscht")))
    await asyncio.sleep(1)

    async with order_worker(dev_server.client, "stories", activities(database, channel)):
        await reopening
        await solving
        progress = await desk.until(lambda progress: progress.reopen_until is not None)

    assert (progress.state, progress.solution) == (IncidentState.RESOLVED, "getauscht")
