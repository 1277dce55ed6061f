"""Keys that end: makers and administrators are told 30 and 7 days before, once each; a schedule sees to it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.channels import Switchboard
from activities.keys import KeyEnds
from activities.notices import Notices
from connectors.channels import OutboxChannel
from db.access.keys import add_key, revoke_key
from db.cases.notices import attempts_for
from db.engine import Database
from domain.key_ends import warning_due
from domain.keys import Grant, Key
from domain.people import Role
from tests.world import furnish
from workflows.recurring.key_ends import KeyEndsWorkflow
from workflows.recurring.schedules import RECURRING, keep_schedules
from workflows.runner import workflow_runner

NOW = datetime(2027, 3, 1, 6, tzinfo=UTC)


def key(left: timedelta, *, lived: timedelta = timedelta(days=300), **facts: object) -> Key:
    made = Key(id="k", role=Role.SYSTEM, person="key-k", created_at=NOW - lived, expires_at=NOW + left)
    return made.but(**facts)


@pytest.mark.parametrize(
    ("of", "days"),
    [
        pytest.param(key(timedelta(days=31)), None, id="in a month and a day"),
        pytest.param(key(timedelta(days=30)), 30, id="in a month"),
        pytest.param(key(timedelta(days=8)), 30, id="in a week and a day"),
        pytest.param(key(timedelta(days=7)), 7, id="in a week"),
        pytest.param(key(timedelta(0)), None, id="ended"),
        pytest.param(key(timedelta(days=3), revoked_at=NOW), None, id="revoked"),
        pytest.param(key(timedelta(days=3), lived=timedelta(hours=1)), None, id="made for three days"),
        pytest.param(key(timedelta(days=6), lived=timedelta(days=5)), 7, id="made for eleven days"),
    ],
)
def test_when_somebody_is_to_hear_that_a_key_ends(of: Key, days: int | None) -> None:
    assert warning_due(of, NOW) == days


async def test_maker_and_administrators_are_told_once(
    skipping: WorkflowEnvironment, database: Database, tmp_path: Path
) -> None:
    await furnish(database)
    now = await skipping.get_current_time()
    a_year_ago = now - timedelta(days=340)
    async with database.writing() as session:
        soon = Grant(role=Role.SYSTEM, expires_at=now + timedelta(days=20))
        ending = await add_key(session, soon, a_year_ago, by="p-koch")
        gone = await add_key(session, soon, a_year_ago, by="p-koch")
        await revoke_key(session, gone.id, now)
        boss = Grant(role=Role.ADMIN, person="p-sommer", expires_at=now + timedelta(days=300))
        await add_key(session, boss, now)
    notices = Notices(database, Switchboard(database, OutboxChannel(tmp_path / "outbox", "imacflow@provider.example")))
    worker = Worker(
        skipping.client,
        task_queue="keys",
        workflows=[KeyEndsWorkflow],
        activities=[KeyEnds(database).warnings_due, notices.deliver],
        workflow_runner=workflow_runner(),
    )

    async with worker:
        for _ in range(2):
            await skipping.client.execute_workflow(KeyEndsWorkflow.run, id=f"k-{uuid4().hex}", task_queue="keys")

    async with database.reading() as session:
        told = await attempts_for(session, f"notice:key/{ending.id}/ends/30")
        others = await attempts_for(session, f"notice:key/{gone.id}/ends/30")
    assert sorted((attempt.person, attempt.outcome) for attempt in told) == [("p-koch", "sent"), ("p-sommer", "sent")]
    assert list(others) == []
    letters = [file.read_text() for file in (tmp_path / "outbox").glob("*.eml")]
    assert len(letters) == 2
    assert all(ending.id in letter for letter in letters)


async def test_however_many_workers_start_there_is_one_schedule_of_each(dev_server: WorkflowEnvironment) -> None:
    for _ in range(3):
        await keep_schedules(dev_server.client, "imacflow")

    described = {one: await dev_server.client.get_schedule_handle(one.name).describe() for one in RECURRING}

    for recurring, schedule in described.items():
        assert schedule.schedule.spec.calendars[0].hour[0].start == recurring.hours.start
        assert schedule.info.next_action_times
