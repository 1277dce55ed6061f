"""Commands for which a case knows too few hours of its calendar: before a worker has seen it, and long after."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from activities.calendars import MARGIN
from connectors.channels import OutboxChannel
from connectors.holidays import with_holidays
from db.engine import Database
from domain.cases.incident_commands import Promise, Reopen, Resolve, Respond
from domain.cases.instructions import AnyCommand
from domain.cases.order_commands import Accept, Approve, Cancel, Complete, Hold, Migrate, Reject
from domain.clocks.holds import HoldReason
from domain.incidents.progress import IncidentState
from domain.kinds import OrderKind, OrderState
from domain.orders.progress import Progress
from domain.people import Actor
from tests.stories import scripts
from tests.stories.stage import Stage
from tests.world import (
    APPROVER,
    COORDINATOR,
    DESK_AGENT,
    OFFICE,
    REQUESTER,
    TECHNICIAN,
    Desk,
    furnish,
    order,
    request,
    trouble,
)
from worker import activities, order_worker

NEW_CONTRACT = Migrate(version=2, reason="neuer Vertrag")


@asynccontextmanager
async def said_before_work(
    skipping: WorkflowEnvironment, database: Database, outbox: Path, actor: Actor, command: AnyCommand
) -> AsyncIterator[Desk]:
    """An order whose first task holds a command already; work on it begins only then."""
    await furnish(database)
    asked = request(OrderKind.CHANGE, assets=["NB-200"])
    desk = await Desk(skipping, order(asked, await skipping.get_current_time())).place()
    saying = asyncio.create_task(desk.say(actor, command))
    await asyncio.sleep(1)
    channel = OutboxChannel(outbox, "imacflow@provider.example")
    async with order_worker(skipping.client, "stories", activities(database, channel)):
        await saying
        yield desk


@pytest.mark.parametrize(
    ("actor", "command", "state"),
    [
        (APPROVER, Reject(reason="Kein Bedarf mehr"), OrderState.REJECTED),
        (REQUESTER, Cancel(reason="Kein Bedarf mehr"), OrderState.CANCELLED),
    ],
)
async def test_an_order_may_be_over_before_anybody_has_looked_at_it(
    skipping: WorkflowEnvironment,
    database: Database,
    tmp_path: Path,
    actor: Actor,
    command: AnyCommand,
    state: OrderState,
) -> None:
    async with said_before_work(skipping, database, tmp_path, actor, command) as desk:
        receipt = await desk.ended()

    assert receipt.state == state


async def test_an_order_may_be_migrated_before_anybody_has_looked_at_it(
    skipping: WorkflowEnvironment, database: Database, tmp_path: Path
) -> None:
    async with said_before_work(skipping, database, tmp_path, COORDINATOR, NEW_CONTRACT) as desk:
        progress: Progress = await desk.handle.query("progress", result_type=Progress)

    assert {(clock.hours, clock.calendar_version) for clock in progress.clocks} == {("service-2", "2")}


async def test_an_order_that_is_overdue_for_months_can_still_be_migrated(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.CHANGE)
    await desk.say(APPROVER, Approve())
    await desk.later(days=120)

    await desk.say(COORDINATOR, NEW_CONTRACT)

    whole = next(clock for clock in (await desk.progress()).clocks if clock.name == "order")
    assert whole.calendar_version == "2"
    assert whole.settled > timedelta(days=20)
    await desk.say(REQUESTER, Cancel(reason="Kein Bedarf mehr"))
    assert (await desk.ended()).state == OrderState.CANCELLED


async def test_a_date_is_kept_beside_service_hours_that_must_be_fetched_again(stage: Stage) -> None:
    desk = await stage.report(trouble(priority="minor"))
    await desk.say(DESK_AGENT, Respond())
    now = await desk.now()
    await desk.say(DESK_AGENT, Promise(date=now + timedelta(days=100)))
    away = Hold(code=HoldReason.WAITING_CUSTOMER, max_until=now + timedelta(days=90), reason="verreist")
    await desk.say(DESK_AGENT, away)

    await desk.later(days=120)

    fired = await desk.fired()
    assert ("promised-1", "100") in fired
    assert ("resolution", "100") in fired


async def test_what_was_solved_months_too_late_can_still_be_reopened(stage: Stage) -> None:
    desk = await stage.report(trouble(priority="critical"))
    await desk.later(days=200)
    await desk.say(TECHNICIAN, Resolve(solution="neu gestartet"))
    await desk.later(days=3)

    await desk.say(REQUESTER, Reopen(reason="wieder kaputt"))
    await desk.later(days=100)
    await desk.say(TECHNICIAN, Resolve(solution="getauscht"))

    assert (await desk.row()).state == IncidentState.RESOLVED
    assert sum(part.minutes for part in (await desk.progress()).burnt) > 200 * 24 * 5 / 7 * 9 / 24


async def test_a_date_far_away_keeps_nobody_busy_and_one_that_stands_for_never_is_refused(stage: Stage) -> None:
    desk = await stage.report(trouble(priority="minor"))
    await desk.say(DESK_AGENT, Respond())
    before = await desk.history_length()

    assert await desk.tries(DESK_AGENT, Promise(date=datetime(2099, 12, 31, tzinfo=UTC))) == ["too_far_ahead"]
    await desk.say(DESK_AGENT, Promise(date=await desk.now() + timedelta(days=89)))
    await asyncio.sleep(1)

    assert await desk.history_length() - before < 20
    await desk.later(days=5)
    assert ("resolution", "75") in await desk.fired()


async def test_work_that_goes_on_when_the_known_hours_end_is_charged(stage: Stage) -> None:
    desk = await scripts.placed(stage, OrderKind.CHANGE)
    await scripts.booked(desk)
    target = 2 * timedelta(minutes=desk.order.terms.target_minutes)
    known = with_holidays(OFFICE, desk.order.received_at).add(desk.order.received_at, target) + MARGIN
    await stage.wait_until(known - timedelta(hours=6))

    now = await desk.now()
    await desk.say(TECHNICIAN, Complete(minutes=1440, started_at=now))
    await desk.say(REQUESTER, Accept())

    assert (await desk.ended()).state == OrderState.COMPLETED
    assert [reason for reason, _ in await desk.ledger()].count("time") == 2
