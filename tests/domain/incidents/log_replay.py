"""Two clocks driven through the steps of a logged incident, as its workflow would drive them."""

from datetime import datetime, timedelta
from typing import NamedTuple

from domain.cases import incident_commands as incidents
from domain.cases.order_commands import Hold as AskedHold
from domain.cases.order_commands import Resume
from domain.clocks.holds import ClockHold
from domain.clocks.sla import ClockKind, SlaClock
from domain.incidents.logs.logged import LoggedIncident


class Clocks(NamedTuple):
    response: SlaClock
    resolution: SlaClock
    ended_at: datetime


def replayed(incident: LoggedIncident) -> Clocks:
    response, resolution = (
        SlaClock(name=kind, kind=kind, target=timedelta(hours=8)).start(incident.opened_at)
        for kind in (ClockKind.RESPONSE, ClockKind.RESOLUTION)
    )
    for step in incident.steps:
        match step.command:
            case incidents.Respond():
                response = response.stop(step.at)
            case incidents.Resolve():
                resolution = resolution.stop(step.at)
            case incidents.Reopen():
                resolution = resolution.reopen(step.at)
            case AskedHold() as asked:
                resolution = resolution.hold(
                    ClockHold(reason=asked.code, actor="log", at=step.at, max_until=asked.max_until)
                )
            case Resume(code=code) if code:
                resolution = resolution.resume(code, step.at)
    return Clocks(response, resolution, incident.steps[-1].at)
