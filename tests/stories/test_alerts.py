"""Alerts become few incidents, which hear of more, of the all-clear, and of nothing else; people alone resolve them."""

from datetime import timedelta

import pytest

from domain.alerts.groups import GroupState
from domain.alerts.maintenance import MaintenanceWindow
from domain.alerts.spells import SpellEnd
from domain.cases.incident_commands import ChangePriority, Confirm, Merge, Resolve, Respond
from domain.incidents.progress import IncidentState
from domain.people import MACHINE, Role
from domain.priorities import Priority
from tests.stories.monitoring import RULE, Monitoring, alert, over
from tests.stories.stage import Stage
from tests.world import DESK_AGENT, PAGED, REQUESTER, TECHNICIAN, furnish_on_call, trouble

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


async def test_what_fires_again_before_the_solution_is_told_and_after_it_is_another_incident(stage: Stage) -> None:
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
    still = await prom.says(fault)
    await prom.later(minutes=2)
    same = await prom.incident()
    await prom.says(*over(fault))
    await prom.later(minutes=10)
    await prom.says(fault)
    await prom.later(minutes=2)
    second = await prom.incident()

    assert (proposed_at is not None, withdrawn) == (True, None)
    assert (still.repeated, same.incident.no) == (1, first.incident.no)
    assert first.incident.asset is not None
    assert second.incident.request.follows == first.incident.no
    assert second.incident.request.reference == first.incident.request.reference
    assert (await first.row()).state == IncidentState.RESOLVED
    again = await first.events("alerts_again")
    assert [event.values.get("followed_by") for event in again] == [None, second.incident.no]
    assert len(first.told("incident_alerts_again")) == 2
    assert len(second.told("incident_reported")) == 1


async def test_after_the_end_what_fires_still_is_another_incident(stage: Stage) -> None:
    prom = await Monitoring(stage).follows(RULE)
    await prom.says(alert("fw-1"))
    await prom.later(seconds=10)
    first = await prom.incident()

    await first.say(TECHNICIAN, Resolve(solution="Neustart"))
    await first.say(REQUESTER, Confirm())
    nothing = await prom.says(alert("fw-1"))
    await prom.later(minutes=2)
    second = await prom.incident()

    assert (nothing.new, nothing.repeated) == (0, 1)
    assert second.incident.request.follows == first.incident.no


@pytest.mark.parametrize("confirmed", [False, True], ids=["solved", "solved and confirmed"])
async def test_what_never_stops_firing_is_told_after_the_solution_and_then_called_anew(
    stage: Stage, *, confirmed: bool
) -> None:
    prom = await Monitoring(stage).follows(RULE)
    await prom.says(alert("fw-1"))
    await prom.later(seconds=10)
    first = await prom.incident()
    await first.say(TECHNICIAN, Resolve(solution="Neustart"))
    solved = await first.until(lambda progress: progress.reopen_until is not None)
    if confirmed:
        await first.say(REQUESTER, Confirm())

    await prom.later(minutes=10)
    told, same = first.told("incident_alerts_still"), await prom.incident()
    await prom.later(minutes=21)
    second = await prom.incident()

    assert [message.values["titles"] for message in told] == ([] if confirmed else ["Down fw-1"])
    assert same.incident.no == first.incident.no
    assert second.incident.request.follows == first.incident.no
    assert second.incident.received_at == solved.resolved_at
    assert len(second.told("incident_reported")) == 1


@pytest.mark.parametrize("heal_minutes", [30, None], ids=["it ends in time", "the rule waits for ever"])
async def test_what_ends_soon_after_the_solution_is_no_news(stage: Stage, heal_minutes: int | None) -> None:
    prom = await Monitoring(stage).follows(RULE.but(heal_minutes=heal_minutes))
    await prom.says(alert("fw-1"))
    await prom.later(seconds=10)
    first = await prom.incident()
    await first.say(TECHNICIAN, Resolve(solution="Neustart"))
    await first.until(lambda progress: progress.reopen_until is not None)

    if heal_minutes:
        await prom.later(minutes=3)
        await prom.says(*over(alert("fw-1")))
    await prom.later(minutes=90)

    assert (await prom.incident()).incident.no == first.incident.no
    assert first.told("incident_alerts_still") == []


async def test_what_was_merged_is_told_where_it_goes_on_and_opens_nothing_new(stage: Stage) -> None:
    prom = await Monitoring(stage).follows(RULE)
    await prom.says(alert("fw-1"))
    await prom.later(seconds=10)
    first = await prom.incident()
    other = await stage.report(trouble(priority="major", category="network"))
    await other.say(DESK_AGENT, Respond())

    await first.say(DESK_AGENT, Merge(into=other.incident.no, reason="dieselbe Firewall"))
    await other.until(lambda progress: bool(progress.merged))
    await prom.says(alert("fw-2"))
    await prom.later(minutes=2)

    assert (await prom.incident()).incident.no == other.incident.no
    assert len(await other.events("alerts_added")) == 1


