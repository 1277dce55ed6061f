"""Incidents from report to close: promises kept and broken, in and out of hours, held, raised and reopened."""

from domain.incident_commands import Confirm, Resolve, Respond
from domain.incident_progress import IncidentState
from tests.stories.stage import Stage
from tests.world import DESK_AGENT, REQUESTER, TECHNICIAN, trouble


async def test_an_incident_goes_its_way(stage: Stage) -> None:
    desk = await stage.report(trouble(priority="major", category="printer"))

    await desk.later(minutes=30)
    await desk.say(DESK_AGENT, Respond(message="Wir sehen nach."))
    await desk.later(minutes=60)
    await desk.say(TECHNICIAN, Resolve(solution="Papierstau entfernt"))
    await desk.say(REQUESTER, Confirm())
    receipt = await desk.ended()

    assert receipt.state == IncidentState.CLOSED
    row = await desk.row()
    assert (row.state, row.missed, row.stuck) == ("closed", False, False)
    assert [message.people for message in desk.told("incident_received")] == [("p-vogel",)]
    assert (await desk.progress()).burnt[0].minutes == 90
