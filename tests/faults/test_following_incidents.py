"""Workers die while an incident is begun that follows a solved one: there is one, and everybody hears of it once."""

from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import col, func, select
from temporalio.testing import WorkflowEnvironment

from api.relay import OVERDUE
from db.alerts.groups import GroupFilter, GroupRow, list_groups, overdue, see_to
from db.alerts.intake import take_in
from db.alerts.rules import save_rule
from db.cases.journal import timeline
from db.engine import Database
from db.incidents import IncidentRow
from domain.alerts.alert import Alert
from domain.cases.incident_commands import Resolve
from domain.cases.instructions import Instruction
from domain.ids import incident_workflow_id
from domain.incidents.progress import IncidentState
from tests.faults.undying import all_died_over, insist, letters, surroundings, undying
from tests.patience import until
from tests.stories.monitoring import RULE, alert, over
from tests.world import TECHNICIAN, furnish
from workflows.client import Temporal


async def test_a_following_incident_is_begun_once_however_often_workers_die(
    dev_server: WorkflowEnvironment, database: Database, database_url: str, tmp_path: Path
) -> None:
    await furnish(database)
    async with database.writing() as session:
        await save_rule(session, RULE, by="p-koch", at=datetime.now(UTC))
    deaths, environment = surroundings(dev_server, database_url, tmp_path)
    temporal = Temporal(dev_server.client, "dying")

    async def says(*alerts: Alert) -> None:
        for waking in (await take_in(database, alerts, None, datetime.now(UTC))).waking:
            await temporal.wake_group(waking)

    async def looks() -> None:
        """As every API does: whoever marked a group may have died before waking it."""
        now = datetime.now(UTC)
        async with database.writing() as session:
            found = await see_to(session, await overdue(session, now - OVERDUE, now), now - OVERDUE, now)
        for waking in found:
            await temporal.wake_group(waking)

    async def episode(number: int) -> GroupRow | None:
        await looks()
        async with database.reading() as session:
            (row,) = await list_groups(session, GroupFilter(), after=None, limit=2)
        return row if row.as_done().episode == number else None

    async def incidents(number: int) -> list[IncidentRow]:
        async with database.reading() as session:
            rows = (await session.execute(select(IncidentRow).order_by(col(IncidentRow.received_at)))).scalars().all()
        return list(rows) if len(rows) >= number else []

    async with undying(environment, deaths):
        await says(alert("fw-1"))
        (first,) = await until(lambda: incidents(1))
        said = Instruction(
            command=Resolve(solution="Neustart"), actor=TECHNICIAN, given_at=datetime.now(UTC), request_id="solved"
        )
        await insist(temporal, first.workflow_id, said)
        for death in deaths.iterdir():
            death.unlink()
        await says(*over(alert("fw-1")))
        await says(alert("fw-1"))
        await until(lambda: episode(2))
        both = await until(lambda: incidents(2))
        case = incident_workflow_id(both[1].no)
        await until(lambda: told(database, case))
        again = await until(lambda: heard(database, first.workflow_id))
        await all_died_over(deaths, "look_at_group", "incident_of_group", "note_group", "deliver")

    assert [row.state for row in both] == [IncidentState.RESOLVED, IncidentState.CLASSIFIED]
    assert both[1].as_incident().request.follows == both[0].no
    assert again == 1
    assert (await letters(database, case))["incident_reported"] == 1
    async with database.reading() as session:
        assert (await session.execute(select(func.count()).select_from(IncidentRow))).scalar_one() == 2
    for row in both:
        await dev_server.client.get_workflow_handle(row.workflow_id).terminate()


async def told(database: Database, case: str) -> bool:
    return (await letters(database, case))["incident_reported"] > 0


async def heard(database: Database, case: str) -> int:
    async with database.reading() as session:
        return [row.what for row in await timeline(session, case)].count("alerts_again")