async def test_the_same_beginning_after_the_end_is_the_next_spell(stage: Stage) -> None:
    """As Prometheus has it after an outage between the two, or a restart."""
    prom = await Monitoring(stage).follows(RULE)
    began = await stage.environment.get_current_time()
    fault = alert("fw-1").but(starts_at=began)
    await prom.says(fault)
    await prom.later(seconds=10)
    first = await prom.incident()

    await prom.says(*over(fault))
    await prom.later(minutes=6)
    proposed_at = (await first.progress()).proposed_at
    again = await prom.says(fault)
    await prom.later(minutes=2)

    assert proposed_at is not None
    assert again.changed == 1
    assert (await first.progress()).proposed_at is None
    assert await prom.state() == GroupState.OPEN


async def test_a_graver_alert_raises_the_priority_and_calls_whom_the_matrix_names(stage: Stage) -> None:
    await furnish_on_call(stage.database)
    prom = await Monitoring(stage).follows(RULE.but(contract="adler-2026"))
    await prom.calls(Priority.MINOR, Role.SERVICE_DESK)
    await prom.says(alert("sw-1", severity="minor"))
    await prom.later(seconds=10)
    desk = await prom.incident()
    before = (await desk.progress()).pages
    await desk.say(DESK_AGENT, Respond())

    await prom.says(alert("sw-2", severity="critical"))
    await prom.later(minutes=2)
    progress = await desk.until(lambda progress: bool(progress.pages))
    await prom.says(alert("sw-3", severity="major"))
    await prom.later(minutes=2)

    assert before == ()
    assert progress.priority == Priority.CRITICAL
    (raised,) = await desk.events("priority_raised")
    assert (raised.actor, raised.values["before"], "sw-2" in (raised.reason or "")) == (MACHINE, "minor", True)
    assert [page.cause for page in progress.pages] == ["priority_raised"]
    assert (await desk.progress()).priority == Priority.CRITICAL
    assert (await desk.clock("resolution")).target == timedelta(minutes=480)
    assert len(desk.told("incident_priority_changed")) == 1
    assert len(desk.told("incident_alerts_added")) == 2
    await desk.say(TECHNICIAN, Resolve(solution="Neustart"))


async def test_a_priority_that_people_have_lowered_is_raised_by_something_graver_only(stage: Stage) -> None:
    prom = await Monitoring(stage).follows(RULE)
    await prom.says(alert("sw-1", severity="major"))
    await prom.later(seconds=10)
    desk = await prom.incident()
    await desk.say(DESK_AGENT, ChangePriority(priority=Priority.MINOR, reason="Redundanz hält"))

    await prom.says(alert("sw-2", severity="major"))
    await prom.later(minutes=2)
    same = (await desk.progress()).priority
    await prom.says(alert("sw-2", severity="critical"))
    await prom.later(minutes=2)

    assert (same, (await desk.progress()).priority) == (Priority.MINOR, Priority.CRITICAL)


async def test_an_alarm_by_day_calls_the_on_call_people(stage: Stage) -> None:
    await furnish_on_call(stage.database)
    prom = await Monitoring(stage).follows(RULE)

    await prom.says(alert("sw-1", severity="critical"))
    await prom.later(minutes=1)
    desk = await prom.incident()
    reported = await stage.report(trouble(priority="critical"), PAGED)
    await prom.later(minutes=1)

    assert desk.incident.in_hours
    assert [page.cause for page in (await desk.progress()).pages] == ["reported"]
    assert (await reported.progress()).pages == ()
    await desk.say(DESK_AGENT, Respond())
    await prom.later(minutes=1)


@pytest.mark.parametrize("change", [{"enabled": False}, {"group_by": ()}], ids=["switched off", "grouped otherwise"])
async def test_an_alert_stays_with_its_incident_when_its_rule_changes(stage: Stage, change: dict[str, object]) -> None:
    """And the group that is left proposes the end, and then keeps still."""
    prom = await Monitoring(stage).follows(RULE.but(quiet_seconds=1))
    await prom.says(alert("sw-1"))
    await prom.later(seconds=10)
    desk = await prom.incident()
    (group,) = await prom.groups()

    await prom.follows(RULE.but(quiet_seconds=1, **change))
    stays = await prom.says(alert("sw-1"))
    await prom.later(minutes=2)
    open_still = await prom.state()
    await prom.says(*over(alert("sw-1")))
    await prom.later(seconds=10)
    proposed = await desk.until(lambda progress: progress.proposed_at is not None)
    await prom.says(alert("sw-1"))
    await prom.later(minutes=2)
    events = await prom.history_length(group.id)
    await prom.later(minutes=10)

    assert (stays.groups, open_still) == (1, GroupState.OPEN)
    assert proposed.state == IncidentState.CLASSIFIED
    assert await prom.history_length(group.id) == events < 60


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


