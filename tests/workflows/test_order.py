"""What an order must not lose, whatever happens at the same time."""

import asyncio
from pathlib import Path

from temporalio import activity
from temporalio.testing import WorkflowEnvironment

from activities.calendars import Calendars, WorkingDays
from activities.failures import impossible
from activities.notices import Outgoing
from connectors.channels import OutboxChannel
from db.engine import Database
from domain.cases.events import Happening
from domain.cases.order_commands import Accept, Approve, Cancel, Complete
from domain.contracts.tailoring import Tailoring
from domain.kinds import OrderKind, OrderState
from domain.refusals import Problem, Refused
from domain.times import Instant
from tests.stories import scripts
from tests.stories.stage import opened
from tests.world import APPROVER, CONTRACT, REQUESTER, TECHNICIAN


class SlowCalendars:
    """Fails at once the first time; the second time it answers when it is let."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.let = asyncio.Event()
        self._times = 0

    @activity.defn
    async def after_working_days(self, asked: WorkingDays) -> Instant:
        self._times += 1
        if self._times == 1:
            raise ConnectionError("not now")
        self.asked.set()
        await self.let.wait()
        return await Calendars().after_working_days(asked)


class NoPost:
    @activity.defn
    async def deliver(self, outgoing: Outgoing) -> None:
        raise impossible(Refused(Problem(code="notice_undeliverable")))


def outbox(folder: Path) -> OutboxChannel:
    return OutboxChannel(folder / "outbox", "imacflow@provider.example")


async def test_an_order_that_is_cancelled_while_something_slow_is_asked_still_ends(
    skipping: WorkflowEnvironment, database: Database, tmp_path: Path
) -> None:
    """What is asked cannot be recalled: its answer must not make the order wait for a signature."""
    slow = SlowCalendars()
    late = CONTRACT.but(chains={OrderKind.CHANGE: Tailoring(cutoff="asset_update")})
    async with opened(skipping, database, outbox(tmp_path), slow.after_working_days) as stage:
        desk = await scripts.placed(stage, OrderKind.CHANGE, late)
        await scripts.booked(desk)
        await desk.say(TECHNICIAN, Complete(minutes=10))
        await slow.asked.wait()

        await desk.say(REQUESTER, Cancel(reason="changed our mind"))
        slow.let.set()

        assert (await desk.ended()).state == OrderState.CANCELLED
        assert await desk.events(Happening.DEEMED_ACCEPTED) == []


async def test_that_the_last_message_reached_nobody_is_written_down(
    skipping: WorkflowEnvironment, database: Database, tmp_path: Path
) -> None:
    async with opened(skipping, database, outbox(tmp_path), NoPost().deliver) as stage:
        desk = await scripts.placed(stage, OrderKind.CHANGE)
        await scripts.change(desk)
        await desk.ended()

        *_, last = await desk.events()
        assert (last.what, last.values["notices"]) == (Happening.NOTICE_UNDELIVERABLE, "order_completed")
        assert (await desk.row()).seq == last.seq


async def test_a_refused_command_leaves_no_event_and_a_repeat_after_the_end_is_answered(
    dev_server: WorkflowEnvironment, database: Database, tmp_path: Path
) -> None:
    """On the real server, which forgets what a validator refused."""
    async with opened(dev_server, database, outbox(tmp_path)) as stage:
        desk = await scripts.placed(stage, OrderKind.CHANGE)
        await scripts.booked(desk)
        await desk.say(TECHNICIAN, Complete(minutes=10))
        before = await desk.history_length()

        assert await desk.tries(APPROVER, Approve()) == ["no_such_step_open"]
        assert await desk.history_length() == before
        first = await desk.say(REQUESTER, Accept(), request_id="last")
        await desk.ended()

        assert await desk.say(REQUESTER, Accept(), request_id="last") == first
        assert await desk.tries(REQUESTER, Accept()) == ["order_is_over"]
