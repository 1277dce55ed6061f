"""What monitoring brings into `imac demo incidents`: a fault that returns after it was solved, and one that worsens."""

import asyncio
from collections.abc import Callable

from pydantic import JsonValue

from cli.answers import AnsweredPage
from cli.demo.stage import Stage
from cli.http import Api, if_there, parsed, path
from domain.alerts.alert import AlertStatus
from domain.alerts.groups import GroupSheet
from domain.incidents.sheets import IncidentSheet
from domain.people import Role
from domain.priorities import Priority

RULE, SITE, SOURCE = "demo-monitoring", "adler-hq", "demo"
RETURNS, WORSENS = "VpnDown", "DiskFull"
LOOK_AGAIN = 0.5


async def play_alerts(stage: Stage) -> list[IncidentSheet]:
    """The incident that was solved too early, the one that follows it, and the one that became graver."""
    await save_rule(stage)
    monitoring = await stage.keys.acting_as("demo-monitoring", Role.SYSTEM)
    technician = await stage.acting_as(Role.TECHNICIAN)
    returns, worsens = await asyncio.gather(
        AlertScene(stage.admin, monitoring, RETURNS).returns(technician),
        AlertScene(stage.admin, monitoring, WORSENS).worsens(),
    )
    return [*returns, worsens]


async def save_rule(stage: Stage) -> None:
    rule: dict[str, JsonValue] = {
        "id": RULE,
        "customer": stage.contract.customer,
        "name": "Überwachung (Beispiel)",
        "position": 0,
        "source": SOURCE,
        "contract": stage.contract.id,
        "site": SITE,
        "priority": Priority.MINOR,
        "group_by": ["alertname"],
    }
    await stage.admin.put(path("alert-rules", RULE), rule)


class AlertScene:
    """One group of alerts. What was said before is seen in its incident, so that nothing is said twice."""

    def __init__(self, admin: Api, monitoring: Api, name: str) -> None:
        self._admin = admin
        self._monitoring = monitoring
        self._name = name

    async def returns(self, technician: Api) -> list[IncidentSheet]:
        group = await self.group()
        if group is None or group.incident is None:
            await self.says("vpn-1", "Die VPN-Einwahl antwortet nicht")
            group = await self.until(lambda group: group.incident is not None)
        first = await self.incident(group)
        if group.episode == 1:
            if first.resolved_at is None:
                body = {"type": "resolve", "solution": "Der Dienst ist neu gestartet."}
                asked = path("incidents", first.no, "commands")
                first = parsed(IncidentSheet, await technician.post(asked, body, key=f"demo-{first.no}-resolve"))
            await self.says("vpn-1", "Die VPN-Einwahl antwortet nicht", AlertStatus.RESOLVED)
            await self.says("vpn-1", "Die VPN-Einwahl antwortet nicht")
            group = await self.until(lambda group: group.episode > 1)
        follows = await self.incident(group)
        before = follows.request.follows
        assert before is not None
        return [await self._admin.read(IncidentSheet, path("incidents", before)), follows]

    async def worsens(self) -> IncidentSheet:
        group = await self.group()
        if group is None or group.incident is None:
            await self.says("files-1", "Platte von files-1 fast voll")
            group = await self.until(lambda group: group.incident is not None)
        sheet = await self.incident(group)
        if sheet.priority == Priority.MINOR:
            await self.says("files-2", "Platte von files-2 voll, niemand kann speichern", severity=Priority.CRITICAL)
        while sheet.priority == Priority.MINOR:
            await asyncio.sleep(LOOK_AGAIN)
            sheet = await self.incident(group)
        return sheet

    async def says(
        self, key: str, title: str, status: AlertStatus = AlertStatus.FIRING, severity: Priority | None = None
    ) -> None:
        alert: dict[str, JsonValue] = {
            "source": SOURCE,
            "key": key,
            "title": title,
            "status": status,
            "severity": severity,
            "labels": {"alertname": self._name, "instance": key},
        }
        await self._monitoring.post(path("alerts"), alert)

    async def group(self) -> GroupSheet | None:
        found = await self._admin.read(AnsweredPage[GroupSheet], path("alerts", "groups"), {"rule": RULE})
        return next((group for group in found.items if group.labels.get("alertname") == self._name), None)

    async def until(self, holds: Callable[[GroupSheet], bool]) -> GroupSheet:
        group = await self.group()
        while group is None or not holds(group):
            await asyncio.sleep(LOOK_AGAIN)
            group = await self.group()
        return group

    async def incident(self, group: GroupSheet) -> IncidentSheet:
        """It is readable a moment after its group names it."""
        assert group.incident is not None
        while True:
            found = await if_there(self._admin.read(IncidentSheet, path("incidents", group.incident)), None)
            if found is not None:
                return found
            await asyncio.sleep(LOOK_AGAIN)