async def test_what_is_not_named_any_more_is_silent_and_its_end_is_proposed_once(stage: Stage) -> None:
    """Silenced at the sender, it ends meanwhile, and nobody ever says so."""
    prom = await Monitoring(stage).follows(RULE)
    await prom.says(alert("sw-1"))
    await prom.later(seconds=10)
    desk = await prom.incident()
    (group,) = await prom.groups()

    await prom.later(hours=8)
    await prom.says(alert("sw-1"))
    await prom.later(hours=8)
    early = await prom.silent()
    await prom.later(hours=5)
    silent, proposed_at = await prom.silent(), (await desk.progress()).proposed_at
    events = await prom.history_length(group.id)
    await prom.later(days=2)
    later = await prom.history_length(group.id)
    (spell,) = await prom.spells("sw-1")
    await prom.says(alert("sw-1"))
    await prom.later(minutes=2)

    assert (early, silent) == ([], ["Down/sw-1"])
    assert proposed_at is not None
    assert spell.ended == SpellEnd.SILENT
    assert spell.end is not None
    assert round((spell.end - spell.start) / timedelta(hours=1)) == 8
    assert events == later
    assert len(desk.told("incident_alerts_silent")) == 1
    assert await desk.events("resolution_proposed") == []
    assert (await desk.progress()).proposed_at is None
    assert [event.values["firing"] for event in await desk.events("alerts_again")] == ["1"]


async def test_one_of_several_falls_silent_and_nothing_is_proposed(stage: Stage) -> None:
    prom = await Monitoring(stage).follows(RULE)
    await prom.says(alert("sw-1"), alert("sw-2"))
    await prom.later(hours=8)
    await prom.says(alert("sw-2"))
    await prom.later(hours=6)
    desk = await prom.incident()

    assert await prom.silent() == ["Down/sw-1"]
    assert [event.values["silent"] for event in await desk.events("alerts_silent")] == ["1"]
    assert (await desk.progress()).proposed_at is None
    await prom.says(*over(alert("sw-2")))
    await prom.later(minutes=10)
    assert (await desk.progress()).proposed_at is not None


WATCHDOG = RULE.but(
    id="alive", name="Prometheus lebt", match={"alertname": ("Watchdog",)}, group_by=(), position=1
).but(repeat_minutes=5, expect_every_minutes=15)


async def test_the_silence_of_monitoring_is_an_alert_of_its_own(stage: Stage) -> None:
    prom = await Monitoring(stage).expects(WATCHDOG)
    beat = alert("prom", "Watchdog")
    for _ in range(6):
        await prom.says(beat)
        await prom.later(minutes=5)
    during = await prom.groups()
    await prom.later(minutes=20)
    desk = await prom.incident()
    await prom.later(hours=2)
    same = await prom.incident()
    await prom.says(beat)
    await prom.later(minutes=7)
    proposed = await desk.until(lambda progress: progress.proposed_at is not None)
    await desk.say(TECHNICIAN, Resolve(solution="Neustart"))
    await prom.later(minutes=30)
    again = await prom.incident()

    assert [(row.state, row.incident) for row in during] == [(GroupState.QUIET, None)]
    assert desk.incident.request.title == "HeartbeatMissing: Prometheus lebt"
    assert same.incident.no == desk.incident.no
    assert proposed.state.is_unsolved
    assert again.incident.request.follows == desk.incident.no


async def test_a_sign_of_life_that_never_came_is_missed_as_well(stage: Stage) -> None:
    prom = await Monitoring(stage).expects(WATCHDOG)
    await prom.later(minutes=14)
    before = await prom.state()
    await prom.later(minutes=2)
    desk = await prom.incident()

    assert before == GroupState.QUIET
    assert desk.incident.request.title == "HeartbeatMissing: Prometheus lebt"
    await prom.expects(WATCHDOG.but(enabled=False))
    await prom.later(minutes=10)
    assert (await desk.progress()).proposed_at is not None


async def test_alerts_that_the_sender_left_off_are_shown_and_told_once(stage: Stage) -> None:
    prom = await Monitoring(stage).follows(RULE)
    await prom.says(alert("sw-1"), alert("sw-2"), truncated=7)
    await prom.later(minutes=2)
    desk = await prom.incident()
    (shown,) = await prom.groups()
    await prom.says(alert("sw-1"), alert("sw-2"), truncated=7)
    await prom.says(alert("sw-1"), truncated=3)
    await prom.later(minutes=5)
    once = await desk.events("alerts_truncated")
    await prom.says(alert("sw-1"), truncated=9)
    await prom.later(minutes=5)

    assert shown.truncated == 7
    assert [event.values["truncated"] for event in once] == ["7"]
    assert [event.values["truncated"] for event in await desk.events("alerts_truncated")] == ["7", "9"]
    assert len(desk.told("incident_alerts_truncated")) == 2
