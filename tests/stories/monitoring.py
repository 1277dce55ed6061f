"""A monitoring system in a story: what it says is taken in as the API does it, and wakes whom it concerns."""

from collections.abc import Iterable
from datetime import timedelta

from db.alerts.groups import GroupFilter, GroupRow, list_groups, mark_all, overdue
from db.alerts.intake import take_in
from db.alerts.maintenance import save_window
from db.alerts.rules import save_rule
from db.cases.case import NEVER
from domain.alerts.alert import Alert, AlertReceipt, AlertStatus
from domain.alerts.groups import GroupState, Waking
from domain.alerts.maintenance import MaintenanceWindow
from domain.alerts.rules import AlertRule
from tests.stories.stage import IncidentDesk, Stage
from workflows.client import Temporal

RULE = AlertRule(
    id="prom",
    customer="adler",
    name="Prometheus",
    contract="adler-2026",
    site="adler-hq",
    asset_label="asset",
    group_by=("alertname",),
)


def alert(key: str, name: str = "Down", severity: str | None = None, **labels: str) -> Alert:
    return Alert(
        source="prom",
        key=f"{name}/{key}",
        title=f"{name} {key}",
        severity=severity,
        labels={"alertname": name, **labels},
    )


def over(*alerts: Alert) -> list[Alert]:
    return [alert.but(status=AlertStatus.RESOLVED) for alert in alerts]


class Monitoring:
    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._temporal = Temporal(stage.environment.client, "stories")

    async def follows(self, rule: AlertRule) -> "Monitoring":
        async with self.stage.database.writing() as session:
            await save_rule(session, rule, by="p-koch", at=await self.stage.environment.get_current_time())
        return self

    async def says(self, *alerts: Alert) -> AlertReceipt:
        taken = await take_in(self.stage.database, alerts, None, await self.stage.environment.get_current_time())
        await self._wake(taken.waking)
        return taken.receipt

    async def plans(self, window: MaintenanceWindow) -> None:
        async with self.stage.database.writing() as session:
            await save_window(session, window, by="p-koch")
            now = await self.stage.environment.get_current_time()
            waking = await mark_all(session, now, customer=window.customer)
        await self._wake(waking)

    async def later(self, **span: float) -> None:
        """Time passes, and everybody has looked at what there was to look at."""
        await self.stage.environment.sleep(timedelta(**span))
        while await self._somebody_must_look():
            await self.stage.environment.sleep(timedelta(seconds=1))

    async def _somebody_must_look(self) -> bool:
        async with self.stage.database.reading() as session:
            return bool(await overdue(session, NEVER, NEVER))

    async def _wake(self, groups: Iterable[Waking]) -> None:
        for waking in groups:
            await self._temporal.wake_group(waking)

    async def groups(self) -> list[GroupRow]:
        """By their names, whatever their order in the table."""
        async with self.stage.database.reading() as session:
            rows = await list_groups(session, GroupFilter(), after=None, limit=50)
        return sorted(rows, key=lambda row: row.labels)

    async def state(self) -> GroupState:
        """Of the only group."""
        (row,) = await self.groups()
        return GroupState(row.state)

    async def incident(self) -> IncidentDesk:
        """The last one of the only group."""
        (row,) = await self.groups()
        return await self.desk(row)

    async def desk(self, row: GroupRow) -> IncidentDesk:
        assert row.incident is not None
        incident = await self._temporal.incident_at_start(row.incident)
        assert incident is not None
        return IncidentDesk(self.stage, incident)
