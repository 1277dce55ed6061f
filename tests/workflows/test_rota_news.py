"""People hear of their shifts: when they become others, and a day before one begins."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.channels import Switchboard
from activities.notices import Notices
from activities.rota_news import RotaNews
from connectors.channels import OutboxChannel
from db.engine import Database
from db.oncall.rotas import rota_in_force, save_rota
from domain.oncall.re_anchoring import continued
from domain.oncall.rota import Rota
from domain.oncall.rota_changes import change_of
from domain.oncall.rota_news import changes_told, reminders
from domain.oncall.rota_versions import InForce
from tests.domain.oncall.test_hours import shared
from tests.domain.oncall.test_rota import at, override, rota, rotation
from tests.world import furnish
from workflows.recurring.rota_news import RotaNewsWorkflow
from workflows.runner import workflow_runner

LONG_AGO = at("2026-01-01T00:00Z")
EVE = at("2026-03-08T12:00+01:00")
KNOWN = {"anna", "ben", "cora", "ida"}


def reminded(versions: list[InForce], asked: datetime = EVE) -> list[tuple[str, ...]]:
    return [message.people for message in reminders(versions, asked, "none")]


@pytest.mark.parametrize(
    ("found", "asked", "people"),
    [
        pytest.param(rota(), "2026-03-08T08:59+01:00", [], id="more than a day before"),
        pytest.param(rota(), "2026-03-08T09:00+01:00", [("ben",), ("cora",)], id="a day before"),
        pytest.param(rota(), "2026-03-09T08:59+01:00", [("ben",), ("cora",)], id="a minute before"),
        pytest.param(rota(), "2026-03-09T09:00+01:00", [], id="when it has begun"),
        pytest.param(rota(remind_hours=2), "2026-03-09T06:59+01:00", [], id="two hours are enough"),
        pytest.param(rota(remind_hours=0), "2026-03-09T08:59+01:00", [], id="never"),
        pytest.param(shared(), "2026-03-04T12:00+01:00", [], id="in the middle of a week of nights"),
        pytest.param(shared(), "2026-03-09T08:00+01:00", [("ben",), ("dora",)], id="before a week of nights"),
    ],
)
def test_who_is_reminded(found: Rota, asked: str, people: list[tuple[str, ...]]) -> None:
    asleep = [person for person in reminded([InForce(LONG_AGO, found)], at(asked)) if person != ("eva",)]

    assert asleep == people


def test_a_reminder_is_the_same_however_often_it_is_asked_for() -> None:
    versions = [InForce(LONG_AGO, rota())]

    first, later = (reminders(versions, asked, "none") for asked in (EVE, EVE + timedelta(hours=5)))

    assert [message.key for message in first] == [message.key for message in later]


def test_who_has_just_been_told_of_a_change_is_not_reminded() -> None:
    kept = rota()
    late = kept.but(version=2, overrides=(override("dora", "2026-03-09T09:00+01:00", "2026-03-16T09:00+01:00"),))
    changed = late.but(change=change_of(kept, late, EVE, KNOWN))
    versions = [InForce(LONG_AGO, kept), InForce(EVE, changed)]

    assert reminded(versions, EVE + timedelta(hours=1)) == [("cora",)]
    assert [message.people for message in changes_told(versions[1], "none")] == [("ben",), ("dora",)]


async def test_whoever_has_other_shifts_is_told_once_with_what_and_when(
    skipping: WorkflowEnvironment, database: Database, tmp_path: Path
) -> None:
    await furnish(database)
    now = datetime.now(UTC)
    start = f"{now - timedelta(days=70):%Y-%m-%d}"
    before = rota(
        id="week",
        owner="p-sommer",
        primary=rotation("p-koch", "p-lang", start=start),
        backup=rotation("p-sommer", start=start),
    )
    wanted = before.but(primary=rotation("p-koch", "p-lang", "p-wolf", start=start))
    async with database.writing() as session:
        await save_rota(session, before, by="p-sommer", at=now - timedelta(days=60))
        after = continued(wanted, before, now)
        after = after.but(change=change_of(before, after, now, {"p-koch", "p-lang", "p-sommer", "p-wolf"}))
        await save_rota(session, after, by="p-sommer", at=now - timedelta(minutes=1))
        kept = await rota_in_force(session, "week")
    notices = Notices(database, Switchboard(database, OutboxChannel(tmp_path / "outbox", "imacflow@provider.example")))
    worker = Worker(
        skipping.client,
        task_queue="rotas",
        workflows=[RotaNewsWorkflow],
        activities=[RotaNews(database).rota_news_due, notices.deliver],
        workflow_runner=workflow_runner(),
    )

    async with worker:
        for _ in range(2):
            await skipping.client.execute_workflow(RotaNewsWorkflow.run, id=f"r-{uuid4().hex}", task_queue="rotas")

    letters = [file.read_text() for file in (tmp_path / "outbox").glob("*.eml")]
    told = [
        letter for letter in letters if "rota_changed" in letter or "ge=C3=A4ndert" in letter or "changed" in letter
    ]
    assert kept is not None
    assert kept.version == 2
    assert len(told) == 3, letters
