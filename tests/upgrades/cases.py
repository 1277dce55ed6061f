"""Cases of every kind, in several states, on a real server; and a nudge that has each of them do something."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta

from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.client import Client, WorkflowExecutionStatus

from domain.cases.incident_commands import Respond
from domain.cases.order_commands import Approve, Hold
from domain.clocks.holds import HoldReason
from domain.kinds import OrderKind
from domain.moves.launched.launching import launch
from tests.faults.crew import working_morning
from tests.patience import LOOK
from tests.stories.monitoring import RULE, Monitoring, alert
from tests.stories.move_stage import PROJECT, MoveDesk, away, wave
from tests.stories.scripts import FIELDS
from tests.stories.stage import OrderDesk, Stage
from tests.world import (
    APPROVER,
    ASSETS,
    CONTRACT,
    COORDINATOR,
    DESK_AGENT,
    HQ,
    PAGED,
    furnish_on_call,
    order,
    request,
    trouble,
)

AT_ONCE = 8
KINDS = tuple(OrderKind)
# Eight kinds of orders, two incidents of which one calls people, and a group of alerts.
ROUND = len(KINDS) + 3
# A command that came between two tasks is why a task is done again; nothing has failed.
_NO_FAULT = {WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND}


async def begin(stage: Stage, count: int) -> None:
    await furnish_on_call(stage.database)
    monitoring = await Monitoring(stage).follows(RULE)
    places = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with places:
            await _begin(stage, monitoring, number)

    await asyncio.gather(*(one(number) for number in range(count)))
    await _launch(MoveDesk(stage))


async def _begin(stage: Stage, monitoring: Monitoring, number: int) -> None:
    place, turn = number % ROUND, number // ROUND % 3
    if place < len(KINDS):
        desk = await _placed(stage, KINDS[place])
        if turn == 1:
            await desk.tries(APPROVER, Approve())
        elif turn:
            until = await desk.now() + timedelta(days=9)
            await desk.tries(COORDINATOR, Hold(code=HoldReason.WAITING_CUSTOMER, max_until=until, reason="verreist"))
    elif place == len(KINDS):
        incident = await stage.report(trouble(priority="minor"))
        if turn:
            await incident.tries(DESK_AGENT, Respond(message="Wir sehen nach."))
    elif place == len(KINDS) + 1:
        await stage.report(trouble(priority="blocker", category="network"), PAGED)
    else:
        await monitoring.says(alert(f"{number}", name=f"Down{number}"))


async def _placed(stage: Stage, kind: OrderKind) -> OrderDesk:
    """As if the assets were as in the beginning: many orders want the same ones, and whoever comes late is stuck."""
    asked = request(kind, **FIELDS[kind])
    known = [asset for asset in ASSETS if asset.tag in asked.assets]
    now = (await stage.environment.get_current_time()).replace(microsecond=0)
    desk = OrderDesk(stage, order(asked, now, CONTRACT, known))
    await desk.place()
    return desk


async def _launch(desk: MoveDesk) -> None:
    """One wave is under way, the other waits for its day."""
    await desk.furnish(4)
    await desk.bring(away(1), away(2), away(3, "w2"), away(4, "w2"))
    now = await desk.now()
    first = working_morning(now)
    plan = await desk.plan(wave("w1", first, hours=3), wave("w2", first + timedelta(days=14), hours=3))
    planned = launch(PROJECT, CONTRACT, HQ, plan, by=COORDINATOR.person, at=now)
    await desk.temporal.start_project(
        planned.but(waves=(planned.waves[0].but(start=planned.received_at), *planned.waves[1:]))
    )


async def running(client: Client) -> dict[str, str]:
    """The kind of each case that runs."""
    runs = client.list_workflows("ExecutionStatus = 'Running'")
    return {run.id: run.workflow_type async for run in runs if not run.id.startswith("temporal-sys-")}


async def nudge(client: Client, cases: dict[str, str], name: str) -> None:
    for case, kind in cases.items():
        signal = "wake" if kind == "AlertGroupWorkflow" else "look_again"
        await client.get_workflow_handle(case).signal(signal, f"nudged-{name}")


async def until_handled(client: Client, cases: Iterable[str]) -> None:
    """However many they are; the test as a whole has its limit."""
    left = list(cases)
    while left:
        left = [case for case in left if await _has_a_task(client, case)]
        await asyncio.sleep(LOOK)


async def _has_a_task(client: Client, case: str) -> bool:
    described = await client.get_workflow_handle(case).describe()
    return described.raw_description.HasField("pending_workflow_task")


async def failed_tasks(client: Client) -> dict[str, int]:
    """By the case; of all that ever ran."""
    found: dict[str, int] = {}
    async for run in client.list_workflows():
        if run.id.startswith("temporal-sys-"):
            continue
        history = await client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
        failed = sum(
            event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
            and event.workflow_task_failed_event_attributes.cause not in _NO_FAULT
            for event in history.events
        )
        if failed:
            found[run.id] = failed
    return found


async def terminated(client: Client) -> list[str]:
    ended = (WorkflowExecutionStatus.TERMINATED, WorkflowExecutionStatus.FAILED, WorkflowExecutionStatus.TIMED_OUT)
    return [run.id async for run in client.list_workflows() if run.status in ended]
