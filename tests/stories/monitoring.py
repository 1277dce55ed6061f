"""A monitoring system in a story: what it says is taken in as the API does it, and wakes whom it concerns."""

from collections.abc import Iterable
from datetime import timedelta

from db.alerts.alert import AlertFilter, list_alerts
from db.alerts.groups import GroupFilter, GroupPlace, GroupRow, expect, list_groups, mark_all, overdue
from db.alerts.intake import take_in
from db.alerts.maintenance import save_window
from db.alerts.rules import save_rule
from db.alerts.spells import list_spells
from db.cases.case import NEVER
from db.contracts import contract_in_force, save_contract
from domain.alerts.alert import Alert, AlertReceipt, AlertStatus
from domain.alerts.groups import GroupState, Waking
from domain.alerts.maintenance import MaintenanceWindow
from domain.alerts.rules import AlertRule
from domain.alerts.spells import SpellSheet
from domain.ids import alert_group_id, alert_group_workflow_id, alert_id
from domain.people import Role
from domain.priorities import Priority
from tests.patience import until
from tests.stories.stage import IncidentDesk, Stage
from tests.world import PAGED
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
        self._woken = set[str]()

    async def follows(self, rule: AlertRule) -> "Monitoring":
        async with self.stage.database.writing() as session:
            now = await self.stage.environment.get_current_time()
            await save_rule(session, rule, by="p-koch", at=now)
            waking = await mark_all(session, now, rule=rule.id)
        await self._wake(waking)
        return self

    async def calls(self, priority: Priority, whom: Role) -> None:
        """The contract says whom alerts of this priority call."""
        async with self.stage.database.writing() as session:
            contract = await contract_in_force(session, PAGED.id)
            assert contract is not None
            assert contract.matrix is not None
            row = contract.matrix.rows[priority]
            row = row.but(in_hours=row.in_hours.but(monitoring=whom))
            matrix = contract.matrix.but(rows=contract.matrix.rows | {priority: row})
            await save_contract(session, contract.but(matrix=matrix))

    async def history_length(self, group: str) -> int:
        handle = self.stage.environment.client.get_workflow_handle(alert_group_workflow_id(group))
        return (await handle.describe()).history_length

    async def expects(self, rule: AlertRule) -> "Monitoring":
        """A rule with signs of life: they are waited for from now on."""
        await self.follows(rule)
        if rule.expects_signs_of_life:
            async with self.stage.database.writing() as session:
                now = await self.stage.environment.get_current_time()
                group = alert_group_id(rule.id, {})
                waking = await expect(session, group, GroupPlace(rule.id, rule.customer, {}), now)
            await self._wake(waking)
        return self

    async def silent(self) -> list[str]:
        async with self.stage.database.reading() as session:
            rows = await list_alerts(session, AlertFilter(), after=None, limit=50)
        return [row.as_record().alert.key for row in rows if row.silent]

    async def spells(self, key: str, name: str = "Down") -> list[SpellSheet]:
        async with self.stage.database.reading() as session:
            rows = await list_spells(session, alert_id("", "prom", f"{name}/{key}"), None, before=None, limit=50)
        return [row.as_sheet() for row in rows]

    async def says(self, *alerts: Alert, truncated: int = 0) -> AlertReceipt:
        now = await self.stage.environment.get_current_time()
        taken = await take_in(self.stage.database, alerts, None, now, truncated=truncated)
        await self._wake(taken.waking)
        return taken.receipt

    async def plans(self, window: MaintenanceWindow) -> None:
        async with self.stage.database.writing() as session:
            await save_window(session, window, by="p-koch")
            now = await self.stage.environment.get_current_time()
            waking = await mark_all(session, now, customer=window.customer)
        await self._wake(waking)

    async def later(self, **span: float) -> None:
        """Time passes, and everybody has looked at what there was to look at.

        What nobody was woken for is found, as every API process does it every few seconds.
        """
        await self._wake(Waking(row.id, row.customer) for row in await self._overdue() if row.id not in self._woken)
        await self.stage.environment.sleep(timedelta(**span))
        while await self._overdue():
            await self.stage.environment.sleep(timedelta(seconds=1))
        self._woken.clear()

    async def _overdue(self) -> list[GroupRow]:
        async with self.stage.database.reading() as session:
            waiting = await overdue(session, NEVER, NEVER)
        # What is looked at for the first time is not overdue any more, but shows nothing yet.
        return [row for row in await self.groups() if row.id in waiting or row.state == GroupState.COLLECTING]

    async def _wake(self, groups: Iterable[Waking]) -> None:
        for waking in groups:
            self._woken.add(waking.group)
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
        """The last one of the only group, which may be about to note it."""
        (row,) = await until(self.groups, lambda rows: rows[0].incident is not None)
        return await self.desk(row)

    async def desk(self, row: GroupRow) -> IncidentDesk:
        assert row.incident is not None
        incident = await self._temporal.incident_at_start(row.incident)
        assert incident is not None
        return IncidentDesk(self.stage, incident)
