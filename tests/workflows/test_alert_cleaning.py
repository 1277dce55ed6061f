"""What is known of alerts for longer than anybody needs it is removed; spells and open cases keep what is theirs."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlmodel import func, select
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.alert_cleaning import AlertCleaning, Cleaning
from db.alerts import cleaning
from db.alerts.alert import AlertFilter, AlertRow, list_alerts
from db.alerts.groups import group_row, unmark
from db.alerts.rules import save_rule
from db.alerts.spells import SpellRow
from db.engine import Database
from domain.ids import alert_group_id
from domain.incidents.progress import IncidentState
from tests.db.test_alerts import GROUP, NOW, RULE, alert, in_an_incident, rules, take
from workflows.recurring.alert_cleaning import AlertCleaningWorkflow, AlertSilenceWorkflow
from workflows.runner import workflow_runner

OLD = timedelta(days=401)
DB_GROUP = alert_group_id("prom", {"job": "db"})


async def cleaned(
    skipping: WorkflowEnvironment,
    database: Database,
    job: type[AlertCleaningWorkflow | AlertSilenceWorkflow] = AlertCleaningWorkflow,
) -> None:
    queue = f"cleaning-{uuid4().hex}"
    cleaning = AlertCleaning(database)
    acts = [cleaning.clean_old_alerts, cleaning.note_unmatched_silence]
    async with Worker(
        skipping.client,
        task_queue=queue,
        workflows=[job],
        activities=acts,
        workflow_runner=workflow_runner(),
    ):
        await skipping.client.execute_workflow(job.run, id=queue, task_queue=queue)


async def swept(database: Database, at: datetime) -> None:
    """As the workflow does it, step by step, without a server whose time runs on between two runs."""
    while not (await AlertCleaning(database).clean_old_alerts(Cleaning(at=at))).is_all:
        pass


async def left(database: Database) -> set[str]:
    async with database.reading() as session:
        rows = await list_alerts(session, AlertFilter(), after=None, limit=50)
    return {row.as_record().alert.key for row in rows}


async def spells(database: Database) -> int:
    async with database.reading() as session:
        return (await session.execute(select(func.count()).select_from(SpellRow))).scalar_one()


@pytest.mark.parametrize(
    ("state", "kept"),
    [(IncidentState.CLASSIFIED, True), (IncidentState.RESOLVED, True), (IncidentState.CLOSED, False)],
)
async def test_what_an_open_incident_needs_is_kept(
    skipping: WorkflowEnvironment, database: Database, state: IncidentState, *, kept: bool
) -> None:
    now = await skipping.get_current_time()
    await rules(database, RULE)
    await take(database, alert("a"), at=now - OLD)
    await in_an_incident(database, GROUP, state)
    async with database.writing() as session:
        await unmark(session, GROUP)

    await cleaned(skipping, database)

    assert await left(database) == ({"a"} if kept else set())
    async with database.reading() as session:
        assert (await group_row(session, GROUP) is not None) == kept


async def test_spells_stay_and_the_last_one_is_closed_before_its_alert_goes(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleaning, "AT_ONCE", 2)
    await rules(database, RULE)
    for days, firing in ((0.2, True), (0.1, False), (0, True)):
        await take(database, *(alert(f"{n}", firing=firing) for n in range(5)), at=NOW - OLD - timedelta(days=days))
    await take(database, alert("0"), at=NOW - OLD + timedelta(hours=1))
    await take(database, alert("young"), alert("unmatched", source="nagios"), at=NOW - timedelta(days=399))
    before = await spells(database)

    await swept(database, NOW)
    await swept(database, NOW)

    assert await left(database) == {"young", "unmatched"}
    assert (before, await spells(database)) == (5, 10)


async def test_a_group_that_comes_again_has_another_incident_than_the_one_that_was_removed(database: Database) -> None:
    await rules(database, RULE)
    seeds = []
    for at in (NOW - OLD, NOW):
        await take(database, alert("a"), at=at)
        async with database.writing() as session:
            await unmark(session, GROUP)
            row = await group_row(session, GROUP)
            assert row is not None
            seeds.append(row.as_done().since)
        await swept(database, NOW)

    assert len({*seeds}) == 2
    assert await left(database) == {"a"}


async def test_the_group_of_signs_of_life_is_kept(database: Database) -> None:
    await rules(database, RULE)
    await take(database, alert("a", firing=False), at=NOW - OLD)
    async with database.writing() as session:
        await unmark(session, GROUP)
        await save_rule(session, RULE.but(expect_every_minutes=900), by="p-koch", at=NOW)

    await swept(database, NOW)

    async with database.reading() as session:
        assert await group_row(session, GROUP) is not None
        assert (await session.execute(select(func.count()).select_from(AlertRow))).scalar_one() == 0


async def test_what_no_rule_has_falls_silent_as_well(skipping: WorkflowEnvironment, database: Database) -> None:
    now = await skipping.get_current_time()
    await rules(database, RULE)
    for key, source, hours in (("stale", "nobodys", 13), ("fresh", "nobodys", 1), ("ruled", "prom", 13)):
        await take(database, alert(key, source=source), at=now - timedelta(hours=hours))
    before = await spells(database)

    await cleaned(skipping, database, AlertSilenceWorkflow)
    again = await AlertCleaning(database).note_unmatched_silence(Cleaning(at=now))

    async with database.reading() as session:
        rows = await list_alerts(session, AlertFilter(), after=None, limit=50)
    assert {row.as_record().alert.key: row.silent for row in rows} == {"stale": True, "fresh": False, "ruled": False}
    assert (again.is_all, await spells(database)) == (True, before + 1)
