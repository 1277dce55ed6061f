"""Alerts become few incidents, which hear of more, of the all-clear, and of nothing else; people alone resolve them."""

from datetime import timedelta

from domain.alerts.groups import GroupState
from domain.alerts.maintenance import MaintenanceWindow
from domain.cases.incident_commands import Confirm, Resolve, Respond
from domain.incidents.progress import IncidentState
from tests.stories.monitoring import RULE, Monitoring, alert, over
from tests.stories.stage import Stage
from tests.world import DESK_AGENT, REQUESTER, TECHNICIAN

NAMES = ("DiskFull", "Down", "Slow")


async def test_a_storm_becomes_few_incidents_and_its_end_is_proposed(stage: Stage) -> None:
    prom = await Monitoring(stage).follows(RULE)
    storm = [alert(f"{n}", NAMES[n % 3], "critical" if n == 7 else None) for n in range(300)]

    for start in range(0, 300, 50):
        await prom.says(*storm[start : start + 50])
    await prom.later(seconds=10)
    rows = await prom.groups()
    desks = [await prom.desk(row) for row in rows]
    await prom.says(*(alert(f"late {n}", "Down") for n in range(9)))
    await prom.later(seconds=90)
    await prom.says(*over(*storm))
    await prom.later(minutes=7)

    assert [row.state for row in rows] == [GroupState.OPEN] * 3
    assert [desk.incident.request.priority for desk in desks] == ["major", "critical", "major"]
    assert [desk.incident.request.title.partition(" (")[2] for desk in desks] == ["+99)"] * 3
    down = desks[1]
    assert [event.values["alerts"] for event in await down.events("alerts_added")] == ["109"]
    assert await desks[0].events("alerts_added") == []
    proposed = [[event.values["firing"] for event in await desk.events("resolution_proposed")] for desk in desks]
    assert proposed == [["0"], [], ["0"]]
    assert [row.state for row in await prom.groups()] == [GroupState.CLEARED, GroupState.OPEN, GroupState.CLEARED]
    assert [(await desk.row()).state for desk in desks] == [IncidentState.CLASSIFIED] * 3
    assert len(desks[0].told("incident_resolution_proposed")) == 1


async def test_what_fires_again_is_told_and_after_the_end_is_another_incident(stage: Stage) -> None:
    prom = await Monitoring(stage).follows(RULE)
    fault = alert("fw-1", asset="NB-200")
    await prom.says(fault)
    await prom.later(seconds=10)
    first = await prom.incident()

    await prom.says(*over(fault))
    await prom.later(minutes=6)
    proposed_at = (await first.progress()).proposed_at
    await prom.says(fault)
    await prom.later(minutes=2)
    withdrawn = (await first.progress()).proposed_at
    await first.say(DESK_AGENT, Respond())
    await first.say(TECHNICIAN, Resolve(solution="Neustart"))
    await prom.says(alert("fw-2"))
    await prom.later(minutes=2)
    solved = [event.what for event in await first.events() if event.what.startswith("alerts")]
    await first.say(REQUESTER, Confirm())
    nothing = await prom.says(alert("fw-2"))
    await prom.later(minutes=2)
    second = await prom.incident()

    assert proposed_at is not None
    assert withdrawn is None
    assert solved == ["alerts_again", "alerts_again"]
    assert len(first.told("incident_alerts_again")) == 2
    assert (nothing.new, nothing.repeated) == (0, 1)
    assert first.incident.asset is not None
    assert (second.incident.request.follows, second.incident.request.reference) == (
        first.incident.no,
        first.incident.request.reference,
    )


async def test_what_flaps_is_said_once_and_opens_nothing_until_it_is_calm(stage: Stage) -> None:
    prom = await Monitoring(stage).follows(RULE)
    fault = alert("fw-1")
    for _ in range(5):
        await prom.says(fault)
        await prom.later(seconds=70)
        await prom.says(*over(fault))
        await prom.later(seconds=20)
    first = await prom.incident()

    await first.say(TECHNICIAN, Resolve(solution="Kabel getauscht"))
    await first.say(REQUESTER, Confirm())
    await prom.says(fault)
    await prom.later(minutes=3)
    held = await prom.state()
    await prom.later(minutes=15)
    second = await prom.incident()

    assert [event.what for event in await first.events() if event.what.startswith("alerts")][-1:] == ["alerts_flapping"]
    assert len(await first.events("alerts_flapping")) == 1
    assert held == GroupState.FLAPPING
    assert second.incident.request.follows == first.incident.no


async def test_what_fires_under_maintenance_is_judged_when_that_ends(stage: Stage) -> None:
    prom = await Monitoring(stage).follows(RULE)
    now = await stage.environment.get_current_time()
    window = MaintenanceWindow(
        id="m1", customer="adler", site="adler-hq", why="Umbau", start=now, end=now + timedelta(hours=2)
    )
    await prom.plans(window)
    await prom.says(alert("sw-1"), alert("sw-2"))
    await prom.later(hours=1)
    during = await prom.groups()

    await prom.says(*over(alert("sw-1")))
    await prom.plans(window.but(end=now + timedelta(hours=3)))
    await prom.later(minutes=90)
    longer = await prom.state()
    await prom.later(hours=1)
    opened = await prom.incident()

    assert [(row.state, row.incident) for row in during] == [(GroupState.MAINTENANCE, None)]
    assert longer == GroupState.MAINTENANCE
    assert opened.incident.request.title == "Down sw-2"
    assert opened.incident.received_at < now + timedelta(minutes=1)


async def test_a_group_that_cannot_be_reported_says_why_and_tries_again(stage: Stage) -> None:
    prom = await Monitoring(stage).follows(RULE.but(contract="none"))
    await prom.says(alert("fw-1"))
    await prom.later(seconds=10)
    (stuck,) = await prom.groups()

    await prom.follows(RULE)
    await prom.later(minutes=20)

    problem = stuck.as_problem()
    assert problem is not None
    assert (stuck.state, problem.code) == (GroupState.STUCK, "contract_unknown")
    assert await prom.state() == GroupState.OPEN
